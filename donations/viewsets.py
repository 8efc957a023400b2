"""Admin screens of the books. Editors see what everybody may see, accountants the addresses."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn

from donations.models import Donation
from donations.money import format_roubles
from tenancy.viewsets import SiteIndexView, SiteViewSet


class DonationIndexView(SiteIndexView):
    """Paid donations of one's sites, newest first."""

    page_title = _("Donations")

    def get_base_queryset(self) -> Any:
        gifts: Any = super().get_base_queryset()
        return gifts.paid().select_related("site", "fund", "account")

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            Column("public_name", label=_("Name"), accessor=_public_name),
            Column("amount", label=_("Sum"), accessor=_sum, sort_key="amount"),
            DateColumn("paid_at", label=_("Paid"), sort_key="paid_at"),
            Column("purpose", label=_("For"), accessor="purpose"),
            Column("message", label=_("Message"), accessor="message"),
        ]
        if self.permission_policy.user_has_permission(self.request.user, "change"):
            columns.insert(1, Column("email", label=_("E-mail"), accessor=self._email))
        return columns

    def _email(self, donation: Donation) -> str:
        """Only where the person keeps the books of this very site."""
        allowed = self.permission_policy.user_has_permission_for_instance(
            self.request.user, "change", donation
        )
        return donation.email if allowed else ""


def _public_name(donation: Donation) -> Any:
    return donation.public_name or _("a kind person")


def _sum(donation: Donation) -> str:
    text = format_roubles(donation.amount)
    # Not inside an f-string: gettext's tools do not look for words there.
    mark = _("test")
    return text if donation.account.is_live else f"{text} · {mark}"


class DonationViewSet(SiteViewSet):
    model = Donation
    name = "donations"
    icon = "pick"
    menu_label = _("Donations")
    add_to_admin_menu = True
    menu_order = 210
    index_view_class = DonationIndexView
    inspect_view_enabled = False
    list_filter = ("fund",)
    ordering = ("-paid_at",)
    list_per_page = 50
