"""Monthly gifts: opened, planned, changed, paused, stopped. Who charges them: actions.monthly.

Every change happens under the row's lock and leaves an event. A stopped one never goes on again and
knows no card.
"""

import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import account_for
from donations.actions.letters import owe_letter
from donations.closed import why_closed
from donations.models import (
    Donation,
    Fund,
    Letter,
    LetterKind,
    PaymentAccount,
    Subscription,
    SubscriptionEvent,
    SubscriptionState,
)
from donations.models import SubscriptionChange as Change
from donations.models.letters import NOTICES
from donations.providers import provider_for
from donations.providers.base import Payment
from donations.secrets import KeysUnavailable
from site_settings.models import LegalKind, Organisation
from site_settings.recipients import takes_for
from tenancy.models import AuditEntry

log = logging.getLogger(__name__)

# After these the same card can never be charged again; after any other word it is tried again.
STOPPING = frozenset(
    {
        "permission_revoked",
        "card_expired",
        "payment_method_restricted",
        "invalid_card_number",
        "country_forbidden",
    }
)
RETRY_DAYS = (1, 3, 7)  # each counted from the failure before it
SPARE = timedelta(days=7)  # no late charge in the last days before the next month's own
FUND_CLOSED, EXHAUSTED, CANCELED = "fund_closed", "exhausted", "canceled"
AT_REST = "at_rest"  # why a charge that was written already was not made


class CannotChange(Exception):
    """The monthly gift is stopped, or cannot be changed in this way. Nothing was done."""


def offers_monthly(account: PaymentAccount | None) -> bool:
    """Whether cards may be saved and charged through this account now."""
    if account is None or not account.is_active or not account.is_at_home:
        return False
    return account.recurring or not provider_for(account.kind).saves_by_agreement


def takes_monthly(site: Site) -> bool:
    return offers_monthly(account_for(Organisation.for_site(site)))


def rests(subscription: Subscription) -> bool:
    """Whether nobody may be charged now: the donor has paused it, or the site is at rest."""
    if subscription.state != SubscriptionState.ACTIVE or why_closed(subscription.site):
        return True
    return not is_received(subscription)


def is_received(subscription: Subscription) -> bool:
    """Whether the money still goes where the donor was told; a group's recipient may have left."""
    receiver = takes_for(Organisation.for_site(subscription.site))
    return receiver is not None and receiver.site_id == subscription.account.site_id


def next_period(period: date) -> date:
    return (period.replace(day=1) + timedelta(days=32)).replace(day=1)


def due_on(period: date, charge_day: int) -> date:
    """The day of this month the gift is due: day 31 is the last day of a shorter month."""
    last = next_period(period) - timedelta(days=1)
    return last.replace(day=min(charge_day, last.day))


def plan(subscription: Subscription, *, period: date, earliest: date) -> None:
    """Set what is charged next: `period` on its own day, or on `earliest` when that is later.

    Months never pile up: one that could be charged only in the week before the next one's day, or
    after it, is left out. Failures are counted for each month by itself. Saves nothing.
    """
    before = subscription.period
    day = subscription.charge_day
    while (due := due_on(period, day)) < earliest and (
        earliest > due_on(next_period(period), day) - SPARE
    ):
        period = next_period(period)
    subscription.period, subscription.next_charge_on = period, max(due, earliest)
    if period != before:
        subscription.failures = 0


def today_of(subscription: Subscription) -> date:
    return timezone.localdate(timezone=Organisation.for_site(subscription.site).zone)


def locked(subscription_id: int) -> Subscription:
    """The row as it is now, locked. Inside a transaction."""
    rows = Subscription.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("site", "fund", "account").get(pk=subscription_id)


def note(
    subscription: Subscription, what: Change, *, source: str, by: User | None = None, **details: Any
) -> None:
    SubscriptionEvent.objects.create(
        subscription=subscription,
        site_id=subscription.site_id,
        source=source,
        by=by,
        what=what,
        details=details,
    )


# --- What payments tell. Called by actions.giving inside its transaction, the donation locked.


def note_success(donation: Donation, payment: Payment) -> None:
    """A gift is paid: it may open a monthly gift, change its card, and it settles its month."""
    if donation.subscription_id is None:
        if donation.saves_method and payment.saved_method:
            _open(donation, payment)
        return
    subscription = locked(donation.subscription_id)
    if donation.saves_method and subscription.state != SubscriptionState.STOPPED:
        _change_card(subscription, donation, payment)
    if donation.period and donation.period >= subscription.period:
        # A month that was left out meanwhile and is paid all the same moves nothing. A later one
        # was lost with a database, and whatever was before it is over too.
        plan(
            subscription,
            period=next_period(donation.period),
            earliest=today_of(subscription),
        )
        take_back_notices(subscription)
    subscription.save()
    note(subscription, Change.PAID, source="provider", donation=donation.pk)


