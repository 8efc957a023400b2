"""The coordinator's screens and the same by the command line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.actions import send_owed_invitations
from accounts.models import Invitation, User
from network import views
from network.actions import OpenedSite
from network.actions.states import WHAT
from network.history import WORDS
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient

OPEN = "/admin/network/sites/open/"
GOOD = {
    "organisation": "Пандус",
    "hostname": "pandus",
    "editor_email": "anna@pandus.example.org",
}


@pytest.fixture
def person(make_person: Callable[..., User]) -> User:
    return make_person(Role.COORDINATOR)


@pytest.fixture
def coordinator(person: User, admin_as: Callable[[User], SiteClient]) -> SiteClient:
    return admin_as(person)


def test_site_is_opened_by_three_lines(coordinator: SiteClient, person: User) -> None:
    assert coordinator.get(OPEN).status_code == 200
    answer = coordinator.post(OPEN, GOOD)
    site = Site.objects.get()
    assert answer["Location"] == f"/admin/network/sites/{site.pk}/opened/"
    page = coordinator.get(answer["Location"]).content.decode()
    assert "http://pandus.localhost:8000/" in page
    assert "anna@pandus.example.org" in page
    assert SiteClient("pandus.localhost").get("/").status_code == 200
    send_owed_invitations()
    assert [letter.to for letter in mail.outbox] == [["anna@pandus.example.org"]]
    entry = AuditEntry.objects.filter(site=site, what="site opened").get()
    assert (entry.by, entry.details) == (person, {"host": "pandus.localhost", "kind": "basic"})
    assert Invitation.objects.get(site=site).invited_by == person


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", ""),
        ("organisation", "   "),
        ("organisation", "А" * 300),
        ("organisation", "Пан\x00дус"),
        ("hostname", "veloput"),
        ("hostname", "VELOPUT.localhost."),
        ("hostname", "veloput:8080"),
        ("hostname", "admin"),
        ("hostname", "my_ngo"),
        ("hostname", "a b"),
        ("hostname", "pandus/admin"),
        ("hostname", "❤"),
        ("hostname", "<script>alert(1)</script>"),
        ("hostname", "x" * 300),
        ("editor_email", ""),
        ("editor_email", "anna"),
        ("editor_email", "anna@"),
        ("editor_email", "a@b.ru\r\nBcc: c@d.ru"),
        ("editor_email", "root@example.org"),
        ("editor_email", "ROOT@example.org"),
    ],
)
def test_bad_line_is_said_beside_it_in_russian_and_the_others_stay(
    field: str,
    value: str,
    site: Site,
    coordinator: SiteClient,
) -> None:
    User.objects.create_superuser("root@example.org", "x")
    page = coordinator.post(OPEN, {**GOOD, field: value})
    text = page.content.decode()
    assert page.status_code == 200
    errors = page.context["form"].errors
    assert list(errors) == [field]
    assert any("а" <= letter <= "я" for letter in errors[field][0])
    assert str(errors[field][0]).split("«")[0].split('"')[0] in text
    for name, typed in GOOD.items():
        if name != field:
            assert f'value="{typed}"' in text
    assert "<script>alert" not in text
    assert Site.objects.count() == 1
    assert Invitation.objects.count() == 0


def test_name_taken_at_the_last_moment_is_said_beside_the_field(
    coordinator: SiteClient,
    open_a_site: Callable[..., OpenedSite],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = views.open_site

    def another_is_faster(**given: Any) -> OpenedSite:
        open_a_site("pandus")
        return real(**given)

    monkeypatch.setattr(views, "open_site", another_is_faster)
    page = coordinator.post(OPEN, GOOD)
    assert page.status_code == 200
    assert page.context["form"].errors == {"hostname": ["Сайт с таким именем уже есть."]}
    assert Site.objects.count() == 1


def test_cyrillic_name_is_shown_as_it_was_typed(coordinator: SiteClient) -> None:
    answer = coordinator.post(OPEN, {**GOOD, "hostname": "добро"})
    site = Site.objects.get()
    assert site.hostname == "xn--90af4abj.localhost"
    for path in (answer["Location"], "/admin/network/sites/"):
        text = coordinator.get(path).content.decode()
        assert "добро.localhost" in text
        assert "http://xn--90af4abj.localhost:8000/" in text


def test_sites_are_listed_with_the_same_queries_whatever_their_number(
    coordinator: SiteClient,
    open_a_site: Callable[..., OpenedSite],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    open_a_site("first")
    coordinator.get("/admin/network/sites/")
    with CaptureQueriesContext(connection) as one:
        page = coordinator.get("/admin/network/sites/")
    assert "first.localhost" in page.content.decode()
    open_a_site("second")
    open_a_site("third")
    with django_assert_num_queries(len(one)):
        page = coordinator.get("/admin/network/sites/")
    assert "third.localhost" in page.content.decode()


def test_empty_network_says_what_to_do(coordinator: SiteClient) -> None:
    text = coordinator.get("/admin/network/sites/").content.decode()
    assert OPEN in text
    assert 'class="listing"' not in text


def test_screens_are_not_there_for_a_stand_alone_installation(
    coordinator: SiteClient, settings: Settings
) -> None:
    settings.NETWORK = False
    for path in ("/admin/network/sites/", OPEN, "/admin/network/sites/1/opened/"):
        assert coordinator.get(path).status_code == 404
    assert coordinator.post(OPEN, GOOD).status_code == 404
    assert Site.objects.count() == 0


def test_page_of_a_site_that_does_not_exist_is_404(coordinator: SiteClient) -> None:
    assert coordinator.get("/admin/network/sites/999/opened/").status_code == 404


def command(**changes: str) -> None:
    given = {"name": "Пандус", "hostname": "pandus.localhost", "editor": "a@example.org"}
    call_command("open_site", **{**given, **changes})


def test_command_opens_a_site(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    command()
    site = Site.objects.get()
    assert (site.hostname, site.site_name) == ("pandus.localhost", "Пандус")
    assert Invitation.objects.get().email == "a@example.org"
    assert "http://pandus.localhost:8000/" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "organisation"),
        ({"hostname": "admin"}, "hostname"),
        ({"hostname": "my_ngo"}, "hostname"),
        ({"editor": "anna"}, "editor_email"),
    ],
)
def test_command_says_in_russian_what_is_wrong_and_opens_nothing(
    changes: dict[str, str], field: str, db: None
) -> None:
    with pytest.raises(CommandError) as refusal:
        command(**changes)
    message = str(refusal.value)
    assert message.startswith(f"{field}: ")
    assert any("а" <= letter <= "я" for letter in message)
    assert refusal.value.returncode == 1
    assert Site.objects.count() == 0


def test_command_refuses_a_second_site_without_a_network(db: None, settings: Settings) -> None:
    command()
    settings.NETWORK = False
    with pytest.raises(CommandError, match=r"[а-я]"):
        command(hostname="second")
    assert Site.objects.count() == 1


def test_everything_written_down_has_words_for_the_coordinator() -> None:
    found = {
        what
        for app in ("accounts", "campaigns", "content", "donations", "network", "site_settings")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        for what in re.findall(r'what="([^"]+)"', path.read_text())
    }
    assert {"refund begun", "list exported"} <= found
    assert found | set(WHAT.values()) == set(WORDS)
