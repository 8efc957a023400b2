import re
from collections.abc import Set
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.blocks import lines_of, total
from content.forms import SitePageForm
from donations.cleaning import clean_line
from donations.money import LARGEST, format_roubles
from site_settings.models import Organisation

LONGEST_CAMPAIGN = timedelta(days=3 * 365)
# Django's own parser also takes 12/31/26 (in an English admin) and digits of other scripts.
DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}")
UNITS = {"unit_count", "unit_noun", "unit_price"}
Fault = tuple[str, str]


def faults_of_sums(values: dict[str, Any], wrong: Set[str] = frozenset()) -> list[Fault]:
    """(field, what is wrong) of what is to be published. A goal left empty is counted from the
    units into `values`; of the fields that are `wrong` already nothing more is said."""
    faults = [] if UNITS & wrong else _count_in_units(values, wrong)
    for field in ("stages", "budget"):
        if not {"goal", field} & {*wrong, *(name for name, _fault in faults)}:
            faults += _must_make_the_goal(field, values)
    return faults


def _count_in_units(values: dict[str, Any], wrong: Set[str]) -> list[Fault]:
    """The three belong together, and the goal is count × price."""
    parts: dict[str, Any] = {name: values.get(name) for name in sorted(UNITS)}
    if not any(parts.values()):
        return []
    if not all(parts.values()):
        fault = _("Fill in all three: how many, of what, at what price.")
        return [(name, fault) for name, value in parts.items() if not value]
    goal, typed = parts["unit_price"] * parts["unit_count"], values.get("goal")
    if typed is not None and typed != goal:
        said = {
            "count": parts["unit_count"],
            "price": format_roubles(parts["unit_price"]),
            "goal": format_roubles(goal),
        }
        message = _("%(count)s at %(price)s make %(goal)s. Write that, or leave it empty.")
        return [("goal", message % said)]
    if goal > LARGEST:
        return [("unit_count", _("Together this is more than a campaign can collect."))]
    if "goal" not in wrong:
        values["goal"] = goal
    return []


def _must_make_the_goal(field: str, values: dict[str, Any]) -> list[Fault]:
    lines = lines_of(values.get(field))
    goal, made = values.get("goal"), total(lines)
    if not lines or made == goal:
        return []
    said = {"sum": format_roubles(made)}
    if goal is None:
        return [("goal", _("The lines make %(sum)s. Write it as the goal.") % said)]
    said["goal"] = format_roubles(goal)
    message = (
        _("The lines make %(sum)s, that is less than the goal of %(goal)s.")
        if made < goal
        else _("The lines make %(sum)s, that is more than the goal of %(goal)s.")
    )
    return [(field, message % said)]


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

    def clean_district(self) -> str:
        # People filter by it: two spellings of one space would be two districts.
        return clean_line(self.cleaned_data["district"])

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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        # A draft may be saved half thought through; what is published adds up.
        if not self.is_deferred_validation:
            for field, fault in faults_of_sums(cleaned, set(self.errors)):
                self.add_error(field, fault)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        self.instance.put_off_from = self._put_off_from()
        self.instance.tell_of_report()  # a preview is not saved
        return super().save(commit=commit)

    def _put_off_from(self) -> date | None:
        """The day people were told first, when the campaign now ends later or has no last day."""
        page = self.instance
        told = page.put_off_from
        if told is None and page.live and page.pk:
            told = type(page).objects.filter(pk=page.pk).values_list("deadline", flat=True).first()
        if told is None or (page.deadline is not None and page.deadline <= told):
            return None
        return told

    def _today(self) -> date:
        """The date where the campaign ends: the site's, not the server's."""
        page = self.instance if self.instance.pk else self.parent_page
        site = page.get_site() if page else None
        return timezone.localdate(timezone=Organisation.for_site(site).zone if site else None)
