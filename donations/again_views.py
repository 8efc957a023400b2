"""The one button after a refusal."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from donations.actions.again import can_try_again, key_of_next, try_again
from donations.actions.giving import CannotGive, OtherGift, begun
from donations.challenge import counted_start
from donations.models import Donation
from donations.purpose import purpose_for
from donations.requests import is_same_origin
from donations.status_views import SEE_OTHER, form_url, gift_of_site, on_to_payment


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
        counts, answer = counted_start(
            request,
            refused,
            purpose=purpose_for(refused.fund, refused.purpose),
            is_monthly=refused.saves_method,
            start_url=request.path,
            back_url=reverse("donation_status", args=[public_id]),
        )
        if answer is not None:
            return answer
    try:
        return on_to_payment(try_again(refused=refused, shield_counts=counts))
    except (CannotGive, OtherGift):
        # OtherGift: its address was corrected after the next one had begun.
        return _to_the_form(refused)


def _to_the_form(refused: Donation) -> HttpResponse:
    return HttpResponse(status=SEE_OTHER, headers={"Location": form_url(refused)})
