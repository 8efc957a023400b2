"""Lists of Wagtail's own screens that show everybody's things and take no manager of ours.

They are narrowed where Wagtail keeps them; a test asks each screen, so an upgrade that moves one
is noticed.
"""

from typing import Any, cast

from django import forms
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from taggit.models import Tag
from wagtail.admin import filters
from wagtail.admin.forms.pages import CopyForm, MoveForm
from wagtail.admin.views.pages.bulk_actions.move import MoveForm as BulkMoveForm
from wagtail.admin.views.pages.listing import GenericPageFilterSet, PageFilterSet
from wagtail.images.views import chooser
from wagtail.models import Page, Site

from tenancy.panels import own_pages
from tenancy.scope import Scope, current


def own_sites(request: HttpRequest | None = None) -> QuerySet[Site]:
    scope = current()
    sites = Site.objects.all()
    return sites.filter(pk__in=scope.site_ids) if isinstance(scope, Scope) else sites


def own_popular_tags(model: type[Model], count: int = 10) -> QuerySet[Any]:
    """Tags of the pictures or documents one sees, the commonest first."""
    seen = model._default_manager.values("pk")
    return (
        Tag.objects.filter(
            taggit_taggeditem_items__content_type__model=model._meta.model_name,
            taggit_taggeditem_items__content_type__app_label=model._meta.app_label,
            taggit_taggeditem_items__object_id__in=seen,
        )
        .annotate(item_count=Count("taggit_taggeditem_items"))
        .order_by("-item_count")[:count]
    )


def offer_own_pages(form_class: type[forms.Form], name: str) -> None:
    """Make a field of Wagtail's take one's own pages only."""
    begin = form_class.__init__

    def begin_narrowed(self: forms.Form, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        field = cast("forms.ModelChoiceField[Page]", self.fields[name])
        field.queryset = Page.objects.filter(own_pages())

    form_class.__init__ = begin_narrowed  # type: ignore[assignment, method-assign]


def narrow() -> None:
    offer_own_pages(CopyForm, "new_parent_page")
    offer_own_pages(MoveForm, "new_parent_page")
    offer_own_pages(BulkMoveForm, "chooser")
    for filterset in (PageFilterSet, GenericPageFilterSet):
        filterset.base_filters["site"].queryset = own_sites
    filters.popular_tags_for_model = own_popular_tags
    chooser.popular_tags_for_model = own_popular_tags
