"""The second factor: set up, asked for, lost, turned off."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.actions import second_factor as actions
from accounts.models import User
from tenancy.models import AuditEntry, Role
from tests.conftest import PASSWORD, SiteClient

MakePerson = Callable[..., User]
CHECK = "/admin/second-factor/check/"
SET_UP = "/admin/second-factor/"
NOT_RIGHT = "Код не подошёл"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel("2026-11-25T10:00:10+03:00", tick=False) as travel:
        yield travel


def code_of(device: TOTPDevice) -> str:
    """What the phone shows now."""
    key = TOTPDevice.objects.get(pk=device.pk).bin_key
    return f"{totp(key):06}"


@pytest.fixture
def phone(editor: User, clock: Any) -> TOTPDevice:
    """The editor's phone, connected; the code it showed then is used up."""
    return connect(editor, clock)


def connect(user: User, clock: Any) -> TOTPDevice:
    device = actions.proposed_device(user, actions.propose_key(user))
    actions.enrol(user=user, device=device, code=f"{totp(device.bin_key):06}")
    clock.shift(timedelta(seconds=30))
    return device


def sign_in(user: User) -> SiteClient:
    client = SiteClient(django_settings.ADMIN_HOST)
    client.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    return client


def show(client: SiteClient, code: str, path: str = CHECK, **more: str) -> Any:
    return client.post(path, {"code": code, **more})


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_person_connects_a_phone_and_is_asked_for_its_code_from_then_on(
    editor: User, clock: Any
) -> None:
    client = sign_in(editor)
    assert client.get("/admin/").status_code == 200
    page = text_of(client.get(SET_UP))
    secret = re.findall(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    assert f"otpauth://totp/Sonko%20CMS%3Aanna%40example.org?secret={secret}" in page
    assert 'src="data:image/png;base64,' in page
    assert not TOTPDevice.objects.exists()  # looking stores nothing

    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    device = actions.proposed_device(editor, key)
    refused = show(client, "000000", SET_UP, key=key)
    assert NOT_RIGHT in text_of(refused)
    assert secret in text_of(refused).replace(" ", "")  # the phone keeps what it scanned
    assert not TOTPDevice.objects.exists()

    done = text_of(show(client, f" {totp(device.bin_key):06} ", SET_UP, key=key))
    codes = re.findall(r"^([a-z2-7]{8})$", done.replace('<pre class="w-text-16">', "\n"), re.M)
    assert len(codes) == 10
    assert set(codes) == set(StaticToken.objects.values_list("token", flat=True))
    assert client.get("/admin/").status_code == 200  # this browser has shown it just now
    later = sign_in(editor)
    assert later.get("/admin/pages/?x=1")["Location"] == f"{CHECK}?next=%2Fadmin%2Fpages%2F%3Fx%3D1"
    entry = AuditEntry.objects.get(what="second factor set")
    assert (entry.by, entry.site) == (editor, None)


def test_code_lets_in_and_leads_where_the_person_was_going(editor: User, phone: TOTPDevice) -> None:
    client = sign_in(editor)
    before = client.session.session_key
    answer = show(client, code_of(phone), next="/admin/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/account/")
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_code_page_leads_nowhere_else(target: str, editor: User, phone: TOTPDevice) -> None:
    assert show(sign_in(editor), code_of(phone), next=target)["Location"] == "/admin/"


@pytest.mark.bad_input("totp_replay")
def test_same_code_is_taken_once(editor: User, phone: TOTPDevice) -> None:
    code = code_of(phone)
    assert show(sign_in(editor), code).status_code == 302
    again = sign_in(editor)
    assert NOT_RIGHT in text_of(show(again, code))
    assert again.get("/admin/").status_code == 302


def test_right_code_just_after_a_wrong_one_is_taken(editor: User, phone: TOTPDevice) -> None:
    client = sign_in(editor)
    assert NOT_RIGHT in text_of(show(client, "123"))
    assert show(client, code_of(phone)).status_code == 302


@pytest.mark.bad_input("totp_bruteforce")
def test_ten_wrong_codes_lock_for_a_quarter_of_an_hour(
    editor: User, phone: TOTPDevice, clock: Any
) -> None:
    client = sign_in(editor)
    for number in range(10):
        answer = text_of(show(client, f"{number:06}"))
    assert "Слишком много попыток" in answer
    clock.shift(timedelta(minutes=14))
    # From another browser too: the account is locked and not the session.
    assert "Слишком много попыток" in text_of(show(sign_in(editor), code_of(phone)))
    assert sign_in(editor).get("/admin/").status_code == 302
    clock.shift(timedelta(minutes=2))
    assert show(client, code_of(phone)).status_code == 302


@pytest.mark.parametrize("code", ["", " ", "abc", "１２３", "1" * 41, "12345\x00", "-1", "1e5"])
def test_what_is_no_code_is_refused_kindly(code: str, editor: User, phone: TOTPDevice) -> None:
    answer = show(sign_in(editor), code)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_recovery_code_lets_in_once_however_it_is_typed(editor: User, phone: TOTPDevice) -> None:
    code = StaticToken.objects.values_list("token", flat=True)[0]
    typed = f" {code[:4].upper()}-{code[4:]} "
    assert show(sign_in(editor), typed).status_code == 302
    assert NOT_RIGHT in text_of(show(sign_in(editor), code))
    assert StaticToken.objects.count() == 9


def test_code_of_another_person_is_no_code(
    editor: User, phone: TOTPDevice, site: Site, make_person: MakePerson, clock: Any
) -> None:
    thief = make_person(Role.EDITOR, site, email="thief@example.org")
    connect(thief, clock)
    client = sign_in(thief)
    stolen = StaticToken.objects.filter(device__user=editor)[0].token
    for code in (code_of(phone), stolen):
        assert NOT_RIGHT in text_of(show(client, code))


def test_key_proposed_to_another_person_connects_nothing(
    editor: User, site: Site, make_person: MakePerson, clock: Any
) -> None:
    thief = make_person(Role.EDITOR, site, email="thief@example.org")
    sealed = actions.propose_key(thief)
    device = actions.proposed_device(thief, sealed)
    answer = show(sign_in(editor), f"{totp(device.bin_key):06}", SET_UP, key=sealed)
    assert "Страница устарела" in text_of(answer)
    assert not TOTPDevice.objects.exists()


def test_before_the_code_nothing_of_the_admin_answers(
    editor: User, phone: TOTPDevice, site: Site
) -> None:
    client = sign_in(editor)
    closed = ("/admin/", "/admin/users/", "/admin/account/", f"/admin/pages/{site.root_page_id}/")
    for path in (*closed, "/documents/1/x.txt", "/media/x.png", SET_UP, f"{SET_UP}codes/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, CHECK), path
    edit = f"/admin/pages/{site.root_page_id}/edit/"
    posted = client.post(edit, {"title": "x"})
    assert (posted.status_code, posted["Location"]) == (302, f"{CHECK}?next=%2Fadmin%2F")
    assert client.post("/admin/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
        {"HTTP_SEC_FETCH_MODE": "cors"},
        {"HTTP_ACCEPT": "application/json"},
    ],
)
def test_scripts_get_403_and_no_page_to_read_as_an_answer(
    header: dict[str, Any], editor: User, phone: TOTPDevice
) -> None:
    assert sign_in(editor).get("/admin/pages/", **header).status_code == 403


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.MANAGER, Role.COORDINATOR])
def test_who_sees_money_or_people_sets_it_up_before_anything_else(
    role: Role, site: Site, make_person: MakePerson, settings: Settings
) -> None:
    settings.REQUIRE_2FA = True
    person = make_person(role, None if role == Role.COORDINATOR else site)
    _is_led_to_set_up(sign_in(person))


