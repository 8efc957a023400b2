"""Pages of a site, made the way an editor makes them."""

from datetime import date
from typing import Any

from django.utils.text import slugify
from wagtail.coreutils import string_to_ascii
from wagtail.models import Site

from home.models import (
    EventPage,
    EventsIndexPage,
    FormMessage,
    FormPage,
    NewsIndexPage,
    NewsPage,
)


def _slug(title: str) -> str:
    return slugify(string_to_ascii(title))


def news_list(site: Site) -> NewsIndexPage:
    return NewsIndexPage.objects.descendant_of(site.root_page).get()


def add_news(site: Site, title: str, day: date = date(2026, 5, 9), **fields: Any) -> NewsPage:
    page = NewsPage(title=title, day=day, **{"slug": _slug(title), **fields})
    news_list(site).add_child(instance=page)
    page.save_revision().publish()
    return page


def event_list(site: Site) -> EventsIndexPage:
    known = EventsIndexPage.objects.descendant_of(site.root_page).first()
    if known is not None:
        return known
    page = EventsIndexPage(title="События", slug="sobytiya", show_in_menus=True)
    site.root_page.add_child(instance=page)
    page.save_revision().publish()
    return page


def add_event(site: Site, title: str, day: date, **fields: Any) -> EventPage:
    usual = {"slug": _slug(title), "place": "Киров, Спасская, 1"}
    page = EventPage(title=title, day=day, **{**usual, **fields})
    event_list(site).add_child(instance=page)
    page.save_revision().publish()
    return page


def form_of(site: Site) -> FormPage:
    """The form that the blueprint gives every site."""
    return FormPage.objects.descendant_of(site.root_page).get()


def messages_of(site: Site) -> list[FormMessage]:
    return list(FormMessage.objects.filter(site=site).order_by("pk"))
