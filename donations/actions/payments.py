"""The truth of a payment: the provider is asked, and the books follow it."""

import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from donations.actions.followers import follow_by_gift
from donations.actions.funds import add_to_totals, lock_funds
from donations.actions.letters import owe_letter
from donations.actions.shield import give_back, watch_declines
from donations.actions.states import WRITTEN_BY_ANSWERS, move, write_flag
from donations.actions.subscriptions import (
    AT_REST,
    note_decline,
    note_refusal,
    note_success,
    rests,
)
from donations.models import (
    Donation,
    DonationState,
    LetterKind,
    PaymentAccount,
    Subscription,
)
from donations.providers import provider_for
from donations.providers.base import (
    Credentials,
    Order,
    Payment,
    PaymentNotFound,
    Provider,
    ProviderError,
)
from donations.secrets import KeysUnavailable
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)

PURPOSE_PREFIX = "Пожертвование: "  # what the donor reads at the provider, in Russian by law
KEY_LIVES = timedelta(hours=23)  # the provider forgets an idempotence key after 24 h
GRACE = timedelta(seconds=30)  # the request that began a payment or refund may still be at work
PROVIDER_STATES = frozenset(DonationState.values) - {DonationState.CREATED}


class ProviderDown(Exception):
    """The truth could not be learnt now. Nothing changed; ask again later."""


def order_of(donation: Donation) -> Order:
    with translation.override(donation.language):
        path = reverse("donation_status", args=[donation.public_id])
    return Order(
        reference=str(donation.public_id),
        # A proof payment lost with a database must not come back as a gift to the fund.
        fund="" if donation.proof else str(donation.fund.public_id),
        amount=donation.amount,
        description=_short(f"{PURPOSE_PREFIX}{donation.purpose}"),
        return_url=f"{donation.site.root_url}{path}",
        save=donation.saves_method,
        by_saved_method=_is_charge(donation),
    )


def _is_charge(donation: Donation) -> bool:
    """Made by the clock from a saved card; the donor is not asked."""
    return donation.subscription_id is not None and not donation.saves_method


def _create(provider: Provider, donation: Donation) -> Payment:
    """The one call that makes a payment, with the stored key and body.

    A saved method is looked up at the last moment and never stored with the body: a monthly gift
    that was stopped or paused a moment ago is charged no more, nor is one of a site that rests.
    Raises ProviderError, ProviderDown.
    """
    method = ""
    if _is_charge(donation):
        subscription = Subscription.objects.select_related("site").get(donations=donation)
        try:
            method = subscription.method_id
        except KeysUnavailable:
            raise ProviderDown from None
        if not method:
            raise ProviderError("method_forgotten", permanent=True)
        if rests(subscription):
            raise ProviderError(AT_REST, permanent=True)
    credentials = credentials_of(donation.account)
    key = str(donation.idempotence_key)
    return provider.create(credentials, donation.provider_request, key, method)


def _short(text: str, length: int = 128) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def credentials_of(account: PaymentAccount) -> Credentials:
    """Raises ProviderDown when the keys cannot be opened, or may not be used on this host."""
    if not account.is_at_home:
        log.warning("payment account %s: its live key is not for this host", account.pk)
        raise ProviderDown
    try:
        return Credentials(shop_id=account.shop_id, secret_key=account.secret_key)
    except KeysUnavailable:
        log.error("payment account %s: its secret cannot be opened", account.pk)
        raise ProviderDown from None


def ask_for_payment(donation: Donation, *, source: str) -> Donation:
    """Phases two and three: call with the stored key and body, then store the answer.

    Safe to repeat while the key lives: the provider gives the same payment.
    """
    provider = provider_for(donation.account.kind)
    try:
        payment = _create(provider, donation)
    except ProviderDown:
        return donation
    except ProviderError as error:
        if not error.permanent:
            log.warning("donation %s: provider unknown (%s)", donation.public_id, error.code)
            return donation
        log.warning("donation %s: provider refused (%s)", donation.public_id, error.code)
        return _refused(donation, error, source=source)
    return _take(donation, payment, source=source, by=None)


def _refused(donation: Donation, error: ProviderError, *, source: str) -> Donation:
    with transaction.atomic():
        lock_funds([donation.fund_id])
        donation = Donation.objects.select_for_update(no_key=True).get(pk=donation.pk)
        if donation.state == DonationState.CREATED:
            donation.reason = error.code[:60]
            move(donation, DonationState.CANCELED, source=source, answer=error.answer)
            note_refusal(donation)
    return donation


