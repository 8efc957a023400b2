"""What comes from the payment service: notifications, and the pretend bank's page."""

import json
import logging
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from donations.actions.notices import TooManyStrays, take_notice
from donations.actions.payments import PURPOSE_PREFIX, ProviderDown
from donations.actions.sandbox import decide
from donations.models import PaymentAccount, SandboxPayment
from donations.providers import gate
from donations.requests import body_length, is_same_origin, site_of
from site_settings.recipients import groups_of, recipients_of
from tenancy.scope import scoped, site_scope, unrestricted

log = logging.getLogger(__name__)

# The largest there can be: 16 words of metadata with 512 letters of \uXXXX each, and 2 kB more.
LARGEST_NOTICE = 64 * 1024
LARGEST_BODY = 1024 * 1024
PAYMENT_ID = re.compile(r"[0-9a-zA-Z-]{1,64}\Z")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox(request: HttpRequest, external_id: UUID) -> HttpResponse:
    """The pretend bank's page: it moves the pretend bank's ledger and sends the donor back."""
    site = site_of(request)
    with unrestricted("the shop may be that of a group's recipient"):
        shops = PaymentAccount.objects.filter(site_id__in={site.pk, *recipients_of(site)})
        payment = get_object_or_404(
            SandboxPayment, external_id=external_id, shop_id__in=shops.values("shop_id")
        )
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
    try:
        return _hear(request, token)
    except OperationalError:
        log.exception("a notification came while the database was away")
        return HttpResponse(status=503)


def _hear(request: HttpRequest, token: str) -> HttpResponse:
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
    seen = site_scope(account.site)
    seen = replace(seen, site_ids=seen.site_ids | groups_of(account.site))
    with scoped(seen), gate.calls(gate.IN_A_NOTICE):
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
    if body_length(request) > LARGEST_NOTICE:
        return None, 413 if body_length(request) > LARGEST_BODY else 400
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