@pytest.mark.bad_input("superuser_no_2fa")
def test_superuser_sets_it_up_before_anything_else(site: Site, settings: Settings) -> None:
    settings.REQUIRE_2FA = True
    _is_led_to_set_up(sign_in(User.objects.create_superuser("root@example.org", PASSWORD)))


def _is_led_to_set_up(client: SiteClient) -> None:
    for path in ("/admin/", "/admin/donations/", "/admin/users/", "/admin/account/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, SET_UP)
    page = text_of(client.get(SET_UP))
    assert "Вам видны пожертвования или люди" in page
    assert "Не сейчас" not in page


def test_editor_may_go_without_and_so_may_all_where_it_is_not_required(
    editor: User, site: Site, make_person: MakePerson, settings: Settings
) -> None:
    accountant = make_person(Role.ACCOUNTANT, site)
    assert sign_in(accountant).get("/admin/").status_code == 200  # REQUIRE_2FA is off in the suite
    settings.REQUIRE_2FA = True
    client = sign_in(editor)
    assert client.get("/admin/").status_code == 200
    assert "Не сейчас" in text_of(client.get(SET_UP))


def test_turning_off_needs_a_code(editor: User, phone: TOTPDevice, clock: Any) -> None:
    client = sign_in(editor)
    show(client, code_of(phone))
    clock.shift(timedelta(seconds=30))
    assert NOT_RIGHT in text_of(show(client, "000000", f"{SET_UP}off/"))
    assert client.get(f"{SET_UP}off/").status_code == 405
    assert TOTPDevice.objects.exists()
    assert show(client, code_of(phone), f"{SET_UP}off/")["Location"] == SET_UP
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert sign_in(editor).get("/admin/").status_code == 200
    assert AuditEntry.objects.get(what="second factor turned off").by == editor


def test_new_recovery_codes_end_the_old_ones(editor: User, phone: TOTPDevice, clock: Any) -> None:
    client = sign_in(editor)
    show(client, code_of(phone))
    clock.shift(timedelta(seconds=30))
    old = set(StaticToken.objects.values_list("token", flat=True))
    page = text_of(show(client, code_of(phone), f"{SET_UP}codes/"))
    new = set(StaticToken.objects.values_list("token", flat=True))
    assert len(new) == 10
    assert not old & new
    assert all(code in page for code in new)
    assert "Осталось 10 запасных кодов" in text_of(client.get(SET_UP))


def test_second_phone_cannot_be_connected_beside_the_first(editor: User, phone: TOTPDevice) -> None:
    device = actions.proposed_device(editor, actions.propose_key(editor))
    with pytest.raises(ValidationError):
        actions.enrol(user=editor, device=device, code=f"{totp(device.bin_key):06}")
    assert TOTPDevice.objects.count() == 1


def test_operator_lets_in_the_last_superuser_who_lost_the_phone(
    site: Site, settings: Settings, clock: Any
) -> None:
    settings.REQUIRE_2FA = True
    root = User.objects.create_superuser("root@example.org", PASSWORD)
    connect(root, clock)
    client = sign_in(root)
    call_command("reset_second_factor", "Root@example.org", stdout=StringIO())
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"  # that session ended
    _is_led_to_set_up(sign_in(root))
    entry = AuditEntry.objects.get(what="second factor reset")
    assert (entry.by, entry.details) == (None, {"person": root.pk})
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@example.org")
