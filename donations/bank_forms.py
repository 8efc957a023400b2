"""What the accountant types about money that came past the site."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, When
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Site

from donations.actions.giving import purpose_of
from donations.bank.statement import LARGEST_FILE
from donations.cleaning import clean_email, clean_line
from donations.models import AccountKind, Donation, Fund
from donations.money import MoneyFormField
from site_settings.models import Organisation

ADD, TAKE = "add", "take"


class FundField(forms.ModelChoiceField):
    """A fund of one's books, closed ones too: money for a campaign may come after its end."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Fund.objects.none(),
            label=gettext_lazy("What for"),
            empty_label=None,
            widget=forms.Select(attrs={"class": "w-w-full"}),
            **kwargs,
        )

    def label_from_instance(self, fund: Any) -> str:
        return Truncator(purpose_of(fund, fund.site.organisation)).chars(100)

    def narrow(self, site: Site, funds: QuerySet[Fund]) -> None:
        # The first one is chosen until a person chooses: never a group's.
        others = Case(When(site=site, then=0), default=1)
        named = funds.select_related("site__organisation")
        self.queryset = named.order_by(others, "-accepts", "-pk")


class StatementForm(forms.Form):
    statement = forms.FileField(
        label=gettext_lazy("Statement file"),
        help_text=gettext_lazy(
            "In the bank's office: statement, export, «1C». A text file, as a rule kl_to_1c.txt"
        ),
        error_messages={"empty": gettext_lazy("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".txt,text/plain"}),
    )

    def clean_statement(self) -> Any:
        file = self.cleaned_data["statement"]
        # Before anything is read into memory.
        if file.size > LARGEST_FILE:
            raise ValidationError(_("The file is too large: a statement takes up to 5 MB."))
        return file


class LineForm(forms.Form):
    """Which fund a line without a code is given to."""

    fund = FundField()

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["fund"]
        if isinstance(field, FundField):
            field.narrow(site, Fund.objects.in_books_of(site))


class OfflineGiftForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("How it came"),
        choices=[
            (AccountKind.CASH, AccountKind.CASH.label),
            (AccountKind.BANK, AccountKind.BANK.label),
        ],
    )
    amount = MoneyFormField(label=gettext_lazy("Sum"))
    day = forms.DateField(label=gettext_lazy("Date"), widget=AdminDateInput)
    fund = FundField()
    document = forms.CharField(
        label=gettext_lazy("Document number"),
        max_length=40,
        help_text=gettext_lazy("Of the cash order, the act of the box or the payment order"),
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=100)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("If it is known, a letter of thanks goes there"),
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = Organisation.for_site(site)
        field = self.fields["fund"]
        if isinstance(field, FundField):
            field.narrow(site, Fund.objects.in_books_of(site))

    def clean_kind(self) -> AccountKind:
        kind = AccountKind(self.cleaned_data["kind"])
        if kind == AccountKind.BANK and not self.organisation.account_number:
            raise ValidationError(_("First write the account into the organisation's requisites."))
        return kind

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day > timezone.localdate(timezone=self.organisation.zone):
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean_document(self) -> str:
        return clean_line(self.cleaned_data["document"])

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        return clean_email(email) if email.strip() else ""


class CorrectionForm(forms.Form):
    """A signed sum with its reason and document. `key` makes a repeated submit one correction."""

    direction = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[(TAKE, gettext_lazy("take away")), (ADD, gettext_lazy("add"))],
    )
    amount = MoneyFormField(label=gettext_lazy("Sum"))
    fund = FundField()
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=250)
    document = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=100,
        help_text=gettext_lazy("Number and date of what proves it"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, site: Site, donation: Donation | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4
        field = self.fields["fund"]
        if donation is not None:
            del self.fields["fund"]
        elif isinstance(field, FundField):
            field.narrow(site, Fund.objects.in_books_of(site))

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])

    def clean_document(self) -> str:
        return clean_line(self.cleaned_data["document"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "amount" in cleaned and "direction" in cleaned:
            sign = -1 if cleaned["direction"] == TAKE else 1
            cleaned["signed"] = cleaned["amount"] * sign
        return cleaned
