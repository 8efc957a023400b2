"""A gift is begun."""

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from donations.actions.again import saves_no_card
from donations.actions.giving import CannotGive, Gift, OtherGift, begun, start_donation
from donations.actions.shield import Verdict, count_start
from donations.actions.subscriptions import takes_monthly
from donations.actions.transfers import (
    promise_transfer,
)
from donations.challenge import IS_IT_YOU, TOO_MANY, ask_to_confirm, refuse_for_now
from donations.forms import BY_BANK, MONTHLY, DonationForm
from donations.giving_form import form_context
from donations.models import Fund
from donations.purpose import purpose_for
from donations.requests import body_length, is_same_origin, site_of
from donations.status_views import form_place, fresh, on_to_payment
from donations.tokens import (
    digest_of_typed,
    is_page_token,
    is_too_quick,
    key_of_nonce,
    key_of_once_token,
    key_without_nonce,
)
from tenancy.requests import client_address

# Room for ten thousand characters in the message: they are to come back with an error beside them.
LARGEST_FORM = 512 * 1024
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@csrf_exempt  # no cookie, no session: origin, signed token and limits protect this form
@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a gift: errors beside the fields, a question when in doubt, else on to the provider."""
    if not is_same_origin(request):
        return render(request, "donations/forbidden.html", status=403)
    refusal = _refuse_body(request)
    if refusal:
        return HttpResponse(status=refusal)
    fund = _fund(request)
    form = DonationForm(request.POST, fund=fund, monthly=takes_monthly(fund.site))
    if not fund.is_open():
        return _form_again(request, form, fund, status=409)
    if not form.is_valid():
        return _form_again(request, form, fund, status=422)
    key, doubt = _gift_key(request, form, fund)
    if key is None:
        return _ask_to_confirm(request, form, fund, doubt)
    gift = _gift(request, form, fund, key)
    if not _is_begun(fund, gift):
        counted = count_start(
            address=client_address(request), email=form.cleaned_data["email"], fund=fund
        )
        if counted.verdict == Verdict.REFUSE:
            return refuse_for_now(request, fund)
        if counted.verdict == Verdict.ASK and not key.startswith("once:"):
            return _ask_to_confirm(request, form, fund, str(IS_IT_YOU), status=TOO_MANY)
        gift = replace(gift, shield_counts=tuple(counted.counts))
    try:
        begin = promise_transfer if form.cleaned_data["way"] == BY_BANK else start_donation
        donation = begin(fund=fund, gift=gift)
    except OtherGift:
        doubt = _("You have just begun another gift. Please confirm that this is a new one.")
        return _ask_to_confirm(request, form, fund, doubt)
    except CannotGive:
        return _form_again(request, form, fund, status=409)
    if saves_no_card(donation):
        return _only_once(request, form, fund)
    return on_to_payment(donation)


@require_safe
def give(request: HttpRequest) -> HttpResponse:
    """The form for the organisation itself, on a page of its own."""
    funds = Fund.objects.of_site(site_of(request)).general()
    context = form_context(request, fund=get_object_or_404(funds))
    home = reverse("wagtail_serve", args=[""])
    return render(request, "donations/give.html", {**context, "page_path": home})


def _only_once(request: HttpRequest, form: DonationForm, fund: Fund) -> HttpResponse:
    """The service does not let this shop save cards: the typed form again, for a gift made once."""
    form.add_error(
        "frequency",
        _("Monthly gifts do not work here yet. You can give once: everything else is filled in."),
    )
    form.monthly = False
    return _form_again(request, form, fund, status=422)


def _refuse_body(request: HttpRequest) -> int:
    """The status for a body that is no form of ours, or 0. Asked before anything is read."""
    if request.content_type not in FORM_TYPES:
        return 415
    return 413 if body_length(request) > LARGEST_FORM else 0


def _fund(request: HttpRequest) -> Fund:
    try:
        public_id = UUID(request.POST.get("fund", ""))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(
        Fund.objects.of_site(site_of(request)).select_related("site"), public_id=public_id
    )


def _gift_key(request: HttpRequest, form: DonationForm, fund: Fund) -> tuple[str | None, str]:
    """The key of the gift, or None with the reason why the donor has to confirm."""
    data = form.cleaned_data
    once = key_of_once_token(data["token"], fund)
    if once is None and not is_page_token(data["token"], fund):
        return None, _("The page was open for a long time. Please look at the sum once more.")
    if data["website"] or is_too_quick(data["token"]):
        return None, _("Please look at the sum once more.")
    if once is not None:
        return once, ""
    if form.contradicts_itself:
        return None, _("You chose one sum and wrote another. Here is the one you wrote.")
    return key_of_nonce(data["nonce"], data["way"]) or key_without_nonce(), ""


def _is_begun(fund: Fund, gift: Gift) -> bool:
    """Whether this is one more submit of a gift, and nothing new to count.

    One from another tab may be paid or refused by now; then the same words begin another gift.
    """
    known = begun(fund=fund, key=gift.key, typed_digest=gift.typed_digest)
    if known is not None and known.gift_key != gift.key:
        fresh(known)
        known = begun(fund=fund, key=gift.key, typed_digest=gift.typed_digest)
    return known is not None


def _gift(request: HttpRequest, form: DonationForm, fund: Fund, key: str) -> Gift:
    data = form.cleaned_data
    names = ("email", "frequency", "way", "name", "show_name", "message", "news")
    digest = digest_of_typed(
        fund=fund,
        amount=data["amount"],
        address=client_address(request),
        words=[str(data[name]) for name in names],
    )
    return Gift(
        amount=data["amount"],
        email=data["email"],
        key=key,
        typed_digest=digest,
        name=data["name"],
        show_name=data["show_name"],
        message=data["message"],
        language=translation.get_language() or "ru",
        page_path=data["page"],
        channel=data["channel"],
        shown_texts=form.shown_texts,
        monthly=data["frequency"] == MONTHLY,
        news=data["news"],
    )


def _form_again(
    request: HttpRequest, form: DonationForm, fund: Fund, *, status: int
) -> HttpResponse:
    context = form_context(request, fund=fund, form=form)
    return render(request, "donations/give.html", context, status=status)


def _ask_to_confirm(
    request: HttpRequest, form: DonationForm, fund: Fund, reason: str, *, status: int = 200
) -> HttpResponse:
    data = form.cleaned_data
    is_monthly = data["frequency"] == MONTHLY
    return ask_to_confirm(
        request,
        fund,
        reason=reason,
        amount=data["amount"],
        purpose=purpose_for(fund),
        email=data["email"],
        is_monthly=is_monthly,
        fields=form.carried(),
        start_url=reverse("donation_start"),
        back_url=form_place(
            fund,
            data["page"],
            amount=data["amount"],
            monthly=is_monthly,
            channel=data["channel"],
        ),
        status=status,
    )
