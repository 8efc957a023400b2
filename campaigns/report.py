"""What was done with the money: on the campaign's own page, bound to the lines of its budget."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail_localize.fields import SynchronizedField

from content.blocks import CONTENT_BLOCKS
from content.fields import StreamField
from donations.money import ZERO


@dataclass(frozen=True)
class SpentLine:
    """A line of the budget after the campaign. Roubles; `spent` is None until it is told."""

    title: str
    planned: Decimal
    spent: Decimal | None
    document: Any
    picture: Any


@dataclass(frozen=True)
class Spending:
    lines: tuple[SpentLine, ...]
    raised: Decimal

    @property
    def is_told(self) -> bool:
        return any(line.spent is not None or line.document or line.picture for line in self.lines)

    @property
    def spent(self) -> Decimal:
        return sum((line.spent or ZERO for line in self.lines), ZERO)

    @property
    def left(self) -> Decimal:
        return self.raised - self.spent


def spending(budget: Any, raised: Decimal, *, is_quiet: bool = False) -> Spending:
    """The budget's lines with what was spent on each; unfinished lines of a draft are left out.
    A quiet start keeps what was spent to itself as well."""
    lines = []
    for block in budget or ():
        value, sums = block.value, block.block.child_blocks
        planned = sums["amount"].to_amount(value["amount"])
        if planned is not None and value["title"]:
            spent = None if is_quiet else sums["spent"].to_amount(value["spent"])
            lines.append(
                SpentLine(value["title"], planned, spent, value["document"], value["picture"])
            )
    return Spending(tuple(lines), raised)


class WithReport(models.Model):
    """The fields of the report. The report has words: the page is done and its fund closed."""

    report_due = models.DateField(
        _("when we will report"),
        null=True,
        blank=True,
        help_text=_("The page promises this day to those who give"),
    )
    report = StreamField(CONTENT_BLOCKS, blank=True, verbose_name=_("report"))
    event_on = models.DateField(_("day of the event"), null=True, blank=True)
    event_place = models.CharField(_("place"), max_length=150, blank=True)
    event_people = models.PositiveIntegerField(_("how many came"), null=True, blank=True)
    has_report = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.tell_of_report()
        super().save(*args, **kwargs)

    def tell_of_report(self) -> None:
        self.has_report = bool(self.report)

    def event_held_by(self, today: date) -> bool:
        """Whether there is an event to tell of: one still ahead was not held."""
        if self.event_on:
            return self.event_on <= today
        return bool(self.event_place or self.event_people)


TOLD_AT_THE_END = ("report_due", "report", "has_report", "event_on", "event_place", "event_people")
REPORT_PANELS = [
    FieldPanel("report_due"),
    HelpPanel(
        content=_(
            "What was spent is written at each line of the budget, in the tab «Plan»: "
            "there you also add the receipt and a photo."
        )
    ),
    MultiFieldPanel(
        [FieldRowPanel(["event_on", "event_people"]), "event_place"],
        heading=_("Event held with this money"),
    ),
    FieldPanel("report"),
]
SAME_IN_ALL_LANGUAGES = [
    SynchronizedField("report_due", overridable=False),
    SynchronizedField("event_on", overridable=False),
    SynchronizedField("event_people", overridable=False),
]
