"""Funds: opened and closed by name, counted again on demand."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from wagtail.models import Site

from donations.models import Donation, Fund


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
) -> Fund:
    """A campaign is public: its fund accepts gifts under this purpose. Totals are never touched."""
    with transaction.atomic():
        fund, _created = Fund.objects.select_for_update().get_or_create(
            site=site, key=key, defaults={"purpose": purpose}
        )
        fund.purpose, fund.goal, fund.deadline = purpose, goal, deadline
        fund.closes_at, fund.accepts = closes_at, True
        fund.save(update_fields=["purpose", "goal", "deadline", "closes_at", "accepts"])
    return fund


def close_fund(*, site: Site, key: UUID) -> None:
    """The campaign is no longer public: nothing new is accepted. What is begun still counts."""
    Fund.objects.filter(site=site, key=key).update(accepts=False)


@dataclass(frozen=True)
class Mismatch:
    """A fund whose totals differ from its donations; roubles and counts, stored and recounted."""

    fund: Fund
    stored: tuple[Decimal, int]
    counted: tuple[Decimal, int]


def check_totals() -> list[Mismatch]:
    """Recount every visible fund. The answer must always be empty."""
    found = []
    for fund in Fund.objects.order_by("pk"):
        totals = Donation.objects.counted().filter(fund=fund).totals()
        stored = (fund.raised, fund.count)
        counted = (totals["raised"], totals["count"])
        if stored != counted:
            found.append(Mismatch(fund, stored, counted))
    return found
