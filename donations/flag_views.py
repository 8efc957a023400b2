"""Payments that do not agree with our books: a list, and a person's decision."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import PersonRequest
from donations.actions.flags import CannotDecide, decide_flag, payment_of_today, told_payment
from donations.book_views import books_of, gift_or_404
from donations.cleaning import clean_line
from donations.models import Donation, DonationState, FlagVerdict
from donations.providers.base import Payment
from tenancy.screens import render_screen

MOST = 200


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("What to do"), choices=FlagVerdict.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=250)
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])


def flagged_gifts(request: PersonRequest) -> HttpResponse:
    """Those that wait first, the oldest on top; then what was decided, the newest on top."""
    sites = books_of(request)
    if not sites:
        raise Http404
    gifts = (
        Donation.objects.filter(account__site__in=sites)
        .exclude(flag="")
        .select_related("account", "site")
        .prefetch_related("events", "decisions")
        .annotate(decided=Count("decisions"))
    )
    waiting = gifts.filter(decided=0).order_by("created_at")[:MOST]
    decided = gifts.filter(decided__gt=0).order_by("-created_at")[:MOST]
    context = {"rows": [_row(gift) for gift in (*waiting, *decided)], "several": len(sites) > 1}
    return render_screen(
        request,
        "donations/admin/flagged.html",
        context,
        title=_("Doubtful payments"),
        icon="warning",
    )


def _row(gift: Donation) -> dict[str, Any]:
    decisions = list(gift.decisions.all())
    told = told_payment(gift)
    return {
        "gift": gift,
        "told": told,
        "told_state": state_in_words(told),
        "last": decisions[-1] if decisions else None,
    }


def decide(request: PersonRequest, pk: int) -> HttpResponse:
    gift = gift_or_404(request, pk)
    if not gift.flag:
        raise Http404
    decisions = list(gift.decisions.select_related("by"))
    form = DecisionForm(request.POST or None, initial={"number": len(decisions) + 1})
    if request.method == "POST" and form.is_valid():
        try:
            decide_flag(
                donation=gift,
                verdict=FlagVerdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                number=form.cleaned_data["number"],
                by=request.user,
            )
        except CannotDecide as error:
            form.add_error("verdict", why_not(error))
        else:
            messages.success(request, _("Decided. The total of the campaign is in line with it."))
            return redirect("flagged_gifts")
    told = payment_of_today(gift)
    context = {
        "gift": gift,
        "told": told,
        "told_state": state_in_words(told),
        "decisions": decisions,
        "form": form,
    }
    return render_screen(
        request,
        "donations/admin/decide_flag.html",
        context,
        title=_("Doubtful payment"),
        icon="warning",
        trail=[{"url": reverse("flagged_gifts"), "label": _("Doubtful payments")}],
    )


def state_in_words(payment: Payment | None) -> str:
    """The provider's word when we have none of our own for it."""
    if payment is None or payment.state not in DonationState.values:
        return payment.state if payment else ""
    return str(DonationState(payment.state).label)


def why_not(error: CannotDecide) -> str:
    words = {
        "decided": _("Somebody has decided meanwhile. Please look once more."),
        "refunded": _("Money was given back already, so this can no longer be changed here."),
        "not_paid": _("The payment service does not say that real money came. It cannot count."),
        "not_ours": _("This payment counts for another donation already."),
    }
    return words[error.why]
