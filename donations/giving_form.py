"""What the donation form needs to be drawn: on a page as a block, or alone after an error."""

from contextlib import suppress
from decimal import Decimal
from typing import Any, TypedDict

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Site

from donations.actions.accounts import account_for
from donations.actions.subscriptions import offers_monthly
from donations.actions.transfers import payee_of
from donations.closed import why_closed, why_group_is_closed
from donations.forms import DonationForm
from donations.models import Fund, PaymentAccount
from donations.money import format_roubles, parse_sum
from donations.tokens import page_token
from site_settings.models import LegalKind, Organisation
from site_settings.recipients import receiver_of

USUAL_SUMS = (Decimal("300.00"), Decimal("500.00"), Decimal("1000.00"))


class Preset(TypedDict):
    value: str
    label: str
    meaning: str
    checked: bool


def presets_of(sums: list[tuple[Decimal, str]], chosen: str | None) -> list[Preset]:
    """Radio cards for (roubles, meaning); the second one is chosen when nobody has chosen yet.

    After an error the page does not know the block's own sums: the chosen one is kept all the same.
    """
    pairs = sums or _usual_and(chosen)
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


def _usual_and(chosen: str | None) -> list[tuple[Decimal, str]]:
    amounts = set(USUAL_SUMS)
    with suppress(ValueError):  # «own», nothing, or nonsense: the usual sums do
        amounts.add(parse_sum(chosen or ""))
    return [(amount, "") for amount in sorted(amounts)]


def form_context(
    request: HttpRequest,
    *,
    fund: Fund | None,
    form: DonationForm | None = None,
    sums: list[tuple[Decimal, str]] | None = None,
) -> dict[str, Any]:
    """Context of donations/form.html. `fund` is None on a draft: the form is only a picture."""
    site = Site.find_for_request(request)
    organisation = Organisation.for_request(request) if site else None
    receiver = receiver_of(organisation) if organisation else None
    account = account_for(organisation) if organisation else None
    online = account is not None and account.is_at_home
    by_bank = receiver is not None and payee_of(receiver) is not None
    has_way = online or by_bank
    is_open = fund is not None and has_way and fund.is_open()
    chosen = form.data.get("preset", "") if form is not None else None
    return {
        "fund": fund,
        "is_open": is_open,
        "by_bank": by_bank,
        "online": online,
        "closed_text": "" if is_open else _closed_text(organisation, fund, account, has_way),
        "form": form
        if form is not None
        else DonationForm(fund=fund, monthly=offers_monthly(account)),
        "start_url": reverse("donation_start"),
        "token": page_token(fund) if fund else "",
        "page_path": form.data.get("page", "") if form is not None else request.path,
        "presets": presets_of(sums or [], chosen),
        "own_checked": chosen == "own",
        "is_test": account is not None and not account.is_live,
        "recipient": receiver.name if receiver else "",
        "group": organisation.name if organisation and organisation.is_group else "",
        "offer_url": reverse("legal_text", args=[LegalKind.OFFER]),
        "consent_url": reverse("legal_text", args=[LegalKind.CONSENT]),
        "monthly_url": reverse("legal_text", args=[LegalKind.MONTHLY]),
        "privacy_url": reverse("legal_text", args=[LegalKind.PRIVACY]),
    }


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
