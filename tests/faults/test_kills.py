"""kill -9 at every step: whoever goes on finds the books whole.

A child process is forked for each step and kills itself at the chosen point, inside or outside
the transaction, with no code of ours running afterwards.
"""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from donations import mail as donation_mail
from donations.actions import letters, payments
from donations.actions.giving import Gift, start_donation
from donations.actions.payments import refresh_donation
from donations.models import Donation, Fund, Letter, PaymentAccount
from donations.providers.yookassa import YooKassa
from tests.emulator import YooKassaEmulator
from tests.faults.conftest import Oracle, age, bring_to_rest

RUNS = int(os.environ.get("FAULTS_KILLS", "200"))
# (the step that dies, where its code is, before or after that call)
POINTS: list[tuple[str, Any, str, str]] = [
    ("start", YooKassa, "create", "before"),
    ("start", YooKassa, "create", "after"),
    ("start", payments, "_attach", "after"),
    ("start", payments, "_take", "after"),
    ("refresh", YooKassa, "fetch", "after"),
    ("refresh", payments, "_count", "after"),
    ("refresh", payments, "owe_letter", "after"),
    ("refresh", payments, "_take", "after"),
    ("letter", donation_mail, "send", "before"),
    ("letter", donation_mail, "send", "after"),
]


@pytest.mark.django_db(transaction=True)
def test_kills_at_every_step_lose_nothing_and_double_nothing(
    served_shop: PaymentAccount,
    emulator: YooKassaEmulator,
    funds: list[Fund],
    compare: Oracle,
    settings: Settings,
    tmp_path: Path,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    emulator.notifications.hold = True
    kills = letters_killed_after_sending = 0
    for number in range(RUNS):
        step, place, name, when = POINTS[number % len(POINTS)]
        died = live_through(number, funds[0], emulator, (step, place, name, when))
        kills += died
        letters_killed_after_sending += died and (step, when) == ("letter", "after")
    bring_to_rest(served_shop, emulator)
    for payment in emulator.payments():
        if payment["status"] == "pending":
            emulator.pay(payment["id"])
    bring_to_rest(served_shop, emulator)

    assert kills == RUNS
    assert Donation.objects.count() == RUNS
    assert compare()["paid"] == RUNS
    assert not Letter.objects.filter(sent_at=None).exists()
    sent = [line for line in all_lines(tmp_path) if line.startswith("Message-ID:")]
    assert len(set(sent)) == RUNS
    # A letter whose sending was not written down goes twice, under the same Message-ID.
    assert len(sent) - RUNS <= letters_killed_after_sending


def live_through(
    number: int, fund: Fund, emulator: YooKassaEmulator, point: tuple[str, Any, str, str]
) -> bool:
    """Start, payment, refresh, letter, each in a process of its own; one of them is killed."""
    died = in_child("start", point, lambda: begin(number, fund))
    donation = Donation.objects.get(gift_key=f"kill:{number}")
    made = [
        one for one in emulator.payments() if one["metadata"]["donation"] == str(donation.public_id)
    ]
    for payment in made:
        emulator.pay(payment["id"])
    died |= in_child("refresh", point, lambda: refresh(number))
    Letter.objects.filter(sent_at=None).update(attempts=0)
    age(timedelta(0))
    died |= in_child("letter", point, letters.send_owed_letters)
    return died


def begin(number: int, fund: Fund) -> None:
    start_donation(
        fund=fund,
        gift=Gift(
            amount=Decimal(100 + number), email=f"k{number}@example.org", key=f"kill:{number}"
        ),
    )


def refresh(number: int) -> None:
    gifts = Donation.objects.select_related("account", "site", "fund")
    refresh_donation(gifts.get(gift_key=f"kill:{number}"), source="return")


def in_child(step: str, point: tuple[str, Any, str, str], work: Callable[[], Any]) -> bool:
    """Do the step in a forked process; True when it was killed at the point."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            if point[0] == step:
                die_at(*point[1:])
            work()
            connections.close_all()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at(place: Any, name: str, when: str) -> None:
    original = getattr(place, name)

    def deadly(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, deadly)


def all_lines(folder: Path) -> list[str]:
    return [line for file in folder.iterdir() for line in file.read_text().splitlines()]
