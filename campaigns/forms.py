from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

LONGEST_CAMPAIGN = timedelta(days=3 * 365)


class CampaignPageForm(WagtailAdminPageForm):
    """What only a person's input is asked: an old campaign keeps its passed last day."""

    def clean_deadline(self) -> date | None:
        deadline = self.cleaned_data.get("deadline")
        if deadline is None or "deadline" not in self.changed_data:
            return deadline
        today = timezone.localdate()
        if deadline < today:
            raise ValidationError(
                _("This day has passed. Choose a day ahead or leave the field empty.")
            )
        if deadline > today + LONGEST_CAMPAIGN:
            raise ValidationError(_("More than three years ahead. Better a nearer day or none."))
        return deadline
