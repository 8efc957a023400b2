"""What each role finds in the menu and on the dashboard, and that it leads somewhere."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from wagtail.admin.menu import MenuItem, SubmenuMenuItem, admin_menu
from wagtail.models import Page

from accounts.models import User
from tenancy.admin_gate import open_screens
from tenancy.membership import user_scope
from tenancy.models import Role
from tenancy.scope import scoped
from tests.conftest import SiteClient
from tests.tenancy.conftest import MARK, Things
from tests.tenancy.test_admin_walls import admin_addresses, ids_of

AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]


def items_of(request: HttpRequest, menu: Any = admin_menu) -> Iterator[MenuItem]:
    for item in menu.menu_items_for_request(request):
        if isinstance(item, SubmenuMenuItem):
            yield from items_of(request, item.menu)
        else:
            yield item


def menu_of(client: SiteClient, person: User) -> dict[str, str]:
    """Name → address of everything the person's menu offers."""
    request = client.get("/admin/").wsgi_request
    with scoped(user_scope(person)):
        return {item.name: item.url for item in items_of(request)}


def test_editor_finds_pages_media_donations_and_own_settings(
    own: Things, admin_as: AdminAs
) -> None:
    menu = menu_of(admin_as(own.editor), own.editor)
    assert {url for url in menu.values() if url.startswith("/admin/")} == {
        "/admin/pages/",
        "/admin/images/",
        "/admin/documents/",
        "/admin/donations/",
        "/admin/words/",
        "/admin/languages/",
