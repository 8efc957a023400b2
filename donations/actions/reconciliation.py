"""The provider's list beside ours, once a night or by hand: what is certain is mended."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from donations.actions.giving import purpose_of
from donations.actions.monthly import lost_charge
from donations.actions.payments import ProviderDown, credentials_of
from donations.actions.refunds import refresh_with_refunds
from donations.models import (
    Donation,
    DonationEvent,
    DonationState,
    Fund,
    PaymentAccount,
    Reconciliation,
    Refund,
    in_history,
)
from donations.money import ZERO
from donations.providers import provider_for
from donations.providers.base import GivenBack, Payment, ProviderError
from site_settings.recipients import groups_of

log = logging.getLogger(__name__)

NIGHTLY_SPAN = timedelta(days=35)
NIGHT = timedelta(hours=22)
# A gift begun a moment ago may not be in the provider's list yet.
SETTLING = timedelta(minutes=10)

Difference = dict[str, Any]
T = TypeVar("T")


def reconcile(*, account: PaymentAccount, since: datetime, until: datetime) -> Reconciliation:
    """Compare all payments of the account made in [since, until), and all refunds, whenever
    their payments were made. Raises ProviderDown.

    A report is written even when everything agrees: it says so.
    """
    report = Reconciliation.objects.create(
        site_id=account.site_id, account=account, since=since, until=until
    )
    seen: set[str] = set()
    differences: list[Difference] = []
    provider, credentials = provider_for(account.kind), credentials_of(account)
    for payment in _told(provider.payments(credentials, since, until)):
        seen.add(payment.external_id)
        if payment.state == DonationState.SUCCEEDED:
            report.their_sum += payment.amount - payment.refunded
        difference = _compare(account, payment)
        if difference is None:
            report.agreed += 1
        else:
            differences.append(difference)
    differences.extend(_missing_there(account, since, until, seen))
    listed = {row["external_id"] for row in differences}
    refunds = _told(provider.refunds(credentials, since, until))
    # All looked at before any is mended: one question about a payment learns all its refunds.
    pairs = [(_ours_of(account, one), one) for one in refunds if one.payment_id not in listed]
    unlike = [(ours, theirs) for ours, theirs in pairs if not _is_same(ours, theirs)]
    differences.extend(_mend_refund(account, ours, theirs) for ours, theirs in unlike)
    report.our_sum = _our_sum(account, since, until)
    report.differences = differences
    report.finished_at = timezone.now()
    report.save()
    if report.open_differences:
        log.error("reconciliation %s needs a person", report.pk)
    return report


def reconcile_nightly() -> list[Reconciliation]:
    """Every account that has had no report for a night: the last 35 days. Run by the worker.

    An account whose provider is down is left for the next hour.
    """
    now = timezone.now()
    until = now - SETTLING
    # A report of a few days, asked for by hand, is no night's.
    fresh = Reconciliation.objects.filter(
        started_at__gt=now - NIGHT,
        finished_at__isnull=False,
        since__lte=until - NIGHTLY_SPAN,
        until__gt=until - NIGHT,
    )
    reports = []
    accounts = PaymentAccount.objects.online().select_related("site")
    for account in accounts.exclude(pk__in=fresh.values("account_id")):
        if not provider_for(account.kind).takes_credentials or not account.is_at_home:
            continue
        try:
            reports.append(reconcile(account=account, since=until - NIGHTLY_SPAN, until=until))
        except ProviderDown:
            log.warning("account %s: not reconciled, the provider is down", account.pk)
        except Exception:
            # One bad row must not keep the other accounts from their night.
            log.exception("account %s could not be reconciled", account.pk)
    return reports


def _told(theirs: Iterator[T]) -> Iterator[T]:
    try:
        yield from theirs
    except ProviderError as error:
        raise ProviderDown from error


@contextmanager
def _going_on(external_id: str) -> Iterator[None]:
    """One bad row must not end the report: it stays listed for a person."""
    try:
        yield
    except ProviderDown:
        raise
    except Exception as error:
        # The class only: the text can hold what a donor wrote.
        log.error("%s could not be mended: %s", external_id, type(error).__name__)


def _compare(account: PaymentAccount, payment: Payment) -> Difference | None:
    """None when both sides agree; else what differed, mended where it is certain."""
    donation = _ours(account, payment)
    kind, before = ("differs", _side(donation)) if donation else ("missing here", "")
    found: Difference | None = _difference(kind, payment, donation, before, mended=False)
    with _going_on(payment.external_id):
        found = _mend(donation, payment) if donation else _missing_here(account, payment)
    return found


def _mend(donation: Donation, payment: Payment) -> Difference | None:
    # What a person has decided about a doubtful payment is no difference any more.
    decided = bool(donation.flag) and donation.decisions.exists()
    agrees = decided or (
        donation.external_id == payment.external_id
        and donation.amount == payment.amount
        and donation.state == payment.state
    )
    if agrees and (
        donation.state != DonationState.SUCCEEDED or donation.refunded == payment.refunded
    ):
        return None
    before = _side(donation)
    if donation.external_id not in (None, payment.external_id):
        # Our number for this gift and theirs disagree: nothing about that is certain.
        return _difference("differs", payment, donation, before, mended=False)
    donation = refresh_with_refunds(donation, source="reconciliation")
    mended = donation.state == payment.state and donation.refunded == payment.refunded
    mended = mended and (decided or not donation.flag)
    return _difference("differs", payment, donation, before, mended=mended)


def _ours(account: PaymentAccount, payment: Payment) -> Donation | None:
    gifts = Donation.objects.filter(account=account).select_related("account", "site", "fund")
    return gifts.filter(external_id=payment.external_id).first() or (
        gifts.filter(public_id=payment.reference).first() if _uuid(payment.reference) else None
    )


def _missing_here(account: PaymentAccount, payment: Payment) -> Difference | None:
    """A payment we do not know. With our metadata it is a gift lost with a database."""
    if payment.state not in (DonationState.SUCCEEDED, DonationState.CANCELED):
        return None  # begun a moment ago, or left: it will end by itself
    fund = _fund_of(account, payment)
    if fund is None or not _uuid(payment.reference):
        if payment.state == DonationState.CANCELED:
            return None
        return _difference("missing here", payment, None, "", mended=False)
    donation = _bring_back(account, fund, payment)
    refresh_with_refunds(donation, source="reconciliation")
    # A card was saved, but whom to tell before a charge and what they agreed to is lost: it is
    # never charged, and a person may ask the donor to begin anew.
    began = payment.state == DonationState.SUCCEEDED and bool(payment.saved_method)
    is_lost = began and donation.subscription_id is None
    kind = "monthly gift lost" if is_lost else "missing here"
    return _difference(kind, payment, donation, "", mended=not is_lost)


def _fund_of(account: PaymentAccount, payment: Payment) -> Fund | None:
    if not _uuid(payment.fund):
        return None
    sites = {account.site_id, *groups_of(account.site)}
    return Fund.objects.filter(site_id__in=sites, public_id=payment.fund).first()


def _bring_back(account: PaymentAccount, fund: Fund, payment: Payment) -> Donation:
    """A charge of a monthly gift we still know, or the gift as far as the provider knows it."""
    charge = lost_charge(account, payment.reference)
    # A refused try of a month that is paid already is nameless: a month has one charge. And of two
    # reconciliations at once one inserts nothing.
    if charge is None or not _insert(charge, payment):
        _insert(_nameless(account, fund, payment), payment)
    gifts = Donation.objects.select_related("account", "site", "fund")
    return gifts.get(account=account, external_id=payment.external_id)


def _insert(donation: Donation, payment: Payment) -> bool:
    """Whether it was written."""
    try:
        with transaction.atomic():
            donation.amount, donation.external_id = payment.amount, payment.external_id
            # Its own day: for the sums of a report, and as no start of these minutes.
            donation.created_at = payment.created_at or donation.created_at
            donation.save(force_insert=True)
            DonationEvent.objects.create(
                donation=donation,
                site_id=donation.site_id,
                source="reconciliation",
                from_state="",
                to_state=DonationState.CREATED,
                note="found at the provider, lost here",
                answer=payment.raw,
            )
    except IntegrityError:
        return False
    return True


def _nameless(account: PaymentAccount, fund: Fund, payment: Payment) -> Donation:
    """No name, no address: no letter can be sent."""
    return Donation(
        public_id=UUID(payment.reference),
        site_id=fund.site_id,
        fund=fund,
        account=account,
        purpose=purpose_of(fund, fund.site.organisation),
        email="",
        gift_key=f"brought back:{payment.external_id}",
    )


def _missing_there(
    account: PaymentAccount, since: datetime, until: datetime, seen: set[str]
) -> list[Difference]:
    ours = Donation.objects.filter(
        account=account, created_at__gte=since, created_at__lt=until, external_id__isnull=False
    ).paid()
    return [
        {
            "kind": "missing there",
            "external_id": donation.external_id,
            "donation": str(donation.public_id),
            "ours": _side(donation),
            "theirs": "",
            "mended": False,
        }
        for donation in ours
        if donation.external_id not in seen and not _is_there(donation)
    ]


def _is_there(donation: Donation) -> bool:
    """The list goes by the provider's clock, ours by our own: at the edges ask for the very one."""
    try:
        provider_for(donation.account.kind).fetch(
            credentials_of(donation.account), donation.external_id or ""
        )
    except ProviderError as error:
        if error.permanent:
            return False
        raise ProviderDown from error
    return True


