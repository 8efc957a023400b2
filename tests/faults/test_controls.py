"""Negative controls: with one guard taken out, the scenario that is about it finds damage.

On SQLite every transaction takes the write lock when it begins, so there a missing row lock harms
nothing; what happens without that rule is the last test.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import QuerySet

from donations.actions import giving, notices, payments, sweeping
from donations.models import Donation, DonationState, Fund, Letter
from donations.providers.base import Payment
from donations.providers.yookassa import YooKassa
from tenancy import outbox
from tests.faults import scenarios
from tests.faults.oracle import damage
from tests.faults.scenarios import Scenario
from tests.faults.stage import Stage

Patch = pytest.MonkeyPatch
TakeOut = Callable[[Patch], AbstractContextManager[None] | None]


def row_lock(patch: Patch) -> None:
    patch.setattr(QuerySet, "select_for_update", lambda rows, *_a, **_k: rows.all())


def turn_and_row_lock(patch: Patch) -> None:
    """Each of the two alone keeps sweepers apart."""
    row_lock(patch)
    patch.setattr(sweeping, "claim", lambda _donation, _now: True)


def total_in_one_statement(patch: Patch) -> None:
    """The total is read, added to in Python and written back; the fund is not locked."""

    def count(donation: Donation, payment: Payment) -> None:
        donation.paid_at, donation.counted = payment.paid_at, True
        fund = Fund.objects.get(pk=donation.fund_id)
        # Each gift of the scenario is of another person.
        fund.people, fund.count = fund.people + 1, fund.count + 1
        fund.raised += donation.amount
        fund.save(update_fields=["raised", "count", "people"])

    patch.setattr(payments, "_count", count)


def key_reuse(patch: Patch) -> None:
    create = YooKassa.create

    def with_a_new_key(self: YooKassa, credentials: Any, body: str, _key: str, *a: Any) -> Payment:
        return create(self, credentials, body, str(uuid4()), *a)

    patch.setattr(YooKassa, "create", with_a_new_key)


def refetch(patch: Patch) -> None:
    """The notification is believed."""

    def believe(donation: Donation, *, source: str) -> Donation:
        told = Payment(
            external_id=str(donation.external_id),
            state=DonationState.SUCCEEDED,
            amount=donation.amount,
            currency="RUB",
            shop_id=donation.account.shop_id,
            reference=str(donation.public_id),
            is_test=True,
        )
        return payments._take(donation, told, source=source, by=None)

    patch.setattr(notices, "refresh_donation", believe)


def amount_check(patch: Patch) -> None:
    patch.setattr(payments, "_doubt", lambda _donation, _payment: "")


def lease_of_a_letter(patch: Patch) -> None:
    patch.setattr(outbox, "_lease", lambda _letter: True)


@contextmanager
def _without(model: type[models.Model], *names: str) -> Iterator[None]:
    meta = model._meta
    whole = meta.constraints
    for name in names:
        (constraint,) = [one for one in whole if one.name == name]
        # SQLite makes the table anew from what the model says.
        meta.constraints = [one for one in meta.constraints if one is not constraint]
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        # What was doubled goes first: the constraint would not come back over it.
        for row in model._meta.get_fields():
            if row.auto_created and row.one_to_many:
                row.related_model._base_manager.all().delete()  # type: ignore[union-attr]
        model._base_manager.all().delete()
        for name in names:
            (constraint,) = [one for one in whole if one.name == name]
            meta.constraints = [*meta.constraints, constraint]
            with connection.schema_editor() as editor:
                editor.add_constraint(model, constraint)
        meta.constraints = whole


def one_gift_per_key(patch: Patch) -> AbstractContextManager[None]:
    # On a quick machine two clicks seldom meet between the look and the writing.
    write = giving._insert

    def slowly(fund: Fund, gift: giving.Gift) -> Donation:
        time.sleep(0.05)
        return write(fund, gift)

    patch.setattr(giving, "_insert", slowly)
    return _without(
        Donation, "one_donation_per_gift_key", "one_unfinished_donation_per_typed_words"
    )


def one_letter_per_matter(_patch: Patch) -> AbstractContextManager[None]:
    return _without(Letter, "one_letter_per_kind_and_matter")


ON_POSTGRES: list[tuple[TakeOut, Scenario, int]] = [
    (row_lock, scenarios.a_crowd_of_notifications, 32),
    (row_lock, scenarios.notifications_of_many, 3),
    (row_lock, scenarios.refunds_told_by_many, 10),
    (turn_and_row_lock, scenarios.two_sweepers, 50),
    (total_in_one_statement, scenarios.confirmations_of_one_fund, 50),
]
ON_BOTH: list[tuple[TakeOut, Scenario, int]] = [
    (key_reuse, scenarios.lost_answers, 3),
    (refetch, scenarios.forged_notifications, 1),
    (amount_check, scenarios.another_sum, 3),
    (lease_of_a_letter, scenarios.mailers_at_once, 20),
    (one_gift_per_key, scenarios.impatient_donors, 3),
    (one_letter_per_matter, scenarios.letter_owed_at_once, 10),
]


@pytest.mark.parametrize(
    ("take_out", "scenario", "number"),
    [
        *(pytest.param(*one, marks=pytest.mark.postgres) for one in ON_POSTGRES),
        *ON_BOTH,
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_without_the_guard_the_scenario_finds_damage(
    stage: Stage,
    monkeypatch: Patch,
    take_out: TakeOut,
    scenario: Scenario,
    number: int,
    tell: Callable[..., None],
) -> None:
    removed = take_out(monkeypatch)
    if removed is None:
        wrong = scenario(stage, number)
    else:
        with removed:
            wrong = scenario(stage, number)
    # A server that was too slow to answer is no damage.
    wrong = [one for one in wrong if not one.startswith(("answered", "raised"))]
    assert wrong
    tell(number=number, wrong=len(wrong), first=wrong[0])


@pytest.mark.postgres
def test_without_the_row_lock_a_tenth_of_the_rounds_is_doubled(
    stage: Stage, monkeypatch: Patch, tell: Callable[..., None]
) -> None:
    row_lock(monkeypatch)
    doubled = scenarios.three_ways_at_once(stage, 50)
    transitions = [one for one in doubled if one.startswith("two transitions")]
    tell(rounds=50, doubled=len(transitions))
    assert len(transitions) >= 5


@pytest.mark.sqlite
def test_without_immediate_transactions_sqlite_answers_locked(
    stage: Stage, monkeypatch: Patch, tell: Callable[..., None]
) -> None:
    monkeypatch.setattr(
        DatabaseWrapper,
        "_start_transaction_under_autocommit",
        lambda wrapper: wrapper.cursor().execute("BEGIN"),
    )
    errors: list[Exception] = []
    try:
        scenarios.confirmations_of_one_fund(stage, 50)
    except Exception as error:
        errors.append(error)
    tell(error=str(errors[0]) if errors else "")
    assert "locked" in str(errors[0])
    assert damage(stage.emulator)