def refresh_donation(donation: Donation, *, source: str, by: User | None = None) -> Donation:
    """Ask the provider how the payment stands and bring the books in line with it.

    Called by the notification, the donor's return, the sweeper and people; the second time is
    quiet. Raises ProviderDown when the truth cannot be learnt now.
    """
    provider = provider_for(donation.account.kind)
    credentials = credentials_of(donation.account)
    try:
        if donation.external_id:
            payment = provider.fetch(credentials, donation.external_id)
        else:
            payment = _repeat_or_find(provider, credentials, donation)
    except PaymentNotFound as error:
        # A payment we have the id of can be missing on a replica for a moment: no verdict.
        if donation.external_id:
            raise ProviderDown from error
        return _refused(donation, error, source=source)
    except ProviderError as error:
        raise ProviderDown from error
    return _take(donation, payment, source=source, by=by)


def _repeat_or_find(provider: Provider, credentials: Credentials, donation: Donation) -> Payment:
    """The payment of a donation whose first call had no clear answer.

    While the key lives the same call is repeated; a refusal then proves nothing about the first
    call (keys may have been changed in between), so the provider's list decides.
    """
    if donation.created_at > timezone.now() - KEY_LIVES:
        try:
            return _create(provider, donation)
        except ProviderError as error:
            if not error.permanent:
                raise
    earliest = donation.created_at - timedelta(minutes=5)
    found = provider.find(credentials, str(donation.public_id), earliest)
    if found is None:
        raise PaymentNotFound
    return found


def _take(donation: Donation, payment: Payment, *, source: str, by: User | None) -> Donation:
    """Lock the row, look again, compare, and go along the arrows to where the provider is."""
    with transaction.atomic():
        if payment.state in (DonationState.SUCCEEDED, DonationState.CANCELED):
            lock_funds([donation.fund_id])  # the end of a gift changes its fund
        donation = (
            Donation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account", "site")
            .get(pk=donation.pk)
        )
        if source != "start":
            # A donor who pays at once and comes back must not be told to wait.
            donation.checked_at = timezone.now()
        doubt = donation.flag or _doubt(donation, payment)
        if doubt:
            return write_flag(donation, doubt, source=source, answer=payment.raw)
        before = donation.state
        _attach(donation, payment, source=source)
        if payment.state != donation.state:
            _follow(donation, payment, source=source, by=by)
        if donation.state == before:  # a move has written everything
            donation.save(update_fields=WRITTEN_BY_ANSWERS)
    return donation


def _doubt(donation: Donation, payment: Payment) -> str:
    """Why this payment cannot be taken for this donation, or «»."""
    if donation.external_id not in (None, payment.external_id):
        return "another payment id"
    if payment.amount != donation.amount or payment.currency != "RUB":
        return "another sum or currency"
    if payment.shop_id != donation.account.shop_id:
        return "another shop"
    if payment.reference != str(donation.public_id):
        return "another donation in the metadata"
    if payment.is_test and donation.account.is_live:
        return "a test payment in a live shop"
    if not payment.is_test and not donation.account.is_live:
        return "a real payment in a test shop"
    if payment.state not in PROVIDER_STATES:
        return "a state we do not know"
    return ""


def _attach(donation: Donation, payment: Payment, *, source: str) -> None:
    if payment.confirmation_url and not donation.confirmation_url:
        donation.confirmation_url = payment.confirmation_url
    if donation.external_id is None:
        donation.external_id = payment.external_id
    if donation.state == DonationState.CREATED:
        move(donation, DonationState.PENDING, source=source, answer=payment.raw)


def _follow(donation: Donation, payment: Payment, *, source: str, by: User | None) -> None:
    if payment.state not in Donation.ARROWS[donation.state]:
        if payment.state != DonationState.PENDING:
            write_flag(
                donation, f"provider says {payment.state}", source=source, answer=payment.raw
            )
        return
    if payment.state == DonationState.SUCCEEDED:
        _count(donation, payment)
    donation.reason = payment.reason[:60]
    move(donation, payment.state, source=source, answer=payment.raw, by=by)
    if payment.state == DonationState.SUCCEEDED:
        give_back(donation)
        note_success(donation, payment)
        follow_by_gift(donation)
        owe_letter(donation, LetterKind.THANKS)
    elif payment.state == DonationState.CANCELED:
        note_decline(donation)
        if not _is_charge(donation):
            watch_declines(donation.fund)


def _count(donation: Donation, payment: Payment) -> None:
    donation.paid_at = payment.paid_at or timezone.now()
    donation.counted = not donation.proof and (donation.account.is_live or _tests_count(donation))
    if donation.counted:
        add_to_totals(donation.fund_id, donation, raised=donation.amount, count=1)


def _tests_count(donation: Donation) -> bool:
    """A test payment counts only until the site takes real money for the first time."""
    # The fund is locked: whoever takes the site live at this moment waits for it.
    with unrestricted("the account may be that of a group's recipient"):
        owner = PaymentAccount.objects.filter(site_id=donation.account.site_id)
        return not owner.with_real_money().exists()
