"""The way of a gift: begun here, finished by whoever learns the truth first."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from donations.actions.letters import owe_letter
from donations.actions.shield import give_back, watch_declines
from donations.actions.subscriptions import note_decline, note_refusal, note_success
from donations.models import (
    Acceptance,
    Donation,
    DonationEvent,
    DonationState,
    Fund,
    LetterKind,
    PaymentAccount,
    Subscription,
)
from donations.money import MoneyField
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
from site_settings.legal import record_version
from site_settings.models import LegalKind

log = logging.getLogger(__name__)

ACCEPTED_TEXTS = (LegalKind.OFFER, LegalKind.CONSENT)
PURPOSE_PREFIX = "Пожертвование: "  # what the donor reads at the provider, in Russian by law
KEY_LIVES = timedelta(hours=23)  # the provider forgets an idempotence key after 24 h
PROVIDER_STATES = frozenset(DonationState.values) - {DonationState.CREATED}


class CannotGive(Exception):
    """The fund is closed or the site has no way to be paid. Nothing was stored."""


class OtherGift(Exception):
    """The gift key belongs to a gift of another sum or address. That gift is untouched."""


class NoSuchArrow(Exception):
    """A fault in our own code: a donation was to move where no arrow leads."""


class ProviderDown(Exception):
    """The truth could not be learnt now. Nothing changed; ask again later."""


@dataclass(frozen=True)
class Gift:
    """What a donor typed, checked. `amount` in roubles; `key` makes a repeated submit one gift.

    `monthly`: the donor agreed to be charged every month; the provider is asked to save the card.
    With `subscription` the card becomes that one's, and the gift stands for its next month.
    """

    amount: Decimal
    email: str
    key: str
    name: str = ""
    show_name: bool = False
    message: str = ""
    language: str = "ru"
    page_path: str = ""
    source: str = field(default="donation form")
    shield_counts: tuple[tuple[str, int], ...] = ()
    proof: bool = False
    monthly: bool = False
    subscription: Subscription | None = None


def start_donation(*, fund: Fund, gift: Gift) -> Donation:
    """Write the donation, then ask the provider for a payment.

    The same gift (key, sum, address) gives the same donation. When the provider cannot be reached
    the donation stays `created` and the sweeper goes on with it; when it refuses, the donation is
    `canceled` with the reason. Raises CannotGive and OtherGift.
    """
    donation, is_new = _write(fund, gift)
    if is_new:
        return ask_for_payment(donation, source="start")
    if donation.state == DonationState.CREATED:
        # The first call had no clear answer: a refusal now would prove nothing about it.
        with suppress(ProviderDown):
            donation = refresh_donation(donation, source="start")
    return donation


def is_known(*, fund: Fund, key: str) -> bool:
    """Whether a gift was already begun under this key, so that a repeat is no new start."""
    return Donation.objects.filter(site_id=fund.site_id, gift_key=key).exists()


def _write(fund: Fund, gift: Gift) -> tuple[Donation, bool]:
    """Phase one: everything that must outlive a crash, in one transaction."""
    existing = Donation.objects.filter(site_id=fund.site_id, gift_key=gift.key).first()
    if existing is not None:
        return _same_gift(existing, fund, gift), False
    try:
        with transaction.atomic():
            return _insert(fund, gift), True
    except IntegrityError:
        # Two clicks at once: the other one wrote it.
        existing = Donation.objects.get(site_id=fund.site_id, gift_key=gift.key)
        return _same_gift(existing, fund, gift), False


def _same_gift(existing: Donation, fund: Fund, gift: Gift) -> Donation:
    known = (existing.fund_id, existing.amount, existing.email, existing.saves_method)
    if known != (fund.pk, gift.amount, gift.email, gift.monthly):
        raise OtherGift
    return existing


def _insert(fund: Fund, gift: Gift) -> Donation:
    fund = Fund.objects.select_related("site").get(pk=fund.pk)
    account = PaymentAccount.objects.active().of_site(fund.site).first()
    if account is None or not account.is_at_home or not fund.is_open():
        raise CannotGive
    donation = Donation(
        site=fund.site,
        fund=fund,
        account=account,
        amount=gift.amount,
        purpose=fund.purpose,
        email=gift.email,
        name=gift.name,
        show_name=gift.show_name,
        message=gift.message,
        language=gift.language,
        page_path=gift.page_path,
        gift_key=gift.key,
        shield_counts=list(gift.shield_counts),
        proof=gift.proof,
        saves_method=gift.monthly,
        subscription=gift.subscription,
        period=gift.subscription.period if gift.subscription else None,
    )
    donation.provider_request = provider_for(account.kind).request_body(order_of(donation))
    donation.save(force_insert=True)
    # Staff who try the way accept nothing: they are the organisation.
    kinds = () if gift.proof else ACCEPTED_TEXTS
    for kind in (*kinds, *([LegalKind.MONTHLY] if gift.monthly else [])):
        text = record_version(fund.site, kind)
        Acceptance.objects.create(donation=donation, site=fund.site, text=text, source=gift.source)
    _event(donation, "", DonationState.CREATED, source="start")
    return donation


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
    that was stopped a moment ago is charged no more. Raises ProviderError, ProviderDown.
    """
    method = ""
    if _is_charge(donation):
        try:
            method = Subscription.objects.get(donations=donation).method_id
        except KeysUnavailable:
            raise ProviderDown from None
        if not method:
            raise ProviderError("method_forgotten", permanent=True)
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
        donation = Donation.objects.select_for_update().get(pk=donation.pk)
        if donation.state == DonationState.CREATED:
            donation.reason = error.code[:60]
            _move(donation, DonationState.CANCELED, source=source, answer=error.answer)
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
        donation = (
            Donation.objects.select_for_update(of=("self",))
            .select_related("account", "site")
            .get(pk=donation.pk)
        )
        if source != "start":
            # A donor who pays at once and comes back must not be told to wait.
            donation.checked_at = timezone.now()
        doubt = donation.flag or _doubt(donation, payment)
        if doubt:
            return _write_flag(donation, doubt, source=source, answer=payment.raw)
        _attach(donation, payment, source=source)
        if payment.state != donation.state:
            _follow(donation, payment, source=source, by=by)
        donation.save(update_fields=["checked_at", "confirmation_url"])
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
        donation.save(update_fields=["external_id"])
    if donation.state == DonationState.CREATED:
        _move(donation, DonationState.PENDING, source=source, answer=payment.raw)


