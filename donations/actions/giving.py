"""The way of a gift: begun here, finished by whoever learns the truth first (actions.payments)."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from donations.actions.accounts import account_for
from donations.actions.payments import ProviderDown, ask_for_payment, order_of, refresh_donation
from donations.actions.states import add_event
from donations.models import (
    Acceptance,
    Donation,
    DonationState,
    Fund,
    MessageState,
    Subscription,
)
from donations.providers import provider_for
from donations.tokens import KEYLESS
from site_settings.legal import ACCEPTED_TEXTS, record_version
from site_settings.models import LegalKind, Organisation

SAME_WORDS = timedelta(minutes=10)


class CannotGive(Exception):
    """The fund is closed or the site has no way to be paid. Nothing was stored."""


class OtherGift(Exception):
    """The gift key belongs to a gift of another sum or address. That gift is untouched."""


@dataclass(frozen=True)
class Gift:
    """What a donor typed, checked. `amount` in roubles; `key` makes a repeated submit one gift, and
    `typed_digest` two tabs of a form.

    `monthly`: the donor agreed to be charged every month; the provider is asked to save the card.
    `news`: the donor asked for news of the campaign.
    With `subscription` the card becomes that one's, and the gift stands for its next month.
    """

    amount: Decimal
    email: str
    key: str
    typed_digest: str = ""
    name: str = ""
    show_name: bool = False
    message: str = ""
    language: str = "ru"
    page_path: str = ""
    channel: str = ""
    source: str = field(default="donation form")
    shield_counts: tuple[tuple[str, int], ...] = ()
    proof: bool = False
    monthly: bool = False
    news: bool = False
    subscription: Subscription | None = None
    # (kind, digest) of the wordings that stood before the donor; without them those in force.
    shown_texts: tuple[tuple[str, str], ...] = ()


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


def begun(*, fund: Fund, key: str, typed_digest: str = "") -> Donation | None:
    """The gift that is meant by one more submit: that of the key, or of another tab.

    In another tab it is the one with the same words, while nobody knows how it ends. Without script
    it is the same one when it is paid, too: a click on «back» cannot be told from a second wish.
    """
    gifts = Donation.objects.filter(site_id=fund.site_id)
    gifts = gifts.select_related("account", "site", "fund")
    of_key = gifts.filter(gift_key=key).first()
    if of_key is not None or not typed_digest:
        return of_key
    over = [DonationState.CANCELED]
    if not key.startswith(KEYLESS):
        over.append(DonationState.SUCCEEDED)
    alike = gifts.filter(typed_digest=typed_digest, created_at__gt=timezone.now() - SAME_WORDS)
    return alike.exclude(state__in=over).first()


def _write(fund: Fund, gift: Gift) -> tuple[Donation, bool]:
    """Phase one: everything that must outlive a crash, in one transaction."""
    existing = same_gift(fund, gift)
    if existing is not None:
        return existing, False
    try:
        with transaction.atomic():
            return _insert(fund, gift), True
    except IntegrityError:
        # Two clicks or two tabs at once: the other one wrote it. Or the clock charged this month.
        existing = same_gift(fund, gift)
        if existing is None:
            raise CannotGive from None
        return existing, False


def same_gift(fund: Fund, gift: Gift) -> Donation | None:
    """What is written of it already. Raises OtherGift when its key stands for something else."""
    known = begun(fund=fund, key=gift.key, typed_digest=gift.typed_digest)
    if known is None or known.gift_key != gift.key:
        return known
    is_same = (known.fund_id, known.amount, known.email, known.saves_method)
    if is_same != (fund.pk, gift.amount, gift.email, gift.monthly):
        raise OtherGift
    return known


def take_over_words(fund: Fund, gift: Gift) -> None:
    """The same words ten minutes later begin another gift, and from now on are known as its."""
    if gift.typed_digest:
        Donation.objects.filter(
            site_id=fund.site_id,
            typed_digest=gift.typed_digest,
            created_at__lte=timezone.now() - SAME_WORDS,
        ).update(typed_digest="")


def purpose_of(fund: Fund, organisation: Organisation) -> str:
    """As the books and the provider read it. The recipient of a group learns whose gift it is."""
    if not organisation.is_group:
        return str(fund.purpose)
    return f"{organisation.name}: {fund.purpose}"[:255]


def record_acceptances(donation: Donation, gift: Gift) -> None:
    """What the donor agreed to, in the wordings that were shown."""
    kinds, shown = [*ACCEPTED_TEXTS], dict(gift.shown_texts)
    if gift.monthly:
        kinds.append(LegalKind.MONTHLY)
    if gift.news:
        kinds.append(LegalKind.NEWS)
    site = donation.site
    for kind in kinds:
        text = record_version(site, kind, shown.get(kind, ""))
        Acceptance.objects.create(donation=donation, site=site, text=text, source=gift.source)


def _insert(fund: Fund, gift: Gift) -> Donation:
    fund = Fund.objects.select_related("site__walls").get(pk=fund.pk)
    organisation = Organisation.for_site(fund.site)
    account = account_for(organisation)
    if account is None or not account.is_at_home or not fund.is_open():
        raise CannotGive
    donation = Donation(
        site=fund.site,
        fund=fund,
        account=account,
        amount=gift.amount,
        purpose=purpose_of(fund, organisation),
        email=gift.email,
        name=gift.name,
        show_name=gift.show_name,
        message=gift.message,
        message_state=MessageState.at_first(gift.message, gift.show_name),
        language=gift.language,
        page_path=gift.page_path,
        channel=gift.channel,
        gift_key=gift.key,
        typed_digest=gift.typed_digest,
        shield_counts=list(gift.shield_counts),
        proof=gift.proof,
        saves_method=gift.monthly,
        subscription=gift.subscription,
        period=gift.subscription.period if gift.subscription else None,
    )
    take_over_words(fund, gift)
    donation.provider_request = provider_for(account.kind).request_body(order_of(donation))
    donation.save(force_insert=True)
    # Staff who try the way accept nothing: they are the organisation.
    if not gift.proof:
        record_acceptances(donation, gift)
    add_event(donation, "", DonationState.CREATED, source="start")
    return donation
