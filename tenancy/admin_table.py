"""Wagtail's own screens that the people of an NGO may reach, and the doors before some of them.

What is not here is closed: reports, workflows, collections, locales, sites, users, groups, the
image and document APIs, tag autocomplete, embeds, snippets.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from tenancy.admin_gate import Screens, own_page_or_404, root_listed
from tenancy.managers import ScopedManager
from tenancy.scope import Scope

Arguments = Mapping[str, Any]


def page_named_pk(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    own_page_or_404(scope, arguments["pk"])


def own_site(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    if "pk" in arguments and arguments["pk"] not in scope.site_ids:
        raise Http404


def own_pages_chosen(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    for pk in request.GET.getlist("id"):
        own_page_or_404(scope, pk)


def numbers_chosen(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    """The choosers find one's own by themselves, but break on what is no number."""
    if not all(pk.isascii() and pk.isdigit() for pk in request.GET.getlist("id")):
        raise Http404


def link_sent(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    """Wagtail's form breaks on an address that is left out altogether."""
    if request.method == "POST" and "external-link-chooser-url" not in request.POST:
        raise Http404


def choose_from_home(request: HttpRequest, scope: Scope, arguments: Arguments) -> HttpResponse:
    """Wagtail begins at the common ancestor of all pages of a type, which may be a neighbour's."""
    address = reverse("wagtailadmin_choose_page_child", args=[_start(scope).pk])
    return redirect(f"{address}?{request.GET.urlencode()}")


def explore_from_home(
    request: HttpRequest, scope: Scope, arguments: Arguments
) -> HttpResponse | None:
    """A site in two languages has two homes: Wagtail would begin above both, at the root."""
    start = _start(scope)
    at_root = Page.objects.filter(pk=arguments.get("parent_page_id"), depth=1).exists()
    if start.depth == 1 or not (at_root or "parent_page_id" not in arguments):
        return None
    return redirect("wagtailadmin_explore", start.pk)


def _start(scope: Scope) -> Page:
    """The home of the only site, in its main language; with several sites the root above them."""
    if len(scope.site_ids) == 1:
        return Page.objects.get(sites_rooted_here__in=scope.site_ids)
    return Page.objects.get(depth=1)


def own_objects_at_once(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    """Bulk actions are for pages, pictures and documents, and every id must be one's own."""
    try:
        model = apps.get_model(arguments["app_label"], arguments["model_name"])
    except LookupError:
        raise Http404 from None
    ids = request.GET.getlist("id")
    if model is Page:
        for pk in ids if "all" not in ids else [request.GET.get("childOf", "")]:
            own_page_or_404(scope, pk)
    elif model not in (get_image_model(), get_document_model()):
        raise Http404
    elif "all" not in ids:
        for pk in ids:
            _own_row_or_404(model, pk)


def own_object_edited(request: HttpRequest, scope: Scope, arguments: Arguments) -> None:
    """Editing sessions tell who else edits a thing."""
    try:
        model = apps.get_model(arguments["app_label"], arguments["model_name"])
    except LookupError:
        raise Http404 from None
    if issubclass(model, Page):
        own_page_or_404(scope, arguments["object_id"])
    else:
        _own_row_or_404(model, arguments["object_id"])


def _own_row_or_404(model: Any, pk: str) -> None:
    narrowed = isinstance(model._default_manager, ScopedManager)
    if not narrowed or not pk.isascii() or not pk.isdigit():
        raise Http404
    if not model._default_manager.filter(pk=pk).exists():
        raise Http404


def _names(prefix: str, names: str) -> list[str]:
    return [f"{prefix}{name}" for name in names.split()]


def wagtail_screens() -> Screens:
    """The table. Pages named in an address are checked by the gate itself."""
    plain = [
        *_names("wagtailadmin_", "home account logout dismissibles sprite block_preview"),
        *_names("wagtailadmin_", "javascript_catalog login password_reset password_reset_done"),
        *_names("wagtailadmin_", "password_reset_confirm password_reset_complete"),
        *_names("wagtailadmin_choose_page_", "search email_link phone_link"),
        "wagtailadmin_choose_page_anchor_link",
        *_names("wagtailadmin_pages:", "add preview_on_add add_subpage edit preview_on_edit"),
        *_names("wagtailadmin_pages:", "view_draft delete unpublish convert_alias usage"),
        *_names("wagtailadmin_pages:", "search search_results move move_confirm copy lock unlock"),
        *_names("wagtailadmin_pages:", "set_page_position set_privacy history history_results"),
        *_names("wagtailadmin_pages:", "revisions_index revisions_view revisions_revert"),
        *_names("wagtailadmin_pages:", "revisions_unschedule"),
        # These ask for what the person may explore, and begin there.
        *_names("wagtailadmin_api:pages:", "listing detail"),
        "wagtailadmin_editing_sessions:release",
        # Pictures and documents narrow themselves by collection.
        *_names("wagtailimages:", "index index_results add edit delete image_usage add_multiple"),
        *_names("wagtailimages:", "edit_multiple delete_multiple delete_upload_multiple"),
        "wagtailimages:create_multiple_from_uploaded_image",
        *_names("wagtailimages_chooser:", "choose choose_results chosen create"),
        "wagtailimages_chooser:select_format",
        *_names("wagtaildocs:", "index index_results add edit delete document_usage add_multiple"),
        *_names("wagtaildocs:", "edit_multiple delete_multiple delete_upload_multiple"),
        "wagtaildocs:create_multiple_from_uploaded_document",
        *_names("wagtaildocs_chooser:", "choose choose_results chosen create"),
    ]
    return {
        **dict.fromkeys(plain, ()),
        "wagtailadmin_explore_root": (explore_from_home,),
        "wagtailadmin_explore": (root_listed, explore_from_home),
        "wagtailadmin_explore_results": (root_listed,),
        "wagtailadmin_choose_page": (choose_from_home,),
        "wagtailadmin_choose_page_external_link": (link_sent,),
        "wagtailadmin_choose_page_child": (root_listed,),
        "wagtailadmin_choose_page_chosen_multiple": (own_pages_chosen,),
        "wagtailimages_chooser:chosen_multiple": (numbers_chosen,),
        "wagtaildocs_chooser:chosen_multiple": (numbers_chosen,),
        "wagtail_bulk_action": (own_objects_at_once,),
        "wagtailadmin_editing_sessions:ping": (own_object_edited,),
        "wagtailadmin_pages:revisions_compare": (page_named_pk,),
        "wagtailsettings:edit": (own_site,),
        "wagtailsettings:preview_on_edit": (own_site,),
    }
