"""The accountant's screens: one donation with all that happened to it, refunds, reconciliations."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.messages import take_name_off
from donations.actions.refunds import CannotRefund, OtherRefund, refund_donation
from donations.forms import DonorAddressForm, RefundForm
from donations.models import Donation, Reconciliation, RefundState
from donations.money import format_roubles
from tenancy.screens import render_screen

SENT_ALREADY = gettext_lazy(
    "This form has been sent already, with other words. Look at what is in the books, then open "
    "the page anew."
)


def donation(request: PersonRequest, pk: int) -> HttpResponse:
    """What is in the books about a gift, and the forms to give it back and to mend the address."""
    gift = gift_or_404(request, pk)
    form = RefundForm(donation=gift)
    if request.method == "POST":
        form = RefundForm(request.POST, donation=gift)
        if form.is_valid():
            _refund(request, gift, form)
            return redirect("donation_in_books", gift.pk)
    context = {
        "donation": gift,
        "events": gift.events.select_related("by", "refund"),
        "refunds": gift.refunds.select_related("by"),
        "letters": gift.letters.order_by("owed_at"),
        "address_form": DonorAddressForm(initial={"email": gift.email}),
        "corrections": gift.corrections.select_related("by"),
        "can_correct": gift.counted and gift.account.is_live,
        "form": form
        if gift.left and gift.state == "succeeded" and gift.account.is_online
        else None,
    }
    return render_screen(
        request,
        "donations/admin/donation.html",
        context,
        title=_("Donation of %(sum)s") % {"sum": format_roubles(gift.amount)},
        icon="pick",
        trail=[{"url": reverse("donations:index"), "label": _("Donations")}],
    )


@require_POST
def name_off(request: PersonRequest, pk: int) -> HttpResponse:
    gift = gift_or_404(request, pk)
    take_name_off(donation=gift, by=request.user)
    messages.success(request, _("The name is off the page, and so is what the donor wrote."))
    return redirect("donation_in_books", gift.pk)


def gift_or_404(request: PersonRequest, pk: int) -> Donation:
    """404 also for those who may see the gift in the list but do not keep the books of its site."""
    gift = get_object_or_404(Donation.objects.select_related("account", "site", "fund"), pk=pk)
    policy = policy_registry.get_by_type(Donation)
    if not policy.user_has_permission_for_instance(request.user, "change", gift):
        raise Http404
    return gift


def _refund(request: PersonRequest, gift: Donation, form: RefundForm) -> None:
    try:
        refund = refund_donation(
            donation=gift,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            key=form.cleaned_data["key"],
        )
    except OtherRefund:
        messages.error(request, SENT_ALREADY)
        return
    except CannotRefund:
        messages.error(request, _("Less than that is left of this donation. Nothing was done."))
        return
    if refund.state == RefundState.SUCCEEDED:
        messages.success(request, _("The money is given back; the donor gets a letter."))
    elif refund.state == RefundState.CANCELED:
        messages.error(request, _("The payment service refused. No money has moved."))
    else:
        messages.warning(
            request, _("The payment service has not answered yet. We go on asking by ourselves.")
        )


def books_of(request: PersonRequest) -> list[Site]:
    policy = policy_registry.get_by_type(Donation)
    return list(policy.sites_user_has_any_permission_for(request.user, ["change"]))


def reconciliations(request: PersonRequest) -> HttpResponse:
    """Reports of the sites whose books the person keeps, newest first."""
    sites = books_of(request)
    if not sites:
        raise Http404
    reports = Reconciliation.objects.filter(site__in=sites).select_related("site", "account")[:100]
    return render_screen(
        request,
        "donations/admin/reconciliations.html",
        {"reports": reports},
        title=_("Reconciliation"),
        icon="list-ul",
    )


def reconciliation(request: PersonRequest, pk: int) -> HttpResponse:
    reports = Reconciliation.objects.filter(site__in=books_of(request))
    report = get_object_or_404(reports.select_related("site", "account"), pk=pk)
    return render_screen(
        request,
        "donations/admin/reconciliation.html",
        {"report": report},
        title=date_format(report.started_at, "j E Y"),
        subtitle=report.site.site_name,
        icon="list-ul",
        trail=[{"url": reverse("reconciliations"), "label": _("Reconciliation")}],
    )
