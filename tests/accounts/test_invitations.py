"""An invitation: the letter, the link, and the one moment it lets somebody in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core import mail, signing
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Page, Site

from accounts.actions import (
    accept_invitation,
    find_invitation,
    invitation_token,
    invite,
    send_owed_invitations,
)
from accounts.actions import invitations as actions
from accounts.models import Invitation, User
from donations.models import Donation
from tenancy import outbox
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
GOOD = {"new_password1": "dva slova i 47", "new_password2": "dva slova i 47"}


@pytest.fixture
def invitation(site: Site) -> Invitation:
    return invite(email="Anna@Example.org ", role=Role.EDITOR, site=site, by=None)


def link_of(invitation: Invitation) -> str:
    return f"/admin/invitation/{invitation_token(invitation)}/"


def test_letter_is_russian_and_links_to_the_admin_host_only(
    invitation: Invitation, settings: Settings
) -> None:
    assert send_owed_invitations() == 1
    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert letter.to == ["anna@example.org"]
    assert letter.subject == "Ваш сайт «НКО veloput» готов"
    html = str(letter.alternatives[0][0])
    for text in (letter.body, html):
        (link,) = re.findall(r"https?://[^\s\"<]+", str(text))
        host, token = link.rstrip("/").rsplit("/", 1)
        assert host == "http://admin.localhost:8000/admin/invitation"
        assert find_invitation(token) == invitation
        assert "Ресурсный центр открыл сайт «НКО veloput»" in str(text)
        assert "anna@example.org" in str(text)
    assert letter.from_email == settings.DEFAULT_FROM_EMAIL
    assert send_owed_invitations() == 0


@pytest.mark.bad_input("ngo_name_newline")
def test_name_of_a_site_cannot_break_the_headers_of_the_letter(site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(site_name="Добро Bcc: x@y.example")
    invite(email="anna@example.org", role=Role.EDITOR, site=Site.objects.get(pk=site.pk), by=None)
    send_owed_invitations()
    (letter,) = mail.outbox
    assert letter.recipients() == ["anna@example.org"]
    assert letter.message()["Bcc"] is None


def test_html_of_the_letter_escapes_the_name(site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(site_name="<b>Добро</b>")
    invite(email="anna@example.org", role=Role.EDITOR, site=Site.objects.get(pk=site.pk), by=None)
    send_owed_invitations()
    letter = mail.outbox[0]
    assert isinstance(letter, EmailMultiAlternatives)
    assert "&lt;b&gt;Добро" in str(letter.alternatives[0][0])
    assert "«<b>Добро</b>»" in str(letter.body)


def test_new_person_sets_a_password_and_sees_only_that_site(
    invitation: Invitation, other_site: Site, stranger: SiteClient
) -> None:
    page = stranger.get(link_of(invitation))
    text = page.content.decode()
    assert page.status_code == 200
    assert "НКО veloput" in text
    assert "anna@example.org" in text
    assert 'type="password"' in text

    form = {**GOOD, "first_name": "Анна", "last_name": "Иванова"}
    answer = stranger.post(link_of(invitation), form)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    person = User.objects.get(email="anna@example.org")
    assert (person.first_name, person.last_name) == ("Анна", "Иванова")
    assert (person.is_superuser, person.is_staff) == (False, False)
    assert list(person.groups.all()) == [invitation.group]
    assert stranger.get("/admin/").status_code == 200
    own, other = invitation.site, other_site
    assert own is not None
    assert stranger.get(f"/admin/pages/{own.root_page_id}/edit/").status_code == 200
    assert stranger.get(f"/admin/pages/{other.root_page_id}/edit/").status_code == 404
    assert "lapy" not in stranger.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("first", "second", "complaint"),
    [
        ("", "", "Требуется заполнить это поле"),
        ("dva slova i 47", "dva slova i 48", "не совпадают"),
        ("short", "short", "слишком короткий"),
        ("12345678901", "12345678901", "только из цифр"),
        ("password123", "password123", "слишком широко распространён"),
        ("anna@example.org", "anna@example.org", "слишком похож"),
    ],
)
def test_bad_password_is_refused_in_russian_and_the_names_stay(
    first: str, second: str, complaint: str, invitation: Invitation, stranger: SiteClient
) -> None:
    form = {
        "new_password1": first,
        "new_password2": second,
        "first_name": "Анна",
        "last_name": "Иванова",
    }
    page = stranger.post(link_of(invitation), form)
    text = page.content.decode()
    assert page.status_code == 200
    assert complaint in text
    assert 'value="Анна"' in text
    assert 'value="Иванова"' in text
    assert not first or f'value="{first}"' not in text
    assert not User.objects.filter(email="anna@example.org").exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_link_lets_in_once(invitation: Invitation, stranger: SiteClient) -> None:
    stranger.post(link_of(invitation), GOOD)
    second = SiteClient(django_settings.ADMIN_HOST)
    for answer in (second.get(link_of(invitation)), second.post(link_of(invitation), GOOD)):
        assert answer.status_code == 410
        assert "Приглашение уже принято" in answer.content.decode()
    assert "_auth_user_id" not in second.session
    assert User.objects.filter(email="anna@example.org").count() == 1
    assert accept_invitation(invitation=invitation, password="x") is None


def test_link_expires(invitation: Invitation, stranger: SiteClient) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (stranger.get(link_of(invitation)), stranger.post(link_of(invitation), GOOD)):
        assert answer.status_code == 410
        assert "устарело" in answer.content.decode()
    assert not User.objects.filter(email="anna@example.org").exists()


def test_invitation_that_expired_while_mail_was_out_is_not_posted(invitation: Invitation) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send_owed_invitations() == 0
    assert mail.outbox == []


def test_forged_link_is_404_and_tells_nothing(invitation: Invitation, stranger: SiteClient) -> None:
    good = invitation_token(invitation)
    forged = (
        "x",
        str(invitation.pk),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        signing.dumps(invitation.pk, salt="another salt"),
        signing.dumps(999_999, salt=actions.INVITATION_SALT),
    )
    for token in forged:
        answer = stranger.get(f"/admin/invitation/{token}/")
        assert answer.status_code == 404, token
        assert "veloput" not in answer.content.decode()


def test_token_is_stored_nowhere(invitation: Invitation) -> None:
    token = invitation_token(invitation)
    assert find_invitation(token) == invitation
    stored = str(Invitation.objects.values().get(pk=invitation.pk))
    assert token not in stored
    assert token.split(":")[-1] not in stored


def test_address_invited_again_gets_a_new_term_and_a_new_letter(
    invitation: Invitation, site: Site
) -> None:
    send_owed_invitations()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    again = invite(email="ANNA@example.org", role=Role.EDITOR, site=site, by=None)
    assert again.pk == invitation.pk
    assert again.is_open
    assert again.expires_at > timezone.now() + timedelta(days=13)
    assert send_owed_invitations() == 1
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]] * 2


def test_person_with_an_account_must_be_signed_in_as_themselves(
    site: Site,
    other_site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
    stranger: SiteClient,
) -> None:
    known = make_person(Role.EDITOR, other_site, email="maria@example.org")
    thief = make_person(Role.EDITOR, other_site, email="thief@example.org")
    invitation = invite(email="Maria@example.org", role=Role.EDITOR, site=site, by=None)
    for client in (stranger, admin_as(thief)):
        page = client.get(link_of(invitation))
        text = page.content.decode()
        assert "У вас уже есть учётная запись" in text
        assert 'type="password"' not in text
        client.post(link_of(invitation), GOOD)
        invitation.refresh_from_db()
        assert invitation.accepted_at is None
    known.refresh_from_db()
    assert known.check_password("dva slova i 47")
    assert known.groups.count() == thief.groups.count() == 1

    herself = admin_as(known)
    assert "учётная запись" not in herself.get(link_of(invitation)).content.decode()
    assert herself.post(link_of(invitation))["Location"] == "/admin/"
    assert known.groups.count() == 2
    # Her old rights are as they were, and the new ones are there at once.
    for one in (site, other_site):
        assert herself.get(f"/admin/pages/{one.root_page_id}/edit/").status_code == 200


@pytest.mark.bad_input("editor_email_of_existing_user_elsewhere")
def test_person_of_another_site_gets_no_rights_before_accepting(
    site: Site, other_site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    known = make_person(Role.EDITOR, other_site, email="maria@example.org")
    invite(email="maria@example.org", role=Role.EDITOR, site=site, by=None)
    assert admin_as(known).get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 404


def test_superuser_does_not_come_to_a_site_by_an_invitation(site: Site, admin_as: AdminAs) -> None:
    root = User.objects.create_superuser("root@example.org", "x")
    invitation = invite(email="Root@Example.org", role=Role.EDITOR, site=site, by=None)
    answer = admin_as(root).post(link_of(invitation))
    assert answer.status_code == 410
    assert root.groups.count() == 0
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_mail_server_that_is_down_leaves_the_letter_owed_and_it_is_tried_again(
    invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", down)
        assert send_owed_invitations() == 0
    invitation.refresh_from_db()
    assert (invitation.sent_at, invitation.attempts) == (None, 1)
    assert invitation.last_error == "ConnectionRefusedError"
    assert timezone.now() < invitation.next_try_at <= timezone.now() + timedelta(minutes=1)
    assert send_owed_invitations() == 0  # not yet due
    Invitation.objects.update(next_try_at=timezone.now())
    assert send_owed_invitations() == 1
    invitation.refresh_from_db()
    assert invitation.sent_at is not None
    assert len(mail.outbox) == 1


def test_pauses_grow_to_a_day(invitation: Invitation, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMultiAlternatives, "send", down)
    pauses = []
    for attempts in (0, 3, 10, 500):
        Invitation.objects.update(attempts=attempts, next_try_at=timezone.now())
        send_owed_invitations()
        invitation.refresh_from_db()
        pauses.append(round((invitation.next_try_at - timezone.now()).total_seconds() / 60))
    assert pauses == [1, 8, 1024, 1440]


def test_two_workers_send_one_letter(invitation: Invitation) -> None:
    row = Invitation.objects.get(pk=invitation.pk)
    assert outbox.send_one(row, actions._post) is True
    assert outbox.send_one(row, actions._post) is False
    assert len(mail.outbox) == 1


def test_address_invited_again_while_its_letter_is_being_sent_gets_one(
    invitation: Invitation, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(message: EmailMultiAlternatives) -> None:
        mail.outbox.append(message)
        if len(mail.outbox) == 1:
            invite(email="anna@example.org", role=Role.EDITOR, site=site, by=None)
            assert send_owed_invitations() == 0

    monkeypatch.setattr(EmailMultiAlternatives, "send", slow)
    assert send_owed_invitations() == 1
    assert (send_owed_invitations(), len(mail.outbox)) == (0, 1)


def test_accepted_or_sent_invitations_are_not_sent_again(invitation: Invitation) -> None:
    accept_invitation(invitation=invitation, password="dva slova i 47")
    assert send_owed_invitations() == 0
    assert mail.outbox == []


def test_inviting_and_accepting_are_written_down(
    site: Site, make_person: MakePerson, stranger: SiteClient
) -> None:
    by = make_person(Role.COORDINATOR)
    invitation = invite(email="anna@example.org", role=Role.ACCOUNTANT, site=site, by=by)
    stranger.post(link_of(invitation), GOOD)
    person = User.objects.get(email="anna@example.org")
    entries = AuditEntry.objects.filter(site=site, what__contains="invit").order_by("pk")
    assert [(entry.what, entry.by, entry.details) for entry in entries] == [
        ("person invited", by, {"role": "accountant", "id": invitation.pk}),
        ("invitation accepted", person, {"id": invitation.pk}),
    ]


def test_accountant_invited_reads_the_books_and_no_pages(
    site: Site, stranger: SiteClient, give: Callable[..., Donation]
) -> None:
    invitation = invite(email="anna@example.org", role=Role.ACCOUNTANT, site=site, by=None)
    stranger.post(link_of(invitation), GOOD)
    assert stranger.get("/admin/donations/").status_code == 200
    edit = stranger.get(f"/admin/pages/{site.root_page_id}/edit/")
    assert edit.status_code == 404
    assert Page.objects.get(pk=site.root_page_id).title == "НКО veloput"
