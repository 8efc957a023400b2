"""The showcase looks over the walls, and sees only what asked to be seen."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from wagtail.models import Locale, Site

from campaigns.models import CampaignPage
from donations.models import Donation, Fund
from home.models import HomePage
from network.actions import open_site
from network.models import ShowcasePage
from network.showcase import Wanted, showcase
from tenancy.models import SiteState, SiteWalls
from tests.campaigns.conftest import fund_of, make_campaign  # noqa: F401
from tests.conftest import OpenSite, SiteClient
from tests.content.test_media import status
from tests.tenancy.conftest import add_picture

Make = Callable[..., CampaignPage]
Give = Callable[..., Donation]
SECRET = "Тайный сбор соседей"


@pytest.fixture
def centre(db: None) -> Site:
    opened = open_site(
        organisation="Ресурсный центр", hostname=settings.BASE_DOMAIN, editor_email="", by=None
    )
    page = ShowcasePage(title="Все сборы", slug="vitrina")
    opened.home.add_child(instance=page)
    page.save_revision().publish()
    return opened.site


@pytest.fixture
def guest(centre: Site) -> SiteClient:
    return SiteClient(centre.hostname)


@pytest.fixture
def show(make_campaign: Make) -> Make:  # noqa: F811
    """A published campaign that asked to be shown."""

    def make(title: str = "Пандус к библиотеке", **fields: Any) -> CampaignPage:
        return make_campaign(title, **{"in_showcase": True, **fields})

    return make


def titles(html: bytes) -> list[str]:
    return [link.get_text() for link in BeautifulSoup(html, "html.parser").select(".card h3 a")]


def everywhere(guest: SiteClient) -> str:
    pages = ("/", "/vitrina/", "/vitrina/?show=done", "/vitrina/?show=urgent", "/vitrina/rss/")
    return "".join(guest.get(page).content.decode() for page in pages)


def test_campaign_that_asked_is_shown_and_leads_to_its_own_host(
    guest: SiteClient, site: Site, show: Make, fund: Fund, give: Give
) -> None:
    page = show(topic="access", district="Киров")
    give(fund_of(page), "500.00", pay=True)
    html = guest.get("/vitrina/").content
    soup = BeautifulSoup(html, "html.parser")
    link = soup.select_one(".card h3 a")
    assert link is not None
    assert link["href"] == f"{site.root_url}/sbory/pandus/" == page.full_url
    whose = soup.select_one(".card-whose")
    assert whose is not None
    assert whose.get_text(" ", strip=True) == "НКО veloput Киров"
    figures = [one.get_text(strip=True) for one in soup.select(".sums-row dd")]
    assert figures == ["500\u00a0₽", "1", "1", "1"]
    assert titles(guest.get("/").content) == ["Пандус к библиотеке"]


@pytest.mark.parametrize(
    "hidden",
    [
        "not asked",
        "draft",
        "unpublished",
        "by link",
        "paused",
        "archived",
        "changed in a draft",
        "of no site",
    ],
)
def test_what_did_not_ask_or_is_not_public_is_nowhere(
    hidden: str, guest: SiteClient, site: Site, other_site: Site, show: Make, give: Give
) -> None:
    show("Видимый сбор", slug="vidimyi", on=other_site)
    if hidden == "draft":
        page = show(SECRET, publish=False)
    elif hidden == "changed in a draft":
        page = show("Открытое имя")
        page.title = SECRET
        page.save_revision()
    else:
        asks, by_link = hidden != "not asked", hidden == "by link"
        page = show(SECRET, in_showcase=asks, by_link_only=by_link)
        give(fund_of(page), "7777.00", pay=True)
    if hidden == "unpublished":
        page.unpublish()
    if hidden in SiteState.values:
        SiteWalls.objects.filter(site=site).update(state=hidden)
    if hidden == "of no site":
        stray = HomePage(title="Без сайта", slug="stray")
        site.root_page.get_parent().add_child(instance=stray)
        page.get_parent().move(stray, pos="last-child")
    seen = everywhere(guest)
    assert SECRET not in seen
    assert "7\u202f777" not in seen
    assert "Видимый сбор" in seen


def test_alias_and_translation_are_not_shown_twice(
    guest: SiteClient, site: Site, show: Make
) -> None:
    page = show()
    english, _created = Locale.objects.get_or_create(language_code="en")
    page.copy_for_translation(english, copy_parents=True).save_revision().publish()
    page.create_alias(update_slug="alias", parent=page.get_parent())
    assert titles(guest.get("/vitrina/").content) == ["Пандус к библиотеке"]


def test_sums_are_of_shown_campaigns_finished_ones_too(
    guest: SiteClient, site: Site, other_site: Site, show: Make, fund: Fund, give: Give
) -> None:
    give(fund, "9000.00", pay=True)
    give(fund_of(show()), "1500.00", pay=True)
    done = show("Закрытый", slug="done", on=other_site)
    give(fund_of(done), "300.00", pay=True)
    Fund.objects.filter(key=done.fund_key).update(accepts=False)
    found = showcase(Wanted())
    assert (found.sums.campaigns, found.sums.organisations, found.sums.gifts) == (2, 2, 2)
    assert str(found.sums.raised) == "1800.00"
    assert found.sums.events == 0
    assert [card.title for card in found.cards] == ["Пандус к библиотеке"]
    assert [card.title for card in showcase(Wanted(show="done")).cards] == ["Закрытый"]


def test_kinds_are_told_apart_by_day_and_by_sum(guest: SiteClient, show: Make, give: Give) -> None:
    today = timezone.localdate()
    show("Скоро", slug="soon", deadline=today + timedelta(days=7))
    show("Сегодня", slug="today", deadline=today)
    show("Не скоро", slug="later", deadline=today + timedelta(days=8))
    give(fund_of(show("Почти", slug="near", goal="1000.00")), "800.00", pay=True)
    give(fund_of(show("Не почти", slug="far", goal="1000.00")), "799.00", pay=True)
    reached = show("Собрано", slug="reached", goal="1000.00", deadline=today)
    give(fund_of(reached), "1000.00", pay=True)
    assert [card.title for card in showcase(Wanted(show="urgent")).cards] == ["Сегодня", "Скоро"]
    assert [card.title for card in showcase(Wanted(show="near")).cards] == ["Почти"]
    first = showcase(Wanted())
    assert [card.title for card in first.urgent] == ["Сегодня", "Скоро"]
    assert [card.title for card in first.near] == ["Почти"]
    assert first.found.paginator.count == 6


def test_finished_ones_with_a_report_come_first_and_their_events_are_counted(
    guest: SiteClient, show: Make
) -> None:
    today = timezone.localdate()
    report = [{"type": "text", "value": "<p>Сцена стоит, было весело.</p>"}]
    told = show("Праздник", slug="told", report=report, event_on=today)
    ahead = show("Будет потом", slug="ahead", report=report, event_on=today + timedelta(days=1))
    silent = show("Молчит", slug="silent", event_on=today)
    english, _created = Locale.objects.get_or_create(language_code="en")
    told.copy_for_translation(english, copy_parents=True).save_revision().publish()
    keys = [page.fund_key for page in (told, ahead, silent)]
    Fund.objects.filter(key__in=keys).update(accepts=False)
    found = showcase(Wanted(show="done"))
    assert [card.title for card in found.cards] == ["Будет потом", "Праздник", "Молчит"]
    assert [card.has_report for card in found.cards] == [True, True, False]
    assert found.sums.events == 1
    html = guest.get("/vitrina/?show=done").content.decode()
    assert html.count("Есть отчёт") == 2
    assert "событие состоялось" in html


def test_topic_district_and_words_narrow_the_list(
    guest: SiteClient, site: Site, other_site: Site, show: Make
) -> None:
    show("Крыша для собак", slug="roof", topic="animals", district="Слободской")
    show("Пандус", slug="ramp", topic="access", district="Киров", on=other_site)
    call_command("update_index", verbosity=0)
    for query, expected in (
        ("topic=animals", ["Крыша для собак"]),
        ("district=Киров", ["Пандус"]),
        ("topic=animals&district=Киров", []),
        ("q=собаки", ["Крыша для собак"]),
        ("q=КРЫШУ", ["Крыша для собак"]),
        ("q=lapy", ["Пандус"]),
        ("q=слободской", ["Крыша для собак"]),
        ("q=пианино", []),
        ("q=%26%28%22", []),
    ):
        assert titles(guest.get(f"/vitrina/?{query}").content) == expected, query
    soup = BeautifulSoup(guest.get("/vitrina/").content, "html.parser")
    assert [one.get_text() for one in soup.select("#topic option")] == [
        "Любая",
        "Животные",
        "Здоровье и доступность",
    ]
    assert [one.get_text() for one in soup.select("#district option")] == [
        "Любой",
        "Киров",
        "Слободской",
    ]


@pytest.mark.bad_input("search_2000_chars", "page_param_nan", "page_param_huge")
def test_nothing_a_visitor_types_breaks_it(guest: SiteClient, show: Make) -> None:
    show()
    odd = ("page=abc", "page=999", "page=-1", "q=%00", "topic=%00x", "show=x", "q=" + "ы" * 5000)
    for query in odd:
        answer = guest.get(f"/vitrina/?{query}")
        assert (answer.status_code, len(answer.cookies)) == (200, 0), query


def test_long_list_has_pages_that_keep_the_question(guest: SiteClient, show: Make) -> None:
    for number in range(14):
        show(f"Сбор {number}", slug=f"sbor-{number}", district="Киров")
    first = guest.get("/vitrina/?district=Киров")
    assert len(titles(first.content)) == 12
    link = BeautifulSoup(first.content, "html.parser").select_one("a[rel=next]")
    assert link is not None
    second = guest.get(f"/vitrina/{link['href']}")
    assert titles(second.content) == ["Сбор 1", "Сбор 0"]


def test_thirteen_sites_ask_no_more_than_one(
    guest: SiteClient, open_a_site: OpenSite, show: Make
) -> None:
    def asked() -> int:
        guest.get("/vitrina/")
        cache.clear()  # not even the pictures are remembered
        with CaptureQueriesContext(connection) as captured:
            guest.get("/vitrina/")
        return len(captured)

    def add(number: int) -> None:
        on = open_a_site(f"n{number}").site
        picture = add_picture(on, f"снимок {number}")
        show(f"{number}", slug="x", deadline=timezone.localdate(), on=on, picture=picture)

    add(0)
    one = asked()
    for number in range(1, 4):
        add(number)
    assert asked() == one


def test_feed_tells_of_the_newest_and_leads_to_their_hosts(
    guest: SiteClient, site: Site, show: Make
) -> None:
    show("Крыша & двор", slug="a")
    page = show("Пандус", slug="b")
    answer = guest.get("/vitrina/rss/")
    assert answer["Content-Type"].startswith("application/rss+xml")
    items = ET.fromstring(answer.content).findall("./channel/item")  # noqa: S314
    assert [item.findtext("title") for item in items] == [
        "Пандус — НКО veloput",
        "Крыша & двор — НКО veloput",
    ]
    assert items[0].findtext("link") == page.full_url


def test_empty_showcase_says_what_comes_next(guest: SiteClient) -> None:
    html = guest.get("/vitrina/").content.decode()
    assert "Здесь пока нет сборов" in html
    assert guest.get("/vitrina/rss/").status_code == 200


def test_no_other_site_has_a_showcase(site: Site, centre: Site, show: Make) -> None:
    show()
    assert ShowcasePage.can_create_at(centre.root_page) is False  # one is there already
    assert ShowcasePage.can_create_at(site.root_page) is False
    page = ShowcasePage(title="Чужая", slug="chuzhaya")
    site.root_page.add_child(instance=page)
    page.save_revision().publish()
    assert SiteClient(site.hostname).get("/chuzhaya/").status_code == 404
    assert SiteClient(site.hostname).get("/chuzhaya/rss/").status_code == 404


def test_stand_alone_site_has_none(guest: SiteClient, show: Make, settings: Settings) -> None:
    show()
    settings.NETWORK = False
    assert guest.get("/vitrina/").status_code == 404
    assert guest.get("/vitrina/rss/").status_code == 404
    assert titles(guest.get("/").content) == []


def test_centre_shows_the_pictures_of_its_showcase_and_no_others(
    site: Site, guest: SiteClient, show: Make
) -> None:
    shown, kept = add_picture(site, "shown"), add_picture(site, "kept")
    page = show(picture=shown)
    url, other = (one.get_rendition("width-20").url for one in (shown, kept))
    assert (status(guest, url), status(guest, other)) == (200, 404)

    SiteWalls.objects.filter(site=site).update(state=SiteState.PAUSED)
    assert status(guest, url) == 404
    SiteWalls.objects.filter(site=site).update(state=SiteState.ACTIVE)
    assert status(guest, url) == 200

    page.in_showcase = False
    page.save_revision().publish()
    assert status(guest, url) == 404
