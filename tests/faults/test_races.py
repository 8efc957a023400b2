"""Many at once: one transition, and a total that is exact."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from donations.actions.giving import Gift, start_donation
from donations.actions.payments import refresh_donation
from donations.models import Donation, DonationEvent, Fund, Letter, PaymentAccount
from tenancy.scope import unrestricted
from tests.emulator import YooKassaEmulator
from tests.faults.conftest import Oracle
from tests.faults.donors import at_once


def gift(fund: Fund, number: int) -> Donation:
    return start_donation(
        fund=fund,
        gift=Gift(
            amount=Decimal(100 + number), email=f"d{number}@example.org", key=f"race:{number}"
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_32_notifications_at_once_make_one_transition(
    served_shop: PaymentAccount,
    emulator: YooKassaEmulator,
    live_server: LiveServer,
    site: Site,
    funds: list[Fund],
) -> None:
    donation = gift(funds[0], 0)
    emulator.notifications.hold = True
    emulator.pay(str(donation.external_id))
    body = emulator.notification(str(donation.external_id))

    statuses: list[int | None] = []

    def notify(_number: int) -> None:
        statuses.append(emulator.forge(served_shop.shop_id, json.dumps(body).encode()))

    at_once(notify, range(32), workers=32)

    funds[0].refresh_from_db()
    assert statuses == [200] * 32
    assert DonationEvent.objects.filter(to_state="succeeded").count() == 1
    assert Letter.objects.count() == 1
    assert (funds[0].raised, funds[0].count) == (donation.amount, 1)


@pytest.mark.django_db(transaction=True)
def test_200_confirmations_of_one_fund_16_at_once_give_the_exact_total(
    served_shop: PaymentAccount, emulator: YooKassaEmulator, funds: list[Fund], compare: Oracle
) -> None:
    emulator.notifications.hold = True
    donations = [gift(funds[0], number) for number in range(200)]
    for donation in donations:
        emulator.pay(str(donation.external_id))

    def confirm(donation: Donation) -> None:
        with unrestricted("a worker's thread"):
            refresh_donation(donation, source="sweeper")
        connection.close()

    at_once(confirm, donations, workers=16)

    funds[0].refresh_from_db()
    assert funds[0].count == 200
    assert funds[0].raised == sum((one.amount for one in donations), Decimal(0))
    assert compare()["paid"] == 200
