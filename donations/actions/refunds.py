"""Giving money back: begun by an accountant here, or found at the provider."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from donations.actions.funds import add_to_totals, lock_funds
from donations.actions.letters import owe_letter
from donations.actions.payments import (
    GRACE,
    KEY_LIVES,
    ProviderDown,
    credentials_of,
    refresh_donation,
)
from donations.actions.states import add_refund_event, move_refund
from donations.models import Donation, DonationState, Fund, LetterKind, Refund, RefundState
from donations.money import ZERO
from donations.providers import provider_for
from donations.providers.base import GivenBack, PaymentNotFound, ProviderError
from tenancy.models import AuditEntry

log = logging.getLogger(__name__)


class CannotRefund(Exception):
    """Nothing was begun: the gift is not paid, or less is left of it than was asked for."""


class OtherRefund(CannotRefund):
    """The key belongs to a refund of another sum or gift. That one is untouched."""


def refund_donation(
    *, donation: Donation, amount: Decimal, reason: str, by: User, key: UUID | None = None
) -> Refund:
    """Give `amount` roubles of a paid gift back. The row first, then the provider.

    The refund may end `succeeded`, `canceled` (refused, see `refusal`), or stay unfinished until
    the sweeper learns more. The same `key` (of the form) is the same refund. Raises CannotRefund,
    OtherRefund.
    """
    key = key or uuid4()
    with transaction.atomic():
        donation = Donation.objects.select_for_update(of=("self",), no_key=True).get(pk=donation.pk)
        known = Refund.objects.filter(idempotence_key=key).first()
        if known is not None:
            if (known.donation_id, known.amount) != (donation.pk, amount):
                raise OtherRefund
            return known
        # What came by bank or in cash goes back by hand; the books follow by a correction.
        is_online = donation.account.is_online
        if not is_online or donation.state != DonationState.SUCCEEDED or amount > _free(donation):
            raise CannotRefund
        provider = provider_for(donation.account.kind)
        refund = Refund.objects.create(
            donation=donation,
            site_id=donation.site_id,
            account=donation.account,
            amount=amount,
            reason=reason,
            by=by,
            idempotence_key=key,
            provider_request=provider.refund_body(donation.external_id or "", amount, reason),
        )
        add_refund_event(refund, "", RefundState.CREATED, source="staff", by=by)
        AuditEntry.objects.create(
            site_id=donation.site_id, by=by, what="refund begun", details={"refund": refund.pk}
        )
    return push_refund(refund)


def _free(donation: Donation) -> Decimal:
    """What is left of the gift when everything that is on its way back has arrived."""
    on_its_way = donation.refunds.unfinished().aggregate(sum=Sum("amount"))["sum"] or ZERO
    return donation.left - on_its_way


def push_refund(refund: Refund) -> Refund:
    """The first call: a refusal is its end. After an unclear answer the sweeper goes on."""
    try:
        return _ask(refund, source="provider")
    except ProviderDown:
        return refund
    except ProviderError as error:
        if not error.permanent:
            log.warning("refund %s: provider unknown (%s)", refund.pk, error.code)
            return refund
        return _refused(refund, error, source="provider")


def _ask(refund: Refund, *, source: str) -> Refund:
    """Call with the stored key and body; the same refund however often, while the key lives."""
    provider = provider_for(refund.account.kind)
    credentials, key = credentials_of(refund.account), str(refund.idempotence_key)
    answer = provider.refund(credentials, refund.provider_request, key)
    return _take(refund.donation, answer, source=source, asked=refund) or refund


def _refused(refund: Refund, error: ProviderError, *, source: str) -> Refund:
    with transaction.atomic():
        _locked_gift(refund.donation)
        refund = Refund.objects.get(pk=refund.pk)
        if refund.state == RefundState.CREATED:
            refund.refusal = error.code[:60]
            move_refund(refund, RefundState.CANCELED, source=source, answer=error.answer)
    return refund


def finish_refunds() -> int:
    """Go on with refunds whose end is not known; returns how many ended. Part of the sweeper."""
    ended = 0
    now = timezone.now()
    for refund in Refund.objects.unfinished().select_related("account", "donation"):
        if not _is_due(refund, now) or not _claim(refund, now):
            continue
        try:
            refund = _go_on(refund, now)
        except ProviderDown:
            continue
        except Exception:
            # One bad row must not keep the others from their turn.
            log.exception("refund %s could not be finished", refund.pk)
            continue
        ended += refund.state in (RefundState.SUCCEEDED, RefundState.CANCELED)
    return ended


def _is_due(refund: Refund, now: datetime) -> bool:
    if refund.checked_at is None:
        return now - refund.created_at >= GRACE
    return now - refund.checked_at >= timedelta(minutes=1)


def _claim(refund: Refund, now: datetime) -> bool:
    """Of two sweepers the second comes too late; only the row itself is looked at, as in
    `sweeping.claim`."""
    seen = Refund.objects.filter(pk=refund.pk, checked_at=refund.checked_at, state=refund.state)
    return bool(seen.update(checked_at=now))


def _go_on(refund: Refund, now: datetime) -> Refund:
    refusal: ProviderError = PaymentNotFound()
    if refund.external_id is None and refund.created_at > now - KEY_LIVES:
        try:
            return _ask(refund, source="sweeper")
        except ProviderError as error:
            if not error.permanent:
                raise ProviderDown from error
            # It proves nothing about the call before, which may have given the money back.
            refusal = error
    sync_refunds(refund.donation, source="sweeper")
    refund.refresh_from_db()
    if refund.external_id is None and refund.state == RefundState.CREATED:
        # Not in the provider's list, and refused now, or the key is dead: it never reached them.
        # The sum is free to be given back anew.
        return _refused(refund, refusal, source="sweeper")
    return refund


def refresh_with_refunds(donation: Donation, *, source: str) -> Donation:
    """Ask how a payment stands, and what was given back of it. Raises ProviderDown."""
    donation = refresh_donation(donation, source=source)
    if donation.state == DonationState.SUCCEEDED:
        sync_refunds(donation, source=source)
        donation.refresh_from_db()
    return donation


def sync_refunds(donation: Donation, *, source: str) -> None:
    """Bring our refunds of a gift in line with the provider's. Raises ProviderDown."""
    provider = provider_for(donation.account.kind)
    try:
        answers = provider.refunds_of(credentials_of(donation.account), donation.external_id or "")
    except ProviderError as error:
        raise ProviderDown from error
    for answer in answers:
        _take(donation, answer, source=source)


