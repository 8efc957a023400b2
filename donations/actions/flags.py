"""A payment that does not agree with its donation counts nothing until a person has decided.

A decision is never taken back, only followed by another one. Each changes the fund's totals in its
own transaction; a sum other than the donation's is a correction of it, like every other.
"""

from dataclasses import replace
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from donations.actions.followers import follow_by_gift
from donations.actions.funds import add_to_totals, lock_funds
from donations.actions.letters import owe_letter
from donations.actions.payments import ProviderDown, credentials_of
from donations.actions.shield import give_back
from donations.actions.states import add_event, move
from donations.actions.subscriptions import note_not_counted, note_success
from donations.models import (
    Correction,
    Donation,
    DonationState,
    FlagDecision,
    FlagVerdict,
    LetterKind,
    RefundState,
)
from donations.money import ZERO
from donations.providers import provider_for
from donations.providers.base import Payment, ProviderError
from tenancy.models import AuditEntry

PAID_LATE = "paid_late"  # the reason of a gift that ended unpaid and was paid all the same


class CannotDecide(Exception):
    """Nothing was changed; `why` is one of: decided, refunded, not_paid, not_ours."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def told_payment(donation: Donation) -> Payment | None:
    """The payment as it was told when the flag was raised. Asks nobody."""
    for event in reversed(list(donation.events.all())):
        if event.note == donation.flag and event.answer:
            try:
                return provider_for(donation.account.kind).read(event.answer)
            except ProviderError:
                return None
    return None


def payment_of_today(donation: Donation) -> Payment | None:
    """The same payment as the provider tells it now; as it was told, when nobody answers."""
    told = told_payment(donation)
    if told is None:
        return None
    try:
        credentials = credentials_of(donation.account)
        return provider_for(donation.account.kind).fetch(credentials, told.external_id)
    except (ProviderDown, ProviderError):
        return told


def decide_flag(
    *, donation: Donation, verdict: FlagVerdict, reason: str, number: int, by: User
) -> FlagDecision:
    """Let a flagged gift count, or not. `number` is that of this decision: of two people at once
    one decides. Raises CannotDecide."""
    payment = None if verdict == FlagVerdict.NOT else payment_of_today(donation)
    try:
        with transaction.atomic():
            return _decide(donation.pk, payment, verdict, reason, number, by)
    except IntegrityError:
        # The payment's id belongs to another gift, which counts it already.
        raise CannotDecide("not_ours") from None


def _decide(
    pk: int, payment: Payment | None, verdict: FlagVerdict, reason: str, number: int, by: User
) -> FlagDecision:
    lock_funds(Donation.objects.filter(pk=pk).values("fund"))
    gift = (
        Donation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account")
        .get(pk=pk)
    )
    if not gift.flag or gift.decisions.count() + 1 != number:
        raise CannotDecide("decided")
    if gift.refunds.exclude(state=RefundState.CANCELED).exists():
        raise CannotDecide("refunded")
    if verdict == FlagVerdict.NOT:
        sum_ = _uncount(gift, reason, by)
    else:
        payment = _paid(gift, payment)
        if gift.state == DonationState.CANCELED:
            gift = _born_again(gift, payment, by)
            number = 1
        sum_ = payment.amount if verdict == FlagVerdict.THEIRS else gift.amount
        _count(gift, payment, sum_, reason, by)
    decision = FlagDecision.objects.create(
        donation=gift,
        site_id=gift.site_id,
        verdict=verdict,
        counts=sum_,
        reason=reason,
        number=number,
        by=by,
    )
    note = f"decided: {verdict.value}"
    add_event(gift, gift.state, gift.state, source="person", note=note, by=by)
    AuditEntry.objects.create(
        site_id=gift.site_id,
        by=by,
        what="flagged donation decided",
        details={"decision": decision.pk, "donation": gift.pk, "verdict": verdict.value},
    )
    return decision


def _paid(gift: Donation, payment: Payment | None) -> Payment:
    """The payment, when money came by it that may count."""
    if payment is None or payment.state != DonationState.SUCCEEDED or payment.currency != "RUB":
        raise CannotDecide("not_paid")
    if payment.is_test or not gift.account.is_live or gift.proof:
        # Only real money is counted by a person's word.
        raise CannotDecide("not_paid")
    return payment


def _count(gift: Donation, payment: Payment, sum_: Decimal, reason: str, by: User) -> None:
    before = gift.left if gift.counted else ZERO
    if gift.state != DonationState.SUCCEEDED:
        _pay(gift, payment, by)
    _correct(gift, sum_ - gift.given, payment.external_id, reason, by)
    gift.counted = True
    gift.save(update_fields=["counted", "corrected"])
    _change_totals(gift, before, gift.left)


def _born_again(gift: Donation, payment: Payment, by: User) -> Donation:
    """No arrow leads out of «canceled»: money that came all the same is a gift of its own.

    It is the same donor's and takes the payment's number and the doubt over.
    """
    fields = ("site_id", "fund_id", "amount", "purpose", "email", "name", "show_name", "message")
    more = ("message_state", "message_decided_at", "language", "page_path", "flag")
    again = Donation(
        account=gift.account,
        external_id=payment.external_id,
        gift_key=f"paid late:{gift.public_id}",
        **{name: getattr(gift, name) for name in (*fields, *more, *_month_of(gift))},
    )
    if gift.external_id == payment.external_id:
        gift.external_id = None
    gift.flag, gift.reason = "", PAID_LATE
    gift.save(update_fields=["external_id", "flag", "reason"])
    again.save(force_insert=True)
    follow_by_gift(gift)  # what was agreed to stands with the gift that ended
    note = f"counted as: {again.public_id}"
    add_event(gift, gift.state, gift.state, source="person", note=note, by=by)
    add_event(
        again,
        "",
        DonationState.CREATED,
        source="person",
        answer=payment.raw,
        note=again.flag,
        by=by,
    )
    return again


def _month_of(gift: Donation) -> tuple[str, ...]:
    """The month of a monthly gift is taken over unless another payment has it."""
    others = Donation.objects.filter(subscription=gift.subscription_id, period=gift.period)
    is_free = gift.subscription_id and not others.exclude(state=DonationState.CANCELED).exists()
    return ("subscription_id", "period") if is_free else ()


def _pay(gift: Donation, payment: Payment, by: User) -> None:
    gift.external_id = gift.external_id or payment.external_id
    gift.paid_at = payment.paid_at or timezone.now()
    gift.save(update_fields=["external_id"])
    if gift.state == DonationState.CREATED:
        move(gift, DonationState.PENDING, source="person", answer=payment.raw, by=by)
    move(gift, DonationState.SUCCEEDED, source="person", answer=payment.raw, by=by)
    give_back(gift)
    # The donor agreed to another sum, so no monthly gift begins with this one.
    note_success(gift, replace(payment, saved_method=""))
    follow_by_gift(gift)
    owe_letter(gift, LetterKind.THANKS)


def _uncount(gift: Donation, reason: str, by: User) -> Decimal:
    if gift.state not in (DonationState.SUCCEEDED, DonationState.CANCELED):
        note_not_counted(gift, by)
    if gift.counted:
        before = gift.left
        _correct(gift, -gift.corrected, gift.external_id or "", reason, by)
        gift.counted = False
        gift.save(update_fields=["counted", "corrected"])
        _change_totals(gift, before, ZERO)
    return ZERO


def _correct(gift: Donation, change: Decimal, document: str, reason: str, by: User) -> None:
    if change == ZERO:
        return
    gift.corrected += change
    Correction.objects.create(
        site_id=gift.site_id,
        fund_id=gift.fund_id,
        donation=gift,
        amount=change,
        reason=reason,
        document=document,
        by=by,
    )


def _change_totals(gift: Donation, before: Decimal, after: Decimal) -> None:
    count = int(after > ZERO) - int(before > ZERO)
    add_to_totals(gift.fund_id, gift, raised=after - before, count=count)
