"""Notifications lost, early, late, in any order and told again: the provider decides."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

from django.core import serializers

from donations.actions.sweeping import settle
from donations.models import Donation, DonationEvent, Fund, Letter, Refund
from tests.faults.conftest import Oracle
from tests.faults.donors import begin
from tests.faults.stage import Stage, age, size

Tell = Callable[..., None]
EVENTS = (
    "payment.waiting_for_capture",
    "payment.canceled",
    "payment.succeeded",
    "refund.succeeded",
)


def test_four_events_in_any_order_tell_the_same(stage: Stage, compare: Oracle, tell: Tell) -> None:
    """F09: paid and partly given back; the events come in each of the 24 orders."""
    rounds = size(5, 50)
    for number, order in enumerate(permutations(EVENTS)):
        for repeat in range(rounds):
            donation = stage.paid(number * rounds + repeat)
            refund = stage.emulator.refund(str(donation.external_id), "40.00")
            for event in order:
                if event.startswith("refund."):
                    stage.forge(stage.emulator.notification(refund["id"]))
                else:
                    stage.notify(donation, event)
    tell(**compare(), orders=24, payments=24 * rounds)
    assert Refund.objects.count() == Donation.objects.count() == 24 * rounds


def test_notification_that_overtakes_our_own_writing_is_not_lost(
    stage: Stage, compare: Oracle, tell: Tell
) -> None:
    """F11: paid and told of before the answer of the call that made the payment."""
    number = size(50, 500)
    stage.emulator.pay_on_creation = True
    for index in range(number):
        answer = begin(stage.server, stage.host, stage.fund, 100 + index, index)
        assert answer.status == 303
    by_notification = DonationEvent.objects.filter(source="notification", to_state="succeeded")
    assert by_notification.count() == number
    tell(**compare(), payments=number)


def test_old_notifications_told_again_change_nothing(
    stage: Stage, compare: Oracle, tell: Tell
) -> None:
    """F13: after a month, and after the money was given back."""
    number = size(20, 200)
    donations = [stage.paid(index) for index in range(number)]
    told: list[Any] = [stage.emulator.notification(str(one.external_id)) for one in donations]
    stage.bring_to_rest()
    for donation in donations[::2]:
        refund = stage.emulator.refund(str(donation.external_id), f"{donation.amount:.2f}")
        told.append(stage.emulator.notification(refund["id"]))
    stage.bring_to_rest()
    stage.emulator.advance(days=30)
    age(timedelta(days=30))
    before = books()
    assert [stage.forge(body) for body in told] == [200] * len(told)
    assert books() == before
    tell(**compare(), replayed=len(told))


def books() -> list[str]:
    """Every row of the books but the moment a payment was last asked about."""
    Donation.objects.update(checked_at=None)
    kinds = (Donation, DonationEvent, Fund, Letter, Refund)
    return [serializers.serialize("json", kind.objects.order_by("pk")) for kind in kinds]


def test_the_sweeper_alone_learns_of_every_payment_in_time(
    stage: Stage, compare: Oracle, tell: Tell
) -> None:
    """F07: not one notification comes and no donor returns."""
    number, waited = size(60, 600), []
    stage.emulator.notifications.lose = 1.0
    gifts = [stage.gift(index) for index in range(number)]
    age(timedelta(seconds=35))
    for index in range(0, number, 6):
        for gift in gifts[index : index + 6]:
            stage.emulator.pay(str(gift.external_id))
        turns = 0
        while Donation.objects.paid().count() < index + 6:
            settle()  # the worker's clock strikes every thirty seconds
            age(timedelta(seconds=30))
            turns += 1
            assert turns < 10
        waited += [30 * turns] * 6
    tell(**compare(), payments=number, p95_seconds=sorted(waited)[int(number * 0.95)])
    assert sorted(waited)[int(number * 0.95)] <= 90
