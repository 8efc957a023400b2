"""Letters to donors on the accountant's screens: those that fail, sent again, a mended address."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest
from donations.actions.letters import NoLongerTrue, correct_email, resend_letter
from donations.book_views import books_of, gift_or_404
from donations.forms import DonorAddressForm
from donations.models import Letter
from tenancy.screens import render_screen

MOST = 200


def failing_letters(request: PersonRequest) -> HttpResponse:
    """Letters that were tried and have not gone out, the longest owed first."""
    sites = books_of(request)
    if not sites:
        raise Http404
    letters = Letter.objects.filter(donation__account__site__in=sites, attempts__gt=0, sent_at=None)
    rows = letters.select_related("donation", "site").order_by("owed_at")[:MOST]
    return render_screen(
        request,
        "donations/admin/letters.html",
        {"letters": rows, "sites": len(sites) > 1},
        title=_("Letters"),
        icon="mail",
    )


@require_POST
def letter_again(request: PersonRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(Letter, pk=pk)
    gift = gift_or_404(request, letter.donation_id)
    seen = request.POST.get("resends", "")
    if gift.email and seen.isdecimal():
        try:
            resend_letter(letter=letter, resends=int(seen[:9]), by=request.user)
            messages.success(request, _("The letter will go out within a minute."))
        except NoLongerTrue:
            messages.warning(
                request,
                _(
                    "This letter tells of a charge that will not happen any more, so we have not"
                    " sent it. Before the next charge the donor gets a new one."
                ),
            )
    return redirect("donation_in_books", gift.pk)


@require_POST
def donor_address(request: PersonRequest, pk: int) -> HttpResponse:
    gift = gift_or_404(request, pk)
    form = DonorAddressForm(request.POST)
    if form.is_valid():
        correct_email(donation=gift, email=form.cleaned_data["email"], by=request.user)
        messages.success(request, _("The address is corrected."))
    else:
        messages.error(request, form.errors["email"].as_text().removeprefix("* "))
    return redirect("donation_in_books", gift.pk)
