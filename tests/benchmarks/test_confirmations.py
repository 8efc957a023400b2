"""How dear a confirmation is, beside the least the database could do for it."""

import json
import statistics
import time
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from donations.actions import payments
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.giving import Gift, start_donation
from donations.models import Donation, DonationState, Fund, Letter, PaymentAccount
from donations.money import ZERO, MoneyField
from donations.providers.base import Payment
from tests.emulator import YooKassaEmulator

ROUNDS, EACH = 5, 100
NOTHING = Value(ZERO, output_field=MoneyField())  # written all the same, and the books stay right

pytestmark = pytest.mark.benchmark


@pytest.mark.django_db(transaction=True)
def test_confirmations_beside_a_bare_update_of_two_rows(
    site: Site,
    emulator: YooKassaEmulator,
    fund: Fund,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Real money of one fund, one after another; both in turns, so that both meet the same load.

    The provider's answer is at hand in both: the network is not what is measured.
    """
    emulator.add_shop("900900", "live_secret", test=False)
    shop = use_account(
        site=site, kind="yookassa", shop_id="900900", secret_key="live_secret", by=None
    )
    ratios, confirmed, bare = [], [], []
    for round_ in range(ROUNDS):
        answers = [paid(begin(fund, round_ * EACH + number), shop) for number in range(EACH)]
        confirmed.append(rate(confirm, answers))
        bare.append(rate(update_two_rows, answers))
        ratios.append(bare[-1] / confirmed[-1])

    last = paid(begin(fund, -1), shop)
    with CaptureQueriesContext(connection) as queries:
        confirm(last)
    number = ROUNDS * EACH + 1
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal(500) * number, number)
    assert Donation.objects.paid().count() == Letter.objects.count() == number
    assert check_totals() == []
    figures = {
        "engine": connection.vendor,
        "confirmations_per_second": round(statistics.median(confirmed)),
        "bare_updates_per_second": round(statistics.median(bare)),
        "ratio": round(statistics.median(ratios), 1),
        "statements": [one["sql"].split(" ", 1)[0] for one in queries],
    }
    with capsys.disabled():
        print("\nconfirmations", json.dumps(figures))  # noqa: T201 - a benchmark tells its figures


Answered = tuple[Donation, Payment]


def rate(work: Callable[[Answered], object], answers: Iterable[Answered]) -> float:
    began = time.perf_counter()
    for answer in answers:
        work(answer)
    return EACH / (time.perf_counter() - began)


def confirm(answer: Answered) -> None:
    gift, payment = answer
    payments._take(gift, payment, source="notification", by=None)


def update_two_rows(answer: Answered) -> None:
    gift, _payment = answer
    with transaction.atomic():
        Donation.objects.filter(pk=gift.pk).update(reason="bare")
        Fund.objects.filter(pk=gift.fund_id).update(raised=F("raised") + NOTHING)


def begin(fund: Fund, number: int) -> Donation:
    gift = Gift(amount=Decimal("500.00"), email="b@example.org", key=f"bench:{number}")
    return start_donation(fund=fund, gift=gift)


def paid(gift: Donation, shop: PaymentAccount) -> Answered:
    return gift, Payment(
        external_id=str(gift.external_id),
        state=DonationState.SUCCEEDED,
        amount=gift.amount,
        currency="RUB",
        shop_id=shop.shop_id,
        reference=str(gift.public_id),
        is_test=False,
    )
