"""Gifts by bank transfer: promised on the site, known again by the code in the purpose."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import Site

from donations.actions.giving import (
    CannotGive,
    Gift,
    OtherGift,
    purpose_of,
    record_acceptances,
    same_gift,
    take_over_words,
)
from donations.actions.states import add_event, move
from donations.bank.codes import new_code
from donations.bank.payee import Payee, Transfer
from donations.models import (
    AccountKind,
    Donation,
    DonationState,
    Fund,
    MessageState,
    PaymentAccount,
)
from site_settings.models import Organisation
from site_settings.recipients import takes_for
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)

PROMISE_LIVES = timedelta(days=45)
# Reasons of a promise that ended «canceled».
NOT_ARRIVED, ARRIVED_LATE, ANOTHER_SUM = "not_arrived", "arrived_late", "another_sum_came"
TRIES = 20


def payee_of(organisation: Organisation) -> Payee | None:
    """The bank requisites; None while one that a bank needs is missing or wrong."""
    needed = (
        organisation.full_name or organisation.short_name,
        organisation.inn,
        organisation.bank_name,
        organisation.bic,
        organisation.account_number,
    )
    if not all(needed):
        return None
    try:
        # Rows written before the checks, or past the form, may hold anything.
        organisation.clean_fields(exclude=["site"])
        organisation.clean()
    except ValidationError:
        return None
    return Payee(
        name=organisation.full_name or organisation.short_name,
        short_name=organisation.short_name,
        inn=organisation.inn,
        kpp=organisation.kpp,
        account=organisation.account_number,
        bank=organisation.bank_name,
        bic=organisation.bic,
        correspondent=organisation.correspondent_account,
    )


def takes_transfers(fund: Fund) -> bool:
    """Whether a donor may be shown the way by bank now."""
    return payee_of(Organisation.for_site(fund.site)) is not None and fund.is_open()


def transfer_of(donation: Donation) -> Transfer | None:
    """What the donor is asked to send, by the requisites of today; None when there are none."""
    with unrestricted("the account may be that of a group's recipient"):
        payee = payee_of(Organisation.for_site(donation.account.site))
    if payee is None:
        return None
    # The code first: a bank may cut the end of a purpose off. In Russian, as the bank reads it.
    purpose = f"Пожертвование. Код {donation.code}. {donation.purpose}"
    return Transfer(payee=payee, amount=donation.amount, purpose=purpose[:210].rstrip())


def bank_account(*, site: Site, number: str) -> PaymentAccount:
    """The books of the bank account with this number, opened when there are none."""
    return _offline_account(site, AccountKind.BANK, number)


def cash_account(*, site: Site) -> PaymentAccount:
    """The books of the cash box, opened when there are none."""
    return _offline_account(site, AccountKind.CASH, "")


def _offline_account(site: Site, kind: AccountKind, number: str) -> PaymentAccount:
    # Cash and bank money is always real.
    with unrestricted("the site may be that of a group's recipient"):
        account, _created = PaymentAccount.objects.get_or_create(
            site=site, kind=kind, shop_id=number, defaults={"is_live": True}
        )
    return account


def promise_transfer(*, fund: Fund, gift: Gift) -> Donation:
    """Write down what a donor is going to send. The money is known when it comes.

    The same gift (key, sum, address) gives the same promise. Raises CannotGive and OtherGift.
    """
    known = _known(fund, gift)
    if known is not None:
        return known
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _insert(fund, gift)
        except IntegrityError:
            # Two clicks at once, or the code is taken.
            known = _known(fund, gift)
            if known is not None:
                return known
    raise CannotGive


def _known(fund: Fund, gift: Gift) -> Donation | None:
    known = same_gift(fund, replace(gift, monthly=False))
    if known is not None and known.account.kind != AccountKind.BANK:
        raise OtherGift
    return known


def _insert(fund: Fund, gift: Gift) -> Donation:
    fund = Fund.objects.select_related("site__walls").get(pk=fund.pk)
    organisation = Organisation.for_site(fund.site)
    receiver = takes_for(organisation)
    payee = payee_of(receiver) if receiver else None
    if receiver is None or payee is None or not fund.is_open():
        raise CannotGive
    donation = Donation(
        site=fund.site,
        fund=fund,
        account=bank_account(site=receiver.site, number=payee.account),
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
        code=new_code(),
    )
    take_over_words(fund, gift)
    donation.save(force_insert=True)
    record_acceptances(donation, replace(gift, monthly=False))
    add_event(donation, "", DonationState.CREATED, source="start")
    move(donation, DonationState.PENDING, source="start", answer={})
    return donation


def expire_promises() -> int:
    """Let go of promises nobody kept; returns how many. Quiet: no letter, nothing to answer for.

    Money that comes later is still known by its code.
    """
    old = Donation.objects.promised().filter(created_at__lt=timezone.now() - PROMISE_LIVES)
    expired = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            donation = Donation.objects.select_for_update(no_key=True).get(pk=pk)
            # Looked at again under the lock: the money may have come this moment.
            if donation.state == DonationState.PENDING:
                donation.reason = NOT_ARRIVED
                move(donation, DonationState.CANCELED, source="sweeper", answer={})
                expired += 1
    return expired