def _open(donation: Donation, payment: Payment) -> None:
    paid_at = donation.paid_at or timezone.now()
    first = timezone.localdate(paid_at, Organisation.for_site(donation.site).zone)
    subscription = Subscription(
        site=donation.site,
        fund_id=donation.fund_id,
        account=donation.account,
        consent=donation.acceptances.get(text__kind=LegalKind.MONTHLY),
        amount=donation.amount,
        email=donation.email,
        name=donation.name,
        show_name=donation.show_name,
        language=donation.language,
        page_path=donation.page_path,
        charge_day=first.day,
    )
    try:
        subscription.set_method(payment.saved_method, payment.method_title)
    except KeysUnavailable:
        # The gift itself counts; without the keys there is nowhere to keep the card.
        log.error("donation %s: its card cannot be sealed, no monthly gift", donation.public_id)
        return
    plan(subscription, period=next_period(first), earliest=first)
    subscription.save(force_insert=True)
    donation.subscription, donation.period = subscription, first.replace(day=1)
    donation.save(update_fields=["subscription", "period"])
    note(subscription, Change.OPENED, source="donor", donation=donation.pk)


def _change_card(subscription: Subscription, donation: Donation, payment: Payment) -> None:
    if not payment.saved_method:
        return
    try:
        subscription.set_method(payment.saved_method, payment.method_title)
    except KeysUnavailable:
        log.error("donation %s: its card cannot be sealed", donation.public_id)
        return
    subscription.account = donation.account
    note(subscription, Change.CARD, source="donor", donation=donation.pk)


def note_decline(donation: Donation) -> None:
    """The bank refused a charge: try again by the plan, or stop. `donation.reason` says why."""
    subscription = _of_charge(donation)
    if subscription is None:
        return
    note(
        subscription, Change.DECLINED, source="provider", donation=donation.pk, why=donation.reason
    )
    subscription.failures += 1
    is_first = subscription.failures == 1
    if donation.reason in STOPPING:
        _stop(subscription, donation.reason, source="provider")
    elif subscription.failures > len(RETRY_DAYS):
        _stop(subscription, EXHAUSTED, source="provider")
    else:
        pause = timedelta(days=RETRY_DAYS[subscription.failures - 1])
        earliest = today_of(subscription) + pause
        plan(subscription, period=subscription.period, earliest=earliest)
        subscription.save()
        if is_first:
            # It names the day of the second try, and so is the notice of it.
            owe_letter(
                subscription.first_donation,
                LetterKind.MONTHLY_FAILED,
                about=subscription.notice_key,
            )


def note_refusal(donation: Donation) -> None:
    """The provider took no order for a charge: nothing of the donor's doing.

    The month is left out, so that nobody gets one notice after another for a fault of the shop.
    """
    subscription = _of_charge(donation)
    if subscription is None:
        return
    log.error("subscription %s: not charged (%s)", subscription.public_id, donation.reason)
    note(subscription, Change.REFUSED, source="provider", donation=donation.pk, why=donation.reason)
    # An order that surely never reached the provider is made again, after another notice.
    lost = donation.reason in ("not_found", AT_REST)
    period = subscription.period if lost else next_period(subscription.period)
    plan(subscription, period=period, earliest=today_of(subscription))
    subscription.save()


def note_not_counted(donation: Donation, by: User) -> None:
    """A person decided that a doubtful payment does not count: its month is over all the same.

    The donor may have been charged, so nothing more is taken for this month.
    """
    if donation.subscription_id is None:
        return
    subscription = locked(donation.subscription_id)
    if subscription.state == SubscriptionState.STOPPED or subscription.period != donation.period:
        return
    plan(subscription, period=next_period(subscription.period), earliest=today_of(subscription))
    subscription.save()
    note(
        subscription,
        Change.PLANNED,
        source="staff",
        by=by,
        donation=donation.pk,
        day=str(subscription.next_charge_on),
    )


def _of_charge(donation: Donation) -> Subscription | None:
    """The monthly gift this failed charge is the turn of; None when nothing hangs on it."""
    if donation.subscription_id is None or donation.saves_method:
        return None
    subscription = locked(donation.subscription_id)
    if subscription.state == SubscriptionState.STOPPED or subscription.period != donation.period:
        return None
    return subscription


# --- What people do. `by` is a person of the staff; the donor comes by the signed link.


