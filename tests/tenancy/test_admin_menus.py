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
from tests.walls.addresses import screens

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
        "/admin/payments/proof/",
        "/admin/words/",
        "/admin/links/",
        "/admin/forms/",
        "/admin/languages/",
        "/admin/settings/site_settings/appearance/",
        "/admin/settings/site_settings/channels/",
    }


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER])
def test_everything_in_the_menu_of_an_ngo_leads_somewhere(
    role: Role, own: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    person = make_person(role, own.site, email="somebody@example.org")
    client = admin_as(person)
    menu = menu_of(client, person)
    assert menu
    for name, url in menu.items():
        if url.startswith("/"):
            answer = client.get(url, follow=True)
            assert answer.status_code == 200, (name, url)
            # Not sent back to the dashboard with «you may not».
            assert answer.request["PATH_INFO"] != "/admin/", (name, url)
    assert not {url for url in menu.values() if "report" in url or "network" in url}


def test_accountant_finds_donations_payments_and_requisites(own: Things, admin_as: AdminAs) -> None:
    menu = menu_of(admin_as(own.accountant), own.accountant)
    assert {url for url in menu.values() if url.startswith("/admin/")} == {
        "/admin/bank/",
        "/admin/donations/",
        "/admin/doubtful/",
        "/admin/letters/",
        "/admin/links/",
        "/admin/monthly/",
        "/admin/payments/",
        "/admin/reconciliations/",
        "/admin/settings/site_settings/organisation/",
    }


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")
def test_coordinator_finds_the_network_and_no_screens_of_the_server(
    own: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    person = make_person(Role.COORDINATOR)
    client = admin_as(person)
    urls = set(menu_of(client, person).values())
    assert {"/admin/network/sites/", "/admin/network/sites/open/"} <= urls
    assert not urls & {"/admin/sites/", "/admin/users/", "/admin/groups/", "/admin/locales/"}
    for url in urls:
        if url.startswith("/"):
            assert client.get(url, follow=True).status_code == 200, url


def test_dashboard_counts_one_s_own_pages_pictures_and_documents(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    text = admin_as(own.editor).get("/admin/").content.decode()
    pages = Page.objects.descendant_of(own.home, inclusive=True).count()
    assert pages == 7
    assert re.findall(r"(\d+) (Страниц|Изображени|Документ)", text) == [
        ("7", "Страниц"),
        ("1", "Изображени"),
        ("1", "Документ"),
    ]
    assert MARK not in text


def test_dashboard_of_two_languages_counts_both_homes_and_not_the_network(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    from wagtail.models import Locale  # noqa: PLC0415

    english, _created = Locale.objects.get_or_create(language_code="en")
    own.home.copy_for_translation(english)
    text = admin_as(own.editor).get("/admin/").content.decode()
    assert re.findall(r"(\d+) Страниц", text) == ["8"]
    assert MARK not in text


def test_every_name_in_the_table_is_a_view_of_the_admin() -> None:
    """An upgrade that renames a screen closes it; this says so before an editor does."""
    from django.urls import get_resolver  # noqa: PLC0415

    known: set[str] = set()

    def collect(patterns: list[Any], namespace: str = "") -> None:
        for entry in patterns:
            if hasattr(entry, "url_patterns"):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                collect(entry.url_patterns, inner)
            elif entry.name:
                known.add(namespace + entry.name)

    collect(get_resolver().url_patterns)
    assert set(open_screens()) - known == set()


CLOSED_ON_PURPOSE = re.compile(
    r"^(wagtailadmin_(reports|workflows|collections|tag)|wagtailadmin_api:(images|documents)"
    r"|wagtail(sites|locales|users_users|users_groups|snippets|embeds)|network_)"
)


def test_walk_of_the_admin_meets_every_open_screen() -> None:
    assert set(open_screens()) - {screen.name for screen in screens()} == set()
    assert not [name for name in open_screens() if CLOSED_ON_PURPOSE.match(name)]