def _ours_of(account: PaymentAccount, theirs: GivenBack) -> Refund | None:
    known = Refund.objects.filter(account=account, external_id=theirs.external_id)
    return known.select_related("donation").first()


def _mend_refund(account: PaymentAccount, ours: Refund | None, theirs: GivenBack) -> Difference:
    """Take it as a notification of it would have been taken."""
    gifts = Donation.objects.filter(account=account, external_id=theirs.payment_id)
    gift = gifts.select_related("account", "site", "fund").first()
    if gift is not None and not _is_same(_ours_of(account, theirs), theirs):
        with _going_on(theirs.external_id):
            refresh_with_refunds(gift, source="reconciliation")
    return {
        "kind": "refund" if gift else "refund of an unknown payment",
        "external_id": theirs.payment_id,
        "refund": theirs.external_id,
        "donation": str(gift.public_id) if gift else "",
        "ours": f"{in_history(ours.state)} {ours.amount}" if ours else "",
        "theirs": f"{in_history(theirs.state)} {theirs.amount}",
        "mended": _is_same(_ours_of(account, theirs), theirs),
    }


def _is_same(ours: Refund | None, theirs: GivenBack) -> bool:
    if ours is None:
        return False
    same = (theirs.payment_id, theirs.state, theirs.amount)
    return (ours.donation.external_id, ours.state, ours.amount) == same


def _our_sum(account: PaymentAccount, since: datetime, until: datetime) -> Any:
    paid = Donation.objects.filter(
        account=account, created_at__gte=since, created_at__lt=until
    ).paid()
    # As the provider counts: a correction is of our books alone.
    return paid.aggregate(sum=Sum(F("amount") - F("refunded")))["sum"] or ZERO


def _difference(
    kind: str, payment: Payment, donation: Donation | None, before: str, *, mended: bool
) -> Difference:
    return {
        "kind": kind,
        "external_id": payment.external_id,
        "donation": str(donation.public_id) if donation else "",
        "ours": before,
        "theirs": f"{payment.state} {payment.amount} −{payment.refunded}",
        "mended": mended,
    }


def _side(donation: Donation) -> str:
    return f"{donation.state} {donation.amount} −{donation.refunded}"


def _uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
