"""Admin screens of the books. Editors see what everybody may see, accountants the addresses."""

from collections import OrderedDict
from typing import Any

import django_filters
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.ui.tables import Column, DateColumn, Table, TitleColumn

from donations.models import Donation
from donations.money import format_roubles
from donations.sheet import COLUMNS, HEADINGS, sheet_rows
from tenancy.sheets import SafeSheets
from tenancy.viewsets import SiteIndexView, SiteViewSet


class RowsFitAPhone(Table):
    classname = "listing books-rows"


class DonationFilters(WagtailFilterSet):
    paid_at = django_filters.DateFromToRangeFilter(label=_("Paid"), widget=DateRangePickerWidget)

    class Meta:
        model = Donation
        fields = ("fund",)


class DonationIndexView(SafeSheets, SiteIndexView):
    """Paid donations of one's sites, newest first. Who keeps the books takes them as a file."""

    page_title = _("Donations")
    table_class = RowsFitAPhone
    filterset_class = DonationFilters
    export_headings = HEADINGS

    def get_base_queryset(self) -> Any:
        if self.is_export:
            return sheet_rows(self._kept().counted())
        gifts: Any = super().get_base_queryset()
        return gifts.paid().filter(proof=False).select_related("site", "fund", "account")

    def _kept(self) -> Any:
        """Gifts in the books this person keeps: of these alone the address may be known."""
        user = self.request.user
        return self.permission_policy.instances_user_has_permission_for(user, "change")

    @cached_property
    def is_searchable(self) -> bool:
        return self._keeps_books

    def get_search_form(self) -> SearchForm | None:
        form = super().get_search_form()
        if form is not None:
            form.fields["q"].widget.attrs["placeholder"] = _("E-mail or number")
        return form

    def search_queryset(self, queryset: Any) -> Any:
        if not self.is_searching:
            return queryset
        return queryset.filter(pk__in=self._kept().found_by(self.search_query).values("pk"))

    @cached_property
    def list_export(self) -> list[str]:
        return list(COLUMNS) if self._keeps_books else []

    def to_row_dict(self, item: Donation) -> OrderedDict[str, Any]:
        return OrderedDict((name, value(item)) for name, (_heading, value) in COLUMNS.items())

    def get_filename(self) -> str:
        return f"donations-{localdate():%Y-%m-%d}"

    @cached_property
    def columns(self) -> list[Column]:
        columns = [
            self._sum_column(),
            Column("public_name", label=_("Name"), accessor=_public_name),
            DateColumn("paid_at", label=_("Paid"), sort_key="paid_at"),
            Column("purpose", label=_("For"), accessor="purpose"),
            Column("message", label=_("Message"), accessor="message"),
        ]
        if self._keeps_books:
            columns.insert(2, Column("email", label=_("E-mail"), accessor=self._email))
        return columns

    def _sum_column(self) -> Column:
        """For those who keep the books the sum leads to all that is known of the gift."""
        column = TitleColumn if self._keeps_books else Column
        more: dict[str, Any] = {"get_url": self._book_url} if self._keeps_books else {}
        # One line: a sum that breaks in two is read as two.
        more["classname"] = "w-whitespace-nowrap"
        return column("amount", label=_("Sum"), accessor=_sum, sort_key="amount", **more)

    @cached_property
    def _keeps_books(self) -> bool:
        return bool(self.permission_policy.user_has_permission(self.request.user, "change"))

    def _book_url(self, donation: Donation) -> str | None:
        return reverse("donation_in_books", args=[donation.pk]) if self._keeps(donation) else None

    def _email(self, donation: Donation) -> str:
        return donation.email if self._keeps(donation) else ""

    def _keeps(self, donation: Donation) -> bool:
        """Only where the person keeps the books of this very site."""
        return bool(
            self.permission_policy.user_has_permission_for_instance(
                self.request.user, "change", donation
            )
        )


def _public_name(donation: Donation) -> Any:
    return donation.public_name or _("a kind person")


def _sum(donation: Donation) -> str:
    text = format_roubles(donation.given)
    if donation.refunded:
        text = f"{text} − {format_roubles(donation.refunded)}"
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
    ordering = ("-paid_at",)
    list_per_page = 50
