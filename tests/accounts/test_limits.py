"""Tries are limited: passwords, letters with links. And no answer tells who has an account."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.limits import TooManyTries
from accounts.models import User
from tenancy.counters import Limit, give_back, take
from tenancy.models import Counter
from tests.conftest import PASSWORD, SiteClient

Work = Callable[[str], int]
LOGIN = "/admin/login/"
WRONG = ["Ваши электронная почта и пароль не совпали. Пожалуйста, попробуйте еще раз."]
WRONG_PASSWORD = "not the password"
WAIT = "Слишком много попыток. Попробуйте снова через "


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password hash that is computed; the computing itself is as it was."""
    done: list[str] = []
    real = MD5PasswordHasher.encode  # the suite's hasher; it verifies by encoding, too

    def spy(*args: Any) -> str:
        done.append("hash")
        return real(*args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", spy)
    return done


def sign_in(
    email: str = "anna@example.org", password: str = WRONG_PASSWORD, address: str = "192.0.2.1"
) -> Any:
    client = SiteClient(django_settings.ADMIN_HOST, REMOTE_ADDR=address)
    return client.post(LOGIN, {"username": email, "password": password, "next": "/admin/"})


def errors_of(answer: Any) -> list[str]:
    return list(answer.context["form"].non_field_errors())


@pytest.mark.parametrize("email", ["anna@example.org", "nobody@example.org"])
def test_sixth_try_is_refused_unseen_for_known_and_unknown_alike(
    email: str, editor: User, hashes: list[str]
) -> None:
    with time_machine.travel("2026-11-25T10:00:30+03:00", tick=False):
        for _number in range(5):
            assert errors_of(sign_in(email)) == WRONG
        assert len(hashes) == 5
        # The right password, from elsewhere, in another spelling: it is not even looked at.
        assert errors_of(sign_in(email.upper(), PASSWORD, "192.0.2.9")) == [f"{WAIT}16 минут."]
        assert len(hashes) == 5


def test_after_the_wait_the_right_password_is_taken(editor: User) -> None:
    with time_machine.travel("2026-11-25T10:00:30+03:00", tick=False) as clock:
        for _number in range(5):
            sign_in()
        clock.shift(timedelta(minutes=14))
        assert errors_of(sign_in(password=PASSWORD)) == [f"{WAIT}2 минуты."]
        clock.shift(timedelta(minutes=2))
        assert sign_in(password=PASSWORD)["Location"] == "/admin/"


def test_thousand_tries_in_a_quarter_of_an_hour_check_at_most_ten_passwords(
    editor: User, hashes: list[str]
) -> None:
    with time_machine.travel("2026-11-25T10:07:00+03:00", tick=False) as clock:
        for number in range(1000):
            request = RequestFactory(REMOTE_ADDR=f"192.0.{number // 250}.{number % 250}").post("/")
            with contextlib.suppress(TooManyTries):
                authenticate(request, username=editor.email, password=f"guess {number}")
            clock.shift(timedelta(seconds=0.9))
    assert len(hashes) == 5


def test_address_may_try_twenty_times_an_hour_whoever_it_tries(
    editor: User, hashes: list[str]
) -> None:
    for number in range(20):
        assert errors_of(sign_in(f"person-{number}@example.org")) == WRONG
    assert errors_of(sign_in("someone@example.org"))[0].startswith(WAIT)
    assert len(hashes) == 20
    assert sign_in(password=PASSWORD, address="192.0.2.2")["Location"] == "/admin/"


def test_one_address_cannot_lock_accounts_for_longer_than_its_own_tries_last(editor: User) -> None:
    for number in range(20):
        sign_in(f"person-{number}@example.org")
    for _number in range(10):
        sign_in()
    assert sign_in(password=PASSWORD, address="192.0.2.2")["Location"] == "/admin/"


def test_right_passwords_are_not_counted(editor: User) -> None:
    for _number in range(25):
        assert sign_in(password=PASSWORD)["Location"] == "/admin/"


def test_right_password_does_not_forgive_the_wrong_ones(editor: User) -> None:
    for _number in range(4):
        sign_in()
    sign_in(password=PASSWORD)
    assert errors_of(sign_in()) == WRONG
    assert errors_of(sign_in())[0].startswith(WAIT)


@pytest.mark.bad_input("login_unknown_user")
def test_unknown_person_costs_as_much_as_a_wrong_password(editor: User, hashes: list[str]) -> None:
    work, texts = [], []
    for email in ("anna@example.org", "nobody@example.org"):
        del hashes[:]
        with CaptureQueriesContext(connection) as queries:
            answer = sign_in(email)
        work.append((answer.status_code, len(hashes), len(queries)))
        texts.append(errors_of(answer))
    assert work[0] == work[1]
    assert work[0][:2] == (200, 1)
    assert texts == [WRONG, WRONG]


def test_counters_hold_no_address_and_no_email(editor: User) -> None:
    sign_in()
    stored = str(list(Counter.objects.values()))
    assert Counter.objects.count() == 2
    assert "anna" not in stored
    assert "192.0.2.1" not in stored


@pytest.mark.bad_input("reset_unknown")
def test_forgotten_password_of_a_stranger_costs_the_same(
    editor: User, stranger: SiteClient
) -> None:
    work = []
    for email in ("anna@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = stranger.post("/admin/password_reset/", {"email": email})
        work.append((answer.status_code, answer["Location"], len(queries)))
    assert work[0] == work[1]
    assert mail.outbox == []  # the letter is the worker's


@pytest.mark.bad_input("reset_flood")
def test_twenty_asks_in_an_hour_send_three_letters(
    editor: User, stranger: SiteClient, work: Work
) -> None:
    answers = set()
    with time_machine.travel("2026-11-25T10:00:00+03:00", tick=False) as clock:
        for number in range(20):
            client = SiteClient(django_settings.ADMIN_HOST, REMOTE_ADDR=f"192.0.2.{number}")
            answer = client.post("/admin/password_reset/", {"email": "Anna@example.org"})
            answers.add((answer.status_code, answer["Location"]))
            clock.shift(timedelta(minutes=2))
        assert work("send_password_letter") == 3
    assert answers == {(302, "/admin/password_reset/done/")}
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]] * 3


def test_one_address_asks_for_at_most_twenty_letters_an_hour(
    stranger: SiteClient, work: Work
) -> None:
    for number in range(30):
        stranger.post("/admin/password_reset/", {"email": f"person-{number}@example.org"})
    assert work("send_password_letter") == 20


def test_limit_holds_in_any_span_and_not_only_by_the_clock(db: None) -> None:
    limit = Limit("test", most=3, seconds=600)
    passed = []
    with time_machine.travel("2026-11-25T10:00:00+03:00", tick=False) as clock:
        for _number in range(120):
            if take(limit, "x") == 0:
                passed.append(timezone.now())
            clock.shift(timedelta(seconds=17))
    for first, fourth in zip(passed, passed[3:], strict=False):
        assert fourth - first >= timedelta(seconds=600)
    assert len(passed) == 3 * 4


def test_try_given_back_makes_room_for_one_more(db: None) -> None:
    limit = Limit("test", most=1, seconds=600)
    assert take(limit, "x") == 0
    assert take(limit, "x") > 600
    assert take(limit, "y") == 0
    give_back(limit, "x")
    give_back(limit, "x")
    assert take(limit, "x") == 0
    assert take(limit, "x") > 600
