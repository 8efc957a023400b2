"""A campaign page with all it can hold at once: still few questions to the database."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from donations.models import Donation, Fund, MessageState
from tests.campaigns.conftest import FORM, as_item
from tests.conftest import SiteClient
from tests.home.conftest import FillSite, picture_for
from tests.home.test_public_pages import MOST_QUERIES

WALL = {"type": "wall", "value": {"heading": ""}}
TOLD = [{"type": "text", "value": "<p>Пандус стоит.</p>"}]


@pytest.fixture
def rich(site: Site, fill_site: FillSite, give: Callable[..., Donation]) -> CampaignPage:
    (page,) = fill_site(site)
    gift = give(
        Fund.objects.get(key=page.fund_key), name="Анна", message="Ура", show_name=True, pay=True
    )
    Donation.objects.filter(pk=gift.pk).update(message_state=MessageState.SHOWN)
    news = UpdatePage(
        title="Ступени", slug="one", date=date(2026, 5, 9), picture=picture_for(site, "#111")
    )
    page.add_child(instance=news)
    news.save_revision().publish()
    page = CampaignPage.objects.get(pk=page.pk)
    spent = {"title": "Доски", "amount": "100.00", "spent": "90.00"}
    fields: dict[str, Any] = {
        "body": [FORM, WALL],
        "report": TOLD,
        "budget": [
            {"type": "line", "value": {**spent, "picture": picture_for(site, f"#{number}a0000").pk}}
            for number in range(6)
        ],
    }
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return page


def gallery(site: Site, number: int) -> dict[str, Any]:
    pictures = [picture_for(site, f"#{one}b0000") for one in range(number)]
    rows = [as_item({"picture": picture.pk, "caption": ""}) for picture in pictures]
    return {"type": "gallery", "value": {"heading": "", "pictures": rows}}


def asked(visitor: SiteClient, *, cold: bool) -> tuple[str, list[str]]:
    assert visitor.get("/sbory/pandus-0/").status_code == 200  # renditions are made once
    if cold:
        for cache in caches.all():
            cache.clear()
    with CaptureQueriesContext(connection) as captured:
        html = visitor.get("/sbory/pandus-0/").content.decode()
    assert "Ступени" in html
    assert "Ура" in html
    return html, [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("is_told", [False, True])
def test_a_page_with_everything_asks_few_questions(
    is_told: bool, cold: bool, rich: CampaignPage, visitor: SiteClient
) -> None:
    """Told: the report with six photos. Not yet told: the form stands there instead. Cold: nothing
    is in the cache, on a server that has just been started.
    """
    if not is_told:
        for name in ("report", "budget"):
            setattr(rich, name, [])
        rich.save_revision().publish()
    html, queries = asked(visitor, cold=cold)
    assert html.count("<figcaption>Доски</figcaption>") == (6 if is_told else 0)
    assert ('name="amount"' in html) is not is_told
    assert len(queries) <= MOST_QUERIES, "\n\n".join(sql[:300] for sql in queries)


def test_pictures_of_a_story_cost_the_same_however_many(
    rich: CampaignPage, site: Site, visitor: SiteClient
) -> None:
    """A kind of block with pictures asks for them once, whatever is in the cache."""
    told = []
    for number in (0, 1, 4):
        body: Any = [FORM, WALL, *([gallery(site, number)] if number else [])]
        rich.body = body
        rich.save_revision().publish()
        told.append(len(asked(visitor, cold=True)[1]))
    assert told == [told[0], told[0] + 1, told[0] + 1]
