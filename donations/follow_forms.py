from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from donations.actions.followers import can_follow
from donations.cleaning import clean_email
from donations.forms import local_path
from donations.models import Fund
from donations.tokens import once_token, page_token
from site_settings.legal import are_known_wordings, shown_wordings
from site_settings.models import LegalKind, Organisation


class FollowForm(forms.Form):
    """Asks for news of a campaign by e-mail alone. It stands on one page with the donation form."""

    prefix = "follow"

    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        error_messages={"required": gettext_lazy("Write the e-mail to send the news to.")},
    )
    news = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("Without this consent we may not write to you."),
        }
    )
    # The trap and the rest of what the form carries; never shown as fields.
    website = forms.CharField(required=False)
    token = forms.CharField(required=False, max_length=500)
    texts = forms.CharField(required=False, max_length=500)
    page = forms.CharField(required=False)

    def __init__(self, *args: Any, fund: Fund, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fund = fund

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])

    def clean_page(self) -> str:
        return local_path(self.cleaned_data["page"])

    @property
    def shown_text(self) -> str:
        """The digest of the wording the page showed, as the page itself says."""
        kind, _colon, digest = self.cleaned_data.get("texts", "").partition(":")
        return digest if kind == LegalKind.NEWS else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        shown = {LegalKind.NEWS.value: self.shown_text}
        if cleaned.get("news") and not are_known_wordings(self.fund.site, shown, [LegalKind.NEWS]):
            self.add_error(
                "news",
                ValidationError(
                    _("This text has changed since. Read it once more and tick the box.")
                ),
            )
            box = self.add_prefix("news")
            self.data = {name: self.data[name] for name in self.data if name != box}
        return cleaned


def follow_context(
    request: HttpRequest, *, fund: Fund | None, form: FollowForm | None = None
) -> dict[str, Any]:
    """Context of donations/follow_form.html; without «follow» where nothing can be followed."""
    site = Site.find_for_request(request)
    if site is None or fund is None or fund.key is None or not can_follow(site):
        return {}
    organisation = Organisation.for_request(request)
    organisation.site = site  # known already: the database need not be asked again
    page = local_path(form.data.get("follow-page", "")) if form is not None else request.path
    return {
        "follow": form or FollowForm(fund=fund),
        "follow_fund": fund,
        "follow_url": reverse("follow"),
        # After a doubt the page is made for one person: its token works once and tells the time.
        "follow_token": page_token(fund) if form is None else once_token(fund),
        "follow_texts": shown_wordings([LegalKind.NEWS], organisation, site),
        "follow_page": page,
        "news_text_url": reverse("legal_text", args=[LegalKind.NEWS]),
    }
