"""What is done to the site in a race or by a liar. Each returns what went wrong, in words.

A scenario is run with all guards in place (test_races) and with the one it is about taken out
(test_controls): where it then finds nothing, it proves nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

from donations.actions.letters import owe_letter, send_owed_letters
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Letter, LetterKind
from tests.faults.donors import at_once, begin, together
from tests.faults.oracle import damage
from tests.faults.processes import fork, wait_for
from tests.faults.stage import Stage, age

Scenario = Callable[[Stage, int], list[str]]


def a_crowd_of_notifications(stage: Stage, number: int) -> list[str]:
    """So many notifications of one payment in the same moment."""
    donation = stage.paid()
    statuses: list[int | None] = []
    wrong = together(*[lambda: statuses.append(stage.notify(donation))] * number)
    wrong += [f"answered {one}" for one in statuses if one != 200]
    return wrong + damage(stage.emulator)


def notifications_of_many(stage: Stage, number: int) -> list[str]:
    """Twenty notifications of each payment in the same moment (F08)."""
    wrong = []
    for index in range(number):
        donation = stage.paid(index)
        wrong += together(*[lambda gift=donation: stage.notify(gift)] * 20)
    return wrong + damage(stage.emulator)


def refunds_told_by_many(stage: Stage, number: int) -> list[str]:
    """Sixteen notifications of each refund, made in the provider's cabinet, in the same moment."""
    wrong = []
    for index in range(number):
        donation = stage.sweep(stage.paid(index))
        refund = stage.emulator.refund(str(donation.external_id), "10.00")
        told = stage.emulator.notification(refund["id"])
        wrong += together(*[lambda told=told: stage.forge(told)] * 16)
    return wrong + damage(stage.emulator)


def three_ways_at_once(stage: Stage, number: int) -> list[str]:
    """Notification, return and sweeper learn of a payment in the same moment (F10)."""
    wrong = []
    for index in range(number):
        donation = stage.paid(index)
        wrong += together(
            lambda donation=donation: stage.notify(donation),  # type: ignore[misc]
            lambda donation=donation: stage.come_back(donation),  # type: ignore[misc]
            lambda donation=donation: stage.sweep(donation),  # type: ignore[misc]
        )
    return wrong + damage(stage.emulator)


def confirmations_of_one_fund(stage: Stage, number: int) -> list[str]:
    """Different payments of one fund, sixteen at a time."""
    donations = [stage.paid(index) for index in range(number)]
    at_once(stage.sweep, donations, workers=16)
    return damage(stage.emulator)


def two_sweepers(stage: Stage, number: int) -> list[str]:
    """Two hosts run the worker at once, each in a process of its own (F21)."""
    for index in range(number):
        stage.paid(index)
    age(timedelta(minutes=2))
    children = [fork(settle) for _host in range(2)]
    for child in children:
        wait_for(child)
    return damage(stage.emulator)


def impatient_donors(stage: Stage, number: int) -> list[str]:
    """Each sends the same form twenty times at once: clicks, reloads, the back button (F16)."""
    wrong = []
    for index in range(number):
        nonce, places = str(uuid4()), []

        def click(_click: int, index: int = index, nonce: str = nonce) -> None:
            answer = begin(stage.server, stage.host, stage.fund, 100 + index, index, nonce=nonce)
            places.append((answer.status, answer.location))  # noqa: B023 - joined in this round

        at_once(click, range(20), workers=20)
        bank = stage.emulator.origin
        wrong += [f"answered {status}" for status, _place in places if status != 303]
        # One who comes while the first call is under way is sent to the page that waits.
        if len({place for _status, place in places if place.startswith(bank)}) != 1:
            wrong.append(f"donor {index} was sent to more than one payment")
    made = len(stage.emulator.payments())
    if (made, Donation.objects.count()) != (number, number):
        wrong.append(f"{made} payments and {Donation.objects.count()} gifts of {number} donors")
    return wrong + damage(stage.emulator)


def lost_answers(stage: Stage, number: int) -> list[str]:
    """The provider makes every payment and every answer is lost; then all is well again (F02)."""
    stage.emulator.fault("drop", when="after", method="POST", path="/payments", times=None)
    for index in range(number):
        stage.gift(index)
    stage.emulator.clear_faults()
    for _round in range(2):
        age(timedelta(minutes=2))
        settle()
    return damage(stage.emulator)


FORGED_FIELDS: tuple[dict[str, Any], ...] = (
    {},
    {"amount": {"value": "999999.00", "currency": "RUB"}},
    {"amount": {"value": "0.01", "currency": "RUB"}},
    {"amount": {"value": "100.00", "currency": "USD"}},
    {"recipient": {"account_id": "999999", "gateway_id": "9"}},
    {"test": False},
    {"metadata": {}},
    {"refunded_amount": {"value": "100.00", "currency": "RUB"}},
)
FORGED_EVENTS = (
    "payment.succeeded",
    "payment.waiting_for_capture",
    "payment.canceled",
    "payment.exploded",
    "refund.succeeded",
)


def forged_notifications(stage: Stage, number: int) -> list[str]:
    """Forty forms of a notification about payments nobody made (F12)."""
    donations = [stage.gift(index) for index in range(number)]
    for donation, event, fields in product(donations, FORGED_EVENTS, FORGED_FIELDS):
        thing = {"id": donation.external_id, "payment_id": donation.external_id}
        thing |= {"status": "succeeded", "paid": True, **fields}
        stage.forge({"type": "notification", "event": event, "object": thing})
    return damage(stage.emulator)


def another_sum(stage: Stage, number: int) -> list[str]:
    """The provider says each payment was of one rouble (F31)."""
    for index in range(number):
        donation = stage.paid(index)
        stage.emulator.alter(str(donation.external_id), amount={"value": "1.00", "currency": "RUB"})
        stage.notify(donation)
    return [f"credited: {gift}" for gift in Donation.objects.exclude(state=DonationState.PENDING)]


def letter_owed_at_once(stage: Stage, number: int) -> list[str]:
    """Sixteen times at once the same letter is owed."""
    wrong = []
    for index in range(number):
        donation = stage.gift(index)
        owe = partial(owe_letter, donation, LetterKind.THANKS)
        wrong += together(*[owe] * 16)
    while send_owed_letters():
        pass
    return wrong + damage(stage.emulator)


def mailers_at_once(stage: Stage, number: int) -> list[str]:
    """Three workers send what is owed."""
    for index in range(number):
        owe_letter(stage.gift(index), LetterKind.THANKS)
    wrong = together(*[send_owed_letters] * 3)
    sent = Letter.objects.exclude(sent_at=None).count()
    return wrong + damage(stage.emulator) + ([] if sent == number else [f"{sent} of {number} sent"])
