"""Funds: opened and closed by name, counted again on demand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Lower
from wagtail.models import Site

from donations.models import Correction, Donation, DonationQuerySet, Fund, Refund
from donations.money import ZERO, MoneyField
from tenancy.scope import unrestricted


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
        fund, _created = Fund.objects.select_for_update(no_key=True).get_or_create(
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


def lock_funds(funds: Iterable[int] | QuerySet[Any, Any]) -> None:
    """Before any of their gifts is locked: the order of locks stands in CONTRIBUTING, «Money»."""
    with unrestricted("a lock shows nothing"):
        rows = Fund.objects.filter(pk__in=funds).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk"))


def add_to_totals(
    fund_id: int,
    gift: Donation | None,
    *,
    raised: Decimal = ZERO,
    refunded: Decimal = ZERO,
    count: int = 0,
) -> None:
    """Change what a fund holds, in the transaction that changes the gift. The caller has locked
    the fund: of two gifts of one person at once the second waits, then sees the first.

    `count` is 1 when the gift begins to stand in the fund, -1 when nothing is left of it.
    """
    people = 0
    if gift is not None and count:
        people = 0 if _stands_besides(gift) else count
    Fund.objects.filter(pk=fund_id).update(
        raised=F("raised") + Value(raised, output_field=MoneyField()),
        refunded=F("refunded") + Value(refunded, output_field=MoneyField()),
        count=F("count") + count,
        people=F("people") + people,
    )


def _stands_besides(gift: Donation) -> bool:
    """Whether the same person is counted in the fund by another gift. An e-mail is a person."""
    if not gift.email:
        return False
    with unrestricted("whom a fund counts does not depend on who looks"):
        others = Donation.objects.filter(fund_id=gift.fund_id).standing().exclude(pk=gift.pk)
        return others.alias(who=Lower("email")).filter(who=gift.email.lower()).exists()


def count_people_again(fund_ids: Iterable[int]) -> None:
    """After many gifts, or their e-mails, changed at once. The funds are locked by the caller."""
    with unrestricted("whom a fund counts does not depend on who looks"):
        for pk in fund_ids:
            people = _people(Donation.objects.filter(fund_id=pk))
            Fund.objects.filter(pk=pk).update(people=people)


def _people(gifts: DonationQuerySet[Donation]) -> int:
    found = gifts.standing().aggregate(
        known=Count(Lower("email"), filter=~Q(email=""), distinct=True),
        others=Count("pk", filter=Q(email="")),
    )
    return int(found["known"] + found["others"])


@dataclass(frozen=True)
class Totals:
    """Roubles raised (corrections included) and given back, how many gifts are not given back
    wholly, and how many people gave those."""

    raised: Decimal
    refunded: Decimal
    count: int
    people: int


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
        stored = Totals(fund.raised, fund.refunded, fund.count, fund.people)
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
        count=gifts.standing().count(),
        people=_people(gifts),
    )
