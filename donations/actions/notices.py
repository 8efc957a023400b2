"""Notifications: a hint that something happened to a payment. The provider is asked the truth."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from donations.actions.payments import ProviderDown, credentials_of
from donations.actions.refunds import refresh_with_refunds
from donations.models import Donation, PaymentAccount, StrayNotice
from donations.providers import provider_for
from donations.providers.base import PaymentNotFound, ProviderError

STRAYS_PER_MINUTE = 10


class TooManyStrays(Exception):
    """The account's budget of unknown payment ids is used up for this minute."""


def take_notice(*, account: PaymentAccount, external_id: str) -> Donation | None:
    """Learn the truth about the payment a notification speaks of; None when it is not ours.

    A notification of a refund names its payment, too. Raises ProviderDown (let the provider send
    it again) and TooManyStrays.
    """
    donation = _donation_of(account, external_id)
    if donation is None:
        return None
    donation = refresh_with_refunds(donation, source="notification")
    _remember_notice(account)
    return donation


def _remember_notice(account: PaymentAccount) -> None:
    """A genuine one came. To the minute is enough: many at once need not wait for each other."""
    now = timezone.now()
    accounts = PaymentAccount.objects.filter(pk=account.pk)
    accounts.filter(
        Q(last_notice_at=None) | Q(last_notice_at__lt=now - timedelta(minutes=1))
    ).update(last_notice_at=now)


def _donation_of(account: PaymentAccount, external_id: str) -> Donation | None:
    """Find by the payment id; failing that, ask the provider once whose payment it is.

    The second way is for a notification that overtakes our own storing of the payment id.
    """
    gifts = Donation.objects.filter(account=account).select_related("account", "site", "fund")
    donation = gifts.filter(external_id=external_id).first()
    if donation is not None:
        return donation
    if StrayNotice.objects.filter(account=account, external_id=external_id).exists():
        return None
    return _asked_about_once(account, external_id)


def _asked_about_once(account: PaymentAccount, external_id: str) -> Donation | None:
    """The row is written before the provider is asked: it is the budget, whatever comes of it."""
    stray = _spend_budget(account, external_id)
    if stray is None:
        return None
    try:
        reference = _reference_at_provider(account, external_id)
    except ProviderDown:
        # Still spent, but the id is not known: it may be asked about again.
        StrayNotice.objects.filter(pk=stray.pk).update(external_id=f"unanswered-{stray.pk}")
        raise
    gifts = Donation.objects.filter(account=account, external_id=None)
    donation = (
        gifts.select_related("account", "site", "fund").filter(public_id=reference).first()
        if reference
        else None
    )
    if donation is not None:
        stray.delete()
    return donation


def _spend_budget(account: PaymentAccount, external_id: str) -> StrayNotice | None:
    """One look-up of an unknown id; None when the same id came twice at once."""
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    try:
        with transaction.atomic():
            # Locked, so that many at once cannot all read the same count.
            PaymentAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
            strays = StrayNotice.objects.filter(account=account)
            if strays.filter(seen_at__gt=a_minute_ago).count() >= STRAYS_PER_MINUTE:
                raise TooManyStrays
            return StrayNotice.objects.create(
                account=account, site_id=account.site_id, external_id=external_id
            )
    except IntegrityError:
        return None


def _reference_at_provider(account: PaymentAccount, external_id: str) -> UUID | None:
    try:
        payment = provider_for(account.kind).fetch(credentials_of(account), external_id)
        return UUID(payment.reference)
    except (PaymentNotFound, ValueError):
        return None
    except ProviderError as error:
        raise ProviderDown from error
