"""One letter for one paid gift, owed until it has gone."""

import smtplib
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import translation
from pytest_django.fixtures import Settings

from donations.actions.letters import deliver_letters, owe_letter, send_owed_letters
from donations.actions.payments import refresh_donation
from donations.mail import send
from donations.models import Donation, Fund, Letter, LetterKind
from site_settings.models import Organisation
from tests.donations.screen import in_russian

Give = Callable[..., Donation]
PAID = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)  # in Moscow it is the new year already


@pytest.fixture
def gift(fund: Fund, give: Give) -> Donation:
    with time_machine.travel(PAID, tick=False):
        return give(fund, "1500.50", pay=True, name="Анна Ким", page_path="/sbory/krysha/")


def the_letter() -> Any:
    [letter] = mail.outbox
    return letter


@pytest.mark.bad_input("email_from_foreign")
def test_the_letter_thanks_in_russian(gift: Donation) -> None:
    Organisation.objects.filter(site=gift.site).update(
        inn="7707083893", phone="+7 900 000-00-00", email="nko@example.org"
    )
    assert send_owed_letters() == 1
    letter = the_letter()
    assert letter.to == ["anna@example.org"]
    assert letter.reply_to == ["nko@example.org"]
    assert letter.from_email == settings.DEFAULT_FROM_EMAIL
    assert letter.subject == in_russian(
        "Thank you: your donation of %(sum)s has arrived", sum="1\u00a0500,50\u00a0₽"
    )
    for part in (letter.body, letter.alternatives[0].content):
        assert in_russian("Hello, %(first_name)s.", first_name="Анна") in part
        assert "1\u00a0500,50\u00a0₽" in part
        assert gift.purpose in part
        assert f"{gift.site.root_url}/sbory/krysha/" in part
        assert f"{gift.site.root_url}/donations/{gift.public_id}/" in part
        assert in_russian("Your page of thanks and a link for friends") in part
        assert "01.01.2026" in part
        assert "7707083893" in part
        assert in_russian("This was a test payment: no money was taken.") in part
    assert any("а" <= sign <= "я" for sign in letter.subject)


def test_the_letter_speaks_the_language_of_the_gift(fund: Fund, give: Give) -> None:
    give(fund, "500.00", pay=True, language="en", page_path="/en/campaigns/roof/")
    with translation.override("ru"):
        send_owed_letters()
    letter = the_letter()
    assert letter.subject == "Thank you: your donation of 500\u00a0₽ has arrived"
    assert letter.body.startswith("Hello.\n")
    assert "/en/campaigns/roof/" in letter.body


@pytest.mark.parametrize(
    "name", ["{{ settings.SECRET_KEY }}{% debug %}", "<b>Анна</b>", "%(name)s", "Ivan Subject: x"]
)
@pytest.mark.bad_input("name_template")
def test_a_name_is_text_and_nothing_else(fund: Fund, give: Give, name: str) -> None:
    give(fund, "500.00", pay=True, name=name)
    assert send_owed_letters() == 1
    letter = the_letter()
    greeting = "Здравствуйте, Ivan!" if name.startswith("Ivan") else "Здравствуйте!"
    assert letter.body.startswith(greeting)
    assert settings.SECRET_KEY not in letter.body
    assert "<b>" not in letter.alternatives[0].content
    assert "\n" not in letter.subject


def test_quotation_marks_of_a_name_give_way_to_those_of_the_sentence(
    fund: Fund, give: Give
) -> None:
    Fund.objects.update(purpose="Крыша «Дома»")
    fund.refresh_from_db()
    give(fund, "500.00", pay=True)
    assert send_owed_letters() == 1
    letter = the_letter()
    for text in (letter.body, letter.alternatives[0].content):
        assert "на цель «Крыша „Дома“»" in text


def test_the_letter_goes_once(gift: Donation) -> None:
    refresh_donation(gift, source="notification")
    owe_letter(gift, LetterKind.THANKS)
    assert (send_owed_letters(), send_owed_letters(), deliver_letters.func(gift.site_id)) == (
        1,
        0,
        0,
    )
    assert len(mail.outbox) == 1
    letter = Letter.objects.get()
    assert letter.attempts == 1
    assert letter.sent_at is not None


def test_an_address_corrected_while_the_batch_goes_out_is_the_one_written_to(
    fund: Fund, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("first", "second"):
        give(fund, "500.00", pay=True, key=key)

    def post(letter: Letter) -> None:
        send(letter)
        Donation.objects.update(email="anna@example.net")

    monkeypatch.setattr("donations.mail.send", post)
    assert send_owed_letters() == 2
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"], ["anna@example.net"]]


@pytest.mark.parametrize("state", ["pending", "canceled"])
def test_an_unpaid_gift_owes_no_letter(fund: Fund, give: Give, state: str) -> None:
    give(fund, "500.00")
    assert Letter.objects.count() == 0
    assert send_owed_letters() == 0


def break_mail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(self: object, *args: object, **kwargs: object) -> int:
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)


