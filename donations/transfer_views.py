"""What a donor needs for a bank transfer."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from donations.actions.transfers import (
    transfer_of,
)
from donations.bank import qr, slip
from donations.bank.payee import Transfer
from donations.models import Donation
from donations.purpose import purpose_for
from donations.requests import site_of


@never_cache
@require_safe
def transfer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What to type into the bank, with a picture for its app; after the end, how it ended."""
    donation, asked = _transfer(request, public_id)
    if donation.is_finished:
        return redirect("donation_status", public_id)
    context = {
        "donation": donation,
        "purpose": purpose_for(donation.fund, donation.purpose),
        "transfer": asked,
        # As a bank's field takes it: digits and a comma, no sign.
        "sum_plain": f"{asked.amount:.2f}".replace(".", ","),
        "page_url": donation.page_path or "/",
        "has_qr": _picture(asked) is not None,
        "qr_url": reverse("donation_transfer_qr", args=[public_id]),
        "picture_url": reverse("donation_transfer_picture", args=[public_id]),
        "slip_url": reverse("donation_transfer_slip", args=[public_id]),
    }
    return render(request, "donations/transfer.html", context)


@never_cache
@require_safe
def transfer_qr(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    _donation, asked = _transfer(request, public_id)
    content = _picture(asked)
    if content is None:
        raise Http404
    if kind == "png":
        return HttpResponse(qr.png(content), content_type="image/png")
    return HttpResponse(qr.svg(content), content_type="image/svg+xml")


@never_cache
@require_safe
def transfer_slip(request: HttpRequest, public_id: UUID) -> HttpResponse:
    donation, asked = _transfer(request, public_id)
    response = HttpResponse(slip.pdf(asked, payer=donation.name), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="PD-4-{donation.public_id}.pdf"'
    return response


def _transfer(request: HttpRequest, public_id: UUID) -> tuple[Donation, Transfer]:
    promises = Donation.objects.of_site(site_of(request)).exclude(code=None)
    donation = get_object_or_404(
        promises.select_related("account", "site", "fund"), public_id=public_id
    )
    asked = transfer_of(donation)
    if asked is None:
        raise Http404
    return donation, asked


def _picture(asked: Transfer) -> bytes | None:
    try:
        return qr.payload(asked)
    except qr.CannotDraw:
        return None
