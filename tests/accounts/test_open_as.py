"""A helper of the centre opens the admin as somebody of a site: seen, written down, for an hour."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Page, Site

from accounts.models import User
from tenancy.models import SITE_ROLES, AuditEntry, Role
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
END = "/admin/open-as/end/"


@pytest.fixture
def helper(make_person: MakePerson) -> User:
    return make_person(Role.COORDINATOR, email="helper@example.org")


@pytest.fixture
def client(helper: User, admin_as: AdminAs) -> SiteClient:
    return admin_as(helper)


def begin(client: SiteClient, site: Site, person: User) -> Any:
    return client.post(f"/admin/people/{site.pk}/{person.pk}/open/")


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def entries() -> list[tuple[Any, ...]]:
    rows = AuditEntry.objects.filter(what__startswith="opened as").order_by("pk")
    return [(row.what, row.by, row.site, row.details.get("how")) for row in rows]


def test_helper_sees_the_admin_as_the_editor_with_a_bar_and_ends_it_with_a_button(
    site: Site, other_site: Site, editor: User, helper: User, client: SiteClient
) -> None:
    assert "open-as/end" not in text_of(client.get("/admin/"))
    assert client.get(f"/admin/pages/{other_site.root_page_id}/edit/").status_code == 200

    assert begin(client, site, editor)["Location"] == "/admin/"
    page = text_of(client.get("/admin/"))
    assert "Вы здесь от имени: <strong>anna@example.org</strong>" in page
    assert "/admin/network/sites/" not in page
    assert client.get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 200
    assert client.get(f"/admin/pages/{other_site.root_page_id}/edit/").status_code == 404
    assert client.get("/admin/network/sites/").status_code == 404

    assert client.get(END).status_code == 405
    assert client.post(END)["Location"] == f"/admin/people/{site.pk}/"
    page = text_of(client.get("/admin/"))
    assert "open-as/end" not in page
    assert "/admin/network/sites/" in page
    assert entries() == [
        ("opened as", helper, site, None),
        ("opened as: ended", helper, site, "button"),
    ]
    first, last = AuditEntry.objects.filter(what__startswith="opened as").order_by("pk")
    assert first.details["person"] == editor.pk
    assert last.details == {"person": editor.pk, "begun": first.pk, "how": "button"}


def test_of_two_sites_of_the_person_only_the_opened_one_is_shown(
    site: Site, other_site: Site, editor: User, make_person: MakePerson, client: SiteClient
) -> None:
    make_person(Role.EDITOR, other_site, email=editor.email)
    begin(client, site, editor)
    assert client.get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 200
    assert client.get(f"/admin/pages/{other_site.root_page_id}/edit/").status_code == 404


def test_hour_ends_it(site: Site, editor: User, helper: User, client: SiteClient) -> None:
    with time_machine.travel("2026-11-25T10:00:00+03:00", tick=False) as clock:
        begin(client, site, editor)
        clock.shift(timedelta(minutes=59))
        assert "open-as/end" in text_of(client.get("/admin/"))
        clock.shift(timedelta(minutes=1))
        page = text_of(client.get("/admin/"))
    assert "open-as/end" not in page
    assert "час прошёл" in page
    assert entries()[1] == ("opened as: ended", helper, site, "time")


def test_signing_out_ends_it(site: Site, editor: User, helper: User, client: SiteClient) -> None:
    begin(client, site, editor)
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302
    assert entries()[1] == ("opened as: ended", helper, site, "sign-out")


@pytest.mark.parametrize("loss", ["helper", "person", "switched off"])
def test_right_that_is_gone_ends_it_at_once(
    loss: str, site: Site, editor: User, helper: User, client: SiteClient
) -> None:
    begin(client, site, editor)
    if loss == "switched off":
        User.objects.filter(pk=editor.pk).update(is_active=False)
    else:
        (helper if loss == "helper" else editor).groups.clear()
    client.get("/admin/")
    assert "open_as" not in client.session
    assert len(entries()) == 2


def test_helper_who_is_switched_off_is_signed_out_and_the_end_says_whose_it_was(
    site: Site, editor: User, helper: User, client: SiteClient
) -> None:
    begin(client, site, editor)
    User.objects.filter(pk=helper.pk).update(is_active=False)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert entries()[1] == ("opened as: ended", None, site, "helper switched off")
    last = AuditEntry.objects.get(what="opened as: ended")
    assert last.details["helper"] == helper.pk
    client.get("/admin/")
    assert len(entries()) == 2


def test_nobody_of_the_network_is_opened_as(
    site: Site, helper: User, client: SiteClient, make_person: MakePerson
) -> None:
    """Not even when they work on a site, too."""
    root = User.objects.create_superuser("root@example.org", "x")
    colleague = make_person(Role.COORDINATOR, email="colleague@example.org")
    for person in (root, colleague):
        make_person(Role.EDITOR, site, email=person.email)
        begin(client, site, person)
        assert "open_as" not in client.session
        assert f"{person.pk}/open/" not in text_of(
            client.get(f"/admin/people/{site.pk}/{person.pk}/")
        )
    outsider = User.objects.create(email="outsider@example.org")
    assert begin(client, site, outsider).status_code == 404
    assert entries() == []


@pytest.mark.parametrize("role", SITE_ROLES)
def test_people_of_a_site_open_as_nobody(
    role: Role, site: Site, editor: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(make_person(role, site, email="asks@example.org"))
    assert begin(client, site, editor).status_code == 404
    assert "open_as" not in client.session


def test_helper_works_on_pages_but_money_people_and_settings_stay_closed(
    site: Site, make_person: MakePerson, client: SiteClient
) -> None:
    manager = make_person(Role.MANAGER, site, email="maria@example.org")
    begin(client, site, manager)
    assert client.get("/admin/donations/").status_code == 200
    assert client.get(f"/admin/payments/{site.pk}/").status_code == 200
    closed = [
        f"/admin/payments/{site.pk}/",
        f"/admin/bank/{site.pk}/enter/",
        f"/admin/settings/site_settings/organisation/{site.pk}/",
        f"/admin/people/{site.pk}/invite/",
        f"/admin/people/{site.pk}/{manager.pk}/remove/",
        "/admin/account/",
        "/admin/address/",
        "/admin/second-factor/",
        "/admin/my-sites/",
    ]
    for path in closed:
        answer = client.post(path, {"title": "x"})
        assert answer.status_code == 403, path
        assert "Вы здесь от имени: maria@example.org" in text_of(answer)
    for path in (f"/admin/people/{site.pk}/", "/admin/account/", "/admin/second-factor/"):
        assert client.get(path).status_code == 403
    assert client.get("/admin/donations/?export=csv").status_code == 403

    page = Page.objects.get(pk=site.root_page_id)
    client.post(f"/admin/pages/{page.pk}/unpublish/")
    page.refresh_from_db()
    assert page.live is False


def test_code_that_was_shown_is_the_helpers(
    site: Site, editor: User, helper: User, client: SiteClient
) -> None:
    TOTPDevice.objects.create(user=editor, name="phone")
    begin(client, site, editor)
    assert client.get("/admin/").status_code == 200
    # And a helper who has not shown theirs acts as nobody.
    TOTPDevice.objects.create(user=helper, name="phone")
    assert client.get("/admin/")["Location"].startswith("/admin/second-factor/check/")
