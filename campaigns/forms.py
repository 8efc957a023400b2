import re
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from content.forms import SitePageForm
from donations.cleaning import clean_line
from site_settings.models import Organisation

LONGEST_CAMPAIGN = timedelta(days=3 * 365)
# Django's own parser also takes 12/31/26 (in an English admin) and digits of other scripts.
DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}")


class CampaignPageForm(SitePageForm):
    """What only a person's input is asked: an old campaign keeps its passed last day."""

    fallback_slug = "campaign"

    def clean_title(self) -> str:
        # It becomes the purpose in the books and in the payment: one line of what can be printed.
        title = clean_line(self.cleaned_data["title"])
        if not title:
            raise ValidationError(self.fields["title"].error_messages["required"], "required")
        return title

    def clean_lead(self) -> str:
        return clean_line(self.cleaned_data["lead"])

    def clean_deadline(self) -> date | None:
        deadline = self.cleaned_data.get("deadline")
        if deadline is None or "deadline" not in self.changed_data:
            return deadline
        if not DAY.fullmatch(str(self.data.get(self.add_prefix("deadline"), "")).strip()):
            raise ValidationError(_("Write the day like this: 31.12.2026."))
        today = self._today()
        if deadline < today:
            raise ValidationError(
                _("This day has passed. Choose a day ahead or leave the field empty.")
            )
        if deadline > today + LONGEST_CAMPAIGN:
            raise ValidationError(_("More than three years ahead. Better a nearer day or none."))
        return deadline

    def _today(self) -> date:
        """The date where the campaign ends: the site's, not the server's."""
        page = self.instance if self.instance.pk else self.parent_page
        site = page.get_site() if page else None
        return timezone.localdate(timezone=Organisation.for_site(site).zone if site else None)
