from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page, PageManager, PageQuerySet, Site
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from campaigns.forms import CampaignPageForm
from campaigns.progress import Progress, progress_of
from content.blocks import CONTENT_BLOCKS
from content.fields import StreamField
from content.models import BasePage
from donations.blocks import DonationBlock
from donations.models import Fund
from donations.money import MoneyField
from site_settings.models import Organisation

CAMPAIGN_BLOCKS = [("donation", DonationBlock()), *CONTENT_BLOCKS]
# Two forms on a page would share the ids of their fields: labels would lead to the wrong one.
ONE_FORM = {"donation": {"max_num": 1}}


def with_progress(pages: Sequence[CampaignPage], request: HttpRequest) -> list[CampaignPage]:
    """The same pages, each with its progress, by one query whatever their number."""
    keys = [page.fund_key for page in pages]
    site = Site.find_for_request(request)
    funds = {fund.key: fund for fund in Fund.objects.of_site(site).filter(key__in=keys)}
    zone = Organisation.for_request(request).time_zone
    for page in pages:
        page.progress = progress_of(funds.get(page.fund_key), zone=zone)
    return list(pages)


class CampaignQuerySet(PageQuerySet):
    def shown_on(self, page: Page) -> CampaignQuerySet:
        """Live campaigns below the page, newest first."""
        newest_first = self.live().descendant_of(page).order_by("-first_published_at")
        return newest_first.select_related("picture", "locale", "alias_of")

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


class CampaignPage(BasePage):
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
    goal = MoneyField(
        gettext_lazy("goal"),
        null=True,
        blank=True,
        help_text=gettext_lazy("In roubles. Without a goal the page shows no bar"),
    )
    deadline = models.DateField(
        gettext_lazy("last day"),
        null=True,
        blank=True,
        help_text=gettext_lazy("The day itself still counts. May be left empty"),
    )
    closes_at_deadline = models.BooleanField(
        gettext_lazy("take no donations after the last day"),
        default=False,
        help_text=gettext_lazy("Otherwise only the words change, and people can go on helping"),
    )
    body = StreamField(
        CAMPAIGN_BLOCKS,
        block_counts=ONE_FORM,
        blank=True,
        verbose_name=gettext_lazy("story"),
    )

    objects = PageManager.from_queryset(CampaignQuerySet)()
    base_form_class = CampaignPageForm

    parent_page_types: ClassVar = ["campaigns.CampaignIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel("picture"),
        MultiFieldPanel(
            ["goal", "deadline", "closes_at_deadline"], heading=gettext_lazy("How much and by when")
        ),
        FieldPanel("body"),
    ]
    search_fields: ClassVar = [*Page.search_fields, index.SearchField("lead")]
    # Money and dates are one for all languages: the fund reads them from the main one.
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        SynchronizedField("picture"),
        SynchronizedField("goal", overridable=False),
        SynchronizedField("deadline", overridable=False),
        SynchronizedField("closes_at_deadline", overridable=False),
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
            context["progress"] = self._progress(fund, Organisation.for_request(request))
        return context

    def _progress(self, fund: Fund | None, organisation: Organisation) -> Progress:
        if fund is None:  # a draft or a preview
            fund = Fund(goal=self.goal, deadline=self.deadline, accepts=False)
        return progress_of(fund, zone=organisation.time_zone)
