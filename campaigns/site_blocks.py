"""Blocks by which the site's own pages show its campaigns and take gifts to them.

A campaign is drawn only where it is live, no secret and of the host's own site, whatever id the
block holds.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Page, Site

from campaigns.models import CampaignIndexPage, CampaignPage, with_progress
from campaigns.plan import Plan
from campaigns.progress import format_count, progress_of
from campaigns.topics import Topic
from content.blocks import CONTENT_BLOCKS
from content.blocks.sections import SectionBlock
from content.models import RENDITIONS
from donations.blocks import MONEY, DonationBlock, DonorWallBlock
from donations.models import Fund
from donations.money import ZERO
from tenancy.roots import roots_above

Context = dict[str, Any]


class Show(models.TextChoices):
    OPEN = "open", _("those that collect now")
    FINISHED = "finished", _("those that are over")
    ALL = "all", _("all")


class Order(models.TextChoices):
    NEWEST = "newest", _("the newest first")
    SOONEST = "soonest", _("those that end soonest first")
    NEAREST = "nearest", _("those nearest to their goal first")


class GivenTo(models.TextChoices):
    GENERAL = "general", _("to the work of the organisation")
    CAMPAIGN = "campaign", _("to a campaign, chosen below")


def is_collecting(page: CampaignPage) -> bool:
    """A site that has a rest closes none of its campaigns."""
    return page.progress.is_open or bool(page.progress.site_closed_text)


def in_order(pages: Iterable[CampaignPage], order: str) -> list[CampaignPage]:
    """`pages` come the newest first, and so stay those that are equal otherwise."""
    if order == Order.SOONEST:
        return sorted(pages, key=_days_to_go)
    if order == Order.NEAREST:
        return sorted(pages, key=_share_to_go)
    return list(pages)


def _days_to_go(page: CampaignPage) -> tuple[int, date]:
    day, today = page.progress.deadline, page.progress.today
    if day is None:
        return 1, today
    return (0, day) if day >= today else (2, day)  # a day that is over hurries nobody


def _share_to_go(page: CampaignPage) -> Any:
    raised, goal = page.progress.raised, page.progress.goal
    return 1 - raised / goal if goal and raised < goal else 2


def chosen(pages: Iterable[Page | None], context: Context) -> list[CampaignPage]:
    """The campaigns that may be shown, in this order, in the page's language, with progress.

    Three queries whatever their number.
    """
    request = context.get("request")
    wanted = [page for page in pages if page is not None]
    site = Site.find_for_request(request) if request is not None else None
    if request is None or site is None or not wanted:
        return []
    here = getattr(context.get("page"), "locale_id", None)
    keys = {page.translation_key for page in wanted}
    rows = CampaignPage.objects.listed().select_related("picture", "locale", "alias_of")
    rows = rows.filter(Q(pk__in=[page.pk for page in wanted]) | Q(translation_key__in=keys))
    found: dict[Any, CampaignPage] = {}
    for row in rows:
        if row.translation_key not in found or row.locale_id == here:
            found[row.translation_key] = row
    known = [found[page.translation_key] for page in wanted if page.translation_key in found]
    own = [page for page in known if any(root.site_id == site.pk for root in roots_above(page))]
    return with_progress(own, request)


class ChosenCampaignBlock(blocks.PageChooserBlock):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Campaign"))
        super().__init__(page_type="campaigns.CampaignPage", **kwargs)


class CampaignsBlock(SectionBlock):
    """Cards of campaigns; which, the two kinds below say."""

    def found(self, value: Any, context: Context) -> list[CampaignPage]:
        """Read once, however often they are asked for while a page is drawn."""
        if not hasattr(value, "found"):
            value.found = self._found(value, context)
        return list(value.found)

    def _found(self, value: Any, context: Context) -> list[CampaignPage]:
        raise NotImplementedError


class CampaignCardsBlock(CampaignsBlock):
    campaigns = blocks.ListBlock(
        ChosenCampaignBlock(), label=_("Campaigns"), min_num=1, max_num=6, icon="pick"
    )

    class Meta:
        label = _("Chosen campaigns")
        icon = "pick"
        group = MONEY
        description = help_text = _("Cards of campaigns you choose; a hidden one leaves by itself")
        template = "campaigns/blocks/campaigns.html"
        wide = True

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        context = super().get_context(value, parent_context=parent_context)
        context["campaigns"] = self.found(value, context)
        return context

    def _found(self, value: Any, context: Context) -> list[CampaignPage]:
        cards = chosen(value["campaigns"], context)
        prefetch_related_objects(cards, RENDITIONS)
        return cards


class CampaignListBlock(CampaignsBlock):
    show = blocks.ChoiceBlock(label=_("Which"), choices=Show.choices, default=Show.OPEN)
    topic = blocks.ChoiceBlock(
        label=_("Topic"), choices=[("", _("All topics")), *Topic.choices], required=False
    )
    order = blocks.ChoiceBlock(label=_("Order"), choices=Order.choices, default=Order.NEWEST)
    most = blocks.IntegerBlock(label=_("At most"), default=6, min_value=1, max_value=24)

    class Meta:
        label = _("List of campaigns")
        icon = "list-ul"
        group = MONEY
        description = help_text = _("Fills itself: new campaigns come, finished ones go")
        template = "campaigns/blocks/campaigns.html"
        wide = True

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        context = super().get_context(value, parent_context=parent_context)
        found, most = self.found(value, context), value.get("most") or 6
        context |= {"campaigns": found[:most], "is_list": True, "shows": value.get("show")}
        if len(found) > most:
            context["all"] = CampaignIndexPage.objects.live().child_of(_home(context)).first()
        return context

    def _found(self, value: Any, context: Context) -> list[CampaignPage]:
        home = _home(context)
        if home is None:
            return []
        pages = CampaignPage.objects.shown_on(home)
        if value.get("topic"):
            pages = pages.filter(topic=value["topic"])
        rows, show = with_progress(list(pages), context["request"]), value.get("show")
        if show != Show.ALL:
            rows = [page for page in rows if is_collecting(page) == (show != Show.FINISHED)]
        return in_order(rows, value.get("order") or Order.NEWEST)


def _home(context: Context) -> Page | None:
    """The site's home in the language of the page the block stands on."""
    request, page = context.get("request"), context.get("page")
    site = Site.find_for_request(request) if request is not None else None
    if site is None:
        return None
    home = site.root_page
    if page is None or page.locale_id == home.locale_id:
        return home
    return home.get_translation_or_none(page.locale)


