"""The page a donor is led on from, and comes back to."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from donations.actions.again import CAME_LATER, can_try_again, saves_no_card
from donations.actions.flags import PAID_LATE
from donations.actions.payments import ProviderDown, refresh_donation
from donations.actions.subscriptions import takes_monthly
from donations.actions.transfers import (
    ANOTHER_SUM,
    ARRIVED_LATE,
    NOT_ARRIVED,
    takes_transfers,
)
from donations.channels import number_by_own_link, own_channel
from donations.models import Donation, DonationState, Fund
from donations.purpose import purpose_for
from donations.requests import site_of

# The provider's words for a shop whose key or settings are wrong: not the donor's bank.
NOT_SET_UP = ("invalid_credentials", "not_found", "invalid_request")
ASK_AGAIN = timedelta(seconds=3)
SMALL_SUM = Decimal("300.00")  # nobody is asked to give as much every month as once
SEE_OTHER = 303


def on_to_payment(donation: Donation) -> HttpResponse:
    if not donation.account.is_online:
        return HttpResponse(status=SEE_OTHER, headers={"Location": _transfer_url(donation)})
    waiting = donation.state == DonationState.PENDING and donation.confirmation_url
    target = donation.confirmation_url if waiting else _status_url(donation)
    response = HttpResponse(status=SEE_OTHER)
    response["Location"] = target
    return response


def _status_url(donation: Donation) -> str:
    return reverse("donation_status", args=[donation.public_id])


def _transfer_url(donation: Donation) -> str:
    return reverse("donation_transfer", args=[donation.public_id])


@never_cache
@require_safe
def status(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page a donor comes back to. The address proves nothing: the provider is asked.

    A donor whose payment could not be begun at the first try is led on to it from here.
    """
    donation = gift_of_site(request, public_id)
    was_unanswered = donation.state == DonationState.CREATED
    donation = fresh(donation)
    payable = donation.state == DonationState.PENDING and donation.confirmation_url
    if was_unanswered and payable:
        return on_to_payment(donation)
    page_url = donation.page_path or "/"
    again_url = ""
    if can_try_again(donation):
        again_url = reverse("donation_again", args=[public_id])
    context = {
        "donation": donation,
        "purpose": purpose_for(donation.fund, donation.purpose),
        "state": _public_state(donation),
        "polled_state": _polled_state(donation),
        "payment_url": donation.confirmation_url if payable else "",
        "refusal_text": _refusal_text(donation),
        "is_test": not donation.account.is_live,
        "came_later": donation.reason in CAME_LATER,
        "page_url": page_url,
        "shared_url": request.build_absolute_uri(
            f"{page_url.partition('?')[0]}?utm_source={own_channel(donation)}"
        ),
        "by_own_link": partial(number_by_own_link, donation),
        "again_url": again_url,
        "form_url": form_url(donation),
        "only_once": saves_no_card(donation),
        "monthly_offer": _monthly_offer(donation),
        "status_url": reverse("donation_state", args=[public_id]),
        "transfer_url": "" if donation.account.is_online else _transfer_url(donation),
        "by_bank": donation.state == DonationState.CREATED and takes_transfers(donation.fund),
    }
    return render(request, "donations/status.html", context)


@never_cache
@require_safe
def state(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The same in one word, for the page that waits."""
    return JsonResponse({"state": _polled_state(fresh(gift_of_site(request, public_id)))})


def form_url(donation: Donation, *, amount: Decimal | None = None, monthly: bool = False) -> str:
    """The form of the page with the sum and the rhythm filled in; nothing of the person."""
    return form_place(
        donation.fund,
        donation.page_path,
        amount=amount or donation.amount,
        monthly=monthly or (donation.saves_method and not saves_no_card(donation)),
        channel=donation.channel,
    )


def form_place(
    fund: Fund,
    page_path: str,
    *,
    amount: Decimal | None = None,
    monthly: bool = False,
    channel: str = "",
) -> str:
    """The address of the fund's form: the organisation's own stands on a page of its own."""
    asked = {}
    if amount is not None:
        asked["sum"] = f"{amount:.2f}".removesuffix(".00")
    if monthly:
        asked["monthly"] = "1"
    if channel:
        asked["utm_source"] = channel
    query = f"?{urlencode(asked)}" if asked else ""
    if fund.key is None:
        return f"{reverse('donation_give')}{query}"
    return f"{(page_path or '/').partition('?')[0]}{query}#give"


def _monthly_offer(donation: Donation) -> dict[str, Any]:
    """A small sum every month, to one who gave once; {} where that cannot be."""
    was_single = not (donation.saves_method or donation.subscription_id or donation.proof)
    is_paid = donation.state == DonationState.SUCCEEDED
    if not (is_paid and was_single and donation.fund.is_open() and takes_monthly(donation.site)):
        return {}
    tenth = (donation.amount / 10).quantize(Decimal(1))
    amount = min(donation.amount, max(SMALL_SUM, donation.fund.smallest, tenth))
    return {"amount": amount, "url": form_url(donation, amount=amount, monthly=True)}


def _polled_state(donation: Donation) -> str:
    """As shown, but «starting» while there is no payment yet: the page reloads when there is."""
    is_starting = donation.state == DonationState.CREATED and not donation.flag
    return "starting" if is_starting else _public_state(donation)


def gift_of_site(request: HttpRequest, public_id: UUID) -> Donation:
    gifts = Donation.objects.of_site(site_of(request)).select_related("account", "site", "fund")
    return get_object_or_404(gifts, public_id=public_id)


def fresh(donation: Donation) -> Donation:
    """The donation, asked about at most once in three seconds however often the page is loaded."""
    if donation.is_finished or donation.flag or not donation.account.is_online:
        return donation
    now = timezone.now()
    ripe = Q(checked_at=None) | Q(checked_at__lt=now - ASK_AGAIN)
    if not Donation.objects.filter(ripe, pk=donation.pk).update(checked_at=now):
        return donation
    try:
        return refresh_donation(donation, source="return")
    except ProviderDown:
        return donation


def _public_state(donation: Donation) -> str:
    return {DonationState.SUCCEEDED: "succeeded", DonationState.CANCELED: "refused"}.get(
        DonationState(donation.state), "waiting"
    )


def _refusal_text(donation: Donation) -> str:
    words = {
        "insufficient_funds": _("The card does not have enough money."),
        "card_expired": _("The card has expired."),
        "forbidden": _("The payment service did not take the payment."),
        "3d_secure_failed": _("The bank did not get the code from the message."),
        "invalid_csc": _("The security code of the card is wrong."),
        "expired_on_confirmation": _("The payment was not finished within the hour."),
        "refused_in_sandbox": _("You chose to refuse on the test page."),
        NOT_ARRIVED: _("The transfer did not come within 45 days. If you send it, it will count."),
        PAID_LATE: _("The payment came later and is counted. Thank you."),
        ARRIVED_LATE: _("The transfer came later and is counted. Thank you."),
        ANOTHER_SUM: _("Another sum came than was planned. It is counted as it came. Thank you."),
    }
    if saves_no_card(donation):
        return _("Monthly gifts do not work here yet. You can give once.")
    if donation.reason in NOT_SET_UP:
        return _("The organisation's payments are not set up right. Nothing was taken.")
    return words.get(donation.reason, _("The bank did not let the payment through."))
