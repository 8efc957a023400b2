"""What must never be false, whoever writes: the database says no."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone
from wagtail.models import Site

from donations.models import (
    Acceptance,
    Donation,
    Fund,
    Letter,
    LetterKind,
    PaymentAccount,
    SandboxPayment,
    StrayNotice,
)
from donations.money import from_kopecks

Give = Callable[..., Donation]


def refuse(write: Callable[[], Any], constraint: str) -> None:
    """The write fails; SQLite names a check by its name and a uniqueness by its columns."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert constraint in str(refused.value) or "UNIQUE constraint failed" in str(refused.value)


@pytest.fixture
def paid(fund: Fund, give: Give) -> Donation:
    return give(fund, "500.00", pay=True)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"raised": from_kopecks(-1)}, "fund_totals_are_never_negative"),
        ({"refunded": from_kopecks(-1)}, "fund_totals_are_never_negative"),
        ({"refunded": from_kopecks(50_001)}, "fund_totals_are_never_negative"),
        ({"count": -1}, "count"),
        ({"smallest": from_kopecks(99)}, "fund_limits_make_sense"),
        ({"smallest": from_kopecks(0)}, "fund_limits_make_sense"),
        pytest.param(
            {"smallest": from_kopecks(100_000), "largest": from_kopecks(10_000)},
            "fund_limits_make_sense",
            id="min_gt_max",
        ),
        ({"largest": from_kopecks(999)}, "fund_limits_make_sense"),
    ],
    ids=str,
)
def test_a_fund_cannot_hold_nonsense(
    paid: Donation, fund: Fund, change: dict[str, Any], constraint: str
) -> None:
    refuse(lambda: Fund.objects.filter(pk=fund.pk).update(**change), constraint)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"amount": from_kopecks(0)}, "donation_is_more_than_nothing"),
        ({"amount": from_kopecks(-1)}, "donation_is_more_than_nothing"),
        ({"paid_at": None}, "paid_donation_has_time_and_external_id"),
        ({"external_id": None}, "paid_donation_has_time_and_external_id"),
        ({"state": "canceled"}, "only_paid_donations_count"),
        ({"state": "pending"}, "only_paid_donations_count"),
    ],
    ids=str,
)
def test_a_paid_donation_cannot_hold_nonsense(
    paid: Donation, change: dict[str, Any], constraint: str
) -> None:
    refuse(lambda: Donation.objects.filter(pk=paid.pk).update(**change), constraint)


def test_an_unpaid_donation_cannot_be_called_paid(fund: Fund, give: Give) -> None:
    gift = give(fund, "500.00")
    rows = Donation.objects.filter(pk=gift.pk)
    refuse(lambda: rows.update(state="succeeded"), "paid_donation_has_time_and_external_id")
    refuse(lambda: rows.update(counted=True), "only_paid_donations_count")
    rows.update(state="succeeded", paid_at=timezone.now(), counted=True)


def test_what_is_one_is_one(paid: Donation, fund: Fund, site: Site, give: Give) -> None:
    second = give(fund, "700.00", pay=True)
    rows = Donation.objects.filter(pk=second.pk)
    for field, constraint in (
        ("gift_key", "one_donation_per_gift_key"),
        ("external_id", "one_donation_per_external_id"),
        ("idempotence_key", "idempotence_key"),
        ("public_id", "public_id"),
    ):
        value = getattr(paid, field)
        refuse(lambda field=field, value=value: rows.update(**{field: value}), constraint)  # type: ignore[misc]
    give(fund, typed_digest="words")
    rows = Donation.objects.filter(pk=give(fund).pk)
    refuse(lambda: rows.update(typed_digest="words"), "one_unfinished_donation_per_typed_words")
    key = uuid4()
    Fund.objects.create(site=site, key=key, purpose="Крыша")
    refuse(
        lambda: Fund.objects.create(site=site, key=key, purpose="Ещё"), "one_fund_per_site_and_key"
    )
    refuse(
        lambda: Fund.objects.create(site=site, key=None, purpose="Ещё"), "one_general_fund_per_site"
    )
    refuse(
        lambda: PaymentAccount.objects.create(site=site, kind="sandbox", shop_id="x"),
        "one_active_account_per_site",
    )
    refuse(
        lambda: Letter.objects.create(donation=paid, site=site, kind=LetterKind.THANKS),
        "one_letter_per_kind",
    )
    text = Acceptance.objects.filter(donation=paid)[0].text
    refuse(
        lambda: Acceptance.objects.create(donation=paid, site=site, text=text),
        "one_acceptance_per_gift_and_text",
    )
    StrayNotice.objects.create(account=paid.account, site=site, external_id="x")
    refuse(
        lambda: StrayNotice.objects.create(account=paid.account, site=site, external_id="x"),
        "one_stray_notice_per_id",
    )
    row = SandboxPayment.objects.get(external_id=str(paid.external_id))
    others = SandboxPayment.objects.exclude(pk=row.pk)
    refuse(lambda: others.update(idempotence_key=row.idempotence_key), "idempotence_key")


def test_two_sites_share_neither_keys_nor_general_funds(
    paid: Donation, other_site: Site, give: Give
) -> None:
    neighbour = Fund.objects.of_site(other_site).general().get()
    same_key = give(neighbour, "500.00", key=paid.gift_key)
    assert same_key.pk != paid.pk
    Fund.objects.create(site=other_site, key=uuid4(), purpose="Крыша")


@pytest.mark.parametrize("model", [Fund, PaymentAccount, Donation, Site])
def test_the_books_cannot_be_deleted_from_under_a_gift(
    paid: Donation, site: Site, model: type[Any]
) -> None:
    rows = {Fund: paid.fund, PaymentAccount: paid.account, Donation: paid, Site: site}
    with pytest.raises(ProtectedError):
        rows[model].delete()
    assert Donation.objects.filter(pk=paid.pk, fund=F("fund")).exists()
