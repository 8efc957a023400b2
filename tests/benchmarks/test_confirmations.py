"""How dear a confirmation is, beside the least the database could do for it."""

import json
import time
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F, Value

from donations.actions import payments
from donations.actions.giving import Gift, start_donation
from donations.models import Donation, DonationState, Fund, PaymentAccount
from donations.money import MoneyField
from donations.providers.base import Payment
from tests.emulator import YooKassaEmulator

ROUNDS = 300

pytestmark = pytest.mark.benchmark


@pytest.mark.django_db(transaction=True)
def test_confirmations_beside_a_bare_update_of_two_rows(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The provider's answer is at hand in both: the network is not what is measured."""
    gifts = [begin(fund, number) for number in range(ROUNDS)]
    answers = [(gift, paid_answer(gift, shop)) for gift in gifts]

    began = time.perf_counter()
    for gift, answer in answers:
        payments._take(gift, answer, source="notification", by=None)
    confirmed = ROUNDS / (time.perf_counter() - began)

    began = time.perf_counter()
    one_rouble = Value(Decimal("1.00"), output_field=MoneyField())
    for gift in gifts:
        with transaction.atomic():
            Donation.objects.filter(pk=gift.pk).update(reason="bare")
            Fund.objects.filter(pk=fund.pk).update(raised=F("raised") + one_rouble)
    bare = ROUNDS / (time.perf_counter() - began)

    assert Donation.objects.filter(state=DonationState.SUCCEEDED).count() == ROUNDS
    figures = {
        "engine": connection.vendor,
        "confirmations_per_second": round(confirmed),
        "bare_updates_per_second": round(bare),
        "ratio": round(bare / confirmed, 1),
    }
    with capsys.disabled():
        print("\nconfirmations", json.dumps(figures))  # noqa: T201 - a benchmark tells its figures


def begin(fund: Fund, number: int) -> Donation:
    gift = Gift(amount=Decimal("500.00"), email="b@example.org", key=f"bench:{number}")
    return start_donation(fund=fund, gift=gift)


def paid_answer(gift: Donation, shop: PaymentAccount) -> Payment:
    return Payment(
        external_id=str(gift.external_id),
        state=DonationState.SUCCEEDED,
        amount=gift.amount,
        currency="RUB",
        shop_id=shop.shop_id,
        reference=str(gift.public_id),
        is_test=True,
    )
