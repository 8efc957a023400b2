"""The picture beside a link: of today's sum, kept for ever, drawn once."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from PIL import Image
from wagtail.models import Locale, Site

from campaigns import share_picture
from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from campaigns.share_picture import card_as_it_stands
from content.card import Card
from donations.models import Donation
from home.models import HomePage
from site_settings.models import Appearance, Organisation
from tests.campaigns.conftest import MakeCampaign, fund_of, index_of
from tests.conftest import SiteClient
from tests.tenancy.conftest import add_picture

TWO_ROOFS = {"unit_price": Decimal("3500.00"), "unit_count": 2, "unit_noun": "крыш"}
Give = Callable[..., Donation]


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    caches["drawn"].clear()


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """The cards that were drawn, not taken from those kept."""
    drawn: list[Card] = []

    def note(card: Card, **points: Any) -> bytes:
        drawn.append(card)
        return b"points"

    monkeypatch.setattr(share_picture, "draw", note)
    return drawn


def meta(visitor: SiteClient, path: str) -> dict[str, str]:
    soup = BeautifulSoup(visitor.get(path).content, "html.parser")
    tags = soup.select("meta[property], meta[name]")
    return {str(tag.get("property") or tag["name"]): str(tag["content"]) for tag in tags}


def address_of(visitor: SiteClient, page: Any) -> str:
    """Path of the picture as the page names it."""
    return re.sub(r"^http://[^/]+", "", meta(visitor, path_of(page))["og:image"])


def path_of(page: Any) -> str:
    return re.sub(r"^http://[^/]+", "", page.full_url)


def test_campaign_names_its_picture_in_full(
    make_campaign: MakeCampaign, visitor: SiteClient, site: Site
) -> None:
    page = make_campaign(deadline=timezone.localdate() + timedelta(days=4))
    told = meta(visitor, page.get_url())
    beginning = re.escape(f"{site.root_url}/og/{page.pk}")
    assert re.fullmatch(rf"{beginning}-[0-9a-f]{{16}}\.jpg", told["og:image"])
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert told["og:image:alt"] == (
        "Пандус к библиотеке. 0\u00a0₽ из 64\u202f000\u00a0₽. осталось 4 дня"
    )
    assert told["og:description"] == page.lead
    assert told["twitter:card"] == "summary_large_image"


def test_picture_is_a_jpeg_of_the_told_size_kept_for_ever(
    make_campaign: MakeCampaign, visitor: SiteClient, site: Site
) -> None:
    page = make_campaign("Ё🚲 " + "Очень длинное название " * 5, picture=add_picture(site, "photo"))
    answer = visitor.get(address_of(visitor, page))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.content) <= 150_000
    with Image.open(BytesIO(answer.content)) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert not answer.cookies


def test_gift_changes_the_address_and_the_old_one_leads_to_the_new(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Give, drawings: list[Card]
) -> None:
    page = make_campaign()
    before = address_of(visitor, page)
    visitor.get(before)
    give(fund_of(page), "24800.00", pay=True)
    after = address_of(visitor, page)
    assert after != before
    answer = visitor.get(before)
    assert (answer.status_code, answer["Location"]) == (302, after)
    assert answer["Cache-Control"] == "no-cache"
    visitor.get(after)
    assert [card.sum_text for card in drawings] == ["0\u00a0₽", "24\u202f800\u00a0₽"]
    assert [card.of_text for card in drawings] == ["из 64\u202f000\u00a0₽"] * 2
    assert [card.bar for card in drawings] == [0, 38]


def test_made_up_addresses_draw_nothing(
    make_campaign: MakeCampaign, visitor: SiteClient, drawings: list[Card]
) -> None:
    page = make_campaign()
    for digest in ("0" * 16, "f" * 16):
        assert visitor.get(f"/og/{page.pk}-{digest}.jpg").status_code == 302
    for address in (f"/og/{page.pk}-x.jpg", f"/og/{page.pk}.jpg", f"/og/987654-{'0' * 16}.jpg"):
        assert visitor.get(address).status_code == 404
    assert visitor.post(address_of(visitor, page)).status_code in (403, 405)
    assert drawings == []


def test_picture_is_drawn_once(
    make_campaign: MakeCampaign, visitor: SiteClient, drawings: list[Card]
) -> None:
    address = address_of(visitor, make_campaign())
    assert [visitor.get(address).content for _time in range(3)] == [b"points"] * 3
    assert len(drawings) == 1


def test_draft_and_neighbours_page_have_no_picture(
    make_campaign: MakeCampaign, visitor: SiteClient, other_site: Site, drawings: list[Card]
) -> None:
    draft, theirs = make_campaign(publish=False), make_campaign(slug="ih", on=other_site)
    there = SiteClient(other_site.hostname)
    address = address_of(there, theirs)
    assert visitor.get(address).status_code == 404
    assert visitor.get(f"/og/{draft.pk}-{'0' * 16}.jpg").status_code == 404
    assert there.get(address).content == b"points"


def test_begun_by_link_only_shows_no_sums(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Give, site: Site
) -> None:
    page = make_campaign(by_link_only=True)
    give(fund_of(page), "500.00", pay=True)
    card = card_as_it_stands(page, site)
    assert (card.sum_text, card.of_text, card.bar) == ("", "", None)
    assert card.fact == "Сбор только начинается"
    for _time in range(4):
        give(fund_of(page), "500.00", pay=True)
    assert card_as_it_stands(page, site).sum_text == "2\u202f500\u00a0₽"


def test_begun_by_link_only_is_not_found_by_its_number(
    make_campaign: MakeCampaign, visitor: SiteClient, drawings: list[Card]
) -> None:
    page = make_campaign(by_link_only=True)
    news = UpdatePage(title="Начали", slug="nachali", body=[])
    page.add_child(instance=news)
    news.save_revision().publish()
    for each in (page, news):
        assert visitor.get(address_of(visitor, each)).content == b"points"
        assert visitor.get(f"/og/{each.pk}-{'0' * 16}.jpg").status_code == 404


@pytest.mark.parametrize(
    ("fields", "paid", "told"),
    [
        ({"goal": None}, "", ("", "", None, None, "")),
        ({"goal": None}, "700.00", ("700\u00a0₽", "собрано", None, None, "")),
        (
            {"goal": "1000.00"},
            "1250.00",
            ("1\u202f250\u00a0₽", "из 1\u202f000\u00a0₽", 80, 80,
             "цель достигнута, собрали на 250\u00a0₽ больше"),
        ),
        (
            {"goal": "1000.00"},
            "1000.00",
            ("1\u202f000\u00a0₽", "из 1\u202f000\u00a0₽", 100, 98, "цель достигнута"),
        ),
        (
            {"goal": "7000.00", **TWO_ROOFS},
            "3500.00",
            ("3\u202f500\u00a0₽", "из 7\u202f000\u00a0₽", 50, None,
             "1 из 2 крыш · осталось 3\u202f500\u00a0₽ — это 1 взнос"),
        ),
        (
            {"goal": "1000.00", "is_finished": True},
            "",
            ("0\u00a0₽", "из 1\u202f000\u00a0₽", 0, None, "Сбор закрыт. Спасибо всем, кто помог."),
        ),
    ],
)  # fmt: skip
def test_card_says_how_the_campaign_stands(
    make_campaign: MakeCampaign, give: Give, site: Site,
    fields: dict[str, Any], paid: str, told: tuple[Any, ...],
) -> None:  # fmt: skip
    page = make_campaign(**fields)
    if paid:
        give(fund_of(page), paid, pay=True)
    card = card_as_it_stands(page.specific, site)
    assert (card.sum_text, card.of_text, card.bar, card.goal_at, card.fact) == told


def test_everything_that_is_drawn_changes_the_address(
    make_campaign: MakeCampaign, site: Site
) -> None:
    page = make_campaign()
    seen = {card_as_it_stands(page, site).digest}
    look, organisation = Appearance.for_site(site), Organisation.for_site(site)

    def add(**changed: Any) -> None:
        seen.add(card_as_it_stands(CampaignPage.objects.get(pk=page.pk), site).digest)

    for row, fields in (
        (page, {"title": "Иначе"}),
        (page, {"picture": add_picture(site, "photo")}),
        (look, {"accent": "#123456"}),
        (look, {"fonts": "book"}),
        (look, {"logo": add_picture(site, "logo")}),
        (organisation, {"short_name": "Велопуть-2"}),
    ):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        add()
    picture = page.picture
    assert picture is not None
    picture.focal_point_x = picture.focal_point_y = 1
    picture.focal_point_width = picture.focal_point_height = 2
    picture.save()
    add()
    assert len(seen) == 8


def test_picture_speaks_the_language_of_the_page(
    make_campaign: MakeCampaign, visitor: SiteClient, site: Site
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    for above in (site.root_page, index_of(site)):
        above.copy_for_translation(english).get_latest_revision().publish()
    page = make_campaign(deadline=timezone.localdate() + timedelta(days=4))
    page = page.copy_for_translation(english)
    page.title, page.live = "A ramp", True
    page.save()
    with translation.override("ru"):
        card = card_as_it_stands(page, site)
    assert (card.of_text, card.fact) == ("of 64\u202f000\u00a0₽", "4 days left")
    path = path_of(page)
    assert path.startswith("/en/")
    shown = re.sub(r"^http://[^/]+", "", meta(visitor, path)["og:image"])
    assert shown == f"/og/{page.pk}-{card.digest}.jpg"


def test_other_pages_show_their_picture_or_their_title(
    visitor: SiteClient, site: Site, drawings: list[Card]
) -> None:
    home = HomePage.objects.get(pk=site.root_page_id)
    Appearance.objects.filter(site=site).update(tagline="Ездим далеко")
    bare = address_of(visitor, home)
    visitor.get(bare)
    assert [(card.title, card.fact, card.sum_text) for card in drawings] == [
        (home.title, "Ездим далеко", "")
    ]
    home.picture = add_picture(site, "photo")
    home.save_revision().publish()
    told = meta(visitor, "/")
    assert "/media/images/photo" in told["og:image"]
    assert told["og:image:alt"] == "photo"
    assert told["twitter:card"] == "summary_large_image"


def test_card_stands_though_the_file_of_the_picture_is_gone(
    make_campaign: MakeCampaign, visitor: SiteClient, site: Site
) -> None:
    picture = add_picture(site, "photo")
    page = make_campaign(picture=picture)
    address = address_of(visitor, page)
    picture.file.storage.delete(picture.file.name)
    picture.renditions.all().delete()
    assert visitor.get(address)["Content-Type"] == "image/jpeg"


def test_page_asks_the_database_no_more_for_its_picture(
    make_campaign: MakeCampaign, visitor: SiteClient, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    page = make_campaign(deadline=date(2030, 1, 1), picture=add_picture(site, "photo"))
    visitor.get(page.get_url())
    with CaptureQueriesContext(connection) as with_picture:
        visitor.get(page.get_url())
    monkeypatch.setattr("campaigns.templatetags.share_picture.card_of", lambda *of: None)
    monkeypatch.setattr("campaigns.templatetags.share_picture.alt_of", lambda card: "")
    monkeypatch.setattr("campaigns.templatetags.share_picture.path_of", lambda *of: "/")
    with CaptureQueriesContext(connection) as without:
        visitor.get(page.get_url())
    assert len(with_picture) == len(without)
    assert len(with_picture) <= 15


def test_kept_picture_takes_few_queries(make_campaign: MakeCampaign, visitor: SiteClient) -> None:
    address = address_of(visitor, make_campaign())
    visitor.get(address)
    with CaptureQueriesContext(connection) as asked:
        visitor.get(address)
    assert len(asked) <= 8
