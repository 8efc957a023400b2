"""Campaigns as editors make them: a draft below the site's list, then published."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from wagtail.models import Site

from campaigns.models import CampaignIndexPage, CampaignPage
from donations.models import Fund


def as_item(value: Any) -> dict[str, Any]:
    """An item of a list as the editor's form stores it; of bare values localize sees no words."""
    return {"type": "item", "id": str(uuid4()), "value": value}


PRESETS = [
    as_item({"amount": "300.00", "meaning": ""}),
    as_item({"amount": "850.00", "meaning": "доска"}),
]
FORM = {"type": "donation", "value": {"heading": "", "intro": "", "presets": PRESETS}}

MakeCampaign = Callable[..., CampaignPage]


def index_of(site: Site) -> CampaignIndexPage:
    return CampaignIndexPage.objects.descendant_of(site.root_page).get()


def fund_of(page: CampaignPage, site: Site | None = None) -> Fund:
    """The fund of the page's campaign, fresh from the books."""
    funds = Fund.objects.filter(key=page.fund_key)
    return (funds.of_site(site) if site else funds).get()


@pytest.fixture
def make_campaign(site: Site) -> MakeCampaign:
    """make_campaign("Пандус", goal="64000.00"); a draft with publish=False."""

    def make(
        title: str = "Пандус к библиотеке",
        *,
        slug: str = "pandus",
        goal: str | None = "64000.00",
        publish: bool = True,
        on: Site | None = None,
        **fields: Any,
    ) -> CampaignPage:
        page = CampaignPage(
            title=title,
            slug=slug,
            lead=fields.pop("lead", "Двенадцать ступеней, которые не пускают"),
            goal=Decimal(goal) if goal else None,
            body=fields.pop("body", [FORM]),
            live=False,
            **fields,
        )
        index_of(on or site).add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
            page.refresh_from_db()
        return page

    return make
