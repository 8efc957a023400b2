"""Giving money back: begun by an accountant here, or found at the provider."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from donations.actions.funds import add_to_totals
from donations.actions.letters import owe_letter
from donations.actions.payments import GRACE, KEY_LIVES, ProviderDown, credentials_of
from donations.models import Donation, DonationState, LetterKind, Refund, RefundState
from donations.money import ZERO
from donations.providers import provider_for
from donations.providers.base import GivenBack, ProviderError
from tenancy.models import AuditEntry

log = logging.getLogger(__name__)


class CannotRefund(Exception):
    """Nothing was begun: the gift is not paid, or less is left of it than was asked for."""


def refund_donation(
    *, donation: Donation, amount: Decimal, reason: str, by: User, key: UUID | None = None
) -> Refund:
    """Give `amount` roubles of a paid gift back. The row first, then the provider.

    The refund may end `succeeded`, `canceled` (refused, see `refusal`), or stay unfinished until
    the sweeper learns more. The same `key` (of the form) is the same refund. Raises CannotRefund.
    """
    key = key or uuid4()
    with transaction.atomic():
        donation = Donation.objects.select_for_update(of=("self",)).get(pk=donation.pk)
        known = donation.refunds.filter(idempotence_key=key).first()
        if known is not None:
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
        return _ask(refund)
    except ProviderDown:
        return refund
    except ProviderError as error:
        if not error.permanent:
            log.warning("refund %s: provider unknown (%s)", refund.pk, error.code)
            return refund
        return _refused(refund, error.code)


def _ask(refund: Refund) -> Refund:
    """Call with the stored key and body; the same refund however often, while the key lives."""
    provider = provider_for(refund.account.kind)
    credentials, key = credentials_of(refund.account), str(refund.idempotence_key)
    return _take(refund, provider.refund(credentials, refund.provider_request, key))


def _refused(refund: Refund, code: str) -> Refund:
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        if refund.state == RefundState.CREATED:
            refund.state, refund.refusal = RefundState.CANCELED, code[:60]
            refund.save(update_fields=["state", "refusal"])
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
    refusal = "not_found"
    if refund.external_id is None and refund.created_at > now - KEY_LIVES:
        try:
            return _ask(refund)
        except ProviderError as error:
            if not error.permanent:
                raise ProviderDown from error
            # It proves nothing about the call before, which may have given the money back.
            refusal = error.code
    sync_refunds(refund.donation)
    refund.refresh_from_db()
    if refund.external_id is None and refund.state == RefundState.CREATED:
        # Not in the provider's list, and refused now, or the key is dead: it never reached them.
        # The sum is free to be given back anew.
        return _refused(refund, refusal)
    return refund


def sync_refunds(donation: Donation) -> None:
    """Bring our refunds of a gift in line with the provider's. Raises ProviderDown."""
    provider = provider_for(donation.account.kind)
    try:
        answers = provider.refunds_of(credentials_of(donation.account), donation.external_id or "")
    except ProviderError as error:
        raise ProviderDown from error
    for answer in answers:
        _take(_row_of(donation, answer), answer)


def _row_of(donation: Donation, answer: GivenBack) -> Refund:
    """Our row of the provider's refund; made now when it was begun in the provider's cabinet."""
    with transaction.atomic():
        Donation.objects.select_for_update().get(pk=donation.pk)
        known = Refund.objects.filter(account=donation.account, external_id=answer.external_id)
        ours = known.first() or _unanswered(donation, answer)
        return ours or Refund.objects.create(
            donation=donation,
            site_id=donation.site_id,
            account=donation.account,
            amount=answer.amount,
            external_id=answer.external_id,
            state=RefundState.PENDING,
        )


def _unanswered(donation: Donation, answer: GivenBack) -> Refund | None:
    """A refund we asked for and never heard of: the same sum, no id yet."""
    return donation.refunds.filter(
        external_id=None, state=RefundState.CREATED, amount=answer.amount
    ).first()


def _take(refund: Refund, answer: GivenBack) -> Refund:
    """Lock, look again, move, and let the totals fall once."""
    with transaction.atomic():
        donation = Donation.objects.select_for_update().get(pk=refund.donation_id)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        if refund.state in (RefundState.SUCCEEDED, RefundState.CANCELED):
            return refund
        if answer.amount != refund.amount or answer.currency != "RUB":
            log.error("refund %s needs a person: another sum", refund.pk)
            return refund
        if answer.state == RefundState.SUCCEEDED and refund.amount > donation.left:
            # A correction has taken it out of the books before. The nightly reconciliation lists
            # it; when a person has corrected the gift back, the sweeper counts the refund.
            log.error("refund %s needs a person: more than the gift counts", refund.pk)
            Refund.objects.filter(pk=refund.pk).update(external_id=answer.external_id)
            return refund
        refund.external_id = answer.external_id
        refund.state = RefundState(answer.state)
        refund.refusal = answer.reason[:60]
        if refund.state == RefundState.SUCCEEDED:
            refund.finished_at = answer.finished_at or timezone.now()
            _subtract(donation, refund)
        refund.save(update_fields=["external_id", "state", "refusal", "finished_at"])
    return refund


def _subtract(donation: Donation, refund: Refund) -> None:
    donation.refunded += refund.amount
    donation.save(update_fields=["refunded"])
    if donation.counted:
        # A gift given back wholly is nobody's support any more.
        gone = 1 if donation.left == ZERO else 0
        add_to_totals(donation.fund_id, donation, refunded=refund.amount, count=-gone)
    owe_letter(donation, LetterKind.REFUND, about=str(refund.pk))
