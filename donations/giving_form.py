"""What the donation form needs to be drawn: on a page as a block, or alone after an error."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.core import signing
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from wagtail.models import Site

from donations.actions.subscriptions import offers_monthly
from donations.closed import why_closed, why_group_is_closed
from donations.forms import CHANNEL, MONTHLY, ONCE, DonationForm
from donations.methods import methods_of
from donations.models import Fund, PaymentAccount
from donations.money import format_roubles, parse_sum
from donations.purpose import purpose_for
from donations.tokens import page_token, site_token
from donations.ways import ways_for
from site_settings.legal import ACCEPTED_TEXTS, shown_wordings
from site_settings.models import LegalKind, Organisation
from site_settings.recipients import receiver_of

USUAL_SUMS = [(Decimal(f"{roubles}.00"), "") for roubles in (300, 500, 1000)]
MOST_OTHERS = 6


@dataclass(frozen=True)
class Wish:
    """What a page's address asks for: ?sum=500&monthly=1&utm_source=vk. Nonsense is nothing."""

    amount: Decimal | None
    monthly: bool
    channel: str

    @classmethod
    def of(cls, request: HttpRequest, fund: Fund | None) -> "Wish":
        amount = None
        with suppress(ValueError):
            amount = parse_sum(request.GET.get("sum", ""))
        if amount is not None and fund is not None and not fund.smallest <= amount <= fund.largest:
            amount = None
        channel = request.GET.get("utm_source", "").strip().lower()
        monthly = request.GET.get("monthly") == "1"
        return cls(amount, monthly, channel if CHANNEL.fullmatch(channel) else "")


class Choice(TypedDict):
    value: str
    label: str


class Preset(TypedDict):
    value: str
    label: str
    meaning: str
    checked: bool


def presets_of(sums: list[tuple[Decimal, str]], chosen: str | None) -> list[Preset]:
    """Radio cards for (roubles, meaning); the second one is chosen when nobody has chosen yet.

    A chosen sum that is not among them is kept all the same.
    """
    pairs = sums or USUAL_SUMS
    with suppress(ValueError):  # «own», nothing, or nonsense: the sums do
        amount = parse_sum(chosen or "")
        pairs = pairs if amount in dict(pairs) else sorted([*pairs, (amount, "")])
    usual = f"{pairs[min(1, len(pairs) - 1)][0]:.2f}"
    return [
        {
            "value": f"{amount:.2f}",
            "label": format_roubles(amount),
            "meaning": meaning,
            "checked": f"{amount:.2f}" == (usual if chosen is None else chosen),
        }
        for amount, meaning in pairs
    ]


def carried_sums(fund: Fund, sums: list[tuple[Decimal, str]]) -> str:
    """The sums of the page, signed: an error sends them back, and the page is drawn with them."""
    signer = signing.Signer(salt=f"donations.sums.{fund.public_id}")
    rows = [(f"{amount:.2f}", meaning) for amount, meaning in sums]
    return signer.sign_object(rows, compress=True) if rows else ""


def sums_carried(fund: Fund, text: str) -> list[tuple[Decimal, str]]:
    """What `carried_sums` wrote for the same fund; [] for anything else."""
    try:
        rows = signing.Signer(salt=f"donations.sums.{fund.public_id}").unsign_object(text)
    except signing.BadSignature:
        return []
    return [(Decimal(amount), meaning) for amount, meaning in rows]


