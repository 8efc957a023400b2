"""The bank's statement in the books: lines read once, gifts known by their codes, the rest by hand.

Importing counts nothing: it shows. What counts is what a person then confirms.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum

from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import drop_test_gifts, lock_books
from donations.actions.followers import follow_by_gift
from donations.actions.funds import add_to_totals
from donations.actions.giving import purpose_of
from donations.actions.letters import owe_letter
from donations.actions.shield import give_back
from donations.actions.states import add_event, move
from donations.actions.transfers import ANOTHER_SUM, ARRIVED_LATE, NOT_ARRIVED, bank_account
from donations.bank.codes import codes_in
from donations.bank.statement import Incoming, read
from donations.models import (
    Donation,
    DonationState,
    Fund,
    LetterKind,
    PaymentAccount,
    StatementLine,
)
from donations.money import to_kopecks
from site_settings.models import Organisation
from tenancy.models import AuditEntry


class Fit(Enum):
    """How a line and the promise with its code belong together."""

    READY = "ready"  # confirmed without a question
    OTHER_SUM = "other sum"
    PAID_ALREADY = "paid already"
    ENTERED = "entered by hand"
    NONE = "none"  # no code of ours

    @property
    def is_certain(self) -> bool:
        return self in (Fit.READY, Fit.ENTERED)


@dataclass(frozen=True)
class Proposal:
    """What a waiting line is taken for."""

    line: StatementLine
    fit: Fit
    donation: Donation | None = None


@dataclass(frozen=True)
class Imported:
    found: int
    new: int


class NoAccount(Exception):
    """The organisation has no bank account in its requisites: nothing can be compared."""


class LineIsTaken(Exception):
    """The line is a donation already, or is put aside."""


def import_statement(*, site: Site, content: bytes, by: User) -> Imported:
    """Keep the incoming lines of a statement; those that are known are left as they are.

    Raises BadStatement, NoAccount.
    """
    number = Organisation.for_site(site).account_number
    if not number:
        raise NoAccount
    rows = read(content, account=number)
    account = bank_account(site=site, number=number)
    with transaction.atomic():
        # Locked, so that the same file sent twice at once is read twice one after the other.
        PaymentAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        known = set(account.lines.values_list("key", flat=True))
        new = [_line(account, row, by) for row in rows if row.key not in known]
        StatementLine.objects.bulk_create(new, batch_size=200)
        AuditEntry.objects.create(
            site=site,
            by=by,
            what="statement imported",
            details={"account": account.pk, "found": len(rows), "new": len(new)},
        )
    return Imported(found=len(rows), new=len(new))


def _line(account: PaymentAccount, row: Incoming, by: User) -> StatementLine:
    return StatementLine(
        account=account,
        site_id=account.site_id,
        key=row.key,
        day=row.day,
        number=row.number,
        amount=row.amount,
        payer=row.payer,
        payer_inn=row.payer_inn,
        purpose=row.purpose,
        by=by,
    )


def propose(lines: Sequence[StatementLine]) -> list[Proposal]:
    """What each waiting line of one site is taken for. Two queries, however many lines."""
    codes = {line.pk: codes_in(line.purpose) for line in lines}
    wanted = {code for found in codes.values() for code in found}
    sites = {line.site_id for line in lines}
    gifts = Donation.objects.filter(account__site__in=sites, code__in=wanted)
    # By whose account the promise names: a group's is kept in its recipient's books.
    by_code = defaultdict(list)
    for gift in gifts.select_related("fund", "account"):
        by_code[gift.account.site_id, gift.code].append(gift)
    by_hand = _entered(lines)
    proposals = []
    promised: set[int] = set()
    for line in lines:
        entered = by_hand.get((line.account_id, hand_id(line.day, line.number, line.amount)))
        found = [gift for code in codes[line.pk] for gift in by_code[line.site_id, code]]
        proposal = _proposal(line, entered, found, promised)
        if proposal.fit == Fit.READY and proposal.donation is not None:
            # A second line with the same code is a second gift: a person looks at it.
            promised.add(proposal.donation.pk)
        proposals.append(proposal)
    return proposals


def _proposal(
    line: StatementLine, entered: Donation | None, found: list[Donation], promised: set[int]
) -> Proposal:
    if entered is not None:
        return Proposal(line, Fit.ENTERED, entered)
    if len(found) != 1:
        return Proposal(line, Fit.NONE)
    gift = found[0]
    if gift.pk in promised or not _can_be_kept(gift):
        return Proposal(line, Fit.PAID_ALREADY, gift)
    return Proposal(line, Fit.READY if gift.amount == line.amount else Fit.OTHER_SUM, gift)


def _can_be_kept(gift: Donation) -> bool:
    """A promise waits, or was let go of only because nothing had come."""
    return gift.state == DonationState.PENDING or (
        gift.state == DonationState.CANCELED and gift.reason == NOT_ARRIVED
    )


def hand_id(day: date, number: str, amount: Decimal) -> str:
    """External id of a bank gift entered by hand: a statement's line of it is known again by it."""
    return f"hand:{day:%Y%m%d}:{to_kopecks(amount)}:{number}"[:64]


def _entered(lines: Sequence[StatementLine]) -> dict[tuple[int, str], Donation]:
    ids = {hand_id(line.day, line.number, line.amount) for line in lines}
    accounts = {line.account_id for line in lines}
    gifts = Donation.objects.filter(
        account__in=accounts, external_id__in=ids, statement_line=None
    ).select_related("fund")
    return {(gift.account_id, gift.external_id or ""): gift for gift in gifts}