def _take(
    donation: Donation, answer: GivenBack, *, source: str, asked: Refund | None = None
) -> Refund | None:
    """Lock, look again, move, and let the totals fall once. A doubt is logged and moves nothing.

    `asked`: the refund whose call this answers. None: nothing of ours and nothing to be booked.
    """
    with transaction.atomic():
        lock_funds([donation.fund_id])
        donation = _locked_gift(donation)
        doubt = _doubt(donation, answer)
        if doubt:
            log.error("refund %s needs a person: %s", answer.external_id, doubt)
            return asked
        refund = _row_of(donation, answer, asked) or _found(donation, answer, source=source)
        if answer.state not in Refund.ARROWS[refund.state]:
            return refund
        if answer.amount != refund.amount:
            log.error("refund %s needs a person: another sum", refund.pk)
            return refund
        if answer.state == RefundState.SUCCEEDED and not _is_in_books(donation, refund.amount):
            # A correction has taken it out of the books before. The nightly reconciliation lists
            # it; when a person has corrected it back, the sweeper counts the refund.
            log.error("refund %s needs a person: more than the books count", refund.pk)
            Refund.objects.filter(pk=refund.pk).update(external_id=answer.external_id)
            return refund
        refund.external_id = answer.external_id
        refund.refusal = answer.reason[:60]
        if answer.state == RefundState.SUCCEEDED:
            refund.finished_at = answer.finished_at or timezone.now()
            _subtract(donation, refund)
        move_refund(refund, answer.state, source=source, answer=answer.raw)
    return refund


def _is_in_books(donation: Donation, amount: Decimal) -> bool:
    """Whether the gift, and the locked fund that counts it, still hold so much."""
    if amount > donation.left:
        return False
    return not donation.counted or amount <= Fund.objects.get(pk=donation.fund_id).total


def _locked_gift(donation: Donation) -> Donation:
    """Whatever happens to a refund happens under the lock of its gift."""
    return Donation.objects.select_for_update(no_key=True).get(pk=donation.pk)


def _doubt(donation: Donation, answer: GivenBack) -> str:
    """Why this refund cannot be one of this gift's, or «»."""
    if answer.payment_id != donation.external_id:
        return "it is of another payment"
    if answer.currency != "RUB":
        return "another currency"
    if answer.state not in RefundState:
        return "a state we do not know"
    return ""


def _row_of(donation: Donation, answer: GivenBack, asked: Refund | None) -> Refund | None:
    """Our row of the provider's refund: by its number, or one we asked for and never heard of."""
    known = Refund.objects.filter(account=donation.account, external_id=answer.external_id).first()
    if known is not None:
        return known
    unanswered = donation.refunds.filter(external_id=None)
    if asked is not None and (own := unanswered.filter(pk=asked.pk).first()):
        return own
    # The one asked for got the number of another of the same sum: this one takes its place.
    return unanswered.filter(state=RefundState.CREATED, amount=answer.amount).first()


def _found(donation: Donation, answer: GivenBack, *, source: str) -> Refund:
    """It was begun in the provider's cabinet."""
    refund = Refund.objects.create(
        donation=donation,
        site_id=donation.site_id,
        account=donation.account,
        amount=answer.amount,
        external_id=answer.external_id,
        state=RefundState.PENDING,
    )
    add_refund_event(refund, "", RefundState.PENDING, source=source, answer=answer.raw)
    return refund


def _subtract(donation: Donation, refund: Refund) -> None:
    donation.refunded += refund.amount
    donation.save(update_fields=["refunded"])
    if donation.counted:
        # A gift given back wholly is nobody's support any more.
        gone = 1 if donation.left == ZERO else 0
        add_to_totals(donation.fund_id, donation, refunded=refund.amount, count=-gone)
    owe_letter(donation, LetterKind.REFUND, about=str(refund.pk))
