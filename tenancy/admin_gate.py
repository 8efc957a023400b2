"""Default deny: which admin screens the people of an NGO may reach.

Wagtail is multi-site, not multi-tenant: many of its screens show everybody's things. So a screen is
closed to NGO people (404) until it stands in the table: Wagtail's own in `tenancy.admin_table`,
each app's in its `wagtail_hooks.py` through the hook `register_open_screens`. A screen may have
doors: checks of what its address and form name. The network's people are asked nothing, but sites,
people and groups as Wagtail keeps them are the superuser's.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found
from wagtail import hooks
from wagtail.models import Page
from wagtail.permissions import policy_registry

from tenancy.archived import archived_for
from tenancy.membership import archived_sites_of
from tenancy.scope import Scope, current

# A door raises Http404, or answers in the screen's place, or returns None: come in.
Door = Callable[[HttpRequest, Scope, Mapping[str, Any]], HttpResponseBase | None]
Screens = Mapping[str, tuple[Door, ...]]

# Wherever a screen's address or form names a page under one of these, the page must be one's own.
PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk")
PAGE_FIELDS = ("new_parent_page", "chooser")

CHANGES_A_PAGE = frozenset(
    f"wagtailadmin_pages:{name}"
    for name in ("add", "add_subpage", "edit", "delete", "unpublish", "move", "copy")
)
DELETES_MESSAGES = "wagtailforms:delete_submissions"
WRITES = frozenset({"add", "change", "publish"})

# The server's, not the centre's: whoever may change groups or people makes himself anybody.
SERVER_SCREENS = ("wagtailsites:", "wagtailusers_users:", "wagtailusers_groups:")


@cache
def open_screens() -> Screens:
    """View name → doors, of all apps."""
    screens: dict[str, tuple[Door, ...]] = {}
    for declare in hooks.get_hooks("register_open_screens"):
        screens.update(declare())
    return screens


def answer(request: HttpRequest, arguments: Mapping[str, Any]) -> HttpResponseBase | None:
    """404 for what is closed to this person; None lets the request go on to its view."""
    match = request.resolver_match
    name = match.view_name if match else ""
    if name == "wagtailadmin_logout" and request.method != "POST":
        # Wagtail's view refuses it too, but takes the session's cookie away: any picture could.
        return HttpResponseNotAllowed(["POST"])
    # A stranger is sent to sign in by Wagtail itself, wherever they knock.
    if not request.user.is_authenticated:
        return None
    try:
        return _judged(request, name, arguments)
    except Http404 as error:
        return page_not_found(request, error, template_name="wagtailadmin/404.html")


def _judged(
    request: HttpRequest, name: str, arguments: Mapping[str, Any]
) -> HttpResponseBase | None:
    scope = current()
    if not isinstance(scope, Scope):
        if name.startswith(SERVER_SCREENS) and not request.user.is_superuser:
            raise Http404
        return _archived(request, name, arguments)
    if not scope.site_ids and name != "wagtailadmin_logout":
        archived = archived_sites_of(request.user)
        if archived:
            return render(request, "tenancy/archived.html", {"sites": archived}, status=403)
    return _through_the_doors(request, scope, name, arguments)


def _archived(
    request: HttpRequest, name: str, arguments: Mapping[str, Any]
) -> HttpResponseBase | None:
    """Wagtail will only say that it is not allowed; the network's people are told what to do.

    Messages it would let them delete: whoever may read them may.
    """
    deletes = name == DELETES_MESSAGES
    if not deletes and (name not in CHANGES_A_PAGE or request.method != "GET"):
        return None
    pk = next((arguments[one] for one in PAGE_ARGUMENTS if one in arguments), None)
    page = Page.objects.filter(pk=pk).first()
    if page is None or not archived_for(request.user).has_page(page):
        return None
    messages.warning(
        request, _("This site is in the archive: it can only be read. Open it again first.")
    )
    return redirect("wagtailadmin_home") if deletes else None


def _through_the_doors(
    request: HttpRequest, scope: Scope, name: str, arguments: Mapping[str, Any]
) -> HttpResponseBase | None:
    doors = open_screens().get(name)
    if doors is None:
        raise Http404
    roots = root_listed in doors
    for argument in PAGE_ARGUMENTS:
        if argument in arguments:
            own_page_or_404(scope, arguments[argument], root_too=roots)
    for field in PAGE_FIELDS:
        if request.POST.get(field):
            own_page_or_404(scope, request.POST[field])
    if name in CHANGES_A_PAGE:
        _writer_or_404(request, arguments)
    for door in doors:
        answered = door(request, scope, arguments)
        if answered is not None:
            return answered
    return None


def own_page_or_404(scope: Scope, pk: Any, *, root_too: bool = False) -> None:
    """Raise Http404 unless `pk` is a page of the scope; also for what is no number."""
    if not str(pk).isascii() or not str(pk).isdigit():
        raise Http404
    path = Page.objects.filter(pk=pk).values_list("path", flat=True).first()
    if path is None or not (scope.has_page(path) or (root_too and len(path) == Page.steplen)):
        raise Http404


def _writer_or_404(request: HttpRequest, arguments: Mapping[str, Any]) -> None:
    """An accountant has no pages: the screens that change one are not there."""
    pk = next((arguments[one] for one in PAGE_ARGUMENTS if one in arguments), None)
    policy = policy_registry.get_by_type(Page)
    page = Page.objects.filter(pk=pk).first()
    if page is None or not policy.user_has_any_permission_for_instance(request.user, WRITES, page):
        raise Http404


def root_listed(request: HttpRequest, scope: Scope, arguments: Mapping[str, Any]) -> None:
    """A mark: this screen may also stand at the root of the tree, where it lists own homes only."""


def is_open(url: str) -> bool:
    """Whether a link of the menu leads somewhere. Addresses of other places are not judged."""
    scope = current()
    if not isinstance(scope, Scope) or not url.startswith("/"):
        return True
    try:
        return resolve(url.partition("?")[0]).view_name in open_screens()
    except Resolver404:
        return False
