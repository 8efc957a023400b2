"""What is done on the screen of a payment account besides saving it. Buttons: POST, then back.

Editors have a screen of their own, with the proof payment and nothing else of the account.
"""

from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.giving import CannotGive, OtherGift
from donations.actions.health import allow_this_host, check_account
from donations.actions.proof import give_proof_back, latest_proofs, start_proof
from donations.actions.refunds import CannotRefund
from donations.health import notices_of, proof_of, remarks_on, strict_funds
from donations.message_views import sites_with_words
from donations.models import Donation, PaymentAccount, RefundState, SelfCheck
from donations.providers import provider_for
from site_settings.models import Organisation
from tenancy.membership import user_scope
from tenancy.scope import Unrestricted
from tenancy.screens import render_screen

Button = Callable[[PersonRequest, PaymentAccount], None]


class HostForm(forms.Form):
    """The name of this server, typed: nobody allows a copy to take money by a slip."""

    host = forms.CharField(label=gettext_lazy("Name of this server"), max_length=253)

    def clean_host(self) -> str:
        host = self.cleaned_data["host"].strip().lower()
        if host != settings.ADMIN_HOST:
            raise ValidationError(_("That is another name. Type it as it stands above."))
        return host


def health_context(request: PersonRequest, site: Site, account: PaymentAccount) -> dict[str, Any]:
    """Context of donations/admin/account_health.html."""
    is_real = provider_for(account.kind).takes_credentials
    return {
        "notices": notices_of(account) if is_real else None,
        "remarks": remarks_on(account, Organisation.for_site(site)),
        "can_be_checked": is_real and account.is_at_home,
        "strict_funds": strict_funds(site),
        "self_check": SelfCheck.objects.filter(site=site).first(),
        **_proof_context(latest_proofs([site]).get(site.pk)),
        "this_host": settings.ADMIN_HOST,
        "host_form": HostForm() if not account.is_at_home and _is_coordinator(request) else None,
    }


def _is_coordinator(request: PersonRequest) -> bool:
    return isinstance(user_scope(request.user), Unrestricted)


def _proof_context(latest: Donation | None) -> dict[str, Any]:
    return {"proof": proof_of(latest), "proof_key": get_random_string(32)}


def sites_with_account(request: PersonRequest) -> Collection[Site]:
    """Those whose account the person keeps."""
    policy = policy_registry.get_by_type(PaymentAccount)
    sites: Collection[Site] = policy.sites_user_has_any_permission_for(request.user, ["change"])
    return sites


def sites_of_editor(request: PersonRequest) -> list[Site]:
    """Those whose pages the person writes without keeping the account."""
    kept = sites_with_account(request)
    return [site for site in sites_with_words(request) if site not in kept]


def button(press: Button, *, by_editors: bool = False) -> Callable[..., HttpResponse]:
    """For those who keep the account of the site, and its editors if so said; 404 for others."""

    @require_POST
    @wraps(press)
    def view(request: PersonRequest, site_id: int) -> HttpResponse:
        site = get_object_or_404(Site, pk=site_id)
        keeps = site in sites_with_account(request)
        if not keeps and not (by_editors and site in sites_of_editor(request)):
            raise Http404
        accounts = PaymentAccount.objects.active().of_site(site).select_related("site")
        press(request, get_object_or_404(accounts))
        return redirect("payment_account", site.pk) if keeps else redirect("payment_proofs")

    return view


def proofs(request: PersonRequest) -> HttpResponse:
    """The proof payment of each site of an editor; 404 for everybody else."""
    sites = sites_of_editor(request)
    if not sites:
        raise Http404
    accounts = PaymentAccount.objects.active().filter(site__in=sites).select_related("site")
    latest = latest_proofs(sites)
    rows = [
        {"site": account.site, "account": account, **_proof_context(latest.get(account.site_id))}
        for account in accounts
    ]
    return render_screen(
        request,
        "donations/admin/proofs.html",
        {"rows": rows},
        title=_("10 ₽ check"),
        icon="check",
    )


@button
def check_shop(request: PersonRequest, account: PaymentAccount) -> None:
    if not check_account(account):
        messages.warning(request, _("YooKassa does not answer now. Try again later."))
    elif not remarks_on(account, Organisation.for_site(account.site)):
        messages.success(request, _("YooKassa answers, and everything about the shop is right."))


@partial(button, by_editors=True)
def proof_payment(request: PersonRequest, account: PaymentAccount) -> None:
    try:
        start_proof(site=account.site, by=request.user, key=request.POST.get("key", "")[:32])
    except CannotGive:
        messages.error(request, _("The site takes no donations now, so this cannot be tried."))
    except OtherGift:
        messages.error(request, _("Somebody else has just begun this. Try once more."))


@partial(button, by_editors=True)
def proof_back(request: PersonRequest, account: PaymentAccount) -> None:
    proof = latest_proofs([account.site]).get(account.site_id)
    if proof is None:
        raise Http404
    try:
        refund = give_proof_back(
            donation=proof, reason=_("It was a check of payments"), by=request.user
        )
    except CannotRefund:
        messages.warning(request, _("There is nothing to give back."))
        return
    if refund.state == RefundState.CANCELED:
        messages.error(request, _("The payment service refused. No money has moved."))


@button
def allow_host(request: PersonRequest, account: PaymentAccount) -> None:
    if not _is_coordinator(request):
        raise Http404
    form = HostForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["host"].as_text().removeprefix("* "))
        return
    allow_this_host(account=account, by=request.user)
    messages.success(request, _("The key may be used on this server now."))
