import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from accounts.actions import refuse_keepers_of_the_server
from accounts.managers import normalise_email
from accounts.models import User
from network.actions.addresses import refuse_taken
from network.actions.opening import LONGEST_NAME, free_hostname
from network.actions.recipients import Consent, check_consent
from network.blueprint import BASIC, BLUEPRINTS
from network.hostnames import read_hostname
from site_settings.models import DEFAULT_ACCENT, DEFAULT_SECOND, Organisation
from site_settings.panels import ColourInput, NumberInput
from tenancy.models import Role, SiteState

NUMBERS = ("inn", "kpp", "ogrn", "bic", "account_number", "correspondent_account")
REQUISITES = (
    *("inn", "kpp", "ogrn", "legal_address", "director_name", "email", "phone"),
    *("bank_name", "bic", "account_number", "correspondent_account"),
)
# A group has these all the same.
CONTACTS = ("email", "phone")
PEOPLE = (
    ("editor_email", Role.EDITOR),
    ("manager_email", Role.MANAGER),
    ("accountant_email", Role.ACCOUNTANT),
)
BETWEEN = re.compile(r"[\s,;]+")


class EmailsField(forms.CharField):
    """Several addresses, parted by spaces, commas or lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=1000, **kwargs)

    def clean(self, value: Any) -> list[str]:
        typed = super().clean(value)
        found = []
        for one in filter(None, BETWEEN.split(typed or "")):
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(
                    _("“%(address)s” is no e-mail address.") % {"address": one}
                ) from None
            email = normalise_email(one)
            refuse_keepers_of_the_server(email)
            found.append(email)
        return list(dict.fromkeys(found))


class ConsentForm(forms.Form):
    """Which organisation of the network agreed to receive a group's gifts."""

    recipient = forms.ModelChoiceField(
        label=gettext_lazy("Who receives the money"),
        queryset=Site.objects.none(),
        empty_label=gettext_lazy("Nobody has agreed yet"),
        required=False,
        help_text=gettext_lazy(
            "Donations go to the account of this organisation, by its offer. Without one the site "
            "takes no donations"
        ),
    )
    agreed_by = forms.CharField(
        label=gettext_lazy("Who agreed there"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Name and post"),
    )
    agreed_on = forms.DateField(
        label=gettext_lazy("When"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].queryset = possible_recipients()  # type: ignore[attr-defined]
        self.fields["recipient"].label_from_instance = _name_of  # type: ignore[attr-defined]

    def check_consent(self) -> Consent | None:
        """The consent as typed, or None; what is wrong with it is said at its fields."""
        data = self.cleaned_data
        if data.get("recipient") is None:
            return None
        consent = Consent(
            recipient=data["recipient"],
            agreed_by=data.get("agreed_by", ""),
            agreed_on=data.get("agreed_on") or timezone.localdate(),
        )
        try:
            check_consent(consent)
        except ValidationError as error:
            self.add_error(None, error)
        return consent


def possible_recipients() -> Any:
    ready = Organisation.objects.filter(is_group=False).exclude(inn="")
    sites = Site.objects.filter(pk__in=ready.values("site"), walls__state=SiteState.ACTIVE)
    return sites.order_by("site_name", "hostname")


def _name_of(site: Site) -> str:
    return str(site.site_name or site.hostname)


class OpenSiteForm(ConsentForm, forms.ModelForm):
    """What the centre knows of a new site; the rest the NGO fills in itself."""

    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("As people call it. It stands on the site until changed there"),
    )
    hostname = forms.CharField(
        label=gettext_lazy("Address of the site"), max_length=255, required=False
    )
    blueprint = forms.ChoiceField(
        label=gettext_lazy("Kind of site"),
        choices=[(kind.key, kind.label) for kind in BLUEPRINTS.values()],
        initial=BASIC.key,
        required=False,
        widget=forms.RadioSelect,
    )
    editor_email = EmailsField(
        label=gettext_lazy("E-mail of the editor"),
        help_text=gettext_lazy("Writes pages and campaigns. Several addresses: with commas"),
    )
    manager_email = EmailsField(
        label=gettext_lazy("E-mail of the site manager"),
        help_text=gettext_lazy("Does everything on the site, invites others"),
    )
    accountant_email = EmailsField(
        label=gettext_lazy("E-mail of the accountant"),
        help_text=gettext_lazy("Sees donations, keeps requisites and payments"),
    )
    accent = forms.CharField(
        label=gettext_lazy("Main colour"),
        initial=DEFAULT_ACCENT,
        required=False,
        max_length=7,
        widget=ColourInput,
    )
    second = forms.CharField(
        label=gettext_lazy("Second colour"),
        initial=DEFAULT_SECOND,
        required=False,
        max_length=7,
        widget=ColourInput,
    )

    class Meta:
        model = Organisation
        fields = REQUISITES
        widgets = dict.fromkeys(NUMBERS, NumberInput)

    def __init__(self, *args: Any, by: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["hostname"].help_text = _(
            "One word is enough: dymka becomes dymka.%(domain)s. Left empty, it is made of the name"
        ) % {"domain": settings.BASE_DOMAIN}

    @property
    def kind(self) -> Any:
        return BLUEPRINTS.get(self["blueprint"].value() or BASIC.key, BASIC)

    def clean_organisation(self) -> str:
        return " ".join(self.cleaned_data["organisation"].split())

    def clean_blueprint(self) -> str:
        return self.cleaned_data["blueprint"] or BASIC.key

    def clean_hostname(self) -> str:
        typed = self.cleaned_data["hostname"].strip()
        if not typed and self.data.get("hostname"):
            raise ValidationError(_("Write the name of the site, for example dymka."))
        if not typed:
            return ""
        host = read_hostname(typed, by=self.by)
        try:
            refuse_taken(host)
        except ValidationError as error:
            raise ValidationError(error.messages) from None
        return host

    def clean_accent(self) -> str:
        return self.cleaned_data["accent"] or DEFAULT_ACCENT

    def clean_second(self) -> str:
        return self.cleaned_data["second"] or DEFAULT_SECOND

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not any(data.get(field) for field, _role in PEOPLE) and not self.errors.keys() & {
            field for field, _role in PEOPLE
        }:
            self.add_error("editor_email", _("Somebody has to work on the site: give an address."))
        if not data.get("hostname") and data.get("organisation") and "hostname" not in self.errors:
            try:
                free_hostname(data["organisation"])
            except ValidationError as error:
                self.add_error("hostname", error.messages)
        if data.get("blueprint") == "group":
            self._clean_group()
        return data

    def _clean_group(self) -> None:
        for field in REQUISITES:
            if field not in CONTACTS and self.cleaned_data.get(field):
                self.add_error(
                    field, _("A group has no requisites: choose another kind of site, or clear it.")
                )
        self.consent = self.check_consent()

    consent: Consent | None = None

    @property
    def people(self) -> list[tuple[str, Role]]:
        return [(email, role) for field, role in PEOPLE for email in self.cleaned_data[field]]

    @property
    def requisites(self) -> dict[str, str]:
        return {field: self.cleaned_data[field] for field in REQUISITES}

    def for_action(self) -> dict[str, Any]:
        """Arguments of `open_site`, but for `by`."""
        data = self.cleaned_data
        return {
            "organisation": data["organisation"],
            "hostname": data["hostname"],
            "blueprint": BLUEPRINTS[data["blueprint"]],
            "people": self.people,
            "requisites": self.requisites,
            "accent": data["accent"],
            "second": data["second"],
            "consent": self.consent,
        }


class HostnameForm(forms.Form):
    hostname = forms.CharField(
        label=gettext_lazy("One more address"),
        max_length=255,
        help_text=gettext_lazy("A domain of the organisation's own, or a second sub-domain"),
    )


class WhyForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("The people of the site get a letter; this stands in it"),
        max_length=300,
        required=False,
    )


class CloseSiteForm(WhyForm):
    typed_name = forms.CharField(label=gettext_lazy("Name of the site"), max_length=255)
