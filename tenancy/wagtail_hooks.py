from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem, SubmenuMenuItem

from tenancy.admin_gate import Screens, is_open
from tenancy.admin_table import wagtail_screens
from tenancy.panels import narrowed, own_pages


@hooks.register("register_open_screens")
def open_screens_of_wagtail() -> Screens:
    return wagtail_screens()


@hooks.register("construct_main_menu", order=1000)
@hooks.register("construct_reports_menu", order=1000)
@hooks.register("construct_settings_menu", order=1000)
@hooks.register("construct_help_menu", order=1000)
def menu_leads_to_open_screens(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if isinstance(item, SubmenuMenuItem) or is_open(item.url)]


@hooks.register("construct_homepage_summary_items", order=1000)
@hooks.register("construct_homepage_panels", order=1000)
def dashboard_shows_own_things(request: HttpRequest, items: list[Any]) -> None:
    items[:] = narrowed(items, request)


@hooks.register("construct_page_chooser_queryset")
def chooser_shows_own_pages(pages: QuerySet, request: HttpRequest) -> QuerySet:
    return pages.filter(own_pages())


@hooks.register("construct_explorer_page_queryset")
def explorer_shows_own_pages(parent: object, pages: QuerySet, request: HttpRequest) -> QuerySet:
    return pages.filter(own_pages())
