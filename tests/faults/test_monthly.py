"""A thousand monthly gifts, a worker that sleeps over a month's end, and the provider's ledger."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
import time_machine
from django.db.models import F, Value
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Site

from donations.actions.accounts import use_account
from donations.actions.subscriptions import SPARE, next_period, plan
from donations.models import Acceptance, Donation, Fund, Letter, Subscription
from donations.money import MoneyField
from site_settings.models import LegalKind
from tests.donations.monthly import World, at
from tests.emulator import Clock, YooKassaEmulator
from tests.emulator.rules import read_payment_order
from tests.faults.conftest import Oracle, open_the_gate

START = at("2026-11-26")


@pytest.fixture
def emulator(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[YooKassaEmulator]:
    """With a clock that stands still."""
    open_the_gate(monkeypatch)
    with YooKassaEmulator(clock=Clock(START)) as running:
        settings.YOOKASSA_API_URL = running.url
        yield running


@pytest.fixture
def world(emulator: YooKassaEmulator, site: Site) -> Iterator[World]:
    with time_machine.travel(START, tick=False) as traveller:
        emulator.add_shop("100500", "test_secret")
        use_account(
            site=site,
            kind="yookassa",
            shop_id="100500",
            secret_key="test_secret",
            by=None,
            recurring=True,
        )
        yield World(emulator, traveller)


@pytest.mark.django_db
def test_one_charge_for_each_period_after_ten_days_of_sleep(
    world: World, fund: Fund, compare: Oracle, tell: Callable[..., None]
) -> None:
    number = 1000
    subscribe_many(world, fund, number)
    world.live("2026-12-26", step=timedelta(hours=24))
    world.go(at("2027-01-05"))  # ten days of sleep
    world.live("2027-01-31", step=timedelta(hours=24))

    assert Subscription.objects.count() == number
    tell(subscriptions=number, charges=Donation.objects.count() - number, **compare())
    for subscription in Subscription.objects.prefetch_related("donations"):
        gifts = [one for one in subscription.donations.all() if one.state == "succeeded"]
        assert Counter(one.period for one in gifts).most_common(1)[0][1] == 1
        periods = {one.period for one in gifts}
        january = date(2027, 1, 1)
        assert january in periods or subscription.next_charge_on >= date(2027, 1, 31)
        december_is_first = subscription.created_at >= at("2026-12-01", hour=0)
        assert periods - {january} == (
            {date(2026, 12, 1)} if december_is_first else {date(2026, 11, 1), date(2026, 12, 1)}
        )
        days = sorted(one.paid_at.date() for one in gifts if one.paid_at)
        assert all(after - before >= SPARE for before, after in pairwise(days))
    assert not Letter.objects.filter(sent_at=None).exists()


def subscribe_many(world: World, fund: Fund, number: int) -> None:
    """One monthly gift is begun as donors do it; the others are its copies, made in thirty days.

    Their first payments are real ones at the emulator; no letters are sent of them.
    """
    first = world.subscribe(fund)
    left = number - 1
    for day in range(30):
        world.go(START + timedelta(days=day, hours=1))
        share = left * (day + 1) // 30 - left * day // 30
        copy_gifts(world.emulator, first, fund, [day * 10_000 + one for one in range(share)])


def copy_gifts(
    emulator: YooKassaEmulator, first: Subscription, fund: Fund, numbers: list[int]
) -> None:
    gifts = [pay_copy(emulator, first.first_donation, number) for number in numbers]
    Donation.objects.bulk_create(gifts)
    texts = first.first_donation.acceptances.all()
    accepted = [
        Acceptance(donation=gift, site_id=gift.site_id, text_id=text.text_id)
        for gift in gifts
        for text in texts
    ]
    Acceptance.objects.bulk_create(accepted)
    consents = Acceptance.objects.filter(donation__in=gifts, text__kind=LegalKind.MONTHLY)
    by_gift = {consent.donation_id: consent for consent in consents}
    copies = [subscription_of(first, gift, by_gift[gift.pk]) for gift in gifts]
    Subscription.objects.bulk_create(copies)
    for gift, subscription in zip(gifts, copies, strict=True):
        gift.subscription = subscription
        gift.period = timezone.localdate(gift.paid_at).replace(day=1)
    Donation.objects.bulk_update(gifts, ["subscription", "period"])
    total = sum(gift.amount for gift in gifts)
    Fund.objects.filter(pk=fund.pk).update(
        raised=F("raised") + Value(total, output_field=MoneyField()),
        count=F("count") + len(gifts),
        people=F("people") + len(gifts),  # each has an e-mail of its own
    )


def pay_copy(emulator: YooKassaEmulator, first: Donation, number: int) -> Donation:
    gift = copy.copy(first)
    gift.pk, gift.public_id, gift.idempotence_key = None, uuid4(), uuid4()
    gift.gift_key, gift.email = f"copy:{number}", f"donor{number}@example.org"
    gift.subscription = gift.period = None
    gift.created_at = gift.paid_at = timezone.now()
    body = json.loads(first.provider_request)
    body["metadata"]["donation"] = str(gift.public_id)
    shop = emulator.shops["100500"]
    with emulator.ledger.entry():
        payment = emulator.ledger.create(shop, read_payment_order(body, shop))
        emulator.ledger.pay(payment)
    gift.external_id, gift.provider_request = payment.id, json.dumps(body)
    return gift


def subscription_of(first: Subscription, gift: Donation, consent: Acceptance) -> Subscription:
    one = copy.copy(first)
    one.pk, one.public_id, one.consent, one.email = None, uuid4(), consent, gift.email
    one.created_at = timezone.now()
    one.set_method(str(gift.external_id), first.method_title)
    day = timezone.localdate(gift.paid_at)
    one.charge_day = day.day
    plan(one, period=next_period(day), earliest=day)
    return one
