"""The question before a payment is begun: is this the sum, and is it you?"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from donations.actions.shield import Verdict, count_start
from donations.models import Donation, Fund, Subscription
from donations.tokens import is_too_quick, key_of_once_token, once_token
from tenancy.requests import client_address

TOO_MANY = 429
RETRY_SECONDS = 600
IS_IT_YOU = gettext_lazy("Many payments have begun here just now. Please confirm that this is you.")


def ask_to_confirm(
    request: HttpRequest,
    about: Fund | Donation | Subscription,
    *,
    fields: Sequence[tuple[str, str]] = (),
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    """`fields`: what the one button sends, beside a token that works once."""
    context = {"fields": [*fields, ("token", once_token(about))], **shown}
    return render(request, "donations/confirm.html", context, status=status)


def refuse_for_now(request: HttpRequest, fund: Fund) -> HttpResponse:
    response = render(request, "donations/too_many.html", {"fund": fund}, status=TOO_MANY)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def counted_start(
    request: HttpRequest,
    about: Donation | Subscription,
    **shown: Any,
) -> tuple[list[tuple[str, int]], HttpResponse | None]:
    """Count a payment that one button begins: the counts to give back when it is paid, and what to
    answer when the donor has to confirm or to wait."""
    counted = count_start(address=client_address(request), email=about.email, fund=about.fund)
    if counted.verdict == Verdict.REFUSE:
        return [], refuse_for_now(request, about.fund)
    if counted.verdict == Verdict.PASS or _is_confirmed(request, about):
        return counted.counts, None
    return [], ask_to_confirm(
        request, about, reason=IS_IT_YOU, amount=about.amount, status=TOO_MANY, **shown
    )


def _is_confirmed(request: HttpRequest, about: Donation | Subscription) -> bool:
    token = request.POST.get("token", "")
    return key_of_once_token(token, about) is not None and not is_too_quick(token)
