"""What the accountant writes into the books: cash, bank gifts from paper, corrections.

Nothing is ever edited: a slip is mended by a correction with a reason and a document.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import lock_books
from donations.actions.funds import add_to_totals, lock_funds
from donations.actions.giving import purpose_of
from donations.actions.letters import owe_letter
from donations.actions.statements import count_offline, hand_id, moment_of
from donations.actions.states import add_event, move
from donations.actions.transfers import bank_account, cash_account
from donations.models import (
    AccountKind,
    Correction,
    Donation,
    DonationState,
    Fund,
    LetterKind,
    PaymentAccount,
    RefundState,
    StatementLine,
)
from donations.money import ZERO
from site_settings.models import Organisation
from tenancy.models import AuditEntry


class AlreadyEntered(Exception):
    """This document is in the books, or its line waits in the statement."""


class CannotCorrect(Exception):
    """The fund or the gift would fall below nothing. Nothing was changed."""


class OtherCorrection(CannotCorrect):
    """The key belongs to a correction of another sum, gift or fund. That one is untouched."""


@dataclass(frozen=True)
class OfflineGift:
    """A gift outside the site, from a paper. `amount` in roubles."""

    kind: AccountKind
    amount: Decimal
    day: date
    document: str
    name: str = ""
    email: str = ""


def enter_gift(*, site: Site, fund: Fund, gift: OfflineGift, by: User) -> Donation:
    """Count a cash or bank gift by its document. Raises AlreadyEntered.

    In the books of `site`: the fund's own, or that of the organisation that receives for a group.
    """
    try:
        with transaction.atomic():
            return _insert(site, fund, gift, by)
    except IntegrityError:
        raise AlreadyEntered from None


def _insert(site: Site, fund: Fund, gift: OfflineGift, by: User) -> Donation:
    fund = Fund.objects.select_related("site__organisation").get(pk=fund.pk)
    account = _account(site, gift.kind)
    donation = Donation(
        site=fund.site,
        fund=fund,
        account=account,
        amount=gift.amount,
        purpose=purpose_of(fund, fund.site.organisation),
        email=gift.email,
        name=gift.name,
    )
    donation.external_id = _external_id(gift, donation)
    donation.gift_key = f"by hand:{account.pk}:{donation.external_id}"[:80]
    if gift.kind == AccountKind.BANK:
        _refuse_known_line(account, gift)
    lock_books(site, fund.pk)
    donation.paid_at = moment_of(site, gift.day)
    donation.save(force_insert=True)
    add_event(donation, "", DonationState.CREATED, source="person", by=by)
    move(donation, DonationState.PENDING, source="person", answer={}, by=by)
    count_offline(donation)
    move(donation, DonationState.SUCCEEDED, source="person", answer={}, by=by)
    owe_letter(donation, LetterKind.THANKS)
    AuditEntry.objects.create(
        site=site,
        by=by,
        what="gift entered by hand",
        details={"donation": donation.pk, "document": gift.document},
    )
    return donation


def _account(site: Site, kind: AccountKind) -> PaymentAccount:
    if kind == AccountKind.CASH:
        return cash_account(site=site)
    return bank_account(site=site, number=Organisation.for_site(site).account_number)


def _external_id(gift: OfflineGift, donation: Donation) -> str:
    if gift.kind == AccountKind.BANK:
        return hand_id(gift.day, gift.document, donation.amount)
    # Numbers of cash documents begin anew every year.
    return f"{gift.day.year}/{gift.document}"[:64]


def _refuse_known_line(account: PaymentAccount, gift: OfflineGift) -> None:
    # The import locks the account as well: either it sees this gift, or we see its line.
    PaymentAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    same = StatementLine.objects.filter(
        account=account, day=gift.day, number=gift.document, amount=gift.amount
    )
    if same.exists():
        raise AlreadyEntered


def correct(
    *,
    fund: Fund,
    donation: Donation | None,
    amount: Decimal,
    reason: str,
    document: str,
    key: UUID,
    by: User,
) -> Correction:
    """Change what a gift, or a fund as a whole, counts by a signed sum. Safe to repeat by `key`.

    Raises CannotCorrect, OtherCorrection.
    """
    with transaction.atomic():
        lock_funds([fund.pk])
        gift = _locked(donation)
        fund = Fund.objects.get(pk=fund.pk)
        known = Correction.objects.filter(key=key, site_id=fund.site_id).first()
        if known is not None:
            wanted = (fund.pk, gift.pk if gift else None, amount)
            if (known.fund_id, known.donation_id, known.amount) != wanted:
                raise OtherCorrection
            return known
        count = _correct_gift(fund, gift, amount) if gift is not None else 0
        if fund.total + amount < ZERO or fund.count + count < 0:
            raise CannotCorrect
        add_to_totals(fund.pk, gift, raised=amount, count=count)
        correction = Correction.objects.create(
            site_id=fund.site_id,
            fund=fund,
            donation=gift,
            amount=amount,
            reason=reason,
            document=document,
            key=key,
            by=by,
        )
        AuditEntry.objects.create(
            site_id=fund.site_id, by=by, what="correction", details={"correction": correction.pk}
        )
    return correction


def _locked(donation: Donation | None) -> Donation | None:
    if donation is None:
        return None
    return Donation.objects.select_for_update(no_key=True).get(pk=donation.pk)


def _correct_gift(fund: Fund, gift: Donation, amount: Decimal) -> int:
    """Correct the gift's own sum; returns by how much the number of supporters changes."""
    on_its_way = sum(
        refund.amount
        for refund in gift.refunds.filter(state__in=(RefundState.CREATED, RefundState.PENDING))
    )
    # Test gifts may leave the count all at once; nothing is corrected there.
    is_real = gift.counted and gift.account.is_live and gift.fund_id == fund.pk
    if not is_real or gift.left - on_its_way + amount < ZERO:
        raise CannotCorrect
    before, after = gift.left > ZERO, gift.left + amount > ZERO
    gift.corrected += amount
    gift.save(update_fields=["corrected"])
    return int(after) - int(before)
