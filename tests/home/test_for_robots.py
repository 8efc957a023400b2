"""What search engines are told: the map of the site, its languages, what a page is about."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Site

from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from donations.models import Fund
from home.models import StandardPage
from site_settings.models import Organisation
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.home.conftest import FillSite, picture_for
from tests.home.pages import add_event, add_news
from tests.home.test_public_pages import soup_of

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
BREAKS_OUT = "</script><script>alert(1)</script><!--"


def entries(client: SiteClient) -> dict[str, list[tuple[str, str]]]:
    """Address → its languages, as the map of the site says."""
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 200
    tree = ElementTree.fromstring(answer.content)  # noqa: S314 -- our own
    return {
        entry.findtext("s:loc", "", NAMES): [
            (link.get("hreflang", ""), link.get("href", ""))
            for link in entry.findall("x:link", NAMES)
        ]
        for entry in tree.findall("s:url", NAMES)
    }


def speak_english(site: Site) -> StandardPage:
    english, _created = Locale.objects.get_or_create(language_code="en")
    about = StandardPage.objects.descendant_of(site.root_page).get()
    page = about.copy_for_translation(english, copy_parents=True)
    page.title = "About us"
    page.save_revision().publish()
    home = page.get_parent().specific
    home.alias_of = None  # somebody has translated it
    home.save_revision().publish()
    return page


def graph(html: bytes) -> list[dict[str, Any]]:
    (script,) = BeautifulSoup(html, "html.parser").select("script[type='application/ld+json']")
    data = json.loads(script.get_text())
    assert data["@context"] == "https://schema.org"
    found: list[dict[str, Any]] = data["@graph"]
    return found


def thing(html: bytes, kind: str) -> dict[str, Any]:
    (found,) = [one for one in graph(html) if one["@type"] == kind]
    return found


def test_the_map_has_the_published_pages_of_the_site_and_no_more(
    site: Site, other_site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    _shown, hidden = fill_site(site, campaigns=2)
    hidden.by_link_only = True
    hidden.save_revision().publish()
    hidden.add_child(instance=UpdatePage(title="Тайная новость", slug="n"))
    add_news(other_site, "У соседа")
    root = site.root_url
    assert list(entries(visitor)) == [
        f"{root}/",
        f"{root}/sbory/",
        f"{root}/sbory/pandus-0/",
        f"{root}/o-nas/",
        f"{root}/novosti/",
        f"{root}/kontakty/",
        f"{root}/kontakty/napisat-nam/",
    ]


def test_the_map_tells_of_other_languages(site: Site, visitor: SiteClient) -> None:
    speak_english(site)
    found, root = entries(visitor), site.root_url
    both = [("ru", f"{root}/o-nas/"), ("en", f"{root}/en/o-nas-en/")]
    address = next(one for one in found if one.startswith(f"{root}/en/") and one != f"{root}/en/")
    both[1] = ("en", address)
    assert found[f"{root}/o-nas/"] == found[address] == both
    assert found[f"{root}/kontakty/"] == []


def test_the_map_is_drawn_by_as_many_questions_for_three_pages_as_for_one(
    site: Site, visitor: SiteClient
) -> None:
    counts = []
    for number in range(3):
        add_news(site, f"Новость {number}", date(2026, 1, 1))
        entries(visitor)
        with CaptureQueriesContext(connection) as captured:
            entries(visitor)
        counts.append(len(captured))
    assert counts[0] == counts[2]
    assert counts[0] <= 6


def test_robots_are_shown_the_map_and_kept_from_answers_to_people(
    site: Site, visitor: SiteClient
) -> None:
    answer = visitor.get("/robots.txt")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /search/", "Disallow: /donations/", "Disallow: /en/search/"} <= set(lines)
    assert lines[-1] == f"Sitemap: {site.root_url}/sitemap.xml"
    assert not answer.cookies


def test_the_admin_is_closed_to_robots(db: None) -> None:
    client = SiteClient(settings.ADMIN_HOST)
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert client.get("/sitemap.xml").status_code == 404


def test_an_unknown_host_has_neither(site: Site) -> None:
    stranger = SiteClient("evil.example")
    assert stranger.get("/robots.txt").status_code == 404
    assert stranger.get("/sitemap.xml").status_code == 404


def test_a_page_names_its_other_languages(site: Site, visitor: SiteClient) -> None:
    english = speak_english(site)
    for address in ("/o-nas/", english.get_url()):
        links = soup_of(visitor.get(address).content).select("link[rel=alternate][hreflang]")
        assert [(link["hreflang"], link["href"]) for link in links] == [
            ("ru", f"{site.root_url}/o-nas/"),
            ("en", english.full_url),
        ]
    assert not soup_of(visitor.get("/kontakty/").content).select("link[hreflang]")


def test_the_home_page_says_whose_it_is(
    site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    fill_site(site, campaigns=0)
    html = visitor.get("/").content
    owner = thing(html, "NGO")
    assert owner["name"] == "Пандус"
    assert owner["taxID"] == "7707083893"
    assert owner["sameAs"] == [
        "https://vk.com/pandus",
        "https://max.ru/pandus",
        "https://ok.ru/pandus",
        "https://t.me/pandus",
    ]
    assert owner["logo"].startswith(f"{site.root_url}/media/")
    target = thing(html, "WebSite")["potentialAction"]["target"]["urlTemplate"]
    assert target == f"{site.root_url}/search/?q={{search_term_string}}"


@pytest.mark.parametrize("address", ["/sbory/pandus-0/", "/sbory/pandus-0/news/"])
@pytest.mark.parametrize(
    "closed",
    [
        {"closes_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"closes_at_goal": True, "goal": Decimal("1.00"), "raised": Decimal("1.00")},
    ],
)
def test_a_campaign_its_fund_has_closed_asks_for_nothing(
    address: str, closed: dict[str, Any], site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    (page,) = fill_site(site)
    Fund.objects.filter(key=page.fund_key).update(**closed)
    action = thing(visitor.get(address).content, "DonateAction")
    assert action["actionStatus"] == "https://schema.org/CompletedActionStatus"


def test_a_group_is_no_legal_person(site: Site, visitor: SiteClient) -> None:
    Organisation.objects.filter(site=site).update(is_group=True)
    owner = thing(visitor.get("/").content, "Organization")
    assert "legalName" not in owner


def test_a_campaign_asks_for_a_donation(
    site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    (page,) = fill_site(site)
    page.deadline = date(2036, 6, 1)
    page.save_revision().publish()
    html = visitor.get("/sbory/pandus-0/").content
    action = thing(html, "DonateAction")
    assert action["name"] == "Пандус 0"
    assert action["endTime"] == "2036-06-01"
    assert action["target"] == page.full_url
    assert action["actionStatus"] == "https://schema.org/PotentialActionStatus"
    assert action["recipient"] == {"@id": f"{site.root_url}/#organisation"}
    way = thing(html, "BreadcrumbList")["itemListElement"]
    assert [(step["position"], step["name"], step["item"]) for step in way] == [
        (1, "НКО veloput", f"{site.root_url}/"),
        (2, "Сборы", f"{site.root_url}/sbory/"),
        (3, "Пандус 0", page.full_url),
    ]


def test_a_section_that_is_off_the_site_is_no_step_of_the_way(
    site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    (page,) = fill_site(site)
    news = add_news(site, "Было", date(2026, 5, 9))
    page.get_parent().specific.unpublish()
    way = thing(visitor.get("/sbory/pandus-0/").content, "BreadcrumbList")["itemListElement"]
    assert [(step["position"], step["name"]) for step in way] == [
        (1, "НКО veloput"),
        (2, "Пандус 0"),
    ]
    assert "Все новости" in visitor.get(news.get_url()).content.decode()
    news.get_parent().specific.unpublish()
    assert "Все новости" not in visitor.get(news.get_url()).content.decode()


def test_a_campaign_by_link_only_tells_robots_nothing(
    site: Site, visitor: SiteClient, fill_site: FillSite
) -> None:
    (page,) = fill_site(site)
    CampaignPage.objects.filter(pk=page.pk).update(by_link_only=True)
    kinds = {one["@type"] for one in graph(visitor.get("/sbory/pandus-0/").content)}
    assert kinds == {"NGO", "BreadcrumbList"}


def test_news_and_events_say_when(site: Site, visitor: SiteClient) -> None:
    news = add_news(
        site, "Было", date(2026, 5, 9), lead="Так", picture=picture_for(site, "#112233")
    )
    article = thing(visitor.get(news.get_url()).content, "NewsArticle")
    assert (article["headline"], article["datePublished"]) == ("Было", "2026-05-09")
    assert article["image"].startswith(f"{site.root_url}/media/")
    event = add_event(site, "Слёт", date(2026, 7, 3), begins=time(18), ends=time(20))
    told = thing(visitor.get(event.get_url()).content, "Event")
    assert told["startDate"] == "2026-07-03T18:00:00+03:00"
    assert told["endDate"] == "2026-07-03T20:00:00+03:00"
    assert told["location"]["name"] == "Киров, Спасская, 1"


def test_no_title_ends_the_script(site: Site, visitor: SiteClient) -> None:
    news = add_news(site, BREAKS_OUT, lead=BREAKS_OUT, slug="x")
    html = visitor.get("/novosti/x/").content
    assert b"<script>alert" not in html
    assert b"<!--" not in html
    article = thing(html, "NewsArticle")
    assert article["headline"] == news.title == BREAKS_OUT


def test_a_preview_is_no_page_for_robots(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    page = add_news(site, "Черновик", live=False)
    page.unpublish()
    editor = admin_as(make_person(Role.EDITOR, site))
    html = editor.get(f"/admin/pages/{page.pk}/view_draft/").content
    assert b"ld+json" not in html


@pytest.mark.parametrize("campaigns", [0, 5])
def test_a_page_that_is_not_there_leads_on(
    site: Site, visitor: SiteClient, fill_site: FillSite, campaigns: int
) -> None:
    pages = fill_site(site, campaigns=campaigns)
    for page in pages[4:]:
        page.by_link_only = True
        page.save_revision().publish()
    answer = visitor.get("/net/")
    assert answer.status_code == 404
    soup = soup_of(answer.content)
    shown = [title.get_text() for title in soup.select("main h3")]
    assert shown == ["Пандус 3", "Пандус 2", "Пандус 1"][:campaigns]
    form = soup.select_one("main form[role=search]")
    assert form is not None
    assert form["action"] == "/search/"
