"""Search on a site finds its published pages, in the language of the address."""

import time
from datetime import date

import pytest
from django.core.management import call_command
from wagtail.models import Locale, Site

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from home.models import StandardPage
from tests.campaigns.conftest import index_of
from tests.conftest import SiteClient
from tests.home.pages import add_news
from tests.home.test_public_pages import queries_of


def found(visitor: SiteClient, words: str, address: str = "/search/") -> list[str]:
    return [page.title for page in visitor.get(address, {"q": words}).context["found"]]


def index() -> None:
    call_command("update_index", verbosity=0)


def about(site: Site) -> StandardPage:
    return StandardPage.objects.descendant_of(site.root_page).get()


@pytest.fixture
def filled(site: Site, other_site: Site) -> None:
    text = [{"type": "text", "value": "<p>Строим вольеры для двенадцати собак.</p>"}]
    add_news(site, "Щенки переехали", body=text)
    add_news(site, "Крыша готова", lead="Над двенадцатью вольерами")
    add_news(other_site, "Щенки соседа")
    index()


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("щенки", ["Щенки переехали"]),
        ("ЩЕНКОВ", ["Щенки переехали"]),
        ("вольеру", ["Крыша готова", "Щенки переехали"]),
        ("щенячий", []),  # another stem: only endings are forgiven
        ("собаки", ["Щенки переехали"]),
        ("вольер собака", ["Щенки переехали"]),
        ("вольер крыши", ["Крыша готова"]),
        ("нетакогослова", []),
        ("", []),
        ("   ", []),
        ("%_'\"\\", []),
        ("щен* OR крыша)", []),
        ("\x00щенки", ["Щенки переехали"]),
    ],
)
def test_words_are_found_by_their_beginnings(
    visitor: SiteClient, filled: None, words: str, titles: list[str]
) -> None:
    assert found(visitor, words) == titles


def test_two_thousand_brackets_are_answered_at_once(visitor: SiteClient, filled: None) -> None:
    visitor.get("/search/", {"q": "щенки"})
    start = time.process_time()
    answer = visitor.get("/search/", {"q": "(" * 2000})
    assert time.process_time() - start < 0.2
    assert answer.status_code == 200
    assert answer.context["found"] == []


def test_nothing_found_leads_on_and_no_robot_keeps_it(visitor: SiteClient, filled: None) -> None:
    html = visitor.get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "Ничего не нашлось" in html
    assert "<script>alert" not in html
    assert '<meta name="robots" content="noindex">' in html


def test_drafts_and_campaigns_by_link_only_are_not_found(site: Site, visitor: SiteClient) -> None:
    for number, fields in enumerate([{}, {"by_link_only": True}, {"live": False}]):
        page = CampaignPage(title=f"Пандус {number}", slug=f"p{number}", lead="x", **fields)
        index_of(site).add_child(instance=page)
        page.add_child(instance=UpdatePage(title=f"Новость пандуса {number}", slug="n"))
    index()
    assert sorted(found(visitor, "пандус")) == ["Новость пандуса 0", "Пандус 0"]


def test_each_language_finds_its_own_pages(site: Site, visitor: SiteClient) -> None:
    english = Locale.objects.create(language_code="en")
    page = about(site).copy_for_translation(english, copy_parents=True)
    page.title = "About ramps"
    page.save_revision().publish()
    index()
    assert found(visitor, "ramps") == []
    assert found(visitor, "ramps", "/en/search/") == ["About ramps"]
    assert found(visitor, "организация", "/en/search/") == []


def test_a_language_the_site_does_not_speak_has_no_search(site: Site, visitor: SiteClient) -> None:
    Locale.objects.create(language_code="en")
    assert visitor.get("/en/search/").status_code == 404


def test_three_found_ask_no_more_than_one(site: Site, visitor: SiteClient) -> None:
    add_news(site, "Пандус один", date(2026, 1, 1))
    index()
    one = len(queries_of(visitor, "/search/?q=пандус"))
    for number in (2, 3):
        add_news(site, f"Пандус {number}", date(2026, 1, number))
    index()
    assert len(found(visitor, "пандус")) == 3
    assert len(queries_of(visitor, "/search/?q=пандус")) == one


def test_what_was_found_comes_by_ten(site: Site, visitor: SiteClient) -> None:
    for number in range(11):
        add_news(site, f"Пандус {number}", date(2026, 1, 1))
    index()
    assert len(found(visitor, "пандус")) == 10
    second = visitor.get("/search/", {"q": "пандус", "page": "2"})
    assert len(second.context["found"]) == 1
    assert second.context["part"].newer_url == "/search/?q=%D0%BF%D0%B0%D0%BD%D0%B4%D1%83%D1%81"
    assert visitor.get("/search/", {"q": "пандус", "page": "3"}).status_code == 404
