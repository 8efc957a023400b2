"""Signing in, and a password that is forgotten."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.core import mail

from accounts.models import User
from tests.conftest import PASSWORD, SiteClient

Work = Callable[[str], int]
LOGIN = "/admin/login/"
REFUSAL = "Ваши электронная почта и пароль не совпали. Пожалуйста, попробуйте еще раз."


@pytest.mark.parametrize("typed", ["anna@example.org", "ANNA@Example.Org", " anna@example.org "])
def test_person_signs_in_by_address_whatever_case(
    typed: str, editor: User, stranger: SiteClient
) -> None:
    answer = stranger.post(LOGIN, {"username": typed, "password": PASSWORD, "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert stranger.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("anna@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("anna@example.org\x00", PASSWORD),
        ("anna", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("", ""),
    ],
)
@pytest.mark.bad_input("login_unknown_user")
def test_wrong_address_and_wrong_password_look_alike(
    email: str, password: str, editor: User, stranger: SiteClient
) -> None:
    answer = stranger.post(LOGIN, {"username": email, "password": password})
    assert answer.status_code == 200
    assert "_auth_user_id" not in stranger.session
    if email and "\x00" not in email:
        form = answer.context["form"]
        assert form.errors == {"__all__": [REFUSAL]}
        assert password not in answer.content.decode()


@pytest.mark.bad_input("session_deactivated_user")
def test_person_who_was_switched_off_cannot_sign_in_and_is_out_at_once(
    editor: User, stranger: SiteClient
) -> None:
    stranger.force_login(editor)
    assert stranger.get("/admin/").status_code == 200
    User.objects.filter(pk=editor.pk).update(is_active=False)
    assert stranger.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    answer = stranger.post(LOGIN, {"username": editor.email, "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.bad_input("next_external")
def test_login_never_leads_to_another_host(editor: User, stranger: SiteClient) -> None:
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        form = {"username": editor.email, "password": PASSWORD, "next": target}
        client = SiteClient(django_settings.ADMIN_HOST)
        assert client.post(LOGIN, form)["Location"] == "/admin/"


@pytest.mark.bad_input("session_fixation")
def test_session_is_new_after_signing_in(editor: User, stranger: SiteClient) -> None:
    stranger.get(LOGIN)
    stranger.session.save()
    before = stranger.session.session_key
    stranger.post(LOGIN, {"username": editor.email, "password": PASSWORD})
    assert stranger.session.session_key != before


@pytest.mark.bad_input("logout_get")
def test_signing_out_needs_a_post(editor: User, stranger: SiteClient) -> None:
    stranger.force_login(editor)
    assert stranger.get("/admin/logout/").status_code == 405
    assert stranger.get("/admin/").status_code == 200
    stranger.post("/admin/logout/")
    assert stranger.get("/admin/").status_code == 302


def links_in_the_only_letter() -> list[str]:
    (letter,) = mail.outbox
    return re.findall(r"https?://\S+", str(letter.body))


@pytest.mark.parametrize("typed", ["anna@example.org", "Anna@EXAMPLE.org"])
def test_forgotten_password_is_set_anew_by_the_link(
    typed: str, editor: User, stranger: SiteClient, work: Work
) -> None:
    answer = stranger.post("/admin/password_reset/", {"email": typed})
    assert work("send_password_letter") == 1
    assert answer["Location"] == "/admin/password_reset/done/"
    assert stranger.get("/admin/password_reset/done/").status_code == 200
    assert mail.outbox[0].to == ["anna@example.org"]
    (link,) = links_in_the_only_letter()
    assert link.startswith("http://admin.localhost:8000/admin/password_reset/confirm/")
    path = link.removeprefix("http://admin.localhost:8000")
    form_path = stranger.get(path)["Location"]
    form = {"new_password1": "tri slova i 58", "new_password2": "tri slova i 58"}
    assert stranger.get(form_path).status_code == 200
    done = stranger.post(form_path, form)
    assert done["Location"] == "/admin/password_reset/complete/"
    assert stranger.get("/admin/password_reset/complete/").status_code == 200
    editor.refresh_from_db()
    assert editor.check_password("tri slova i 58")
    # The link is used up.
    again = SiteClient(django_settings.ADMIN_HOST).get(path)
    assert again.status_code == 200
    assert "new_password1" not in again.content.decode()


@pytest.mark.bad_input("reset_unknown")
def test_unknown_address_gets_the_same_answer_and_no_letter(
    editor: User, stranger: SiteClient, work: Work
) -> None:
    known = stranger.post("/admin/password_reset/", {"email": "anna@example.org"})
    unknown = stranger.post("/admin/password_reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert work("send_password_letter") == 2
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("host", ["evil.example", "veloput.localhost", "admin.localhost.x.example"])
@pytest.mark.bad_input("reset_poison")
def test_reset_asked_on_another_host_sends_no_letter(host: str, editor: User, work: Work) -> None:
    answer = SiteClient(host).post("/admin/password_reset/", {"email": editor.email})
    assert answer.status_code == 404
    assert work("send_password_letter") == 0


@pytest.mark.bad_input("reset_other_tenant_host")
def test_letter_of_a_reset_never_carries_a_host_from_the_request(editor: User, work: Work) -> None:
    poisoned = SiteClient("ADMIN.localhost:9999", HTTP_X_FORWARDED_HOST="evil.example")
    poisoned.post("/admin/password_reset/", {"email": editor.email})
    work("send_password_letter")
    (link,) = links_in_the_only_letter()
    assert link.startswith("http://admin.localhost:8000/")
    text = str(mail.outbox[0].body) + mail.outbox[0].subject
    assert "evil.example" not in text
    assert "9999" not in text


def test_account_screen_changes_name_and_password_but_no_address(
    editor: User, stranger: SiteClient
) -> None:
    stranger.force_login(editor)
    page = stranger.get("/admin/account/")
    assert page.status_code == 200
    assert 'name="name_email-email"' not in page.content.decode()
    stranger.post("/admin/account/", {"name_email-email": "other@example.org"})
    editor.refresh_from_db()
    assert editor.email == "anna@example.org"
