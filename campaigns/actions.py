"""What happens to the books when a campaign page changes."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from wagtail.models import Site

from campaigns.links import open_ready_links
from campaigns.models import CampaignPage, WhenReached
from donations.actions.funds import close_fund, open_fund
from donations.models import Fund
from site_settings.models import Organisation


def end_of_deadline(page: CampaignPage, site: Site) -> datetime | None:
    """The moment the deadline has passed: the end of that day in the site's zone."""
    if page.deadline is None:
        return None
    return _midnight_after(page.deadline, Organisation.for_site(site))


def _midnight_after(day: date, organisation: Organisation) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=organisation.zone)


def clock_changed(organisation: Organisation) -> None:
    """The site may live in another zone now: last days end at its own midnight."""
    for fund in Fund.objects.filter(site=organisation.site, closes_at__isnull=False):
        if fund.deadline is None:
            continue
        closes_at = _midnight_after(fund.deadline, organisation)
        if closes_at != fund.closes_at:
            Fund.objects.filter(pk=fund.pk).update(closes_at=closes_at)


def campaign_published(page: CampaignPage) -> None:
    """The campaign is public: its fund accepts gifts. Only the main language speaks to the fund."""
    site = page.get_site()
    if site is None or not page.is_in_main_language(site):
        return
    open_fund(
        site=site,
        key=page.fund_key,
        purpose=page.title,
        goal=page.goal,
        deadline=page.deadline,
        closes_at=end_of_deadline(page, site) if page.closes_at_deadline else None,
        closes_at_goal=page.when_reached == WhenReached.CLOSE,
        by_link_only=page.by_link_only,
    )
    if page.is_finished or page.has_report:
        close_fund(site=site, key=page.fund_key)
    open_ready_links(site=site, key=page.fund_key)


def campaign_hidden(page: CampaignPage) -> None:
    """The campaign is unpublished, expired or deleted: nothing new is accepted."""
    site = page.get_site()
    if site is not None and page.is_in_main_language(site):
        close_fund(site=site, key=page.fund_key)


def campaign_moved(page: CampaignPage) -> None:
    """A page moved to another site takes no money along: there it begins with a fund of its own."""
    site = page.get_site()
    if site is None:
        return
    elsewhere = Fund.objects.filter(key=page.fund_key).exclude(site=site)
    for fund in elsewhere.select_related("site__root_page"):
        # A translation that moves alone leaves the page that speaks to the fund where it was.
        if not CampaignPage.objects.live().speaking_for(fund.key, fund.site).exists():
            close_fund(site=fund.site, key=page.fund_key)
    if page.live:
        campaign_published(page)


def campaign_copied(page: CampaignPage) -> None:
    """A copy has spent nothing yet: what stands at the lines of the budget is the old one's."""
    page.budget = _unspent(list(page.budget.get_prep_value()))
    page.save(update_fields=["budget"], clean=False)
    for revision in page.revisions.all():
        lines = json.loads(revision.content.get("budget") or "[]")
        revision.content["budget"] = json.dumps(_unspent(lines))
        revision.save(update_fields=["content"])


def _unspent(lines: list[dict[str, Any]]) -> Any:
    nothing: dict[str, Any] = dict.fromkeys(("spent", "document", "picture"))
    return [{**line, "value": {**line["value"], **nothing}} for line in lines]
