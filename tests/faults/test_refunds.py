"""Refunds from both sides over a bad network; what the provider gave back left the totals once."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from donations.actions.reconciliation import reconcile_nightly
from donations.actions.refunds import CannotRefund, refund_donation
from donations.models import Refund
from tenancy.models import Role
from tests.faults.conftest import Oracle
from tests.faults.stage import SEED, Stage, size


def test_refunds_over_a_bad_network_lower_the_total_once(
    stage: Stage,
    compare: Oracle,
    tell: Callable[..., None],
    make_person: Callable[..., User],
) -> None:
    """F29: three parts, the whole, more than there is; every fifth in the provider's cabinet."""
    gifts, dice = size(40, 400), random.Random(SEED)  # noqa: S311 - it must repeat by seed
    by = make_person(Role.ACCOUNTANT, stage.shop.site)
    donations = [stage.paid(index) for index in range(gifts)]
    stage.bring_to_rest()
    stage.emulator.notifications.hold = False
    stage.emulator.notifications.lose = 0.5
    stage.emulator.random_faults(SEED, drop=0.1, drop_after=0.1, server_error=0.05)
    refused = 0
    for index, donation in enumerate(donations):
        whole = donation.amount
        parts = [Decimal(10), Decimal(20), Decimal(30)] if index % 2 else [whole]
        for amount in [whole + 1, *parts, whole]:
            if amount < whole and dice.random() < 0.2:
                stage.emulator.refund(str(donation.external_id), f"{amount:.2f}")
                continue
            try:
                refund_donation(donation=donation, amount=amount, reason="Просьба", by=by)
            except CannotRefund:
                refused += 1
    for _night in range(2):
        stage.bring_to_rest()
    given_back = [one for one in stage.emulator.refunds() if one["status"] == "succeeded"]
    tell(**compare(), refunds=len(given_back), refused=refused)
    assert len(given_back) == Refund.objects.filter(state="succeeded").count()
    assert not Refund.objects.unfinished().exists()


@pytest.mark.parametrize(
    "lie", ["wrong_amount", "wrong_currency", "wrong_shop", "wrong_test", "wrong_metadata"]
)
def test_provider_that_lies_is_never_believed(
    stage: Stage, tell: Callable[..., None], lie: str
) -> None:
    """F31: quarantined with the reason; a person decides."""
    number = size(8, 40)
    donations = [stage.paid(index) for index in range(number)]
    stage.emulator.fault(lie, times=None)
    for donation in donations:
        stage.notify(donation)
        donation.refresh_from_db()
        assert (donation.state, bool(donation.flag)) == ("pending", True)
    stage.fund.refresh_from_db()
    assert (stage.fund.raised, stage.fund.count) == (Decimal(0), 0)
    tell(number=number, credited=0)


def test_chargeback_is_found_by_the_next_night_and_counts_when_a_person_says_so(
    stage: Stage, compare: Oracle, tell: Callable[..., None], make_person: Callable[..., User]
) -> None:
    """F30: no notification tells of it. The books stay as they are until somebody decides."""
    number = size(5, 50)
    gifts = [stage.paid(index) for index in range(number)]
    stage.bring_to_rest()
    assert compare()["paid"] == number
    for gift in gifts:
        stage.emulator.alter(str(gift.external_id), status="canceled")
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        (report,) = reconcile_nightly()

    assert len(report.open_differences) == number
    stage.fund.refresh_from_db()
    assert stage.fund.count == number
    tell(chargebacks=number, listed=len(report.open_differences))