def form_context(
    request: HttpRequest,
    *,
    fund: Fund | None,
    form: DonationForm | None = None,
    sums: list[tuple[Decimal, str]] | None = None,
) -> dict[str, Any]:
    """Context of donations/form.html. `fund` is None on a draft: the form is only a picture."""
    site = Site.find_for_request(request)
    ways = ways_for(request) if site else None
    organisation = ways.organisation if ways else None
    receiver = (ways and ways.taking) or (receiver_of(organisation) if organisation else None)
    account = ways.account if ways else None
    has_way = ways is not None and ways.exist
    is_open = fund is not None and has_way and fund.is_open()
    chosen = form.data.get("preset", "") if form is not None else None
    others = other_funds(fund) if fund and form is not None and has_way and not is_open else []
    own = chosen == "own"
    if fund and form is not None and not others:
        sums = sums_carried(fund, form.data.get("sums", ""))
    if form is None:
        wish = Wish.of(request, fund)
        if wish.amount is not None:
            among = any(amount == wish.amount for amount, _meaning in sums or USUAL_SUMS)
            chosen, own = (f"{wish.amount:.2f}", False) if among else ("own", True)
        initial = {
            "amount": wish.amount if own else None,
            "frequency": MONTHLY if wish.monthly else ONCE,
            "channel": wish.channel,
        }
        form = DonationForm(fund=fund, monthly=offers_monthly(account), initial=initial)
    return {
        "fund": fund,
        "is_open": is_open,
        "other_funds": others,
        "by_bank": ways is not None and ways.by_bank,
        "online": ways is not None and ways.online,
        "methods": methods_of(account) if account else "",
        "closed_text": "" if is_open else _closed_text(organisation, fund, account, has_way),
        "form": form,
        # A whole site that is closed opens again, if ever, long after this page.
        "kept": form.kept() if form.is_bound and site and not why_closed(site) else [],
        "start_url": reverse("donation_start"),
        "purpose": SimpleLazyObject(lambda: purpose_for(fund)) if fund else "",
        "texts": _texts(site, organisation, form) if is_open or others else "",
        "token": _token(fund, others),
        "page_path": form.data.get("page", "") if form.is_bound else request.path,
        "presets": presets_of(sums or [], chosen),
        "sums": carried_sums(fund, sums or []) if fund else "",
        "own_checked": own,
        "is_test": account is not None and not account.is_live,
        "recipient": receiver.name if receiver else "",
        "group": organisation.name if organisation and organisation.is_group else "",
        **legal_urls(),
    }


def legal_urls() -> dict[str, str]:
    """Where the texts beside the boxes are read: offer_url, consent_url and so on."""
    return {f"{kind}_url": reverse("legal_text", args=[kind]) for kind in LegalKind}


def other_funds(closed: Fund) -> list[Choice]:
    """What can be given to instead: the general fund first, then campaigns that are open now.

    Not those shown by link only: whoever has no link does not hear of them.
    """
    shown = Fund.objects.of_site(closed.site).filter(accepts=True, by_link_only=False)
    soonest = shown.exclude(pk=closed.pk).order_by(F("deadline").asc(nulls_last=True), "pk")
    funds = sorted(
        (fund for fund in soonest if fund.is_open()), key=lambda fund: fund.key is not None
    )
    return [
        {"value": str(fund.public_id), "label": purpose_for(fund)} for fund in funds[:MOST_OTHERS]
    ]


def _token(fund: Fund | None, others: list[Choice]) -> str:
    if fund is None:
        return ""
    return site_token(fund.site_id) if others else page_token(fund)


def _texts(site: Site | None, organisation: Organisation | None, form: DonationForm) -> str:
    if site is None or organisation is None:
        return ""
    kinds = [*ACCEPTED_TEXTS]
    if form.monthly:
        kinds.append(LegalKind.MONTHLY)
    if form.offers_news:
        kinds.append(LegalKind.NEWS)
    return shown_wordings(kinds, organisation, site)


def _closed_text(
    organisation: Organisation | None,
    fund: Fund | None,
    account: PaymentAccount | None,
    has_way: bool,
) -> str:
    of_site = why_closed(organisation.site) if organisation else ""
    if of_site:
        return of_site
    if organisation and organisation.is_group and not has_way:
        return why_group_is_closed(organisation)
    if fund is None:
        return _("The form will work as soon as the page is published.")
    if not has_way and account is not None:
        return _("Donations are paused for a while. Please come again later.")
    if not has_way:
        return _("Donations are not accepted yet: the organisation is preparing for it.")
    return _("This collection is closed. Thank you to all who helped.")
