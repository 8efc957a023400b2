"""Pages of a site show its campaigns and take gifts to them: its own, live and no secret ones."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.site_blocks import PAGE_BLOCKS, SiteDonationBlock
from content.models import Attachment
from donations.models import Donation, Fund
from home.models import HomePage, StandardPage
from tenancy.models import Role
from tests.campaigns.conftest import PRESETS, MakeCampaign, as_item, fund_of
from tests.campaigns.test_languages import publish_translation, submit, translate_words
from tests.conftest import SiteClient
from tests.home.conftest import picture_for, story
from tests.home.test_public_pages import (
    foreign_resources,
    inline_code,
    queries_of,
    repeated_ids,
    soup_of,
)

Give = Callable[..., Donation]
TODAY = timezone.localdate
MOST_QUERIES = 36  # with every block there is, each asking for its own
LIST = {"heading": "", "show": "open", "topic": "", "order": "newest", "most": 6}


def put(site: Site, *body: Any, on: Any = StandardPage) -> Page:
    page = on.objects.descendant_of(site.root_page, inclusive=True).first()
    page.body = list(body)
    page.save_revision().publish()
    return page


def put_as_before_the_check(site: Site, *body: Any) -> None:
    """References are checked on save now; what was stored before that is still there."""
    page: Any = StandardPage.objects.descendant_of(site.root_page).get()
    page.body = list(body)
    page.save(clean=False)


def look(visitor: SiteClient, address: str = "/o-nas/") -> BeautifulSoup:
    answer = visitor.get(address)
    assert answer.status_code == 200
    soup = soup_of(answer.content)
    assert soup.main is not None
    return soup


def text_of(soup: BeautifulSoup, where: str) -> str:
    found = soup.select_one(where)
    return " ".join(found.get_text(" ").split()) if found else ""


def titles(soup: BeautifulSoup) -> list[str]:
    return [title.get_text() for title in soup.select("main .card h3")]


def block(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "value": value}


@pytest.fixture
def four(make_campaign: MakeCampaign, give: Give) -> dict[str, CampaignPage]:
    """Forest is the oldest. Bench ends soonest, ramp is nearest to its goal, stage is over."""
    days = {"forest": None, "ramp": 20, "bench": 3, "stage": 10}
    made = {}
    for name, left in days.items():
        made[name] = make_campaign(
            name,
            slug=name,
            goal="1000.00",
            topic="nature" if name == "forest" else "access",
            deadline=TODAY() + timedelta(days=left) if left else None,
        )
    for name, amount in {"forest": "100.00", "ramp": "900.00", "bench": "200.00"}.items():
        give(fund_of(made[name]), amount, pay=True)
    made["stage"].is_finished = True
    made["stage"].save_revision().publish()
    return made


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, ["bench", "ramp", "forest"]),
        ({"order": "soonest"}, ["bench", "ramp", "forest"]),
        ({"order": "nearest"}, ["ramp", "bench", "forest"]),
        ({"topic": "nature"}, ["forest"]),
        ({"topic": "animals"}, []),
        ({"show": "finished"}, ["stage"]),
        ({"show": "all", "most": 2}, ["stage", "bench"]),
        ({"show": None, "order": None, "most": None}, ["bench", "ramp", "forest"]),
    ],
)
def test_list_is_what_the_editor_asked_for(
    asked: dict[str, Any], shown: list[str], site: Site, visitor: SiteClient, four: Any
) -> None:
    put(site, block("campaigns", **{**LIST, **asked}))
    soup = look(visitor)
    assert titles(soup) == shown
    more = [link["href"] for link in soup.select("main .section .standalone-link")]
    assert more == (["/sbory/"] if asked.get("most") == 2 else [])


def test_empty_list_says_so(site: Site, visitor: SiteClient) -> None:
    put(site, block("campaigns", **LIST), block("campaigns", **{**LIST, "show": "finished"}))
    assert [p.get_text() for p in look(visitor).select("main .empty")] == [
        "Сейчас открытых сборов нет. Мы готовим следующий.",
        "Завершённых сборов пока нет: о том, что сделано, мы расскажем здесь.",
    ]


def test_home_shows_its_campaigns_once_and_the_button_leads_there(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    make_campaign()
    plain = look(visitor, "/")
    assert titles(plain) == ["Пандус к библиотеке"]
    put(site, block("quote", text="Слово", who=""), block("campaigns", **LIST), on=HomePage)
    soup = look(visitor, "/")
    assert titles(soup) == ["Пандус к библиотеке"]
    button = soup.select_one(".home-text .button")
    assert button is not None
    place = soup.find(id=str(button["href"]).removeprefix("#"))
    assert place is not None
    assert place.select_one(".card") is not None


def test_campaign_that_may_not_be_shown_is_not_drawn(
    site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    """Whatever id is stored: a draft, one by link only, a neighbour's, one that is gone."""
    shown = make_campaign()
    hidden = [
        make_campaign("Черновик", slug="draft", publish=False),
        make_campaign("Тихий", slug="quiet", by_link_only=True),
        make_campaign("Чужой", slug="foreign", on=other_site),
    ]
    ids = [page.pk for page in [*hidden, shown]] + [999_999]
    put_as_before_the_check(
        site,
        block("cards", heading="", campaigns=[as_item(pk) for pk in ids]),
        *[block("thermometer", campaign=pk, intro="") for pk in ids],
    )
    soup = look(visitor)
    assert titles(soup) == ["Пандус к библиотеке"]
    assert [h2.get_text() for h2 in soup.select("main .meter h2")] == ["Пандус к библиотеке"]
    for page in hidden:
        assert page.title not in str(soup.main)


