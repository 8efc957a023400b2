"""The one button after a refusal."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from donations.actions.again import can_try_again, key_of_next, try_again
from donations.actions.giving import CannotGive, begun
from donations.actions.shield import Verdict, count_start
from donations.models import Donation
from donations.purpose import purpose_for
from donations.requests import is_same_origin
from donations.status_views import SEE_OTHER, form_url, gift_of_site, on_to_payment
from donations.tokens import is_too_quick, key_of_once_token, once_token
from donations.views import TOO_MANY, refuse_for_now
from tenancy.requests import client_address


@csrf_exempt  # no cookie, no session: origin, an address nobody can guess and limits protect it
@never_cache
@require_POST
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """On to a new payment of the same gift. What was typed stays on the server: whoever finds the
    address of the page learns nothing by it."""
    if not is_same_origin(request):
        return render(request, "donations/forbidden.html", status=403)
    refused = gift_of_site(request, public_id)
    counts: list[tuple[str, int]] = []
    if begun(fund=refused.fund, key=key_of_next(refused)) is None:
        if not can_try_again(refused):
            return _to_the_form(refused)
        counted = count_start(
            address=client_address(request), email=refused.email, fund=refused.fund
        )
        if counted.verdict == Verdict.REFUSE:
            return refuse_for_now(request, refused.fund)
        if counted.verdict == Verdict.ASK and not _is_confirmed(request, refused):
            return _ask_to_confirm(request, refused)
        counts = counted.counts
    try:
        return on_to_payment(try_again(refused=refused, shield_counts=counts))
    except CannotGive:
        return _to_the_form(refused)


def _to_the_form(refused: Donation) -> HttpResponse:
    return HttpResponse(status=SEE_OTHER, headers={"Location": form_url(refused)})


def _is_confirmed(request: HttpRequest, refused: Donation) -> bool:
    token = request.POST.get("token", "")
    return key_of_once_token(token, refused) is not None and not is_too_quick(token)


def _ask_to_confirm(request: HttpRequest, refused: Donation) -> HttpResponse:
    context = {
        "fund": refused.fund,
        "purpose": purpose_for(refused.fund, refused.purpose),
        "amount": refused.amount,
        "is_monthly": refused.saves_method,
        "fields": [("token", once_token(refused))],
        "reason": _("Many payments have begun here just now. Please confirm that this is you."),
        "start_url": reverse("donation_again", args=[refused.public_id]),
        "page_url": refused.page_path or "/",
    }
    return render(request, "donations/confirm.html", context, status=TOO_MANY)
