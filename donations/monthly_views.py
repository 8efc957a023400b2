"""The donor's page of a monthly gift: the signed link in every letter is the key to it."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from wagtail.models import Site

from donations.actions.giving import CannotGive
from donations.actions.monthly import start_new_card
from donations.actions.subscriptions import (
    CannotChange,
    cancel,
    change_sum,
    go_on_to_general,
    offers_monthly,
    pause,
    resume,
    takes_monthly,
)
from donations.challenge import counted_start
from donations.closed import why_closed
from donations.forms import MonthlySumForm, NewCardForm
from donations.giving_form import legal_urls
from donations.mail import stopped_text
from donations.models import Fund, Subscription
from donations.purpose import purpose_for
from donations.requests import is_same_origin
from donations.status_views import form_place
from donations.tokens import monthly_of_token
from site_settings.legal import shown_wordings
from site_settings.models import Organisation
from site_settings.recipients import receiver_of

SEE_OTHER, CONFLICT, UNPROCESSABLE = 303, 409, 422

# What a button does that needs nothing but the monthly gift itself.
BUTTONS: dict[str, Callable[..., Subscription]] = {
    "cancel": cancel,
    "pause": pause,
    "resume": resume,
    "general": go_on_to_general,
}


@csrf_exempt  # no cookie, no session: the signed link and the origin protect these forms
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def monthly(request: HttpRequest, token: str) -> HttpResponse:
    subscription = _subscription(request, token)
    if request.method != "POST":
        return _page(request, subscription, _sum_form(subscription))
    if not is_same_origin(request):
        return render(request, "donations/forbidden.html", status=403)
    wish = request.POST.get("do", "")
    try:
        if wish == "card":
            return _new_card(request, subscription)
        if wish == "sum":
            return _change_sum(request, subscription)
        if wish in BUTTONS:
            BUTTONS[wish](subscription=subscription)
            return _here(request)
    except (CannotChange, CannotGive):
        trouble = _("This cannot be done now. Here is how things stand.")
        subscription.refresh_from_db()
        form = _sum_form(subscription)
        return _page(request, subscription, form, status=CONFLICT, trouble=trouble)
    return _page(request, subscription, _sum_form(subscription), status=UNPROCESSABLE)


def _subscription(request: HttpRequest, token: str) -> Subscription:
    site, public_id = Site.find_for_request(request), monthly_of_token(token)
    if site is None or public_id is None:
        raise Http404
    rows = Subscription.objects.of_site(site).select_related("site", "fund", "account")
    return get_object_or_404(rows, public_id=public_id)


def _sum_form(subscription: Subscription) -> MonthlySumForm:
    return MonthlySumForm(fund=subscription.fund, initial={"amount": subscription.amount})


def _here(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(status=SEE_OTHER)
    answer["Location"] = request.path
    return answer


def _change_sum(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    form = MonthlySumForm(request.POST, fund=subscription.fund)
    if not form.is_valid():
        return _page(request, subscription, form, status=UNPROCESSABLE)
    change_sum(subscription=subscription, amount=form.cleaned_data["amount"])
    return _here(request)


def _new_card(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    form = NewCardForm(request.POST, fund=subscription.fund)
    if not form.is_valid():
        sum_form = _sum_form(subscription)
        return _page(request, subscription, sum_form, card_form=form, status=UNPROCESSABLE)
    counts, answer = counted_start(
        request,
        subscription,
        purpose=purpose_for(subscription.fund),
        is_monthly=True,
        fields=[("do", "card"), *((name, request.POST[name]) for name in form.fields)],
        start_url=request.path,
        back_url=request.path,
    )
    if answer is not None:
        return answer
    donation = start_new_card(
        subscription=subscription,
        shown_texts=form.shown_texts,
        shield_counts=tuple(counts),
    )
    if donation.confirmation_url and not donation.is_finished:
        answer = HttpResponse(status=SEE_OTHER)
        answer["Location"] = donation.confirmation_url
        return answer
    return redirect("donation_status", donation.public_id)


def _page(
    request: HttpRequest,
    subscription: Subscription,
    form: MonthlySumForm,
    *,
    card_form: NewCardForm | None = None,
    status: int = 200,
    trouble: str = "",
) -> HttpResponse:
    is_open, general = subscription.fund.is_open(), None
    if not is_open:
        general = Fund.objects.of_site(subscription.site).general().first()
    own = Organisation.for_site(subscription.site)
    receiver = receiver_of(own)
    context = {
        **legal_urls(),
        "texts": shown_wordings(NewCardForm.accepted_kinds, own, subscription.site),
        "recipient": receiver.name if receiver else "",
        "card_form": card_form or NewCardForm(fund=subscription.fund),
        "subscription": subscription,
        "purpose": purpose_for(subscription.fund),
        "form": form,
        "trouble": trouble,
        "is_open": is_open,
        "site_closed_text": why_closed(subscription.site),
        "general": general if general and general.is_open() else None,
        "is_charged": offers_monthly(subscription.account),
        "can_change_card": is_open and takes_monthly(subscription.site),
        "why": stopped_text(subscription.reason),
        "form_url": form_place(subscription.fund, subscription.page_path),
    }
    return render(request, "donations/monthly.html", context, status=status)
