"""The clock of monthly gifts: told of first, then charged, each month once.

A notice names a day and a sum. A charge happens on that day (or later, when the worker slept) and
only while a notice of that very day and sum was sent 24 to 72 hours ago. So a worker that slept
over the day plans a new one and tells of it first; months missed wholly are left out (see `plan`).
The donation row is written under the subscription's lock, unique by month, with ids that follow
from subscription, month and attempt: a database put back from yesterday's copy repeats the call
with the same key and body instead of charging twice.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from donations.actions.accounts import account_for
from donations.actions.giving import Gift, purpose_of, start_donation
from donations.actions.letters import owe_letter
from donations.actions.payments import ask_for_payment, order_of
from donations.actions.subscriptions import (
    FUND_CLOSED,
    RETRY_DAYS,
    CannotChange,
    ask_about_closed_fund,
    go_on_with_open_fund,
    is_received,
    locked,
    next_period,
    note,
    offers_monthly,
    plan,
    stop_after_silence,
    take_back_notices,
    takes_monthly,
)
from donations.closed import why_closed
from donations.models import (
    Donation,
    DonationEvent,
    DonationState,
    Letter,
    LetterKind,
    PaymentAccount,
    Subscription,
    SubscriptionState,
)
from donations.models import SubscriptionChange as Change
from donations.models.letters import NOTICES
from donations.providers import provider_for
from site_settings.models import Organisation

log = logging.getLogger(__name__)

CHARGE_HOUR = time(10)
TOLD_FROM = timedelta(hours=60)  # before the charge; leaves the mail twelve hours to be late
SHORTEST, LONGEST = timedelta(hours=24), timedelta(hours=72)
FUND_CLOSED_FOR = timedelta(hours=24)  # a campaign taken down to mend a word asks nobody
SILENCE = timedelta(days=30)


@dataclass(frozen=True)
class Charges:
    """How many monthly gifts were looked at, and charges begun."""

    seen: int
    charged: int


def charge_due() -> Charges:
    """Tell of the charges that come and make those whose time has come. Run every ten minutes."""
    seen = charged = 0
    for pk in _awake():
        seen += 1
        try:
            with transaction.atomic():
                donation = _turn(locked(pk), timezone.now())
            if donation is not None:
                ask_for_payment(donation, source="clock")
                charged += 1
        except Exception:
            # One bad row must not keep the others from their turn.
            log.exception("subscription %s has missed its turn", pk)
    return Charges(seen, charged)


def _awake() -> list[int]:
    """Those with something to do: a charge near, another shop, a campaign that closed or opened."""
    soon = timezone.now() + TOLD_FROM + timedelta(days=1)
    active = Q(state=SubscriptionState.ACTIVE)
    closed = Q(fund__accepts=False) | Q(fund__closes_at__lte=timezone.now())
    closed |= Q(fund__closes_at_goal=True, fund__raised__gte=F("fund__goal") + F("fund__refunded"))
    closed |= Q(account__is_active=False)
    waits = Q(state=SubscriptionState.PAUSED, reason=FUND_CLOSED)
    rows = Subscription.objects.filter(
        (active & (Q(next_charge_on__lte=soon.date()) | closed | Q(closed_seen_at__isnull=False)))
        | waits
    )
    return list(rows.order_by("next_charge_on", "pk").values_list("pk", flat=True))


def _turn(subscription: Subscription, now: datetime) -> Donation | None:
    """What this moment asks of a locked monthly gift; the charge that is to be made, if any.

    A site that is paused or archived charges nobody and writes to nobody; when it works again, a
    day that has passed is planned anew and told of, as after a sleep of the worker.
    """
    if subscription.state == SubscriptionState.STOPPED:
        return None
    if why_closed(subscription.site) or not is_received(subscription):
        return None
    if not _fund_is_open(subscription, now) or subscription.state != SubscriptionState.ACTIVE:
        return None
    if not offers_monthly(subscription.account):
        _ask_for_the_card_again(subscription)
        return None
    if _under_way(subscription) is not None:
        return None
    notice = _notice(subscription)
    moment = _moment(subscription)
    if notice is None:
        if now > moment - SHORTEST:
            _plan_anew(subscription, now)
            moment = _moment(subscription)
        if now >= moment - TOLD_FROM:
            _owe_notice(subscription)
    elif notice.sent_at is not None and now >= max(moment, notice.sent_at + SHORTEST):
        if now <= max(moment, notice.sent_at + LONGEST):
            return _write_charge(subscription)
        _plan_anew(subscription, now)
        _owe_notice(subscription)
    return None


def _ask_for_the_card_again(subscription: Subscription) -> None:
    """The site is paid through another shop, which does not know the saved card: told once."""
    new = account_for(Organisation.for_site(subscription.site))
    if new is None or new.pk == subscription.account_id or not offers_monthly(new):
        return
    if new.is_live == subscription.account.is_live:  # a card of the test shop is no card
        owe_letter(subscription.first_donation, LetterKind.MONTHLY_SHOP, about=str(new.pk))


def _fund_is_open(subscription: Subscription, now: datetime) -> bool:
    """Whether it may be charged for its fund; a campaign that stays closed asks the donor, and one
    that opens again goes on."""
    seen, asked = subscription.closed_seen_at, subscription.reason == FUND_CLOSED
    if subscription.fund.is_open(now):
        if asked:
            go_on_with_open_fund(subscription)
        elif seen is not None:
            subscription.closed_seen_at = None
            subscription.save(update_fields=["closed_seen_at"])
        return True
    if seen is None:
        subscription.closed_seen_at = now
        subscription.save(update_fields=["closed_seen_at"])
    elif asked and now - seen >= SILENCE:
        stop_after_silence(subscription)
    elif not asked and now - seen >= FUND_CLOSED_FOR:
        ask_about_closed_fund(subscription)
    return False


def _under_way(subscription: Subscription) -> Donation | None:
    """A payment of it whose end is not known: nothing else is begun beside it.

    One that a person decided not to count has its end.
    """
    ended = (DonationState.SUCCEEDED, DonationState.CANCELED)
    waiting = subscription.donations.filter(decisions=None).exclude(state__in=ended)
    return waiting.select_related("account").first()


def _moment(subscription: Subscription) -> datetime:
    zone = Organisation.for_site(subscription.site).zone
    return datetime.combine(subscription.next_charge_on, CHARGE_HOUR, zone)


def _notice(subscription: Subscription) -> Letter | None:
    """The letter that told of this very day and sum; of two the one sent first."""
    letters = Letter.objects.filter(
        donation=subscription.consent.donation_id,
        kind__in=NOTICES,
        about=subscription.notice_key,
    )
    return letters.order_by(F("sent_at").asc(nulls_last=True)).first()


def _owe_notice(subscription: Subscription) -> None:
    owe_letter(
        subscription.first_donation, LetterKind.MONTHLY_NOTICE, about=subscription.notice_key
    )


def _plan_anew(subscription: Subscription, now: datetime) -> None:
    """Too late to be told in time: the first day that leaves room for a notice."""
    earliest = now.astimezone(Organisation.for_site(subscription.site).zone)
    earliest += SHORTEST
    if earliest.time() > CHARGE_HOUR:
        earliest += timedelta(days=1)
    plan(subscription, period=subscription.period, earliest=earliest.date())
    subscription.save(update_fields=["period", "next_charge_on", "failures"])
    take_back_notices(subscription)
    note(subscription, Change.PLANNED, source="clock", day=str(subscription.next_charge_on))


def charge_row(subscription: Subscription, *, period: date, key: str) -> Donation:
    """The donation of this month's charge; its ids follow from `key`. Not saved."""
    return Donation(
        public_id=uuid.uuid5(subscription.public_id, key),
        idempotence_key=uuid.uuid5(subscription.public_id, f"{key} key"),
        gift_key=key,
        site=subscription.site,
        fund=subscription.fund,
        account=subscription.account,
        subscription=subscription,
        period=period,
        amount=subscription.amount,
        purpose=purpose_of(subscription.fund, Organisation.for_site(subscription.site)),
        email=subscription.email,
        name=subscription.name,
        show_name=subscription.show_name,
        language=subscription.language,
        page_path=subscription.page_path,
    )