def cancel(*, subscription: Subscription, by: User | None = None) -> Subscription:
    """Stop it now and forget the card. Quiet the second time."""
    with transaction.atomic():
        subscription = locked(subscription.pk)
        if subscription.state != SubscriptionState.STOPPED:
            _stop(subscription, CANCELED, source="staff" if by else "donor", by=by)
            if by is not None:
                AuditEntry.objects.create(
                    site_id=subscription.site_id,
                    by=by,
                    what="monthly gift stopped",
                    details={"subscription": subscription.pk},
                )
    return subscription


def _stop(subscription: Subscription, reason: str, *, source: str, by: User | None = None) -> None:
    subscription.state, subscription.reason = SubscriptionState.STOPPED, reason
    subscription.stopped_at = timezone.now()
    subscription.sealed_method = subscription.method_title = ""
    subscription.save()
    take_back_notices(subscription, LetterKind.MONTHLY_CLOSED)
    note(subscription, Change.STOPPED, source=source, by=by, why=reason)
    owe_letter(subscription.first_donation, LetterKind.MONTHLY_STOPPED)


def take_back_notices(subscription: Subscription, *more: LetterKind) -> None:
    """Letters that speak of a charge to come and are still here would no longer be true."""
    Letter.objects.filter(
        donation_id=subscription.consent.donation_id, kind__in=(*NOTICES, *more), sent_at=None
    ).delete()


def pause(*, subscription: Subscription) -> Subscription:
    with transaction.atomic():
        subscription = locked(subscription.pk)
        if subscription.state == SubscriptionState.ACTIVE:
            subscription.state = SubscriptionState.PAUSED
            subscription.save(update_fields=["state"])
            take_back_notices(subscription)
            note(subscription, Change.PAUSED, source="donor")
    return subscription


def resume(*, subscription: Subscription) -> Subscription:
    """Go on with the first month whose day is still ahead. Raises CannotChange."""
    with transaction.atomic():
        subscription = locked(subscription.pk)
        if subscription.state == SubscriptionState.ACTIVE:
            return subscription
        if subscription.state == SubscriptionState.STOPPED or not subscription.fund.is_open():
            raise CannotChange
        _go_on(subscription)
        note(subscription, Change.RESUMED, source="donor")
    return subscription


def _go_on(subscription: Subscription) -> None:
    today, period = today_of(subscription), subscription.period
    while due_on(period, subscription.charge_day) <= today:
        period = next_period(period)
    plan(subscription, period=period, earliest=today)
    subscription.state, subscription.reason = SubscriptionState.ACTIVE, ""
    subscription.closed_seen_at = None
    subscription.save()
    take_back_notices(subscription, LetterKind.MONTHLY_CLOSED)


def change_sum(*, subscription: Subscription, amount: Decimal) -> Subscription:
    """Roubles, checked against the fund's limits by the form. Raises CannotChange."""
    with transaction.atomic():
        subscription = locked(subscription.pk)
        if subscription.state == SubscriptionState.STOPPED:
            raise CannotChange
        if subscription.amount != amount:
            before, subscription.amount = subscription.amount, amount
            subscription.save(update_fields=["amount"])
            take_back_notices(subscription)
            note(subscription, Change.SUM, source="donor", before=str(before), now=str(amount))
    return subscription


def go_on_to_general(*, subscription: Subscription) -> Subscription:
    """The donor of a closed campaign agrees to give to the general fund. Raises CannotChange."""
    with transaction.atomic():
        subscription = locked(subscription.pk)
        general = Fund.objects.of_site(subscription.site).general().first()
        if subscription.fund_id == (general and general.pk):
            return subscription
        if subscription.state != SubscriptionState.PAUSED or subscription.fund.is_open():
            raise CannotChange
        if general is None or not general.is_open():
            raise CannotChange
        before, subscription.fund = subscription.fund_id, general
        _go_on(subscription)
        note(subscription, Change.MOVED, source="donor", before=before)
    return subscription


def ask_about_closed_fund(subscription: Subscription) -> None:
    """Its campaign is closed: wait, and let the donor choose. The row is locked by the caller."""
    subscription.state, subscription.reason = SubscriptionState.PAUSED, FUND_CLOSED
    subscription.save()
    take_back_notices(subscription)
    note(subscription, Change.CLOSED, source="clock", fund=subscription.fund_id)
    about = f"{subscription.fund_id}.{subscription.closed_seen_at:%Y-%m-%d}"
    owe_letter(subscription.first_donation, LetterKind.MONTHLY_CLOSED, about=about)


def go_on_with_open_fund(subscription: Subscription) -> None:
    """Its campaign is open again: what was asked needs no answer. Locked by the caller."""
    _go_on(subscription)
    note(subscription, Change.RESUMED, source="clock")


def stop_after_silence(subscription: Subscription) -> None:
    """The donor of a closed campaign did not choose. The row is locked by the caller."""
    _stop(subscription, FUND_CLOSED, source="clock")
