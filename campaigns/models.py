from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.models import Page, PageManager, PageQuerySet, Site
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from campaigns.blocks import lines_of, total
from campaigns.forms import CampaignPageForm
from campaigns.goals import (
    GOAL_IN_ALL_LANGUAGES,
    GOAL_PANEL,
    PROMISE_PANELS,
    WhenReached,
    WithGoal,
)
from campaigns.news import UpdatePage, WithNews
from campaigns.panels import NewsPanel
from campaigns.progress import Progress, progress_of
from campaigns.report import (
    REPORT_PANELS,
    SAME_IN_ALL_LANGUAGES,
    TOLD_AT_THE_END,
    WithReport,
    spending,
)
from campaigns.spreading import ShortLink, VisitCount
from campaigns.topics import Topic
from content import structured
from content.blocks import CONTENT_BLOCKS
from content.fields import StreamField
from content.models import RENDITIONS, BasePage
from content.renditions import read_renditions
from donations.blocks import DonationBlock, DonorWallBlock
from donations.models import Fund
from donations.money import ZERO
from donations.ways import Ways, ways_for
from site_settings.models import Appearance

__all__ = (
    "CampaignIndexPage",
    "CampaignPage",
    "CampaignQuerySet",
    "CampaignState",
    "ShortLink",
    "VisitCount",
    "WhenReached",
    "with_progress",
)
CAMPAIGN_BLOCKS = [("donation", DonationBlock()), *CONTENT_BLOCKS, ("wall", DonorWallBlock())]
# Two forms on a page would share the ids of their fields: labels would lead to the wrong one.
AT_MOST = {"donation": {"max_num": 1}, "wall": {"max_num": 1}}
FOUND_PANEL = MultiFieldPanel(
    [*(["in_showcase"] if settings.NETWORK else []), "topic", "district"],
    heading=gettext_lazy("Where the campaign is found"),
)


def with_progress(pages: Sequence[CampaignPage], request: HttpRequest) -> list[CampaignPage]:
    """The same pages, each with its progress, by one query whatever their number."""
    keys = [page.fund_key for page in pages]
    site = Site.find_for_request(request)
    funds = {fund.key: fund for fund in Fund.objects.of_site(site).filter(key__in=keys)}
    ways = ways_for(request)
    for page in pages:
        page.progress = page.progress_with(funds.get(page.fund_key), ways)
    return list(pages)


class CampaignState(models.TextChoices):
    """Where in its life a campaign is."""

    DRAFT = "draft", gettext_lazy("draft")
    SOFT = "soft", gettext_lazy("by link only")
    LIVE = "live", gettext_lazy("collecting")
    REACHED = "reached", gettext_lazy("goal reached")
    FINISHED = "finished", gettext_lazy("finished")
    REPORTED = "reported", gettext_lazy("done, with a report")


class CampaignQuerySet(PageQuerySet):
    def shown_on(self, page: Page) -> CampaignQuerySet:
        """Live campaigns below the page, newest first; not those shown by link only."""
        newest_first = self.listed().descendant_of(page).order_by("-first_published_at")
        cards = newest_first.select_related("picture", "locale", "alias_of")
        return cards.prefetch_related(RENDITIONS)

    def listed(self) -> CampaignQuerySet:
        return self.live().filter(by_link_only=False)

    def paths_of_hidden(self) -> tuple[str, ...]:
        """Where lists do not look: drafts and what is shown by link only, with all below them."""
        hidden = self.filter(models.Q(live=False) | models.Q(by_link_only=True))
        return tuple(hidden.values_list("path", flat=True))

    def speaking_for(self, key: UUID, site: Site) -> CampaignQuerySet:
        """The page of the site whose publishing and hiding the fund follows."""
        home = site.root_page
        return self.descendant_of(home).filter(
            translation_key=key, locale_id=home.locale_id, alias_of=None
        )


