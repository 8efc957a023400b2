from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import policy_registry

from donations import admin_views
from donations.models import PaymentAccount
from donations.viewsets import DonationViewSet
from tenancy.admin_gate import Screens


@hooks.register("register_admin_viewset")
def donations_viewset() -> DonationViewSet:
    return DonationViewSet()


@hooks.register("register_open_screens")
def screens_of_the_books() -> Screens:
    names = ("donations:index", "donations:index_results", "payment_accounts", "payment_account")
    return dict.fromkeys(names, ())


@hooks.register("register_admin_urls")
def payment_account_urls() -> list[URLPattern]:
    return [
        path("payments/", admin_views.payment_accounts, name="payment_accounts"),
        path("payments/<int:site_id>/", admin_views.payment_account, name="payment_account"),
    ]


class PaymentsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        policy = policy_registry.get_by_type(PaymentAccount)
        return bool(policy.user_has_any_permission(request.user, ["change"]))


@hooks.register("register_admin_menu_item")
def payments_menu_item() -> MenuItem:
    return PaymentsMenuItem(_("Payments"), reverse("payment_accounts"), icon_name="cogs", order=220)