def confirm_ready(*, site: Site, by: User) -> list[Donation]:
    """Count every waiting line that keeps a promise to the kopeck, each in a transaction."""
    waiting = list(StatementLine.objects.filter(site=site).waiting().order_by("day", "pk"))
    ready = [one for one in propose(waiting) if one.fit.is_certain]
    counted = []
    for proposal in ready:
        try:
            gift = _confirm(proposal.line, by)
        except LineIsTaken:
            continue  # two people at once: the other one counted it
        if gift is not None:
            counted.append(gift)
    return counted


def _confirm(line: StatementLine, by: User) -> Donation | None:
    with transaction.atomic():
        line = _lock(line)
        proposal = propose([line])[0]  # looked at again under the lock
        if proposal.donation is None or not proposal.fit.is_certain:
            return None
        if proposal.fit == Fit.ENTERED:
            return _take_line(line, proposal.donation)
        return _keep_promise(line, proposal.donation, by)


def _keep_promise(line: StatementLine, promise: Donation, by: User) -> Donation:
    lock_books(line.site, promise.fund_id)
    promise = Donation.objects.select_for_update(no_key=True).get(pk=promise.pk)
    if promise.state == DonationState.PENDING and promise.amount == line.amount:
        promise.external_id = line.key
        promise.save(update_fields=["external_id"])
        return _pay(promise, line, by)
    if promise.state == DonationState.PENDING:
        promise.reason = ANOTHER_SUM
        move(promise, DonationState.CANCELED, source="statement", answer={}, by=by)
    elif promise.state == DonationState.CANCELED:
        # No arrow leads out of «canceled»; the word tells that this promise is kept all the same.
        promise.reason = ARRIVED_LATE
        promise.save(update_fields=["reason"])
    return _new_gift(line, promise.fund, promise, by)


def count_what_came(*, line: StatementLine, by: User) -> Donation:
    """A line whose sum is not the promised one, or whose code was used before: a person has looked,
    and the sum that came is counted. Raises LineIsTaken."""
    with transaction.atomic():
        line = _lock(line)
        proposal = propose([line])[0]
        if proposal.donation is None or proposal.fit == Fit.ENTERED:
            raise LineIsTaken
        return _keep_promise(line, proposal.donation, by)


def attach_line(*, line: StatementLine, fund: Fund, by: User) -> Donation:
    """Make a gift to `fund` of a line without a code. Raises LineIsTaken."""
    with transaction.atomic():
        line = _lock(line)
        lock_books(line.site, fund.pk)
        return _new_gift(line, fund, None, by)


def set_line_aside(*, line: StatementLine, by: User) -> None:
    """No gift: a grant, a fee, money given back. Raises LineIsTaken."""
    with transaction.atomic():
        line = _lock(line)
        line.set_aside = True
        line.save(update_fields=["set_aside"])
        AuditEntry.objects.create(
            site_id=line.site_id, by=by, what="statement line set aside", details={"line": line.pk}
        )


def _lock(line: StatementLine) -> StatementLine:
    line = StatementLine.objects.select_for_update(no_key=True).get(pk=line.pk)
    if line.donation_id is not None or line.set_aside:
        raise LineIsTaken
    return line


def _new_gift(line: StatementLine, fund: Fund, promise: Donation | None, by: User) -> Donation:
    """A gift born of the line itself, from the donor of the promise when there was one."""
    fields = ("email", "name", "show_name", "message", "message_state", "message_decided_at")
    more = ("language", "page_path", "channel")
    gift = Donation(
        site_id=fund.site_id,
        fund=fund,
        account_id=line.account_id,
        amount=line.amount,
        purpose=promise.purpose if promise else purpose_of(fund, fund.site.organisation),
        gift_key=f"line:{line.key}",
        external_id=line.key,
        **{name: getattr(promise, name) for name in (*fields, *more) if promise is not None},
    )
    gift.save(force_insert=True)
    add_event(gift, "", DonationState.CREATED, source="statement", by=by)
    move(gift, DonationState.PENDING, source="statement", answer={}, by=by)
    if promise is not None:
        follow_by_gift(promise)  # what was agreed to stands with what was promised
    return _pay(gift, line, by)


def _pay(gift: Donation, line: StatementLine, by: User) -> Donation:
    gift.paid_at = moment_of(line.site, line.day)
    count_offline(gift)
    move(gift, DonationState.SUCCEEDED, source="statement", answer={"line": line.pk}, by=by)
    give_back(gift)
    follow_by_gift(gift)
    owe_letter(gift, LetterKind.THANKS)
    return _take_line(line, gift)


def _take_line(line: StatementLine, gift: Donation) -> Donation:
    line.donation = gift
    line.save(update_fields=["donation"])
    return gift


def moment_of(site: Site, day: date) -> datetime:
    """A bank tells the day only: noon of it on the site, so that no zone makes it another day."""
    noon = datetime.combine(day, time(12), tzinfo=Organisation.for_site(site).zone)
    return min(noon, timezone.now())


def count_offline(gift: Donation) -> None:
    """Add real money to its fund; from now on test gifts of the site no longer count.

    The caller has locked the books, as whoever takes the site live does.
    """
    drop_test_gifts(site=gift.account.site)
    gift.counted = True
    add_to_totals(gift.fund_id, gift, raised=gift.amount, count=1)
