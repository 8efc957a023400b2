"""The accountant's screens of monthly gifts: the list, and one with a button to stop it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.subscriptions import cancel
from donations.models import Donation, Subscription, SubscriptionQuerySet
from donations.money import format_roubles
from tenancy.screens import render_screen

ON_A_PAGE = 50


def _rows(request: PersonRequest) -> SubscriptionQuerySet:
    """Monthly gifts of the sites whose books the person keeps; 404 for anybody else."""
    policy = policy_registry.get_by_type(Donation)
    sites = list(policy.sites_user_has_any_permission_for(request.user, ["change"]))
    if not sites:
        raise Http404
    rows: SubscriptionQuerySet = Subscription.objects.filter(account__site__in=sites)
    return rows.select_related("site", "fund", "account")


def monthly_gifts(request: PersonRequest) -> HttpResponse:
    page = Paginator(_rows(request), ON_A_PAGE).get_page(request.GET.get("p"))
    return render_screen(
        request,
        "donations/admin/monthly_gifts.html",
        {"page": page},
        title=_("Monthly donations"),
        icon="rotate",
    )


def monthly_gift(request: PersonRequest, pk: int) -> HttpResponse:
    """What happened to a monthly gift; POST stops it for the donor, who gets a letter."""
    subscription = get_object_or_404(_rows(request), pk=pk)
    if request.method == "POST":
        cancel(subscription=subscription, by=request.user)
        messages.success(request, _("The monthly gift is stopped; the donor gets a letter."))
        return redirect("monthly_gift_in_books", pk)
    context = {
        "subscription": subscription,
        "events": subscription.events.select_related("by"),
        "donations": subscription.donations.order_by("-period", "-pk"),
    }
    return render_screen(
        request,
        "donations/admin/monthly_gift.html",
        context,
        title=_("%(sum)s every month") % {"sum": format_roubles(subscription.amount)},
        subtitle=subscription.name,
        icon="rotate",
        trail=[{"url": reverse("monthly_gifts"), "label": _("Monthly donations")}],
    )