def test_bar_says_how_the_campaign_stands_and_leads_to_its_form(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign(goal="1000.00")
    give(fund_of(page), "400.00", pay=True)
    put(site, block("thermometer", campaign=page.pk, intro="До дождей месяц."))
    soup = look(visitor)
    assert text_of(soup, "main .meter") == (
        "Пандус к библиотеке До дождей месяц. 400\u00a0₽ из 1\u202f000\u00a0₽ "
        "осталось 600\u00a0₽\u00a0— это 2 взноса Помочь : Пандус к библиотеке"
    ).replace("\u00a0", " ").replace("\u202f", " ")
    assert [link["href"] for link in soup.select("main .meter .button")] == ["/sbory/pandus/#give"]
    page.is_finished = True
    page.save_revision().publish()
    assert look(visitor).select("main .meter .button") == []


def test_totals_are_of_the_whole_site_and_of_no_other(
    site: Site,
    other_site: Site,
    fund: Fund,
    visitor: SiteClient,
    make_campaign: MakeCampaign,
    give: Give,
) -> None:
    put(site, block("totals", heading=""))
    assert text_of(look(visitor), "main .section") == (
        "Вместе Здесь появится то, что люди собрали вместе. Станьте первым."
    )
    give(fund_of(make_campaign(goal="500.00")), "700.00", pay=True)
    give(fund, "500.00", pay=True)
    give(fund, "50.00")  # begun and not paid
    quiet = make_campaign("Тихий", slug="quiet", goal="90000.00", by_link_only=True)
    give(fund_of(quiet), "300.00", pay=True)  # its own page does not tell yet
    give(Fund.objects.of_site(other_site).general().get(), "9000.00", pay=True)
    Fund.objects.filter(pk=fund.pk).update(refunded=Decimal("100.00"))
    rows = [tuple(row.stripped_strings) for row in look(visitor).select(".sums-row div")]
    assert rows == [
        ("собрали вместе", "1\u202f100\u00a0₽"),
        ("пожертвования", "2"),
        ("сбор дошёл до цели", "1"),
    ]


FORM = {"heading": "", "intro": "", "presets": PRESETS}


def test_form_on_a_page_collects_for_the_campaign_of_the_editors_choice(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    put(site, block("donation", **FORM, to="campaign", campaign=page.pk))
    soup = look(visitor)
    assert "На сбор: Пандус к библиотеке" in text_of(soup, "main .give")
    form = soup.select_one("form[data-donation]")
    assert form is not None
    sent = {str(one["name"]): one["value"] for one in form.select("input[type=hidden]")}
    answer = visitor.send_form(
        str(form["action"]),
        {**sent, "preset": "850.00", "email": "anna@example.org", "consent": "on"},
    )
    assert answer.status_code == 303
    assert Donation.objects.get().fund == fund_of(page)


def test_form_for_a_campaign_that_is_over_says_so(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    put(site, block("donation", **FORM, to="campaign", campaign=page.pk))
    page.is_finished = True
    page.save_revision().publish()
    soup = look(visitor)
    assert soup.select("form[data-donation]") == []
    assert text_of(soup, "main .give") == (
        "Сбор закрыт. Спасибо всем, кто помог. Пандус к библиотеке"
    )


@pytest.mark.parametrize("what", ["gone", "foreign", "hidden", "nothing"])
def test_form_asks_for_nothing_else_when_its_campaign_may_not_be_shown(
    what: str, site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    chosen = {
        "gone": lambda: 999_999,
        "foreign": lambda: make_campaign("Чужой", slug="foreign", on=other_site).pk,
        "hidden": lambda: make_campaign("Тихий", slug="quiet", by_link_only=True).pk,
        "nothing": lambda: None,
    }[what]()
    put_as_before_the_check(site, block("donation", **FORM, to="campaign", campaign=chosen))
    assert look(visitor).select("main .give, main form") == []


def test_links_to_the_form_find_it_and_an_error_keeps_its_sums(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    put(site, block("donation", **FORM, to="campaign", campaign=page.pk))
    for seen in (look(visitor), soup_of(visitor.get(page.get_url()).content)):
        (place,) = seen.select("#give")
        fields = {str(box["name"]): str(box["value"]) for box in place.select("[type=hidden]")}
        again = visitor.send_form("/donations/start/", {**fields, "email": ""})
        assert "доска" in soup_of(again.content).select("#give-sum")[0].get_text()


def test_campaign_is_asked_for_where_money_goes_to_one() -> None:
    form = SiteDonationBlock()
    value = {**FORM, "to": "campaign", "campaign": None}
    with pytest.raises(ValidationError) as refused:
        form.clean(form.to_python(value))
    assert refused.value.block_errors.keys() == {"campaign"}  # type: ignore[attr-defined]
    old = form.to_python(FORM)  # as it was saved before there was a choice
    assert form.clean(old)["to"] == "general"


def everything(site: Site, rows: int, campaigns: list[CampaignPage]) -> list[dict[str, Any]]:
    """Every block there is, with so many rows in each."""
    pictures = [picture_for(site, f"#{number}53545") for number in range(rows)]
    papers = [
        Attachment.objects.create(
            title="Устав",
            collection=site.walls.collection,
            file=ContentFile(b"12345", name="ustav.pdf"),
            file_size=5,
        )
        for _number in range(rows)
    ]

    def items(*values: dict[str, Any]) -> list[dict[str, Any]]:
        return [as_item(value) for value in values]

    face = [{"name": "Ольга", "role": "", "about": "", "photo": one.pk} for one in pictures]
    said = [{"words": "Да", "who": "Граф", "about": "", "photo": one.pk} for one in pictures]
    logos = [{"name": "Завод", "logo": one.pk, "link": ""} for one in pictures]
    files = [{"document": one.pk, "title": ""} for one in papers]
    seen = [{"picture": one.pk, "caption": ""} for one in pictures]
    column = [{"type": "picture", "value": row} for row in seen]
    place = {"address": "Киров", "phones": [], "email": "", "hours": "", "caption": "", "link": ""}
    table = {"columns": [{"type": "words", "heading": "Дело"}], "caption": "Дела"}
    only = [page.pk for page in campaigns[:rows]]
    return [
        block("donation", **FORM, to="campaign", campaign=only[0]),
        *[one for one in story(pictures[0]) if one["type"] != "donation"],
        block("campaigns", **LIST),
        block("cards", heading="", campaigns=[as_item(pk) for pk in only]),
        block("thermometer", campaign=only[0], intro=""),
        block("totals", heading=""),
        block("wall", heading=""),
        block("people", heading="", people=items(*face)),
        block("testimonials", heading="", words=items(*said)),
        block("partners", heading="", partners=items(*logos)),
        block("documents", heading="", documents=items(*files)),
        block("gallery", heading="", pictures=items(*seen)),
        block("columns", left=column, right=column),
        block("contacts", heading="", picture=pictures[0].pk, **place),
        block("table", **table, rows=[{"values": ["Ступени"]}] * rows),
    ]


def test_page_with_every_block_is_clean_and_asks_no_more_for_three_rows_than_for_one(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    campaigns = [
        make_campaign(f"Сбор {number}", slug=f"s{number}", picture=picture_for(site, "#456"))
        for number in range(3)
    ]
    body = everything(site, 1, campaigns)
    assert {one["type"] for one in body} == {kind for kind, _block in PAGE_BLOCKS}
    CampaignPage.objects.exclude(pk=campaigns[0].pk).filter(live=True).update(live=False)
    put(site, *body, on=HomePage)
    one = queries_of(visitor, "/")
    CampaignPage.objects.filter(pk__in=[page.pk for page in campaigns]).update(live=True)
    put(site, *everything(site, 3, campaigns), on=HomePage)
    three = queries_of(visitor, "/")
    assert len(three) == len(one), "\n\n".join(sql[:200] for sql in three)
    assert len(three) <= MOST_QUERIES, len(three)

    soup = look(visitor, "/")
    assert len(soup.select("main .card")) == 6
    assert list(inline_code(soup)) == []
    assert list(foreign_resources(soup)) == []
    assert list(repeated_ids(soup)) == []
    assert all(link.get_text(strip=True) or link.select("img[alt]") for link in soup.select("a"))
    levels = [int(title.name[1]) for title in soup.select("main :is(h1, h2, h3)")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    large = [str(link["href"]) for link in soup.select(".gallery a")]
    assert len(large) == 3
    assert len(visitor.get(large[0]).getvalue()) > 1000
    papers = [str(link["href"]) for link in soup.select(".files a")]
    assert text_of(soup, ".files li") == "Устав PDF, 5 байт"
    assert visitor.get(papers[0]).getvalue() == b"12345"


def test_words_of_every_block_can_be_translated(
    site: Site,
    make_campaign: MakeCampaign,
    make_person: Callable[..., User],
    admin_as: Callable[..., SiteClient],
) -> None:
    page = put(site, *everything(site, 1, [make_campaign()]), on=HomePage)
    english, _created = Locale.objects.get_or_create(language_code="en")
    browser = admin_as(make_person(Role.COORDINATOR))
    translated = submit(browser, page, english)
    answer = browser.get(reverse("wagtailadmin_pages:edit", args=[translated.pk]))
    assert answer.status_code == 200
    segments = json.loads(answer.context["props"])["segments"]
    words = {one.get("source") for one in segments}
    assert {"Ольга", "Да", "Завод", "Дела", "Дело", "Ступени", "Киров"} <= words
    translate_words(translated, english, {"Ступени": "Steps", "Да": "Yes"})
    publish_translation(browser, translated)
    body = {one.block_type: one.value for one in HomePage.objects.get(pk=translated.pk).body}
    assert body["table"].row_data == [{"values": ["Steps"]}]
    assert body["testimonials"]["words"][0]["words"] == "Yes"
