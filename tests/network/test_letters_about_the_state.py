"""The people of a site are told what the centre did with it, and why: a letter that is not lost."""

from collections.abc import Callable
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from wagtail.models import Site

from accounts.models import User
from donations.actions.letters import send_owed_letters
from donations.models import StaffLetter
from network.actions.states import archive_site, pause_site, reopen_site
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.letters import html_of

MakePerson = Callable[..., User]
WHY = "Счёт в банке меняют до 1 декабря."


@pytest.fixture(autouse=True)
def _people(site: Site, other_site: Site, make_person: MakePerson) -> None:
    for role in (Role.MANAGER, Role.EDITOR):
        make_person(role, site)
    make_person(Role.MANAGER, other_site)
    left = make_person(Role.EDITOR, site, email="left@example.org")
    User.objects.filter(pk=left.pk).update(is_active=False)


def archive(*, site: Site, by: User | None, why: str = "") -> None:
    archive_site(site=site, typed_name=site.site_name, by=by, why=why)


@pytest.mark.parametrize(
    ("change", "subject", "says", "leads"),
    [
        (pause_site, "Сайт НКО veloput на паузе", "пожертвования не принимаются", "/admin/"),
        (archive, "Сайт НКО veloput закрыт", "ушёл в архив", "http://veloput.localhost:8000/"),
        (reopen_site, "Сайт НКО veloput снова работает", "страницы можно менять", "/admin/"),
    ],
)
def test_each_change_is_told_to_the_people_of_the_site_with_the_reason(
    site: Site, change: Any, subject: str, says: str, leads: str
) -> None:
    if change is reopen_site:
        archive(site=site, by=None)
        send_owed_letters()
        mail.outbox.clear()
    change(site=site, by=None, why=f"  {WHY}  ")
    assert send_owed_letters() == 2
    assert send_owed_letters() == 0
    assert sorted(letter.to for letter in mail.outbox) == [
        ["editor@veloput.localhost.example.org"],
        ["manager@veloput.localhost.example.org"],
    ]
    for letter in mail.outbox:
        assert isinstance(letter, EmailMultiAlternatives)
        html, kind = letter.alternatives[0]
        assert (letter.subject, kind) == (subject, "text/html")
        for text in (letter.body, str(html)):
            assert says in text
            assert f"Центр пишет: {WHY}" in text
            assert leads in text
            assert "lapy" not in text


def test_without_a_reason_the_letter_makes_none_up(site: Site) -> None:
    pause_site(site=site, by=None)
    send_owed_letters()
    assert all("Центр пишет" not in str(letter.body) for letter in mail.outbox)
    assert len(mail.outbox) == 2


def test_what_the_reason_holds_is_words(site: Site) -> None:
    pause_site(site=site, by=None, why="<b>x</b>")
    send_owed_letters()
    html = html_of(mail.outbox[0])
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "Центр пишет: <b>x</b>" in str(mail.outbox[0].body)


def test_second_press_writes_no_second_letter_and_a_second_pause_does(site: Site) -> None:
    for _twice in range(2):
        pause_site(site=site, by=None)
    assert StaffLetter.objects.count() == 2
    reopen_site(site=site, by=None)
    pause_site(site=site, by=None)
    assert StaffLetter.objects.count() == 6


def test_mail_server_that_is_down_loses_no_letter(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise SMTPServerDisconnected

    with time_machine.travel("2026-11-25T10:00:00+03:00", tick=False) as clock:
        pause_site(site=site, by=None)
        with monkeypatch.context() as patch:
            patch.setattr(EmailMultiAlternatives, "send", down)
            assert send_owed_letters() == 0
        clock.shift(24 * 3600)
        assert send_owed_letters() == 2


def test_coordinator_writes_why_on_the_screen(
    site: Site, make_person: MakePerson, admin_as: Callable[[User], SiteClient]
) -> None:
    client = admin_as(make_person(Role.COORDINATOR))
    screen = client.get(f"/admin/network/sites/{site.pk}/").content.decode()
    assert screen.count('name="why"') == 1
    for path, more in (
        ("pause", {}),
        ("reopen", {}),
        ("close", {"typed_name": site.site_name}),
    ):
        said = {"why": f"{WHY} {path}", **more}
        assert client.post(f"/admin/network/sites/{site.pk}/{path}/", said).status_code == 302
    send_owed_letters()
    for path in ("pause", "reopen", "close"):
        assert sum(f"{WHY} {path}" in str(letter.body) for letter in mail.outbox) == 2
