"""A campaign page with all it can hold at once: still few questions to the database."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Site

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from content.models import Attachment
from donations.models import Donation, Fund, MessageState
from tests.campaigns.conftest import FORM, as_item
from tests.conftest import SiteClient
from tests.home.conftest import FillSite, picture_for
from tests.home.test_public_pages import MOST_QUERIES

# What a server that has just been started asks once an hour: where the addresses of either home
# begin (two questions each), and the wordings beside the form.
ONCE_AN_HOUR = 5
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
    act = Attachment.objects.create(
        title="Акт", collection=site.walls.collection, file=ContentFile(b"%PDF-1.4", "act.pdf")
    )
    spent = {"title": "Доски", "amount": "100.00", "spent": "90.00", "document": act.pk}
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
    english, _created = Locale.objects.get_or_create(language_code="en")
    for one in (site.root_page, page.get_parent(), page, news):
        one.specific.copy_for_translation(english).specific.save_revision().publish()
    return page


def gallery(site: Site, number: int) -> dict[str, Any]:
    pictures = [picture_for(site, f"#{one}b0000") for one in range(number)]
    rows = [as_item({"picture": picture.pk, "caption": ""}) for picture in pictures]
    return {"type": "gallery", "value": {"heading": "", "pictures": rows}}


def asked(visitor: SiteClient, *, cold: bool, prefix: str = "") -> tuple[str, list[str]]:
    address = f"{prefix}/sbory/pandus-0/"
    assert visitor.get(address).status_code == 200  # renditions are made once
    if cold:
        for cache in caches.all():
            cache.clear()
    with CaptureQueriesContext(connection) as captured:
        html = visitor.get(address).content.decode()
    assert "Ступени" in html
    assert "Ура" in html
    return html, [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("is_told", [False, True])
def test_a_page_with_everything_asks_few_questions(
    is_told: bool, cold: bool, rich: CampaignPage, visitor: SiteClient
) -> None:
    """In two languages, six receipts and photos at the lines of the budget. Told: the words of the
    report too. Not yet told: the form. Cold: nothing is in the cache of a server just started.
    """
    if not is_told:
        setattr(rich, "report", [])  # noqa: B010 (what a field takes is not what it gives)
        rich.save_revision().publish()
    for prefix, other in (("", "/en"), ("/en", "")):
        html, queries = asked(visitor, cold=cold, prefix=prefix)
        assert html.count("<figcaption>Доски</figcaption>") == html.count("/documents/") == 6
        assert ('name="amount"' in html) is not is_told
        assert f'href="{other}/sbory/pandus-0/"' in html
        most = MOST_QUERIES + (ONCE_AN_HOUR if cold else 0)
        assert len(queries) <= most, "\n\n".join(sql[:300] for sql in queries)


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
