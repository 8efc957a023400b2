"""How a campaign stands, in figures and in words."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.plan import NO_PLAN, Plan, Stage
from donations.closed import why_closed
from donations.models import Fund
from donations.money import NARROW_SPACE, ZERO, format_roubles

USUAL_GIFT = Decimal("500.00")


def format_count(number: int) -> str:
    """«1 234»: grouped as sums are."""
    return f"{number:,}".replace(",", NARROW_SPACE)


@dataclass(frozen=True)
class Progress:
    """What the page shows. Sums in roubles; `percent` may pass 100, `bar` (0 to 100) may not.

    `count` is of gifts, `people` of those who gave them.
    """

    raised: Decimal
    goal: Decimal | None
    count: int
    people: int
    deadline: date | None
    is_open: bool
    today: date
    is_asked_for: bool = False  # its page has a form, and its site a way to take money
    site_closed_text: str = ""
    plan: Plan = NO_PLAN
    hours_left: int | None = None  # on the last day: whole hours to its end, rounded up

    @property
    def can_give(self) -> bool:
        """Whether anybody is asked to help: on its page a gift can be begun now."""
        return self.is_open and self.is_asked_for

    @property
    def is_quiet(self) -> bool:
        """A campaign shown by link only keeps its figures back until there are some, or it ends."""
        has_ended = not self.is_open and not self.site_closed_text and not self.zero
        return not has_ended and self.plan.hides_figures(self.raised, self.goal, self.count)

    @property
    def is_reached(self) -> bool:
        return self.goal is not None and self.raised >= self.goal

    @property
    def units_text(self) -> str:
        return self.plan.units.text(self.raised) if self.plan.units else ""

    @property
    def stages(self) -> list[Stage]:
        return self.plan.stages(self.raised)

    @property
    def marks(self) -> list[int]:
        """Where on the bar (percent) one stage ends and the next begins."""
        whole = max(self.raised, self.goal or ZERO)
        return [int(stage.ends_at * 100 / whole) for stage in self.stages[:-1]] if whole else []

    @property
    def put_off_text(self) -> str:
        told = self.plan.put_off_from
        if told is None or not (self.is_open or self.is_past):
            return ""  # closed before its day: that day tells nothing any more
        if self.deadline is None:
            return _("no last day any more: it was to end on %(old)s") % {
                "old": date_format(told, "j E Y")
            }
        days = {"old": date_format(told, "j E"), "new": date_format(self.deadline, "j E Y")}
        if self.is_past:
            return _("it was put off: at first it was to end on %(old)s") % days
        return _("put off: it was to end on %(old)s, now on %(new)s") % days

    @property
    def percent(self) -> int | None:
        return int(self.raised * 100 / self.goal) if self.goal else None

    @property
    def bar(self) -> int:
        return min(self.percent or 0, 100)

    @property
    def goal_mark(self) -> int | None:
        """Where on the full bar (percent) the goal stands, never so far that it is cut off."""
        if self.goal is None or not self.is_reached:
            return None
        return min(int(self.goal * 100 / self.raised), 98)

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
        text = ngettext("%(n)s person has helped", "%(n)s people have helped", self.people)
        return text % {"n": format_count(self.people)}

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
        text = ngettext(
            "%(sum)s to go, that is %(n)s gift", "%(sum)s to go, that is %(n)s gifts", gifts
        )
        return text % {"sum": format_roubles(left), "n": format_count(gifts)}

    def _gifts(self, left: Decimal) -> int:
        """How many gifts of the size people give here are still needed."""
        # Everything may have been given back: then nobody's size is known either.
        usual = self.raised / self.count if self.count and self.raised else USUAL_GIFT
        return int((left / usual).to_integral_value(rounding=ROUND_CEILING))

    @property
    def is_past(self) -> bool:
        return self.deadline is not None and self.deadline < self.today

    @property
    def deadline_text(self) -> str:
        if self.deadline is None:
            return ""
        days = (self.deadline - self.today).days
        if days < 0:
            return self._past_text() % {"date": date_format(self.deadline, "j E Y")}
        if days == 0:
            return self._last_day_text()
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": format_count(days)}

    def _past_text(self) -> str:
        """A passed day closes nothing by itself: the words must not send people away."""
        if self.can_give:
            return _("planned until %(date)s, you can still help")
        return (
            _("planned until %(date)s") if self.is_open else _("the collection ran until %(date)s")
        )

    def _last_day_text(self) -> str:
        if not self.hours_left:
            return _("today is the last day")
        text = ngettext(
            "today is the last day, %(n)s hour left",
            "today is the last day, %(n)s hours left",
            self.hours_left,
        )
        return text % {"n": self.hours_left}

    @property
    def closed_text(self) -> str:
        if self.is_open:
            return ""
        if self.site_closed_text:
            return _("No donations are taken now.")
        return _("This collection is closed. Thank you to all who helped.")


def progress_of(
    fund: Fund | None,
    *,
    zone: str,
    plan: Plan = NO_PLAN,
    is_asked_for: bool = False,
    now: datetime | None = None,
) -> Progress:
    """The progress of a fund as seen in the site's zone; zero for a page without a fund."""
    here = (now or timezone.now()).astimezone(ZoneInfo(zone))
    today = here.date()
    if fund is None:
        return Progress(ZERO, None, 0, 0, None, is_open=False, today=today, plan=plan)
    return Progress(
        fund.total,
        fund.goal,
        fund.count,
        fund.people,
        fund.deadline,
        is_open=fund.is_open(now),
        today=today,
        is_asked_for=is_asked_for,
        # A campaign that is closed by itself tells of itself.
        site_closed_text=why_closed(fund.site) if fund.accepts_at(now) else "",
        plan=plan,
        hours_left=_hours_left(here) if fund.deadline == today else None,
    )


def _hours_left(here: datetime) -> int:
    """To the end of the day, begun hours counted whole: at 23:30 there is one."""
    midnight = datetime.combine(here.date() + timedelta(days=1), time.min, tzinfo=here.tzinfo)
    return -(-(midnight - here) // timedelta(hours=1))
