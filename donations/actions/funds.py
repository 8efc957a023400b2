"""Funds: opened and closed by name, counted again on demand."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from wagtail.models import Site

from donations.models import Correction, Donation, Fund, Refund
from donations.money import ZERO


def open_general_fund(*, site: Site, purpose: str) -> Fund:
    """The fund every site has besides its campaigns. Quiet when it exists."""
    fund, _created = Fund.objects.get_or_create(site=site, key=None, defaults={"purpose": purpose})
    return fund


def open_fund(
    *,
    site: Site,
    key: UUID,
    purpose: str,
    goal: Decimal | None,
    deadline: date | None,
    closes_at: datetime | None,
    closes_at_goal: bool = False,
    by_link_only: bool = False,
) -> Fund:
    """A campaign is public: its fund accepts gifts under this purpose. Totals are never touched."""
    with transaction.atomic():
        fund, _created = Fund.objects.select_for_update().get_or_create(
            site=site, key=key, defaults={"purpose": purpose}
        )
        told = {
            "purpose": purpose,
            "goal": goal,
            "deadline": deadline,
            "closes_at": closes_at,
            "closes_at_goal": closes_at_goal,
            "by_link_only": by_link_only,
            "accepts": True,
        }
        for name, value in told.items():
            setattr(fund, name, value)
        fund.save(update_fields=list(told))
    return fund


def close_fund(*, site: Site, key: UUID) -> None:
    """The campaign is no longer public: nothing new is accepted. What is begun still counts."""
    Fund.objects.filter(site=site, key=key).update(accepts=False)


@dataclass(frozen=True)
class Totals:
    """Roubles raised (corrections included) and given back, and how many gifts are not given back
    wholly."""

    raised: Decimal
    refunded: Decimal
    count: int


@dataclass(frozen=True)
class Mismatch:
    """A fund whose stored totals differ from what its donations, refunds and corrections say."""

    fund: Fund
    stored: Totals
    counted: Totals


def check_totals() -> list[Mismatch]:
    """Recount every visible fund. The answer must always be empty."""
    found = []
    for fund in Fund.objects.order_by("pk"):
        stored = Totals(fund.raised, fund.refunded, fund.count)
        counted = _recount(fund)
        if stored != counted:
            found.append(Mismatch(fund, stored, counted))
    return found


def _recount(fund: Fund) -> Totals:
    gifts = Donation.objects.counted().filter(fund=fund)
    refunds = Refund.objects.done().filter(donation__in=gifts)
    corrections = Correction.objects.filter(fund=fund).aggregate(sum=Sum("amount"))["sum"] or ZERO
    return Totals(
        raised=gifts.totals()["raised"] + corrections,
        refunded=refunds.aggregate(sum=Sum("amount"))["sum"] or ZERO,
        count=gifts.filter(refunded__lt=F("amount") + F("corrected")).count(),
    )
