"""How the payments of a site fare, in words: for the screen of its payment account."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Site

from donations.models import Donation, DonationEvent, DonationState, Fund, PaymentAccount
from donations.providers import provider_for
from site_settings.models import Organisation

WATCHED = timedelta(days=7)
# The donor's return can be quicker than the notification: it is given this long.
PATIENCE = timedelta(minutes=15)
SOURCES = ("notification", "return", "sweeper", "reconciliation")


@dataclass(frozen=True)
class Notices:
    """What is known of the notifications of an account: a sentence, and what to do or «»."""

    is_bad: bool
    sentence: str
    advice: str
    last_at: datetime | None
    learnt: list[tuple[str, int]]


@dataclass(frozen=True)
class Remark:
    """Something about the shop. A grave one means: money is lost, refused, or goes elsewhere."""

    is_grave: bool
    text: str


def notices_of(account: PaymentAccount, now: datetime | None = None) -> Notices:
    """Seven days of payments, by how each was learnt."""
    now = now or timezone.now()
    paid = DonationEvent.objects.filter(
        donation__account=account, to_state=DonationState.SUCCEEDED, at__gt=now - WATCHED
    ).exclude(from_state=DonationState.SUCCEEDED)
    by_source = dict(paid.values_list("source").annotate(number=Count("pk")))
    names = source_names()
    learnt = [(names[source], by_source.get(source, 0)) for source in SOURCES]
    unheard = paid.exclude(source="notification").filter(at__lt=now - PATIENCE)
    last_at = account.last_notice_at
    if last_at is not None:
        unheard = unheard.filter(at__gt=last_at)
    missed = unheard.count()
    if missed:
        sentence, advice = _silence(last_at, now, missed), _where_to_put_the_address()
    else:
        sentence, advice = _all_is_well(last_at, sum(by_source.values())), ""
    return Notices(bool(missed), sentence, advice, last_at, learnt)


def source_names() -> dict[str, str]:
    return {
        "start": _("at once"),
        "notification": _("by notification"),
        "return": _("when the donor came back"),
        "sweeper": _("when we asked ourselves"),
        "reconciliation": _("at the nightly reconciliation"),
        "person": _("when a person asked"),
    }


def _silence(last_at: datetime | None, now: datetime, missed: int) -> str:
    payments = ngettext("there was %(n)s payment", "there were %(n)s payments", missed)
    payments %= {"n": missed}
    if last_at is None:
        return _("No notification has ever come, though in a week %(payments)s.") % {
            "payments": payments
        }
    days = (now - last_at).days
    if not days:
        return _("After the last notification %(payments)s without one.") % {"payments": payments}
    silent = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return _("No notification has come for %(days)s, though %(payments)s.") % {
        "days": silent,
        "payments": payments,
    }


def _where_to_put_the_address() -> str:
    return _(
        "Copy the address for notifications from this page into the merchant profile of YooKassa. "
        "No money is lost: we ask about every payment ourselves, only later."
    )


def _all_is_well(last_at: datetime | None, paid: int) -> str:
    if not paid:
        return _("There were no payments in a week, so there is nothing to judge by.")
    if last_at is None:
        return _("The first payment has just come; we are waiting for its notification.")
    return _("Notifications come as they should.")


def remarks_on(account: PaymentAccount, organisation: Organisation) -> list[Remark]:
    """What the provider's facts about the shop mean for the site, the gravest first."""
    facts = account.facts
    if not provider_for(account.kind).takes_credentials or not facts:
        return []
    if facts.get("wrong_key"):
        text = _("YooKassa does not take this key any more: donations fail. Give a new key.")
        return [Remark(True, text)]
    found = [*_whose_shop(facts, organisation), *_what_it_can(account, facts)]
    return sorted(found, key=lambda remark: not remark.is_grave)


