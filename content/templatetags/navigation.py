"""Menu and languages of a public page."""

from typing import Any, TypedDict

from django import template
from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import Page, Site

from tenancy.roots import speaks_several

register = template.Library()


class MenuItem(TypedDict):
    title: str
    url: str
    current: bool


class LanguageLink(TypedDict):
    code: str
    name: str
    url: str
    full_url: str
    current: bool


@register.simple_tag(takes_context=True)
def site_menu(context: Any) -> list[MenuItem]:
    """Pages marked for the menu right under the home page, in the language of the page."""
    request, page = context.get("request"), context.get("page")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    home = site.root_page
    if page and page.locale_id:
        if page.locale_id == home.localized.locale_id:
            home = home.localized
        elif page.locale_id != home.locale_id:  # a preview
            home = home.get_translation_or_none(page.locale) or home
    elif get_language() != settings.LANGUAGE_CODE:
        # The form again, the thanks and such have no page: the address tells the language.
        home = home.localized
    path = page.path if page and page.path else ""
    return [
        {
            "title": child.title,
            "url": child.get_url(request) or "",
            "current": path.startswith(child.path),
        }
        for child in home.get_children().live().in_menu()
        if child.numchild or getattr(child.specific_class, "in_menu_when_empty", True)
    ]


@register.simple_tag(takes_context=True)
def language_links(context: Any) -> list[LanguageLink]:
    """The languages this very page can be read in; empty when there is only one."""
    request, page = context.get("request"), context.get("page")
    site = Site.find_for_request(request) if request else None
    if not page or not page.pk or not site or not speaks_several(site):
        return []
    names = dict(settings.WAGTAIL_CONTENT_LANGUAGES)
    # A language whose home is not public answers 404 as a whole.
    spoken = Page.objects.live().filter(translation_key=site.root_page.translation_key)
    shown = page.shown_versions().filter(locale__in=spoken.values("locale"))
    versions = list(shown.select_related("locale").order_by("pk"))
    if len(versions) < 2:
        return []
    return [
        {
            "code": version.locale.language_code,
            "name": str(names.get(version.locale.language_code, version.locale.language_code)),
            "url": version.get_url(request) or "",
            "full_url": version.get_full_url(request) or "",
            "current": version.pk == page.pk,
        }
        for version in versions
    ]