def lost_charge(account: PaymentAccount, reference: str) -> Donation | None:
    """The row of a charge made after the copy the database was restored from: known again by its
    number, which follows from the monthly gift, the month and the try. Not saved."""
    last = timezone.localdate().replace(day=1)
    periods = [(last - timedelta(days=365)).replace(day=1)]
    while periods[-1] <= last:  # one more: it may be next month already where the site is
        periods.append(next_period(periods[-1]))
    rows = Subscription.objects.filter(account=account).select_related("site", "fund", "account")
    for subscription in rows:
        for period in periods:
            for number in range(1, len(RETRY_DAYS) + 2):
                key = f"sub-{subscription.pk}-{period:%Y-%m}-{number}"
                if str(uuid.uuid5(subscription.public_id, key)) == reference:
                    return charge_row(subscription, period=period, key=key)
    return None


def _write_charge(subscription: Subscription) -> Donation:
    """The row of a charge, whose ids follow from what it is for. The provider is not asked yet."""
    key = _key("sub", subscription)
    donation = charge_row(subscription, period=subscription.period, key=key)
    provider = provider_for(subscription.account.kind)
    donation.provider_request = provider.request_body(order_of(donation))
    donation.save(force_insert=True)
    DonationEvent.objects.create(
        donation=donation,
        site_id=donation.site_id,
        source="clock",
        from_state="",
        to_state=DonationState.CREATED,
    )
    return donation


def _key(what: str, subscription: Subscription) -> str:
    """`sub-81-2026-11-1`: the same until this attempt has an end."""
    tries = subscription.donations.filter(period=subscription.period)
    number = tries.filter(state=DonationState.CANCELED).count() + 1
    return f"{what}-{subscription.pk}-{subscription.period:%Y-%m}-{number}"


def start_new_card(
    *,
    subscription: Subscription,
    shown_texts: tuple[tuple[str, str], ...],
    shield_counts: tuple[tuple[str, int], ...] = (),
) -> Donation:
    """Begin a payment by hand that saves another card. It stands for the next month's charge.

    `shown_texts` and `shield_counts`: as in Gift. A payment already waiting for the donor is
    that payment. Raises CannotChange, CannotGive.
    """
    with transaction.atomic():
        subscription = locked(subscription.pk)
        if subscription.state != SubscriptionState.ACTIVE or not takes_monthly(subscription.site):
            raise CannotChange
        under_way = _under_way(subscription)
        key = _key("card", subscription)
    if under_way is not None:
        if not under_way.saves_method:
            raise CannotChange
        return under_way
    gift = Gift(
        amount=subscription.amount,
        email=subscription.email,
        key=key,
        name=subscription.name,
        show_name=subscription.show_name,
        language=subscription.language,
        page_path=subscription.page_path,
        source="page of the monthly gift",
        monthly=True,
        subscription=subscription,
        shown_texts=shown_texts,
        shield_counts=shield_counts,
    )
    return start_donation(fund=subscription.fund, gift=gift)
