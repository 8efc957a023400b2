"""Which screens of wagtail-localize the people of an NGO may reach: their own translations."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail_localize.models import TranslationSource

from tenancy.admin_gate import Screens
from tenancy.requests import HostedRequest
from tenancy.scope import Scope


def own_translation(request: HttpRequest, scope: Scope, arguments: Mapping[str, Any]) -> None:
    """The page that is translated must be one's own, in every language."""
    if "translation_id" in arguments:
        sources = TranslationSource.objects.filter(translations=arguments["translation_id"])
    else:
        sources = TranslationSource.objects.filter(pk=arguments["translation_source_id"])
    pages = Page.objects.filter(translation_key__in=sources.values("object_id"))
    paths = list(pages.values_list("path", flat=True))
    if not paths or not all(scope.has_page(path) for path in paths):
        raise Http404


@hooks.register("register_open_screens")
def screens_of_translation() -> Screens:
    by_translation = (
        "update_translations",
        "edit_string_translation",
        "edit_override",
        "download_pofile",
        "upload_pofile",
        "preview_translation",
        "stop_translation",
    )
    return {
        "wagtail_localize:javascript_catalog": (),
        "wagtail_localize:convert_to_alias": (),
        **{f"wagtail_localize:{name}": (own_translation,) for name in by_translation},
    }


@hooks.register("before_serve_document", order=-100)
def private_documents_are_nobodys(document: Any, request: HostedRequest) -> None:
    """Wagtail would ask for a password or a sign-in, and visitors have no cookie for either."""
    if not request.is_admin_host and document.collection.get_view_restrictions():
        raise Http404
