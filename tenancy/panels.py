"""The dashboard, narrowed: no number and no title of another site."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from wagtail.admin.site_summary import PagesSummaryItem
from wagtail.admin.views.home import (
    LockedPagesPanel,
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
)
from wagtail.models import Page, Site

from tenancy.scope import Scope, current

Context = dict[str, Any]


def own_pages() -> Q:
    """A condition on pages: those below one's homes. Nobody's when there are none."""
    scope = current()
    if not isinstance(scope, Scope):
        return Q()
    below = Q(pk__in=[])
    for path in scope.page_paths:
        below |= Q(path__startswith=path)
    return below


def _is_own(page: Any) -> bool:
    scope = current()
    return not isinstance(scope, Scope) or scope.has_page(getattr(page, "path", ""))


class OwnPagesSummary(PagesSummaryItem):
    """Wagtail counts below the common ancestor of one's pages: with two homes that is the root."""

    def get_context_data(self, parent_context: Context) -> Context:
        context = super().get_context_data(parent_context)
        scope = current()
        if isinstance(scope, Scope):
            context["total_pages"] = Page.objects.filter(own_pages()).count()
            sites = Site.objects.filter(pk__in=scope.site_ids)
            context["site_name"] = ", ".join(site.site_name or site.hostname for site in sites)
        return context


class OwnRecentEdits(RecentEditsPanel):
    """What one edited once may be somebody else's today."""

    def get_context_data(self, parent_context: Context) -> Context:
        context = super().get_context_data(parent_context)
        context["last_edits"] = [
            (moment, page) for moment, page in context["last_edits"] if _is_own(page)
        ]
        return context


class OwnLockedPages(LockedPagesPanel):
    def get_context_data(self, parent_context: Context) -> Context:
        context = super().get_context_data(parent_context)
        context["locked_pages"] = context["locked_pages"].filter(own_pages())
        return context


class OwnPagesInModeration(UserObjectsInWorkflowModerationPanel):
    def get_context_data(self, parent_context: Context) -> Context:
        context = super().get_context_data(parent_context)
        context["workflow_states"] = [
            state for state in context["workflow_states"] if _is_own(state.content_object)
        ]
        return context


NARROWED = {
    PagesSummaryItem: OwnPagesSummary,
    RecentEditsPanel: OwnRecentEdits,
    LockedPagesPanel: OwnLockedPages,
    UserObjectsInWorkflowModerationPanel: OwnPagesInModeration,
}


def narrowed(items: Iterable[Any], request: Any) -> list[Any]:
    """The same panels with Wagtail's own replaced by the narrowed ones."""
    return [_replacement(item, request) if type(item) in NARROWED else item for item in items]


def _replacement(item: Any, request: Any) -> Any:
    made = NARROWED[type(item)]
    return made(request) if isinstance(item, PagesSummaryItem) else made()
