"""Opening a site: everything is there at once, or nothing is."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import Mock

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
    Page,
    Site,
)

from accounts.actions import CannotInvite
from accounts.models import Invitation, User
from donations.models import Fund, PaymentAccount
from network.actions import OpenedSite, open_site, opening, roles
from network.actions.addresses import add_hostname, make_main, remove_hostname
from network.actions.recipients import Consent
from network.blueprint import BASIC, GROUP
from site_settings.models import Appearance, Channels, Organisation
from tenancy.models import AuditEntry, Role, RoleGroup, SiteHostname
from tests.conftest import SiteClient

OpenSite = Callable[..., OpenedSite]


def open_pandus(**changes: Any) -> OpenedSite:
    given = {
        "organisation": "Пандус",
        "hostname": "pandus",
        "editor_email": "anna@pandus.example.org",
        "by": None,
    }
    return open_site(**{**given, **changes})


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_everything_of_a_new_site_exists(db: None) -> None:
    by = User.objects.create_user("coordinator@example.org", "x")
    opened = open_pandus(by=by)
    site = Site.objects.get(pk=opened.site.pk)
    assert (site.hostname, site.site_name) == ("pandus.localhost", "Пандус")
    assert site.is_default_site is False
    assert site.root_page.specific.title == "Пандус"
    assert re.fullmatch("home-[a-z]{24}", site.root_page.slug)  # digits may look like a card's
    assert site.walls.collection.name == "Пандус"
    titles = Page.objects.descendant_of(site.root_page).values_list("slug", "live")
    assert dict(titles) == {
        "sbory": True,
        "pervyi-sbor": False,
        "o-nas": True,
        "novosti": True,
        "kontakty": True,
        "napisat-nam": True,
    }
    assert Organisation.objects.get(site=site).full_name == "Пандус"
    assert Appearance.objects.filter(site=site).count() == 1
    assert Channels.objects.filter(site=site).count() == 1
    account = PaymentAccount.objects.of_site(site).get()
    assert (account.kind, account.is_active, account.is_live) == ("sandbox", True, False)
    assert Fund.objects.of_site(site).general().get().purpose == "Уставная деятельность"
    assert opened.invitation is not None
    assert opened.invitation.email == "anna@pandus.example.org"
    written = AuditEntry.objects.filter(site=site).order_by("pk").values_list("what", "by")
    assert list(written) == [("site opened", by.pk), ("person invited", by.pk)]


def test_each_role_has_a_group_with_permissions_on_this_site_only(open_a_site: OpenSite) -> None:
    first, second = open_a_site("first").site, open_a_site("second").site
    for site in (first, second):
        groups = {row.role: row.group for row in RoleGroup.objects.filter(site=site)}
        assert groups.keys() == {Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER}
        pages = GroupPagePermission.objects.filter(page=site.root_page)
        assert set(pages.values_list("group", "permission__codename")) == {
            (groups[role].pk, codename)
            for role in (Role.EDITOR, Role.MANAGER)
            for codename in ("add_page", "change_page", "publish_page")
        }
        media = GroupCollectionPermission.objects.filter(collection=site.walls.collection)
        assert {row.group for row in media} == {groups[Role.EDITOR], groups[Role.MANAGER]}
        settings = GroupSitePermission.objects.filter(site=site)
        assert {row.group for row in settings} == set(groups.values())
        for role, group in groups.items():
            translates = [] if role == Role.ACCOUNTANT else ["submit_translation"]
            granted = group.permissions.order_by("codename").values_list("codename", flat=True)
            assert list(granted) == ["access_admin", *translates]
    everywhere = GroupPagePermission.objects.filter(page__depth=1, group__role_group__isnull=False)
    assert not everywhere.exists()


def test_site_answers_at_once_and_its_draft_is_404(open_a_site: OpenSite) -> None:
    visitor = SiteClient(open_a_site("pandus", organisation="Пандус").site.hostname)
    for path in ("/", "/sbory/", "/o-nas/", "/kontakty/"):
        response = visitor.get(path)
        assert response.status_code == 200, path
        assert "Пандус" in response.content.decode(), path
    assert visitor.get("/sbory/pervyi-sbor/").status_code == 404


def test_site_opened_while_others_are_cached_is_found_by_its_pages(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, open_a_site: OpenSite
) -> None:
    first = open_a_site("first").site
    assert first.root_page.get_url() is not None  # fills the cache of the sites' roots
    with django_capture_on_commit_callbacks(execute=True):
        second = open_a_site("second").site
    page = Page.objects.child_of(second.root_page).get(slug="o-nas")
    assert page.full_url == f"{second.root_url}/o-nas/"


def test_home_leads_to_pages_of_the_site_and_to_no_page_that_is_not_there(db: None) -> None:
    site = open_pandus().site
    home = SiteClient(site.hostname).get("/").content.decode()
    links = re.findall(r'<p>[^<]*<a href="([^"]+)"', home)
    assert links == ["/o-nas/", "/kontakty/napisat-nam/"]
    fields = {"lead": "", "body": [{"type": "text", "value": '<a id="{net-takoi}">сюда</a>'}]}
    with pytest.raises(KeyError, match="net-takoi"):
        open_pandus(hostname="drugoi", blueprint=replace(BASIC, home=fields))


STEPS = (
    "_refuse_taken",
    "_make_home",
    "_make_site",
    "_make_walls",
    "_make_collection",
    "grant_roles",
    "_grant_pages",
    "_grant_media",
    "_make_settings",
    "open_sandbox",
    "open_general_fund",
    "_make_page",
    "_write_home",
    "add_hostname",
    "agree_on_recipient",
    "invite",
)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.bad_input("fail_in_the_middle")
def test_failure_at_any_step_leaves_nothing_behind(
    step: str, after: bool, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opening if hasattr(opening, step) else roles
    real = getattr(place, step)

    def fail(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        raise RuntimeError(step)

    Organisation.objects.filter(site=site).update(inn="7707083893")
    consent = Consent(site, "Ирина Лаптева, директор", date(2026, 3, 1))
    of_a_group = {"blueprint": GROUP, "consent": consent} if step == "agree_on_recipient" else {}
    before = rows()
    monkeypatch.setattr(place, step, fail)
    with pytest.raises(RuntimeError, match=step):
        open_pandus(hostname="pandus.ru", **of_a_group)
    assert rows() == before


def test_opening_that_failed_is_repeated_with_the_same_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(opening, "invite", Mock(side_effect=RuntimeError))
        with pytest.raises(RuntimeError):
            open_pandus()
    assert open_pandus().site.hostname == "pandus.localhost"


@pytest.mark.parametrize(
    "hostname", ["veloput", "VELOPUT", "veloput.localhost", "https://veloput.localhost/"]
)
@pytest.mark.bad_input("duplicate_exact", "duplicate_case")
def test_name_that_is_taken_is_refused_and_nothing_is_made(
    hostname: str, open_a_site: OpenSite
) -> None:
    open_a_site("veloput")
    before = rows()
    with pytest.raises(ValidationError) as refusal:
        open_pandus(hostname=hostname)
    assert refusal.value.message_dict == {"hostname": ["Сайт с таким именем уже есть."]}
    assert rows() == before


@pytest.mark.bad_input("duplicate_exact")
def test_whose_the_taken_name_is_only_the_keeper_of_the_server_hears(
    open_a_site: OpenSite,
) -> None:
    open_a_site("veloput")
    told = []
    for by in (
        User.objects.create_user("coordinator@example.org", "x"),
        User.objects.create_superuser("root@example.org", "x"),
    ):
        with pytest.raises(ValidationError) as refusal:
            open_pandus(hostname="veloput", by=by)
        told += refusal.value.messages
    taken = "Сайт с таким именем уже есть."
    assert told == [taken, f"{taken} (НКО veloput)"]


@pytest.mark.bad_input("editor_email_of_superuser")
def test_superuser_cannot_be_made_an_editor(db: None) -> None:
    User.objects.create_superuser("root@example.org", "x")
    before = rows()
    with pytest.raises(CannotInvite):
        open_pandus(editor_email="ROOT@example.org")
    assert rows() == before


@pytest.mark.parametrize(
    "organisation",
    [
        pytest.param("", id="ngo_name_empty"),
        pytest.param("А" * 300, id="ngo_name_300"),
        "  ",
        "\r\n",
    ],
)
def test_organisation_without_a_name_is_refused(organisation: str, db: None) -> None:
    before = rows()
    with pytest.raises(ValidationError) as refusal:
        open_pandus(organisation=organisation)
    assert refusal.value.message_dict.keys() == {"organisation"}
    assert rows() == before


@pytest.mark.bad_input("ngo_name_newline")
def test_name_on_two_lines_becomes_one(db: None) -> None:
    assert open_pandus(organisation="Добро\r\nBcc: x@y").site.site_name == "Добро Bcc: x@y"


def test_stand_alone_installation_has_one_site(settings: Settings, open_a_site: OpenSite) -> None:
    settings.NETWORK = False
    open_a_site("only")
    before = rows()
    with pytest.raises(ValidationError) as refusal:
        open_a_site("second")
    assert refusal.value.message_dict.keys() == {"hostname"}
    assert rows() == before


@pytest.mark.bad_input("two_hundred_sites")
def test_fourth_site_needs_no_more_queries_than_the_second(open_a_site: OpenSite) -> None:
    """Also when its name sorts before the others: nothing of theirs is moved."""
    counts = []
    for label in ("zebra", "yak", "wolf", "ant"):
        with CaptureQueriesContext(connection) as queries:
            open_a_site(label, organisation=f"{label} НКО")
        counts.append(len(queries))
    assert abs(counts[3] - counts[1]) <= 2, counts


def test_opening_a_site_moves_no_page_and_no_collection_of_another(open_a_site: OpenSite) -> None:
    first = open_a_site("zebra", organisation="Яхта").site

    def places() -> tuple[str, str]:
        collection = Collection.objects.get(walls__site=first)
        return Page.objects.get(pk=first.root_page_id).path, collection.path

    before = places()
    open_a_site("ant", organisation="Аист")
    assert places() == before
    assert Collection.find_problems() == ([], [], [], [], [])
    assert Page.find_problems() == ([], [], [], [], [])


def test_groups_are_named_by_site_and_never_clash(open_a_site: OpenSite) -> None:
    open_a_site("first", organisation="Одно имя")
    open_a_site("second", organisation="Одно имя")
    names = list(Group.objects.values_list("name", flat=True))
    assert len(names) == len(set(names))
    first = Site.objects.get(hostname="first.localhost")
    assert f"{first.pk} · Одно имя · editor" in names


def test_freed_name_is_given_to_another_site(open_a_site: OpenSite) -> None:
    first = open_a_site("first").site
    row = add_hostname(site=first, hostname="second.localhost", by=None)
    make_main(row=row, by=None)
    remove_hostname(row=SiteHostname.objects.get(hostname="first.localhost"), by=None)
    again = open_a_site("first", organisation="Другая организация")
    assert again.site.hostname == "first.localhost"
    assert "Другая организация" in SiteClient("first.localhost").get("/").content.decode()


def test_no_invitation_is_made_without_an_address(open_a_site: OpenSite) -> None:
    assert open_a_site("pandus").invitation is None
    assert Invitation.objects.count() == 0
