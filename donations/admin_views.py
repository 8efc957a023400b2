"""The payment account of a site: which shop, is it live, and what to type at the provider."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.models import Site

from accounts.requests import PersonRequest
from donations.account_views import health_context, sites_with_account
from donations.actions.accounts import use_account
from donations.actions.health import ask_about_shop, remember_facts
from donations.forms import PaymentAccountForm, ProvenAccountForm
from donations.models import AccountKind, PaymentAccount
from donations.providers.base import WrongKey
from donations.secrets import KeysUnavailable
from tenancy.screens import render_screen


def payment_accounts(request: PersonRequest) -> HttpResponse:
    """The sites whose account the person keeps; with one site, its account at once."""
    sites = list(sites_with_account(request))
    if not sites:
        raise Http404
    if len(sites) == 1:
        return redirect("payment_account", sites[0].pk)
    accounts = {
        account.site_id: account
        for account in PaymentAccount.objects.active().filter(site__in=sites)
    }
    rows = [(site, accounts.get(site.pk)) for site in sites]
    return render_screen(
        request,
        "donations/admin/payment_accounts.html",
        {"rows": rows},
        title=_("Payments"),
        icon="cogs",
    )


@sensitive_post_parameters("secret_key")
def payment_account(request: PersonRequest, site_id: int) -> HttpResponse:
    site = get_object_or_404(Site, pk=site_id)
    if site not in sites_with_account(request):
        raise Http404
    known = list(PaymentAccount.objects.online().of_site(site))
    active = next((account for account in known if account.is_active), None)
    form = ProvenAccountForm(
        request.POST or None, request=request, accounts=known, initial=_initial(active)
    )
    if request.method == "POST" and form.is_valid() and _save(request, site, form):
        return redirect("payment_account", site.pk)
    context = {
        "site": site,
        "account": active,
        "form": form,
        "notice_url": _notice_url(site, active),
        **(health_context(request, site, active) if active else {}),
    }
    return render_screen(
        request,
        "donations/admin/payment_account.html",
        context,
        title=_("Payments"),
        icon="cogs",
        subtitle=site.site_name or site.hostname,
    )


def _save(request: PersonRequest, site: Site, form: PaymentAccountForm) -> bool:
    """Ask the provider about the shop first: with a wrong key nothing is saved."""
    shop = {
        "site": site,
        "kind": AccountKind.YOOKASSA,
        "shop_id": form.cleaned_data["shop_id"],
        "secret_key": form.cleaned_data["secret_key"],
    }
    try:
        facts = ask_about_shop(**shop)
    except WrongKey:
        form.add_error(
            "secret_key",
            _("YooKassa does not know this pair of shop id and key. Check both and copy again."),
        )
        return False
    try:
        account = use_account(**shop, by=request.user, recurring=form.cleaned_data["recurring"])
    except ValidationError as error:
        form.add_error("shop_id", error.messages[0])
        return False
    except KeysUnavailable:
        form.add_error(
            "secret_key",
            _("The server has no key of its own to keep yours safe. Tell the centre."),
        )
        return False
    if facts is not None:
        remember_facts(account, facts)
        messages.success(request, _("The shop is saved. New donations go there."))
    else:
        messages.warning(
            request, _("The shop is saved. YooKassa does not answer now: we will check it later.")
        )
    return True


def _initial(account: PaymentAccount | None) -> dict[str, Any]:
    if account is None or account.kind != AccountKind.YOOKASSA:
        return {}
    return {"shop_id": account.shop_id, "recurring": account.recurring}


def _notice_url(site: Site, account: PaymentAccount | None) -> str:
    if account is None or account.kind != AccountKind.YOOKASSA:
        return ""
    return f"{site.root_url}{reverse('yookassa_notice', args=[account.token])}"
