"""The showcase: campaigns of all sites of the network that asked to be shown.

It is the one public place that looks over the walls. So it looks through one narrow opening, the
`_look` below, and hands out plain values: published campaigns that opted in, of sites that work,
in their main language. Sums are of the same campaigns: whoever did not opt in is not counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.paginator import Page as PageOfList
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from wagtail.models import Site

from campaigns.models import CampaignPage
from campaigns.progress import Progress, format_count, progress_of
from campaigns.topics import Topic
from content.models import RENDITIONS, Picture
from content.words import beginnings
from donations.models import Fund
from donations.money import ZERO, MoneyField
from donations.ways import sites_with_ways
from site_settings.models import Organisation
from tenancy.models import SiteState
from tenancy.scope import unrestricted

ON_A_PAGE = 12
IN_A_ROW = 3
SOON = timedelta(days=7)
MOST_FOUND = 2000
LEFT = F("goal") - F("raised") + F("refunded")


@contextmanager
def _look() -> Iterator[None]:
    with unrestricted("showcase: published campaigns that opted in, of working sites"):
        yield


@dataclass(frozen=True)
class Card:
    title: str
    lead: str
    url: str
    picture: Picture | None
    organisation: str
    topic: str
    district: str
    progress: Progress
    has_report: bool
    published_at: datetime | None


@dataclass(frozen=True)
class Sums:
    """Of the campaigns of the showcase, finished ones too."""

    campaigns: int
    organisations: int
    raised: Decimal
    gifts: int
    events: int  # held with the money, as reports tell

    @property
    def gifts_text(self) -> str:
        return format_count(self.gifts)


@dataclass(frozen=True)
class Wanted:
    """What a visitor asks for. Empty is everything."""

    words: str = ""
    topic: str = ""
    district: str = ""
    show: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.words or self.topic or self.district or self.show)


@dataclass(frozen=True)
class Showcase:
    sums: Sums
    topics: list[tuple[str, str]]
    districts: list[str]
    found: PageOfList
    cards: list[Card]
    urgent: list[Card] = field(default_factory=list)
    near: list[Card] = field(default_factory=list)


def showcase(wanted: Wanted, *, number: Any = 1) -> Showcase:
    """One page of the list and all that stands around it, by a constant number of queries."""
    with _look():
        everything = _funds(_opted_in())
        listed = _kind(_funds(_asked_for(wanted)), wanted.show)
        found = Paginator(listed, ON_A_PAGE).get_page(number)
        first = wanted.is_everything and found.number == 1
        urgent = list(_kind(everything, "urgent")[:IN_A_ROW]) if first else []
        near = _kind(everything, "near").exclude(pk__in=[one.pk for one in urgent])
        rows = [urgent, list(near[:IN_A_ROW]) if first else [], list(found.object_list)]
        cards = _cards([fund for row in rows for fund in row])
        return Showcase(
            sums=_sums(everything),
            topics=_topics(everything),
            districts=_districts(everything),
            found=found,
            urgent=_in_order(rows[0], cards),
            near=_in_order(rows[1], cards),
            cards=_in_order(rows[2], cards),
        )


def most_urgent(number: int = IN_A_ROW) -> tuple[list[Card], Sums]:
    """For the centre's home page: those that need help now, then those that began last. Each can
    be given to."""
    with _look():
        everything, looked_at = _funds(_opted_in()), 2 * number
        funds = list(_kind(everything, "urgent")[:looked_at])
        rest = _kind(everything, "").exclude(pk__in=[fund.pk for fund in funds])
        funds += rest[: looked_at - len(funds)]
        cards = _in_order(funds, _cards(funds))
        return [card for card in cards if card.progress.can_give][:number], _sums(everything)


def newest(number: int = 30) -> list[Card]:
    """For the feed: the campaigns that began last."""
    with _look():
        funds = list(_kind(_funds(_opted_in()), "").order_by("-pk")[:number])
        cards = _cards(funds)
        return _in_order(funds, cards)


def shows_picture(path: str) -> bool:
    """Whether this file is a picture of a campaign in the showcase."""
    with _look():
        return _funds(_opted_in().filter(picture__renditions__file=path)).exists()


def _opted_in() -> QuerySet[CampaignPage]:
    return CampaignPage.objects.listed().filter(in_showcase=True, alias_of=None)


def _asked_for(wanted: Wanted) -> QuerySet[CampaignPage]:
    pages = _opted_in()
    if wanted.topic:
        pages = pages.filter(topic=wanted.topic)
    if wanted.district:
        pages = pages.filter(district=wanted.district)
    if wanted.words:
        query = beginnings(wanted.words)
        found = CampaignPage.objects.all().autocomplete(query)[:MOST_FOUND] if query else []
        pages = pages.filter(pk__in=[page.pk for page in found])
    return pages


def _funds(pages: QuerySet[CampaignPage]) -> QuerySet[Fund]:
    """The funds of these pages, each of the site that both the fund and the page belong to."""
    spoken_for = pages.order_by().filter(
        translation_key=OuterRef("key"),
        locale=OuterRef("site__root_page__locale"),
        path__startswith=OuterRef("site__root_page__path"),
    )
    return Fund.objects.filter(
        Exists(spoken_for),
        site__walls__state=SiteState.ACTIVE,
    ).select_related("site__root_page__locale", "site__walls")


def _kind(funds: QuerySet[Fund], show: str) -> QuerySet[Fund]:
    now = timezone.now()
    is_open = Q(accepts=True) & (Q(closes_at=None) | Q(closes_at__gt=now))
    if show == "done":  # those that kept their word first
        told = CampaignPage.objects.live().filter(translation_key=OuterRef("key"), has_report=True)
        return funds.exclude(is_open).annotate(told=Exists(told)).order_by("-told", "-pk")
    opened = funds.filter(is_open)
    unmet = opened.filter(goal__isnull=False).annotate(left=LEFT).filter(left__gt=ZERO)
    if show == "urgent":
        today = timezone.localdate()
        return unmet.filter(deadline__range=(today, today + SOON)).order_by("deadline", "pk")
    if show == "near":
        fifth = F("left") + F("left") + F("left") + F("left") + F("left")
        return unmet.annotate(five=fifth).filter(five__lte=F("goal")).order_by("left", "pk")
    return opened.order_by("-pk")


def _sums(funds: QuerySet[Fund]) -> Sums:
    found = funds.order_by().aggregate(
        campaigns=Count("pk"),
        organisations=Count("site", distinct=True),
        raised=Sum(F("raised") - F("refunded"), output_field=MoneyField()),
        gifts=Sum("count"),
    )
    held = _opted_in().filter(has_report=True, event_on__lte=timezone.localdate())
    told = held.filter(translation_key__in=funds.order_by().values("key")).order_by()
    events = told.values("translation_key").distinct().count()  # in however many languages
    found |= {"raised": found["raised"] or ZERO, "gifts": found["gifts"] or 0}
    return Sums(**found, events=events)


def _facet(funds: QuerySet[Fund], name: str) -> list[str]:
    pages = _opted_in().filter(translation_key__in=funds.order_by().values("key"))
    found = pages.exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct()
    return list(found)


def _topics(funds: QuerySet[Fund]) -> list[tuple[str, str]]:
    used = set(_facet(funds, "topic"))
    return [(value, str(label)) for value, label in Topic.choices if value in used]


def _districts(funds: QuerySet[Fund]) -> list[str]:
    return _facet(funds, "district")


def _cards(funds: list[Fund]) -> dict[int, Card]:
    """Fund id → its card, by seven queries at most, whatever their number."""
    keys = [fund.key for fund in funds if fund.key is not None]
    pages = _opted_in().filter(translation_key__in=keys).select_related("picture", "locale")
    pages = pages.prefetch_related(RENDITIONS)
    by_key: dict[Any, list[CampaignPage]] = {}
    for page in pages:
        by_key.setdefault(page.translation_key, []).append(page)
    owners = {
        row.site_id: row
        for row in Organisation.objects.filter(site__in={fund.site_id for fund in funds})
    }
    given_to = sites_with_ways(owners.values())
    cards = {}
    for fund in funds:
        home, owner = fund.site.root_page, owners.get(fund.site_id)
        for page in by_key.get(fund.key, []):
            if page.path.startswith(home.path) and page.locale_id == home.locale_id:
                cards[fund.pk] = _card(fund, page, owner, has_ways=fund.site_id in given_to)
    return cards


def _in_order(funds: list[Fund], cards: dict[int, Card]) -> list[Card]:
    return [cards[fund.pk] for fund in funds if fund.pk in cards]


def _card(fund: Fund, page: CampaignPage, owner: Organisation | None, *, has_ways: bool) -> Card:
    site = fund.site
    name = (owner.short_name or owner.full_name) if owner else ""
    return Card(
        title=page.title,
        lead=page.lead,
        url=_address(site, page),
        picture=page.picture,
        organisation=name or site.site_name,
        topic=str(Topic(page.topic).label) if page.topic else "",
        district=page.district,
        progress=progress_of(
            fund,
            zone=owner.time_zone if owner else settings.TIME_ZONE,
            is_asked_for=page.has_form and has_ways,
        ),
        has_report=page.has_report,
        published_at=page.first_published_at,
    )


def _address(site: Site, page: CampaignPage) -> str:
    """The campaign on its own site's host. Wagtail would walk the roots of all sites for it."""
    language = page.locale.language_code
    prefix = "" if language == settings.LANGUAGE_CODE else f"{language}/"
    return f"{site.root_url}/{prefix}{page.url_path.removeprefix(site.root_page.url_path)}"
