"""How a campaign stands, in figures and in words."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import Fund
from donations.money import ZERO, format_roubles

USUAL_GIFT = Decimal("500.00")


@dataclass(frozen=True)
class Progress:
    """What the page shows. Sums in roubles; `percent` may pass 100, `bar` (0 to 100) may not."""

    raised: Decimal
    goal: Decimal | None
    count: int
    deadline: date | None
    is_open: bool
    today: date

    @property
    def percent(self) -> int | None:
        return int(self.raised * 100 / self.goal) if self.goal else None

    @property
    def bar(self) -> int:
        return min(self.percent or 0, 100)

    @property
    def over(self) -> bool:
        return self.goal is not None and self.raised > self.goal

    @property
    def zero(self) -> bool:
        return self.count == 0

    @property
    def raised_text(self) -> str:
        return format_roubles(self.raised)

    @property
    def goal_text(self) -> str:
        return format_roubles(self.goal) if self.goal else ""

    @property
    def supporters_text(self) -> str:
        if self.zero:
            return ""
        text = ngettext("%(n)d person has helped", "%(n)d people have helped", self.count)
        return text % {"n": self.count}

    @property
    def left_text(self) -> str:
        if self.goal is None:
            return ""
        left = self.goal - self.raised
        if left < 0:
            return _("the goal is reached, and %(sum)s more") % {"sum": format_roubles(-left)}
        if left == 0:
            return _("the goal is reached")
        gifts = self._gifts(left)
        words = ngettext("%(n)d gift", "%(n)d gifts", gifts) % {"n": gifts}
        return _("%(sum)s to go, that is %(gifts)s") % {
            "sum": format_roubles(left),
            "gifts": words,
        }

    def _gifts(self, left: Decimal) -> int:
        """How many gifts of the size people give here are still needed."""
        usual = self.raised / self.count if self.count else USUAL_GIFT
        return int((left / usual).to_integral_value(rounding=ROUND_CEILING)) if usual else 1

    @property
    def deadline_text(self) -> str:
        if self.deadline is None:
            return ""
        days = (self.deadline - self.today).days
        if days < 0:
            return _("the collection ran until %(date)s") % {
                "date": date_format(self.deadline, "j E Y")
            }
        if days == 0:
            return _("today is the last day")
        return ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}

    @property
    def closed_text(self) -> str:
        if self.is_open:
            return ""
        return _("This collection is closed. Thank you to all who helped.")


def progress_of(fund: Fund | None, *, zone: str, now: datetime | None = None) -> Progress:
    """The progress of a fund as people of the site's zone see it; zero for a page without a fund."""
    today = (now or timezone.now()).astimezone(ZoneInfo(zone)).date()
    if fund is None:
        return Progress(ZERO, None, 0, None, is_open=False, today=today)
    return Progress(
        fund.total, fund.goal, fund.count, fund.deadline, is_open=fund.is_open(), today=today
    )
