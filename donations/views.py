import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Site

from donations.actions.giving import (
    PURPOSE_PREFIX,
    CannotGive,
    Gift,
    OtherGift,
    ProviderDown,
    is_known,
    refresh_donation,
    start_donation,
)
from donations.actions.notices import TooManyStrays, take_notice
from donations.actions.sandbox import decide
from donations.actions.shield import Verdict, count_start
from donations.actions.subscriptions import takes_monthly
from donations.actions.transfers import (
    ANOTHER_SUM,
    ARRIVED_LATE,
    NOT_ARRIVED,
    promise_transfer,
    transfer_of,
)
from donations.bank import qr, slip
from donations.bank.payee import Transfer
from donations.forms import BY_BANK, MONTHLY, DonationForm
from donations.giving_form import form_context
from donations.models import Donation, DonationState, Fund, PaymentAccount, SandboxPayment
from donations.requests import client_address, is_same_origin
from donations.tokens import (
    is_page_token,
    is_too_quick,
    key_of_nonce,
    key_of_once_token,
    key_without_script,
    once_token,
)
from tenancy.scope import scoped, site_scope, unrestricted

LARGEST_NOTICE = 64 * 1024
# Room for ten thousand characters in the message: they are to come back with an error beside them.
LARGEST_FORM = 512 * 1024
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
PAYMENT_ID = re.compile(r"[0-9a-zA-Z-]{1,64}\Z")
# The provider's words for a shop whose key or settings are wrong: not the donor's bank.
NOT_SET_UP = ("invalid_credentials", "not_found", "invalid_request")
ASK_AGAIN = timedelta(seconds=3)
SEE_OTHER, TOO_MANY = 303, 429
RETRY_SECONDS = 600


def _site(request: HttpRequest) -> Site:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return site


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
    if not fund.is_open():
        return _form_again(request, DonationForm(fund=fund), fund, status=409)
    form = DonationForm(request.POST, fund=fund, monthly=takes_monthly(fund.site))
    if not form.is_valid():
        return _form_again(request, form, fund, status=422)
    key, doubt = _gift_key(request, form, fund)
    if key is None:
        return _ask_to_confirm(request, form, fund, doubt)
    counts: list[tuple[str, int]] = []
    if not is_known(fund=fund, key=key):
        counted = count_start(
            address=client_address(request), email=form.cleaned_data["email"], fund=fund
        )
        if counted.verdict == Verdict.REFUSE:
            return _refuse_for_now(request, fund)
        if counted.verdict == Verdict.ASK and not key.startswith("once:"):
            doubt = _("Many payments have begun here just now. Please confirm that this is you.")
            return _ask_to_confirm(request, form, fund, doubt, status=TOO_MANY)
        counts = counted.counts
    try:
        begin = promise_transfer if form.cleaned_data["way"] == BY_BANK else start_donation
        donation = begin(fund=fund, gift=_gift(form, key, counts))
    except OtherGift:
        doubt = _("You have just begun another gift. Please confirm that this is a new one.")
        return _ask_to_confirm(request, form, fund, doubt)
    except CannotGive:
        return _form_again(request, form, fund, status=409)
    if donation.saves_method and donation.reason == "forbidden":
        return _only_once(request, form, fund)
    return _on_to_payment(donation)


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
    return 413 if _length(request) > LARGEST_FORM else 0


def _length(request: HttpRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0)