ERRORS = [
    ConnectionRefusedError("anna@example.org"),
    TimeoutError("anna@example.org"),
    smtplib.SMTPRecipientsRefused({"anna@example.org": (550, b"no such user anna@example.org")}),
    smtplib.SMTPServerDisconnected("anna@example.org"),
    ValueError("anna@example.org"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_letter_that_did_not_go_stays_owed_and_tells_no_address(
    gift: Donation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    with monkeypatch.context() as broken:
        break_mail(broken, error)
        assert send_owed_letters() == 0
    letter = Letter.objects.get()
    assert (letter.sent_at, letter.attempts) == (None, 1)
    assert letter.last_error == type(error).__name__
    assert "anna@example.org" not in caplog.text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        assert send_owed_letters() == 1
    letter.refresh_from_db()
    assert letter.last_error == ""
    assert letter.sent_at is not None


def test_the_pause_between_two_tries_grows_to_a_day(
    gift: Donation, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_mail(monkeypatch, ConnectionRefusedError())
    pauses = []
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _try in range(14):
            send_owed_letters()
            letter = Letter.objects.get()
            pause = letter.next_try_at - datetime.now(UTC)
            pauses.append(int(pause.total_seconds() // 60))
            clock.shift(pause - timedelta(seconds=1))
            send_owed_letters()
            assert Letter.objects.get().attempts == letter.attempts  # not a second early
            clock.shift(timedelta(seconds=1))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]


def test_a_slow_mail_server_gets_a_letter_once(
    gift: Donation, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = datetime.now(UTC)
    sent = []
    with time_machine.travel(begun, tick=False) as clock:

        def be_slow(*_args: object, **_kwargs: object) -> None:
            sent.append(clock)
            clock.shift(timedelta(seconds=100))  # ten words of ten seconds
            if len(sent) == 1:
                assert send_owed_letters() == 0, "the other worker"

        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", be_slow)
        assert send_owed_letters() == 1
    assert len(sent) == 1


def test_a_letter_that_cannot_be_written_holds_up_no_other(
    gift: Donation, fund: Fund, give: Give
) -> None:
    other = give(fund, "700.00", pay=True, email="boris@example.org")
    Donation.objects.filter(pk=gift.pk).update(email="no\naddress@example.org")  # BadHeaderError
    assert send_owed_letters() == 1
    assert the_letter().to == ["boris@example.org"]
    assert Letter.objects.get(donation=other).sent_at is not None
    assert Letter.objects.get(donation=gift).last_error == "BadHeaderError"


def test_every_try_carries_the_same_message_id(gift: Donation, settings: Any) -> None:
    settings.BASE_DOMAIN = ""  # a stand-alone installation has none
    send_owed_letters()
    Letter.objects.update(sent_at=None, next_try_at=datetime.now(UTC))  # the worker died here
    send_owed_letters()
    ids = [letter.message()["Message-ID"] for letter in mail.outbox]
    assert ids == [f"<{gift.public_id}.thanks@{gift.site.hostname}>"] * 2


def test_the_queue_is_asked_after_commit_and_its_failure_harms_nothing(
    fund: Fund,
    give: Give,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asked: list[str] = []

    def fail(self: object, *args: object, **kwargs: object) -> None:
        asked.append("enqueue")
        raise RuntimeError("the queue is locked")

    monkeypatch.setattr(type(deliver_letters), "enqueue", fail)
    with django_capture_on_commit_callbacks(execute=True):
        gift = give(fund, "500.00", pay=True)
        assert asked == []
    assert asked == ["enqueue"]
    assert Letter.objects.get().donation == gift
    assert send_owed_letters() == 1


def test_mail_server_that_hangs_takes_no_longer_than_the_run_may(
    fund: Fund, give: Give, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real socket that takes the connection and never says a word."""
    for number in range(4):
        give(fund, "500.00", pay=True, email=f"d{number}@example.org")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.4
        monkeypatch.setattr("donations.actions.letters.LONGEST_RUN", 0.5)
        assert send_owed_letters() == 0
    # Two tries of 0.4 s fit in, one on a slow machine; the others keep their turn for later.
    tried = Letter.objects.exclude(last_error="")
    assert tried.count() in (1, 2)
    assert Letter.objects.filter(attempts=0).count() == 4 - tried.count()
