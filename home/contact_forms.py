"""The fields a visitor fills in, and what comes along unseen."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.forms import FormBuilder, WagtailAdminFormPageForm
from wagtail.models import Site

from content.forms import SitePageForm
from donations.cleaning import clean_email, clean_line, clean_text
from donations.tokens import stamp
from site_settings.legal import shown_wordings
from site_settings.models import LegalKind, Organisation
from tenancy.models import SiteState, state_of

SALT = "home.message-token"
LONGEST_LINE, LONGEST_TEXT, LONGEST_EMAIL = 255, 5000, 254
MISSING = _("Please fill this in.")
# So that a browser offers what it knows: by how people name these questions.
KNOWN_TO_BROWSERS = {
    "имя": "name",
    "ваше имя": "name",
    "как вас зовут": "name",
    "your name": "name",
    "name": "name",
    "телефон": "tel",
    "ваш телефон": "tel",
    "phone": "tel",
}


class FormPageForm(SitePageForm, WagtailAdminFormPageForm):
    """In the admin: an address as of every page, and no two questions of one name."""

    fallback_slug = "form"


class Line(forms.CharField):
    """One line without invisible characters; spaces alone are nothing."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class Text(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class Email(forms.CharField):
    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return clean_email(typed) if typed else ""


class Day(forms.DateField):
    """As text: a message is words, whatever becomes of the form."""

    def clean(self, value: Any) -> str:
        found: date | None = super().clean(value)
        return found.strftime("%d.%m.%Y") if found else ""


class FieldBuilder(FormBuilder):
    """Wagtail's, with fields that clean what is typed and look like the rest of the site."""

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        return {**options, "initial": None, "error_messages": {"required": MISSING}}

    def create_singleline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        attrs = {"class": "input"}
        known = KNOWN_TO_BROWSERS.get(field.label.strip(" :?").lower())
        if known:
            attrs["autocomplete"] = known
        return Line(max_length=LONGEST_LINE, widget=forms.TextInput(attrs), **options)

    def create_multiline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.Textarea({"class": "input", "rows": 6})
        return Text(max_length=LONGEST_TEXT, widget=widget, **options)

    def create_email_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.EmailInput({"class": "input", "autocomplete": "email"})
        return Email(max_length=LONGEST_EMAIL, widget=widget, **options)

    def create_date_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        attrs = {"class": "input", "inputmode": "numeric", "placeholder": _("31.12.2026")}
        return Day(widget=forms.DateInput(attrs), **options)

    def create_dropdown_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        choices = [("", _("Choose one")), *self.get_formatted_field_choices(field)]
        widget = forms.Select({"class": "input"})
        return forms.ChoiceField(choices=choices, widget=widget, **options)

    def create_checkboxes_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        choices = self.get_formatted_field_choices(field)
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=choices, widget=widget, **options)

    def create_checkbox_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.BooleanField(**options)


class Envelope(forms.Form):
    """What every form carries besides its questions: the consent, the trap, the token."""

    consent = forms.BooleanField(
        error_messages={"required": _("Without this consent we may not read your message.")}
    )
    website = forms.CharField(required=False)  # the trap: nobody sees it
    token = forms.CharField(required=False, max_length=500)
    texts = forms.CharField(required=False, max_length=200)  # which wording stood on the page

    TRAPS: ClassVar = ("website", "token", "texts")

    @property
    def shown_text(self) -> str:
        """The digest of the wording that was read, as the page says."""
        return str(self.cleaned_data.get("texts", "")).partition(":")[2]


def form_context(
    request: HttpRequest, page: Any, form: Any = None, envelope: Envelope | None = None
) -> dict[str, Any]:
    """Context of home/form_page.html, for an empty form or one to be filled in again."""
    site = Site.find_for_request(request)
    context = {
        "form": form or page.get_form(page=page),
        "envelope": envelope or Envelope(),
        "is_closed": site is not None and state_of(site) == SiteState.ARCHIVED,
        "consent_url": reverse("legal_text", args=[LegalKind.MESSAGE]),
        "privacy_url": reverse("legal_text", args=[LegalKind.PRIVACY]),
    }
    if site is not None and page.pk:
        own = Organisation.for_request(request)
        own.site = site
        context |= {
            "send_url": reverse("message_send", args=[page.pk]),
            "token": stamp([site.pk, page.pk], salt=SALT),
            "texts": shown_wordings([LegalKind.MESSAGE], own, site),
        }
    return context
