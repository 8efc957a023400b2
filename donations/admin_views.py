"""The payment account of a site: which shop, is it live, and what to type at the provider."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.accounts import use_account
from donations.forms import PaymentAccountForm
from donations.models import AccountKind, PaymentAccount
from tenancy.screens import render_screen


def _sites(request: PersonRequest) -> list[Site]:
    policy = policy_registry.get_by_type(PaymentAccount)
    return list(policy.sites_user_has_any_permission_for(request.user, ["change"]))


def payment_accounts(request: PersonRequest) -> HttpResponse:
    """The sites whose account the person keeps; with one site, its account at once."""
    sites = _sites(request)
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


def payment_account(request: PersonRequest, site_id: int) -> HttpResponse:
    site = get_object_or_404(Site, pk=site_id)
    if site not in _sites(request):
        raise Http404
    known = list(PaymentAccount.objects.of_site(site))
    active = next((account for account in known if account.is_active), None)
    form = PaymentAccountForm(request.POST or None, accounts=known, initial=_initial(active))
    if request.method == "POST" and form.is_valid():
        use_account(
            site=site,
            kind=AccountKind.YOOKASSA,
            shop_id=form.cleaned_data["shop_id"],
            secret_key=form.cleaned_data["secret_key"],
            by=request.user,
        )
        messages.success(request, _("The shop is saved. New donations go there."))
        return redirect("payment_account", site.pk)
    context = {
        "site": site,
        "account": active,
        "form": form,
        "notice_url": _notice_url(site, active),
    }
    return render_screen(
        request,
        "donations/admin/payment_account.html",
        context,
        title=_("Payments"),
        icon="cogs",
        subtitle=site.site_name or site.hostname,
    )


def _initial(account: PaymentAccount | None) -> dict[str, str]:
    is_shop = account is not None and account.kind == AccountKind.YOOKASSA
    return {"shop_id": account.shop_id} if is_shop and account is not None else {}


def _notice_url(site: Site, account: PaymentAccount | None) -> str:
    if account is None or account.kind != AccountKind.YOOKASSA:
        return ""
    return f"{site.root_url}{reverse('yookassa_notice', args=[account.token])}"
