"""The way from a link to a gift, channel by channel."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from wagtail.models import Site

from campaigns.channels import OTHER, READY, WIDGET
from campaigns.spreading import CameBy, ShortLink, VisitCount
from donations.channels import Given, given_by_channel, is_of_a_donor

SHOWN_MARKS = 5


@dataclass(frozen=True)
class ChannelFigures:
    """A line of the table. `opened` counts the short link, `visited` pages seen by people."""

    link: ShortLink | None = None
    opened: int = 0
    visited: int = 0
    given: Given = field(default_factory=Given)

    def __add__(self, more: "ChannelFigures") -> "ChannelFigures":
        opened, visited = self.opened + more.opened, self.visited + more.visited
        return ChannelFigures(None, opened, visited, self.given + more.given)

    @property
    def is_empty(self) -> bool:
        return self == ChannelFigures(self.link)


@dataclass(frozen=True)
class CampaignFigures:
    """All of a campaign: each link, widgets, what donors passed on, other marks, no mark, what
    came past the form."""

    rows: list[ChannelFigures]
    widgets: ChannelFigures
    donors: ChannelFigures
    other: ChannelFigures
    other_marks: list[str]
    direct: ChannelFigures
    past_form: Decimal
    total: ChannelFigures

    @property
    def best(self) -> ChannelFigures | None:
        """The link that brought most money."""
        best = max(self.rows, key=lambda row: row.given.sum, default=None)
        return best if best is not None and best.given.sum else None


def figures_of(*, site: Site, key: UUID, days: int | None) -> CampaignFigures:
    """The last `days`, today included, or all. Three queries, however many links there are."""
    since = timezone.localdate() - timedelta(days=days - 1) if days else None
    came = VisitCount.objects.filter(site=site, key=key)
    if since is not None:
        came = came.filter(day__gte=since)
    numbers: dict[tuple[str, str], int] = {
        (row["channel"], row["kind"]): row["sum"]
        for row in came.order_by().values("channel", "kind").annotate(sum=Sum("number"))
    }
    begun = timezone.make_aware(datetime.combine(since, time.min)) if since else None
    given, past_form = given_by_channel(site=site, key=key, since=begun)

    def line(channel: str, link: ShortLink | None = None) -> ChannelFigures:
        return ChannelFigures(
            link,
            numbers.get((channel, CameBy.LINK), 0),
            numbers.get((channel, CameBy.VISIT), 0),
            given.get(channel, Given()),
        )

    rows = [line(link.channel, link) for link in links_of(site=site, key=key)]
    known = {row.link.channel for row in rows if row.link}
    seen = {channel for channel, _kind in numbers} | given.keys()
    donors = {channel for channel in seen - known if is_of_a_donor(channel)}
    marks = sorted(seen - known - donors - {"", WIDGET})
    by_donors = _sum(line(channel) for channel in donors)
    other = _sum(line(channel) for channel in marks)
    widgets, direct = line(WIDGET), line("")
    past = ChannelFigures(given=Given(0, 0, past_form.sum))
    return CampaignFigures(
        rows=rows,
        widgets=widgets,
        donors=by_donors,
        other=other,
        other_marks=[mark for mark in marks if mark != OTHER][:SHOWN_MARKS],
        direct=direct,
        past_form=past_form.sum,
        total=_sum([*rows, widgets, by_donors, other, direct, past]),
    )


def links_of(*, site: Site, key: UUID) -> list[ShortLink]:
    """The usual channels in their order, then the editors' own, oldest first."""
    order = {channel: number for number, channel in enumerate(READY)}
    links = list(ShortLink.objects.filter(site=site, key=key).order_by("pk"))
    for link in links:
        link.site = site
    return sorted(links, key=lambda link: order.get(link.channel, len(order)))


def _sum(lines: Iterable[ChannelFigures]) -> ChannelFigures:
    return sum(lines, start=ChannelFigures())