def _follow(donation: Donation, payment: Payment, *, source: str, by: User | None) -> None:
    if payment.state not in Donation.ARROWS[donation.state]:
        if payment.state != DonationState.PENDING:
            _write_flag(
                donation, f"provider says {payment.state}", source=source, answer=payment.raw
            )
        return
    if payment.state == DonationState.SUCCEEDED:
        _count(donation, payment)
    donation.reason = payment.reason[:60]
    _move(donation, payment.state, source=source, answer=payment.raw, by=by)
    if payment.state == DonationState.SUCCEEDED:
        give_back(donation)
        note_success(donation, payment)
        owe_letter(donation, LetterKind.THANKS)
    elif payment.state == DonationState.CANCELED:
        note_decline(donation)
        if not _is_charge(donation):
            watch_declines(donation.fund)


def _count(donation: Donation, payment: Payment) -> None:
    donation.paid_at = payment.paid_at or timezone.now()
    # Locked before looking: whoever takes the site live at this moment locks its funds too.
    Fund.objects.select_for_update().get(pk=donation.fund_id)
    # A test payment counts only until the site takes real money for the first time.
    live = PaymentAccount.objects.of_site(donation.site).with_real_money()
    donation.counted = not donation.proof and (donation.account.is_live or not live.exists())
    if donation.counted:
        Fund.objects.filter(pk=donation.fund_id).update(
            raised=F("raised") + Value(donation.amount, output_field=MoneyField()),
            count=F("count") + 1,
        )


def _move(
    donation: Donation,
    to_state: str,
    *,
    source: str,
    answer: dict[str, Any],
    by: User | None = None,
) -> None:
    from_state = donation.state
    if to_state not in Donation.ARROWS[from_state]:
        raise NoSuchArrow(f"{from_state} → {to_state}")
    donation.state = to_state
    donation.save(update_fields=["state", "paid_at", "counted", "reason"])
    _event(donation, from_state, to_state, source=source, answer=answer, by=by)


def _event(
    donation: Donation,
    from_state: str,
    to_state: str,
    *,
    source: str,
    answer: dict[str, Any] | None = None,
    note: str = "",
    by: User | None = None,
) -> None:
    DonationEvent.objects.create(
        donation=donation,
        site_id=donation.site_id,
        source=source,
        by=by,
        from_state=from_state,
        to_state=to_state,
        note=note,
        answer=answer or {},
    )


def _write_flag(donation: Donation, doubt: str, *, source: str, answer: dict[str, Any]) -> Donation:
    """Something does not agree. It counts nothing until a person decides; told once per doubt."""
    if donation.flag != doubt[:200]:
        log.error("donation %s needs a person: %s", donation.public_id, doubt)
        donation.flag = doubt[:200]
        _event(
            donation, donation.state, donation.state, source=source, answer=answer, note=doubt[:200]
        )
    donation.save(update_fields=["flag", "checked_at"])
    return donation
