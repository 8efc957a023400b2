"""What a campaign promises: things counted in pieces, stages, a day that was put off."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from donations.money import ZERO

# Until then a campaign shown by link only keeps its figures to itself: nobody likes to be first.
SHOWN_FROM_PERCENT, SHOWN_FROM_GIFTS = 10, 5


@dataclass(frozen=True)
class Stage:
    """A visible thing with its sum. `held` (roubles) is what has flowed into it."""

    title: str
    amount: Decimal
    begins_at: Decimal
    raised: Decimal

    @property
    def ends_at(self) -> Decimal:
        return self.begins_at + self.amount

    @property
    def held(self) -> Decimal:
        return min(max(self.raised - self.begins_at, ZERO), self.amount)

    @property
    def is_done(self) -> bool:
        return self.raised >= self.ends_at

    @property
    def is_current(self) -> bool:
        return self.begins_at <= self.raised < self.ends_at

    @property
    def left(self) -> Decimal:
        return self.amount - self.held

    @property
    def percent(self) -> int:
        return int(self.held * 100 / self.amount)


@dataclass(frozen=True)
class Units:
    """A goal counted in things of one price: `noun` is written as it stands after the number."""

    price: Decimal
    count: int
    noun: str

    def done_by(self, raised: Decimal) -> int:
        return min(int(raised / self.price), self.count)

    def text(self, raised: Decimal) -> str:
        """«7 из 12 вольеров»."""
        values = {"n": self.done_by(raised), "all": self.count, "noun": self.noun}
        return _("%(n)s of %(all)s %(noun)s") % values


@dataclass(frozen=True)
class Plan:
    """What the page says beyond its goal and last day. `lines` are (title, roubles)."""

    units: Units | None = None
    lines: tuple[tuple[str, Decimal], ...] = ()
    put_off_from: date | None = None
    by_link_only: bool = False

    def stages(self, raised: Decimal) -> list[Stage]:
        """Money fills the first stage, then flows over into the next."""
        found, begins_at = [], ZERO
        for title, amount in self.lines:
            found.append(Stage(title, amount, begins_at, raised))
            begins_at += amount
        return found

    def hides_figures(self, raised: Decimal, goal: Decimal | None, count: int) -> bool:
        enough = goal is not None and raised * 100 >= goal * SHOWN_FROM_PERCENT
        return self.by_link_only and not enough and count < SHOWN_FROM_GIFTS


NO_PLAN = Plan()