class CampaignIndexPage(BasePage):
    """The list of a site's campaigns."""

    lead = models.CharField(gettext_lazy("lead"), max_length=250, blank=True)

    parent_page_types: ClassVar = ["home.HomePage"]
    subpage_types: ClassVar = ["campaigns.CampaignPage"]
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        verbose_name = gettext_lazy("list of campaigns")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        site = Site.find_for_request(request)
        pages = list(CampaignPage.objects.shown_on(self)) if site else []
        context["campaigns"] = with_progress(pages, request) if site else []
        return context


class CampaignPage(WithNews, WithReport, WithGoal, BasePage):
    """A campaign: one clear thing, told in the site's languages, one fund behind all of them."""

    lead = models.CharField(
        gettext_lazy("one sentence: why now"),
        max_length=250,
        help_text=gettext_lazy("It stands under the title, before everything else"),
    )
    picture = models.ForeignKey(
        "content.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("picture"),
        help_text=gettext_lazy("The thing itself, 1600 × 1000 or larger"),
    )
    by_link_only = models.BooleanField(
        gettext_lazy("show by link only for now"),
        default=False,
        help_text=gettext_lazy(
            "For your own circle first: no list shows the campaign, and its figures appear after "
            "the first 10 % or 5 donations"
        ),
    )
    is_finished = models.BooleanField(
        gettext_lazy("the collection is finished"),
        default=False,
        help_text=gettext_lazy("No new donations; the page and what was collected stay"),
    )
    in_showcase = models.BooleanField(
        gettext_lazy("show on the centre's site too"),
        default=False,
        help_text=gettext_lazy(
            "The picture, the words above and the sums; people come to your page"
        ),
    )
    topic = models.CharField(
        gettext_lazy("topic"), max_length=20, choices=Topic.choices, blank=True
    )
    district = models.CharField(
        gettext_lazy("district or town"),
        max_length=80,
        blank=True,
        help_text=gettext_lazy("Where the good will be done, as people there say it"),
    )
    body = StreamField(
        CAMPAIGN_BLOCKS,
        block_counts=AT_MOST,
        blank=True,
        verbose_name=gettext_lazy("story"),
    )

    progress: Any = None  # Progress: how its fund stands, once somebody has read it

    objects = PageManager.from_queryset(CampaignQuerySet)()
    base_form_class = CampaignPageForm

    parent_page_types: ClassVar = ["campaigns.CampaignIndexPage"]
    subpage_types: ClassVar = [UpdatePage]
    # A copy is a campaign that has not begun.
    exclude_fields_in_copy: ClassVar = ["is_finished", "put_off_from", *TOLD_AT_THE_END]
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel("picture"),
        GOAL_PANEL,
        FieldPanel("body"),
    ]
    plan_panels: ClassVar = [
        *PROMISE_PANELS,
        MultiFieldPanel(["by_link_only", "is_finished"], heading=gettext_lazy("Beginning and end")),
        FOUND_PANEL,
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
        index.AutocompleteField("district"),
        index.AutocompleteField("site_name"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=gettext_lazy("Campaign")),
            ObjectList(plan_panels, heading=gettext_lazy("Plan")),
            ObjectList([NewsPanel()], heading=gettext_lazy("News")),
            ObjectList(REPORT_PANELS, heading=gettext_lazy("Report")),
            ObjectList(BasePage.promote_panels, heading=gettext_lazy("For search")),
            ObjectList(Page.settings_panels, heading=gettext_lazy("When to publish")),
        ]
    )
    # Money and dates are one for all languages: the fund reads them from the main one.
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        SynchronizedField("picture"),
        SynchronizedField("by_link_only", overridable=False),
        SynchronizedField("is_finished", overridable=False),
        *GOAL_IN_ALL_LANGUAGES,
        *SAME_IN_ALL_LANGUAGES,
        SynchronizedField("in_showcase", overridable=False),
        SynchronizedField("topic", overridable=False),
    ]

    class Meta:
        verbose_name = gettext_lazy("campaign")

    @property
    def fund_key(self) -> UUID:
        # An alias gets a translation key of its own, but collects into the fund of its source.
        source: Page = self
        while source.alias_of is not None:
            source = source.alias_of
        return source.translation_key

    @property
    def has_form(self) -> bool:
        """Whether gifts can be begun on the page. The raw data: no picture is fetched for it."""
        return any(block["type"] == "donation" for block in self.body.raw_data)

    @property
    def is_over(self) -> bool:
        return self.is_finished or self.has_report

    def state_of(self, progress: Progress) -> CampaignState:
        if not self.live:
            return CampaignState.DRAFT
        if self.has_report:
            return CampaignState.REPORTED
        if self.is_finished or not (progress.is_open or progress.site_closed_text):
            return CampaignState.FINISHED
        if progress.is_reached:
            return CampaignState.REACHED
        return CampaignState.SOFT if self.by_link_only else CampaignState.LIVE

    def site_name(self) -> str:
        """For the search index: a campaign is found by whose it is."""
        site = self.get_site()
        return site.site_name if site else ""

    def is_in_main_language(self, site: Site) -> bool:
        return self.locale_id == site.root_page.locale_id and self.alias_of_id is None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        site = Site.find_for_request(request)
        blocks = list(self.body)
        give = next((block for block in blocks if block.block_type == "donation"), None)
        context["give"] = give
        context["story"] = [block for block in blocks if block is not give]
        if site is not None:
            # The form below reads the same row.
            context["fund"] = fund = Fund.objects.of_site(site).filter(key=self.fund_key).first()
            context |= self.newest_news(request, fund)
            self.progress = self.progress_with(fund, ways_for(request))
            context["progress"] = self.progress
            context["event_held"] = self.event_held_by(self.progress.today)
        raised = context["progress"].raised if site is not None else ZERO
        is_quiet = site is not None and context["progress"].is_quiet
        context["spending"] = spending(self.budget, raised, is_quiet=is_quiet)
        logo = Appearance.for_request(request).logo if site is not None else None
        told = (self.report,) if self.has_report else ()
        news = [update.picture for update in context.get("updates", ())]
        read_renditions(self.picture, logo, news, self.body, self.budget, *told)
        context["budget_total"] = total(lines_of(self.budget))
        return context

    def structured_data(self, request: HttpRequest) -> list[structured.Thing]:
        """One asks for help with a thing: what the organisation wants people to do."""
        if self.by_link_only:
            return super().structured_data(request)
        over = (CampaignState.FINISHED, CampaignState.REPORTED)
        is_over = self.state_of(self._progress_for(request)) in over
        state = "CompletedActionStatus" if is_over else "PotentialActionStatus"
        action = {
            "@type": "DonateAction",
            "name": self.title,
            "description": self.search_description or self.lead,
            "image": structured.picture_of(self, request),
            "recipient": structured.owner_id(request),
            "actionStatus": f"https://schema.org/{state}",
            "endTime": self.deadline.isoformat() if self.deadline else "",
            "target": self.full_url,
        }
        return [*super().structured_data(request), structured.said(action)]

    def _progress_for(self, request: HttpRequest) -> Progress:
        """Read for the page already; the list of its news has read none."""
        if self.progress is None:
            fund = Fund.objects.of_site(self.get_site()).filter(key=self.fund_key).first()
            self.progress = self.progress_with(fund, ways_for(request))
        return self.progress

    def progress_with(self, fund: Fund | None, ways: Ways) -> Progress:
        if fund is None:  # a draft or a preview
            fund = Fund(goal=self.goal, deadline=self.deadline, accepts=False)
        return progress_of(
            fund,
            zone=ways.organisation.time_zone,
            plan=self.plan,
            is_asked_for=self.has_form and not self.is_over and ways.exist,
        )
