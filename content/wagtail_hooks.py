"""Which screens of wagtail-localize the people of an NGO may reach: their own translations."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.rich_text import LinkHandler
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail_localize.models import TranslationSource

from content import language_views
from content.languages import languages_of
from content.scheduled import REFUSED, DidNotComeOut, why_it_did_not_come_out
from tenancy.admin_gate import Screens
from tenancy.requests import HostedRequest
from tenancy.scope import Scope, is_unrestricted


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


def languages_first(
    request: HttpRequest, scope: Scope, arguments: Mapping[str, Any]
) -> HttpResponse | None:
    """A site of one language has nothing to offer: the way leads to where one is switched on."""
    page = Page.objects.get(pk=arguments["page_id"])
    if page.depth > 2 and len(languages_of(page)) < 2:
        messages.info(request, _("Switch on a language first."))
        return redirect("languages")
    return None


@hooks.register("register_admin_urls")
def language_urls() -> list[URLPattern]:
    site = "languages/<int:site_id>/"
    return [
        path("languages/", language_views.languages, name="languages"),
        path(site, language_views.languages_of, name="languages_of"),
        path(f"{site}switch/", language_views.switch_language, name="switch_language"),
    ]


class LanguagesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return not is_unrestricted() and language_views.publishes_somewhere(request)


@hooks.register("register_settings_menu_item")
def languages_menu_item() -> MenuItem:
    return LanguagesMenuItem(
        gettext_lazy("Languages"),
        reverse_lazy("languages"),
        icon_name="wagtail-localize-language",
        order=1300,
    )


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
        **dict.fromkeys((one.name for one in language_urls() if one.name), ()),
        # The page in the address is checked by the gate, the right to change it by the view.
        "wagtail_localize:submit_page_translation": (languages_first,),
        "wagtail_localize:javascript_catalog": (),
        "wagtail_localize:convert_to_alias": (),
        **{f"wagtail_localize:{name}": (own_translation,) for name in by_translation},
    }


class OuterLink(LinkHandler):
    """A link to another site: it learns nothing of ours and is no recommendation to robots."""

    identifier = "external"

    @classmethod
    def expand_db_attributes(cls, attrs: dict[str, str]) -> str:
        return f'<a href="{escape(attrs["href"])}" rel="noopener nofollow">'


@hooks.register("register_rich_text_features")
def outer_links(features: FeatureRegistry) -> None:
    features.register_link_type(OuterLink)


@hooks.register("before_serve_document", order=-100)
def private_documents_are_nobodys(document: Any, request: HostedRequest) -> None:
    """Wagtail would ask for a password or a sign-in, and visitors have no cookie for either."""
    if not request.is_admin_host and document.collection.get_view_restrictions():
        raise Http404


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(REFUSED)(DidNotComeOut)


@hooks.register("before_edit_page")
def editor_is_told_what_did_not_come_out(request: HttpRequest, page: Page) -> None:
    if request.method == "GET" and (words := why_it_did_not_come_out(page)):
        messages.warning(request, words)
