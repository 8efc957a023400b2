"""Pictures of a list are asked for together, also when nothing of them is remembered."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from home.models import StandardPage
from tests.campaigns.conftest import index_of
from tests.conftest import SiteClient
from tests.home.conftest import picture_for
from tests.home.pages import add_event, add_news

Add = Callable[[Site, int], Any]


def shot(site: Site, number: int) -> Any:
    return picture_for(site, f"#{number}{number}2040")


def campaign(site: Site, number: int) -> CampaignPage:
    page = CampaignPage(
        title=f"Сбор {number}", slug=f"c{number}", lead="x", picture=shot(site, number)
    )
    index_of(site).add_child(instance=page)
    page.save_revision().publish()
    return page


def campaign_in_blocks(site: Site, number: int) -> None:
    campaign(site, number)
    chosen = list(CampaignPage.objects.live().values_list("pk", flat=True))
    page = StandardPage.objects.descendant_of(site.root_page).get()
    page.body = [
        {"type": "campaigns", "value": {"show": "all", "most": 6}},
        {"type": "cards", "value": {"campaigns": chosen}},
    ]
    page.save_revision().publish()


def news(site: Site, number: int) -> None:
    add_news(site, f"Новость {number}", picture=shot(site, number))


def event(site: Site, number: int) -> None:
    add_event(site, f"Впереди {number}", timezone.localdate(), picture=shot(site, number))


def event_held(site: Site, number: int) -> None:
    add_event(site, f"Было {number}", date(2020, 5, number), picture=shot(site, number))


def news_of_campaign(site: Site, number: int) -> None:
    page = CampaignPage.objects.filter(slug="c9").first() or campaign(site, 9)
    update = UpdatePage(title=f"Шаг {number}", slug=f"u{number}", picture=shot(site, number))
    page.add_child(instance=update)


@pytest.mark.parametrize(
    ("address", "add"),
    [
        ("/", campaign),
        ("/sbory/", campaign),
        ("/o-nas/", campaign_in_blocks),
        ("/novosti/", news),
        ("/sobytiya/", event),
        ("/sobytiya/", event_held),
        ("/sbory/c9/", news_of_campaign),
        ("/sbory/c9/news/", news_of_campaign),
    ],
)
def test_three_pictures_ask_no_more_than_one_with_a_cold_cache(
    address: str, add: Add, site: Site, visitor: SiteClient
) -> None:
    def asked() -> tuple[int, int]:
        html = visitor.get(address).content.decode()  # the renditions are made
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            visitor.get(address)
        return html.count("<picture>"), len(captured)

    add(site, 1)
    pictures, with_one = asked()
    for number in (2, 3):
        add(site, number)
    more_pictures, with_three = asked()
    assert more_pictures - pictures == 2 * (2 if add is campaign_in_blocks else 1)
    assert with_three == with_one