def _fund(request: HttpRequest) -> Fund:
    try:
        public_id = UUID(request.POST.get("fund", ""))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(
        Fund.objects.of_site(_site(request)).select_related("site"), public_id=public_id
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
    return key_of_nonce(data["nonce"], data["way"]) or key_without_script(
        token=data["token"],
        amount=data["amount"],
        email=data["email"],
        address=client_address(request),
        fund=fund,
        frequency=data["frequency"],
        way=data["way"],
    ), ""


def _gift(form: DonationForm, key: str, counts: list[tuple[str, int]]) -> Gift:
    data = form.cleaned_data
    return Gift(
        amount=data["amount"],
        email=data["email"],
        key=key,
        name=data["name"],
        show_name=data["show_name"],
        message=data["message"],
        language=translation.get_language() or "ru",
        page_path=data["page"],
        shield_counts=tuple(counts),
        monthly=data["frequency"] == MONTHLY,
    )


def _refuse_for_now(request: HttpRequest, fund: Fund) -> HttpResponse:
    response = render(request, "donations/too_many.html", {"fund": fund}, status=TOO_MANY)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _form_again(
    request: HttpRequest, form: DonationForm, fund: Fund, *, status: int
) -> HttpResponse:
    context = form_context(request, fund=fund, form=form)
    return render(request, "donations/give.html", context, status=status)


def _ask_to_confirm(
    request: HttpRequest, form: DonationForm, fund: Fund, reason: str, *, status: int = 200
) -> HttpResponse:
    data = form.cleaned_data
    context = {
        "fund": fund,
        "amount": data["amount"],
        "email": data["email"],
        "is_monthly": data["frequency"] == MONTHLY,
        "fields": [*form.carried(), ("token", once_token(fund))],
        "reason": reason,
        "start_url": reverse("donation_start"),
        "page_url": data["page"] or "/",
    }
    return render(request, "donations/confirm.html", context, status=status)


def _on_to_payment(donation: Donation) -> HttpResponse:
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
    donation = _gift_of_site(request, public_id)
    was_unanswered = donation.state == DonationState.CREATED
    donation = _fresh(donation)
    payable = donation.state == DonationState.PENDING and donation.confirmation_url
    if was_unanswered and payable:
        return _on_to_payment(donation)
    page_url = donation.page_path or "/"
    context = {
        "donation": donation,
        "state": _public_state(donation),
        "polled_state": _polled_state(donation),
        "payment_url": donation.confirmation_url if payable else "",
        "refusal_text": _refusal_text(donation),
        "is_test": not donation.account.is_live,
        "page_url": page_url,
        "retry_url": f"{page_url}#give",
        "status_url": reverse("donation_state", args=[public_id]),
        "transfer_url": "" if donation.account.is_online else _transfer_url(donation),
    }
    return render(request, "donations/status.html", context)


@never_cache
@require_safe
def state(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The same in one word, for the page that waits."""
    return JsonResponse({"state": _polled_state(_fresh(_gift_of_site(request, public_id)))})


def _polled_state(donation: Donation) -> str:
    """As shown, but «starting» while there is no payment yet: the page reloads when there is."""
    is_starting = donation.state == DonationState.CREATED and not donation.flag
    return "starting" if is_starting else _public_state(donation)


def _gift_of_site(request: HttpRequest, public_id: UUID) -> Donation:
    gifts = Donation.objects.of_site(_site(request)).select_related("account", "site", "fund")
    return get_object_or_404(gifts, public_id=public_id)


def _fresh(donation: Donation) -> Donation:
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


@never_cache
@require_safe
def transfer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What to type into the bank, with a picture for its app; after the end, how it ended."""
    donation, asked = _transfer(request, public_id)
    if donation.is_finished:
        return redirect("donation_status", public_id)
    context = {
        "donation": donation,
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
    promises = Donation.objects.of_site(_site(request)).exclude(code=None)
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
        ARRIVED_LATE: _("The transfer came later and is counted. Thank you."),
        ANOTHER_SUM: _("Another sum came than was planned. It is counted as it came. Thank you."),
    }
    if donation.reason in NOT_SET_UP:
        return _("The organisation's payments are not set up right. Nothing was taken.")
    return words.get(donation.reason, _("The bank did not let the payment through."))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox(request: HttpRequest, external_id: UUID) -> HttpResponse:
    """The pretend bank's page: it moves the pretend bank's ledger and sends the donor back."""
    shops = PaymentAccount.objects.of_site(_site(request)).values("shop_id")
    payment = get_object_or_404(SandboxPayment, external_id=external_id, shop_id__in=shops)
    decision = request.POST.get("decision")
    if request.method == "POST":
        if not is_same_origin(request):
            return render(request, "donations/forbidden.html", status=403)
        if decision in ("pay", "refuse"):
            decide(payment=payment, pay=decision == "pay")
            return redirect(payment.return_url)
    return render(
        request,
        "donations/sandbox.html",
        {"payment": payment, "purpose": payment.description.removeprefix(PURPOSE_PREFIX)},
        status=422 if request.method == "POST" else 200,
    )


@csrf_exempt
@require_POST
def yookassa_notice(request: HttpRequest, token: str) -> HttpResponse:
    """A notification. It names an account by its token and a payment by its id; that is all we
    believe of it. Anything but 200 makes the provider send it again."""
    with unrestricted("the token in the address is the right to name the account"):
        account = (
            PaymentAccount.objects.online()
            .select_related("site__root_page")
            .filter(token=token)
            .first()
        )
    if account is None:
        raise Http404
    notice, refusal = _read_notice(request)
    if refusal:
        return HttpResponse(status=refusal)
    if notice is None:
        return HttpResponse(status=200)
    with scoped(site_scope(account.site)):
        try:
            take_notice(account=account, external_id=notice)
        except ProviderDown:
            return HttpResponse(status=503)
        except TooManyStrays:
            return HttpResponse(status=429)
    return HttpResponse(status=200)


def _read_notice(request: HttpRequest) -> tuple[str | None, int]:
    """(payment id or None when there is nothing to do, refusal status or 0)."""
    if request.content_type != "application/json" or request.headers.get("Content-Encoding"):
        return None, 415
    if _length(request) > LARGEST_NOTICE:
        return None, 413
    try:
        notice = json.loads(request.body.decode("utf-8-sig"), parse_constant=_no_constants)
    except (ValueError, RecursionError):
        return None, 400
    payment_id = _payment_id(notice)
    if payment_id is None:
        return None, 400
    return (payment_id if notice["event"].startswith(("payment.", "refund.")) else None), 0


def _no_constants(name: str) -> Any:
    raise ValueError(name)


def _payment_id(notice: Any) -> str | None:
    if not isinstance(notice, dict) or notice.get("type") != "notification":
        return None
    thing = notice.get("object")
    if not isinstance(notice.get("event"), str) or not isinstance(thing, dict):
        return None
    found = thing.get("payment_id" if notice["event"].startswith("refund.") else "id")
    return found if isinstance(found, str) and PAYMENT_ID.match(found) else None