def _whose_shop(facts: dict[str, Any], organisation: Organisation) -> list[Remark]:
    theirs = facts["inn"]
    if not theirs or theirs == organisation.inn:
        return []
    if not organisation.inn:
        text = _(
            "The shop belongs to the organisation with INN %(theirs)s. The site's own INN is not "
            "filled in: write it in Settings and compare."
        )
        return [Remark(False, text % {"theirs": theirs})]
    text = _(
        "The shop belongs to another organisation: its INN is %(theirs)s, the site's is %(ours)s. "
        "Donations will go to them. Check the shop id, or the INN in Settings."
    )
    return [Remark(True, text % {"theirs": theirs, "ours": organisation.inn})]


def _what_it_can(account: PaymentAccount, facts: dict[str, Any]) -> list[Remark]:
    found = []
    if not facts["is_enabled"]:
        text = _("The shop is switched off at YooKassa: donations fail. Ask their manager why.")
        found.append(Remark(True, text))
    if facts["needs_receipts"]:
        text = _(
            "Sending receipts is switched on in the shop, and we send none, as a donation is no "
            "sale: payments would be refused. Switch it off in the merchant profile."
        )
        found.append(Remark(True, text))
    if facts["is_test"]:
        text = _("This is a test shop: the site takes no real money with it.")
        found.append(Remark(account.is_live or _took_real_money(account), text))
    for method, text in _missing_methods(facts):
        if method not in facts["methods"]:
            found.append(Remark(False, text))
    return found


def _took_real_money(account: PaymentAccount) -> bool:
    return PaymentAccount.objects.with_real_money().filter(site_id=account.site_id).exists()


def _missing_methods(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """A test shop never has the fast payment system; nothing is missed there."""
    cards = ("bank_card", _("Bank cards are not switched on in the shop. Most donors pay by card."))
    fast = (
        "sbp",
        _(
            "SBP is not switched on in the shop: donors cannot pay by a QR code, and it is cheaper "
            "for you. Ask for it in the merchant profile."
        ),
    )
    if not facts["methods"]:
        return []
    return [cards] if facts["is_test"] else [cards, fast]


def strict_funds(site: Site) -> list[str]:
    """A sentence for each fund where every donor is asked to confirm."""
    strict = Fund.objects.of_site(site).filter(strict_until__gt=timezone.now()).order_by("pk")
    return [
        _(
            "«%(purpose)s»: many payments were declined one after another, as when stolen cards "
            "are tried. Until %(until)s each donor confirms the sum once more. Nothing to do: it "
            "ends by itself."
        )
        % {"purpose": fund.purpose, "until": _moment(fund.strict_until)}
        for fund in strict
    ]


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j E, H:i") if at else ""


@dataclass(frozen=True)
class Proof:
    """How the last proof payment stands. `step` is one of start, pay, paid, back, refused."""

    donation: Donation
    step: str
    pay_url: str
    learnt: str
    was_noticed: bool


def proof_of(donation: Donation | None) -> Proof | None:
    if donation is None:
        return None
    moves = [event for event in donation.events.all() if event.from_state != event.to_state]
    learnt = [event.source for event in moves if event.to_state == DonationState.SUCCEEDED]
    source = learnt[0] if learnt else ""
    last_notice = donation.account.last_notice_at
    return Proof(
        donation=donation,
        step=_step(donation),
        pay_url=_pay_url(donation),
        learnt=source_names().get(source, source),
        was_noticed=last_notice is not None and last_notice > donation.created_at,
    )


def _step(donation: Donation) -> str:
    if donation.state == DonationState.SUCCEEDED:
        if not donation.left:
            return "back"
        return (
            "going back" if any(back.is_unfinished for back in donation.refunds.all()) else "paid"
        )
    if donation.state == DonationState.CANCELED:
        return "refused"
    return "pay" if donation.confirmation_url else "start"


def _pay_url(donation: Donation) -> str:
    """The pretend bank's page has no host of its own: it stands on the site."""
    url = donation.confirmation_url
    return f"{donation.site.root_url}{url}" if url.startswith("/") else url
