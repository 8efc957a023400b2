"""kill -9 at every step: whoever goes on finds the books whole (F18, F20).

A child process is forked for each step and kills itself at the chosen point, inside or outside
the transaction, with no code of ours running afterwards.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from donations import mail as donation_mail
from donations.actions import letters, payments
from donations.actions.notices import take_notice
from donations.actions.payments import refresh_donation
from donations.actions.sweeping import settle
from donations.models import Donation, Letter
from donations.providers.yookassa import YooKassa
from tests.faults.conftest import Oracle
from tests.faults.processes import Point, fork, wait_for
from tests.faults.stage import Stage, age, size

RUNS = size(200, 1000)
# (the step that dies, and where in it)
POINTS: list[tuple[str, Point]] = [
    ("start", Point(YooKassa, "create", "before")),
    ("start", Point(YooKassa, "create", "after")),
    ("start", Point(payments, "_attach", "after")),
    ("start", Point(payments, "_take", "after")),
    ("refresh", Point(YooKassa, "fetch", "after")),
    ("refresh", Point(payments, "_count", "after")),
    ("refresh", Point(payments, "owe_letter", "after")),
    ("refresh", Point(payments, "_take", "after")),
    ("letter", Point(donation_mail, "send", "before")),
    ("letter", Point(donation_mail, "send", "after")),
]


@pytest.mark.django_db(transaction=True)
def test_kills_at_every_step_lose_nothing_and_double_nothing(
    stage: Stage,
    compare: Oracle,
    settings: Settings,
    tmp_path: Path,
    tell: Callable[..., None],
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    stage.emulator.notifications.hold = True
    kills = letters_killed_after_sending = 0
    for number in range(RUNS):
        step, point = POINTS[number % len(POINTS)]
        died = live_through(stage, number, step, point)
        kills += died
        letters_killed_after_sending += died and (step, point.when) == ("letter", "after")
    stage.bring_to_rest()
    for payment in stage.emulator.payments():
        if payment["status"] == "pending":
            stage.emulator.pay(payment["id"])
    stage.bring_to_rest()

    assert kills == RUNS
    assert Donation.objects.count() == RUNS
    figures = compare()
    assert figures["paid"] == RUNS
    assert not Letter.objects.filter(sent_at=None).exists()
    sent = [line for line in all_lines(tmp_path) if line.startswith("Message-ID:")]
    assert len(set(sent)) == RUNS
    # A letter whose sending was not written down goes twice, under the same Message-ID.
    assert len(sent) - RUNS <= letters_killed_after_sending
    tell(**figures, kills=kills, letters=len(set(sent)), sent_again=len(sent) - RUNS)


def live_through(stage: Stage, number: int, step: str, point: Point) -> bool:
    """Start, payment, refresh, letter, each in a process of its own; one of them is killed."""
    died = wait_for(fork(lambda: stage.gift(number), die_at=point if step == "start" else None))
    donation = Donation.objects.get(gift_key=f"gift:{number}")
    made = [
        one
        for one in stage.emulator.payments()
        if one["metadata"]["donation"] == str(donation.public_id)
    ]
    for payment in made:
        stage.emulator.pay(payment["id"])
    age(timedelta(minutes=2))
    way = WAYS[number // len(POINTS) % len(WAYS)]
    died |= wait_for(fork(lambda: way(stage, number), die_at=point if step == "refresh" else None))
    Letter.objects.filter(sent_at=None).update(attempts=0)
    age(timedelta(0))
    mailing = fork(letters.send_owed_letters, die_at=point if step == "letter" else None)
    return died | wait_for(mailing)


def come_back(_stage: Stage, number: int) -> None:
    gifts = Donation.objects.select_related("account", "site", "fund")
    refresh_donation(gifts.get(gift_key=f"gift:{number}"), source="return")


def be_told(stage: Stage, number: int) -> None:
    donation = Donation.objects.get(gift_key=f"gift:{number}")
    made = [
        one["id"]
        for one in stage.emulator.payments()
        if one["metadata"]["donation"] == str(donation.public_id)
    ]
    for payment_id in made:
        take_notice(account=stage.shop, external_id=payment_id)


def sweep(_stage: Stage, _number: int) -> None:
    settle()


WAYS = (come_back, be_told, sweep)


def all_lines(folder: Path) -> list[str]:
    return [line for file in folder.iterdir() for line in file.read_text().splitlines()]
