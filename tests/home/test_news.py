"""News: a list by date, a feed, and nobody else's."""

from collections.abc import Callable
from datetime import date, timedelta
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from wagtail.models import Site

from accounts.models import User
from content.models import Picture
from home.models import NewsIndexPage, NewsPage
from home.news import ON_A_PAGE
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.home.conftest import picture_for, story
from tests.home.pages import add_news, news_list
from tests.home.test_public_pages import queries_of

LIST, FEED = "/novosti/", "/novosti/rss/"


def titles(visitor: SiteClient, address: str = LIST) -> list[str]:
    soup = BeautifulSoup(visitor.get(address).content, "html.parser")
    return [heading.get_text() for heading in soup.select("main h3")]


def test_the_newest_news_come_first(site: Site, visitor: SiteClient) -> None:
    add_news(site, "Весна", date(2026, 4, 1))
    add_news(site, "Лето", date(2026, 6, 1))
    add_news(site, "Зима", date(2026, 1, 1))
    assert titles(visitor) == ["Лето", "Весна", "Зима"]


def test_a_draft_is_neither_in_the_list_nor_in_the_feed(site: Site, visitor: SiteClient) -> None:
    add_news(site, "Видно")
    news_list(site).add_child(instance=NewsPage(title="Черновик", slug="d", live=False))
    assert titles(visitor) == ["Видно"]
    assert "Черновик" not in visitor.get(FEED).content.decode()


def test_without_news_the_page_is_kind_and_the_menu_does_not_lead_there(
    site: Site, visitor: SiteClient
) -> None:
    answer = visitor.get(LIST).content.decode()
    assert "Здесь будут наши новости. А пока посмотрите, на что мы собираем." in answer
    assert 'href="/sbory/">Сборы</a>' in answer
    assert "Новости</a></li>" not in visitor.get("/").content.decode()
    add_news(site, "Первая")
    assert '<a href="/novosti/">Новости</a>' in visitor.get("/").content.decode()


def test_a_neighbours_news_are_nowhere(site: Site, other_site: Site) -> None:
    add_news(site, "Только у нас")
    stranger = SiteClient(other_site.hostname)
    for address in (LIST, FEED, "/", "/search/?q=только", "/sitemap.xml"):
        assert "Только у нас" not in stranger.get(address).content.decode(), address


def test_page_of_the_list_is_a_number_or_the_first(site: Site, visitor: SiteClient) -> None:
    for number in range(ON_A_PAGE + 1):
        add_news(site, f"Новость {number}", date(2026, 1, 1) + timedelta(days=number))
    # The last is no number for Python: longer than it reads.
    shown = {"": 1, "1": 1, "2": 2, "NaN": 1, "1e1": 1, "٢": 2, "9" * 5000: 1}
    for page, number in shown.items():
        answer = visitor.get(LIST, {"page": page})
        assert (answer.status_code, answer.context["part"].number) == (200, number), page
        canonical = BeautifulSoup(answer.content, "html.parser").select_one("link[rel=canonical]")
        assert canonical is not None
        assert str(canonical["href"]).endswith("/novosti/?page=2" if number == 2 else "/novosti/")
    for page in ("3", "0", "-1", "99999999999999999999"):
        assert visitor.get(LIST, {"page": page}).status_code == 404, page


def test_three_news_ask_no_more_than_one(site: Site, visitor: SiteClient) -> None:
    add_news(site, "Одна", picture=picture_for(site, "#112233"))
    one = {address: len(queries_of(visitor, address)) for address in (LIST, FEED)}
    for number in (2, 3):
        add_news(site, f"Ещё {number}", picture=picture_for(site, f"#{number}12233"))
    three = {address: len(queries_of(visitor, address)) for address in (LIST, FEED)}
    assert three == one
    assert max(three.values()) <= 16


def test_the_feed_says_what_the_list_says_with_whole_addresses(
    site: Site, visitor: SiteClient
) -> None:
    add_news(site, "Карты & школы", date(2026, 5, 9), lead="Две школы <ждут>")
    answer = visitor.get(FEED)
    assert answer["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(answer.content).find("channel")  # noqa: S314 -- our own
    assert channel is not None
    assert channel.findtext("title") == "Новости — НКО veloput"
    assert channel.findtext("language") == "ru"
    assert channel.findtext("link") == f"{site.root_url}/novosti/"
    (item,) = channel.findall("item")
    assert item.findtext("title") == "Карты & школы"
    assert item.findtext("description") == "Две школы <ждут>"
    assert item.findtext("link") == f"{site.root_url}/novosti/karty-shkoly/"
    assert item.findtext("pubDate") == "Sat, 09 May 2026 12:00:00 +0300"
    assert f'type="application/rss+xml" title="Новости" href="{LIST}rss/"' in (
        visitor.get(LIST).content.decode()
    )


def test_a_character_that_xml_cannot_hold_breaks_no_feed(site: Site, visitor: SiteClient) -> None:
    add_news(site, "Вес\x08на", slug="vesna", lead="Снег\x1f тает\uffff")
    NewsIndexPage.objects.update(title="Ново\x0bсти", lead="Наши\x01")
    channel = ElementTree.fromstring(visitor.get(FEED).content).find("channel")  # noqa: S314
    assert channel is not None
    said = [channel.findtext(path) for path in ("title", "description", "item/title")]
    assert said == ["Новости — НКО veloput", "Наши", "Весна"]
    assert channel.findtext("item/description") == "Снег тает"


def test_what_nobody_can_see_is_not_kept_of_what_an_editor_pastes(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    editor = admin_as(make_person(Role.EDITOR, site))
    form = {
        "title": "Вес\x08на",
        "slug": "",
        "day": "2026-05-09",
        "lead": "Снег\x0b тает",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    answer = editor.post(f"/admin/pages/add/home/newspage/{news_list(site).pk}/", form)
    assert answer.status_code == 302
    page = NewsPage.objects.get()
    assert (page.title, page.lead) == ("Весна", "Снег тает")


def test_an_unpublished_list_has_no_feed(site: Site, visitor: SiteClient) -> None:
    news_list(site).unpublish()
    assert visitor.get(FEED).status_code == 404


def test_a_piece_of_news_is_shown_whole(site: Site, visitor: SiteClient) -> None:
    picture: Picture = picture_for(site, "#445566")
    blocks = [block for block in story(picture) if block["type"] != "donation"]
    add_news(site, "Было так", lead="Коротко", picture=picture, body=blocks)
    html = visitor.get("/novosti/bylo-tak/").content.decode()
    for words in ("9 мая 2026", "Было так", "Коротко", "в газете", "Сам заехал"):
        assert words in html