class ThermometerBlock(blocks.StructBlock):
    campaign = ChosenCampaignBlock()
    intro = blocks.TextBlock(label=_("A line above the bar"), required=False, max_length=300)

    class Meta:
        label = _("Bar of a campaign")
        icon = "order"
        group = MONEY
        description = help_text = _(
            "How much one campaign has collected, large, with the button «Help»"
        )
        template = "campaigns/blocks/thermometer.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        context = super().get_context(value, parent_context=parent_context)
        context["campaign"] = next(iter(chosen([value["campaign"]], context)), None)
        return context


class TotalsBlock(SectionBlock):
    class Meta:
        label = _("Collected together")
        icon = "decimal"
        group = MONEY
        description = help_text = _(
            "All that people have given to the whole site, counted by itself"
        )
        template = "campaigns/blocks/totals.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        site = Site.find_for_request(request) if request is not None else None
        if site is not None:
            context["totals"] = _totals(site)
        return context


def _totals(site: Site) -> dict[str, Any]:
    """Of what keeps its figures to itself nothing is told here either."""
    told = [fund for fund in Fund.objects.of_site(site) if not _is_quiet(fund)]
    gifts = sum(fund.count for fund in told)
    return {
        "given": sum((fund.total for fund in told), ZERO),
        "gifts": gifts,
        "gifts_text": format_count(gifts),
        "reached": sum(bool(fund.key and fund.goal and fund.total >= fund.goal) for fund in told),
    }


def _is_quiet(fund: Fund) -> bool:
    return progress_of(fund, zone="UTC", plan=Plan(by_link_only=fund.by_link_only)).is_quiet


class SiteDonationBlock(DonationBlock):
    """The form on a page of the site: for the general fund, or for a campaign of the editor's."""

    to = blocks.ChoiceBlock(
        label=_("Where the money goes"), choices=GivenTo.choices, default=GivenTo.GENERAL
    )
    campaign = ChosenCampaignBlock(
        required=False, help_text=_("Left empty when the money goes to the organisation")
    )

    class Meta:
        form_layout: ClassVar = ["to", "campaign", "heading", "intro", "presets"]

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        is_missing = cleaned["to"] == GivenTo.CAMPAIGN and cleaned["campaign"] is None
        if is_missing and not self.is_deferred_validation:
            message = _("Choose the campaign, or give to the work of the organisation.")
            raise blocks.StructBlockValidationError({"campaign": ValidationError(message)})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> Context:
        context = super().get_context(value, parent_context=parent_context)
        # What was chosen may be gone: then nothing is asked for, least of all for something else.
        context["is_gone"] = _is_for_campaign(value) and context.get("fund") is None
        return context

    def fund_for(self, value: Any, context: Context) -> Fund | None:
        if not _is_for_campaign(value):
            return super().fund_for(value, context)
        context["given_to"] = page = next(iter(chosen([value["campaign"]], context)), None)
        site = Site.find_for_request(context["request"])
        if page is None or site is None:
            return None
        return Fund.objects.of_site(site).filter(key=page.fund_key).first()


def _is_for_campaign(value: Any) -> bool:
    return value.get("to") == GivenTo.CAMPAIGN


PAGE_BLOCKS: list[tuple[str, blocks.Block]] = [
    ("donation", SiteDonationBlock()),
    ("campaigns", CampaignListBlock()),
    ("cards", CampaignCardsBlock()),
    ("thermometer", ThermometerBlock()),
    ("totals", TotalsBlock()),
    ("wall", DonorWallBlock()),
    *CONTENT_BLOCKS,
]
