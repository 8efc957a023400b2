"""What a campaign promises beyond a sum: pieces, stages, a budget, a day put off, a quiet start."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from wagtail.models import Site
from wagtail.test.utils.form_data import streamfield

from campaigns.models import CampaignPage, CampaignState
from campaigns.plan import Plan, Units
from campaigns.progress import Progress, progress_of
from content.models import Attachment
from donations.models import Donation, Fund
from tests.campaigns.conftest import MakeCampaign, fund_of, index_of
from tests.campaigns.test_campaign_form import add, editor, errors_of, stored, typed
from tests.conftest import SiteClient

__all__ = ["editor"]
THREE = (("Карта", Decimal("8000")), ("Дорога", Decimal("20000")), ("Паром", Decimal("10000")))
FIRM, THIN = "\u00a0", "\u202f"


def progress(raised: str, *, goal: str = "38000", count: int = 1, plan: Plan) -> Progress:
    return Progress(
        Decimal(raised),
        Decimal(goal),
        count,
        count,
        None,
        is_open=True,
        today=date(2026, 3, 1),
        plan=plan,
    )


@pytest.mark.parametrize(
    ("raised", "held", "done"),
    [
        ("0", ["0", "0", "0"], 0),
        ("7999.99", ["7999.99", "0", "0"], 0),
        ("8000", ["8000", "0", "0"], 1),
        ("24800", ["8000", "16800", "0"], 1),
        ("38000", ["8000", "20000", "10000"], 3),
        ("50000", ["8000", "20000", "10000"], 3),
    ],
)
def test_money_fills_the_stages_in_order(raised: str, held: list[str], done: int) -> None:
    stages = progress(raised, plan=Plan(lines=THREE)).stages
    assert [stage.held for stage in stages] == [Decimal(one) for one in held]
    assert sum(stage.is_done for stage in stages) == done
    assert sum(stage.is_current for stage in stages) == (0 if done == 3 else 1)


def test_marks_stand_where_stages_end_also_beyond_the_goal() -> None:
    assert progress("100", plan=Plan(lines=THREE)).marks == [21, 73]
    assert progress("76000", plan=Plan(lines=THREE)).marks == [10, 36]


def test_pieces_are_counted_whole() -> None:
    plan = Plan(units=Units(Decimal("3500"), 12, "вольеров"))
    with translation.override("ru"):
        assert progress("27999.99", goal="42000", plan=plan).units_text == "7 из 12 вольеров"
        assert progress("28000", goal="42000", plan=plan).units_text == "8 из 12 вольеров"
        assert progress("49000", goal="42000", plan=plan).units_text == "12 из 12 вольеров"


@pytest.mark.parametrize(
    ("raised", "count", "quiet"),
    [("0", 0, True), ("3799.99", 4, True), ("3800", 1, False), ("500", 5, False)],
)
def test_quiet_start_keeps_its_figures_until_there_are_some(
    raised: str, count: int, quiet: bool
) -> None:
    quietly = Plan(by_link_only=True)
    assert progress(raised, count=count, plan=quietly).is_quiet is quiet
    assert progress(raised, count=count, plan=Plan()).is_quiet is False


def test_quiet_campaign_that_has_ended_tells_its_figures() -> None:
    begun = progress("500", count=1, plan=Plan(by_link_only=True))
    ended = replace(begun, is_open=False)
    resting = replace(ended, site_closed_text="Отдыхаем")  # the site, and then it goes on
    assert [one.is_quiet for one in (begun, ended, resting)] == [True, False, True]


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("00:00", "сегодня последний день, осталось 24 часа"),
        ("18:30", "сегодня последний день, осталось 6 часов"),
        ("22:00", "сегодня последний день, осталось 2 часа"),
        ("23:59", "сегодня последний день, остался 1 час"),
    ],
)
def test_last_day_is_counted_in_hours_of_the_sites_zone(clock: str, words: str) -> None:
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 3, 1, hour, minute, tzinfo=ZoneInfo("Europe/Kirov"))
    fund = Fund(goal=Decimal("100"), deadline=date(2026, 3, 1), accepts=True, site=Site())
    with translation.override("ru"):
        assert progress_of(fund, zone="Europe/Kirov", now=now).deadline_text == words


def lines(kind: str, *rows: tuple[str, str]) -> Any:
    return streamfield([(kind, {"title": title, "amount": amount}) for title, amount in rows])


def test_goal_is_made_of_pieces(editor: SiteClient, site: Site) -> None:
    page = stored(
        add(editor, site, goal="", unit_count="12", unit_noun="вольеров", unit_price="3 500"), site
    )
    assert page.goal == fund_of(page).goal == Decimal("42000.00")


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        (
            {"unit_count": "12", "unit_noun": "вольеров", "unit_price": "3500", "goal": "40000"},
            "goal",
            "12 по 3 500 ₽ — это 42 000 ₽. Напишите так или оставьте поле пустым.",
        ),
        (
            {"unit_count": "12", "unit_noun": "", "unit_price": "3500"},
            "unit_noun",
            "Заполните все три поля: сколько, чего и по какой цене.",
        ),
        (
            {"stages": lines("stage", ("Карта", "8000"), ("Дорога", "20 000"))},
            "stages",
            "Строки вместе дают 28 000 ₽, это меньше цели в 64 000 ₽.",
        ),
        (
            {"budget": lines("line", ("Доски", "64000,50"))},
            "budget",
            "Строки вместе дают 64 000,50 ₽, это больше цели в 64 000 ₽.",
        ),
        (
            {"goal": "", "budget": lines("line", ("Доски", "300"))},
            "goal",
            "Строки вместе дают 300 ₽. Напишите эту сумму целью.",
        ),
    ],
)
def test_what_does_not_add_up_is_said_at_its_field(
    editor: SiteClient, site: Site, fields: dict[str, Any], at: str, words: str
) -> None:
    (said,) = errors_of(add(editor, site, **fields))[at]
    assert said.replace(THIN, " ").replace(FIRM, " ") == words


def test_draft_is_saved_half_thought_through(editor: SiteClient, site: Site) -> None:
    sums = lines("stage", ("Карта", "8000"))
    answer = add(editor, site, stages=sums, **{"action-publish": ""})
    page = CampaignPage.objects.child_of(index_of(site)).get(slug="pandus")
    assert answer.status_code == 302
    assert not page.live


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (
            {"stages": [{"type": "stage", "value": {"title": "Карта", "amount": "8000.00"}}]},
            "Строки вместе дают 8 000 ₽, это меньше цели в 64 000 ₽.",
        ),
        (
            {"goal": None, "unit_count": 2, "unit_noun": "вольера", "unit_price": Decimal("300")},
            "Цель ещё не посчитана: откройте страницу и опубликуйте её там.",
        ),
    ],
)
def test_published_together_is_only_what_adds_up(
    editor: SiteClient,
    site: Site,
    make_campaign: MakeCampaign,
    fields: dict[str, Any],
    fault: str,
) -> None:
    whole = make_campaign(publish=False)
    half = make_campaign("Паром", slug="parom", publish=False, **fields)
    live = CampaignPage.objects.live()
    many = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    home = reverse("wagtailadmin_explore", args=[index_of(site).pk])
    for ids, below in ((f"id={whole.pk}&id={half.pk}", ""), (f"id={index_of(site).pk}", "on")):
        answer = editor.post(
            f"{many}?next={home}&{ids}", {"include_descendants": below}, follow=True
        )
        words = BeautifulSoup(answer.content, "html.parser").get_text()
        words = words.replace(THIN, " ").replace(FIRM, " ")
        assert f"Ничего не опубликовано. Сначала посмотрите «Паром». {fault}" in words
        assert not live.exists()
    editor.post(f"{many}?id={whole.pk}", {})
    assert live.get() == whole


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("2026-12-20", "2026-12-20", "2026-12-10"),
        ("2026-12-05", "2026-12-05", None),
        ("", "2026-12-20", "2026-12-10"),
        ("2026-12-20", "", "2026-12-10"),
    ],
)
def test_day_that_was_put_off_stays_visible(
    editor: SiteClient,
    site: Site,
    make_campaign: MakeCampaign,
    first: str,
    then: str,
    told: str | None,
) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("UTC")), tick=False):
        page = make_campaign(deadline=date(2026, 12, 10))
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        assert editor.post(address, typed(deadline=first)).status_code == 302
        # A second change does not forget the day that was told first.
        assert editor.post(address, typed(deadline=then, lead="Ещё раз")).status_code == 302
        page.refresh_from_db()
        assert (page.put_off_from and page.put_off_from.isoformat()) == told
        text = SiteClient(site.hostname).get(page.get_url()).content.decode()
        words = "срок продлён: был до 10 декабря, теперь до 20 декабря 2026"
        shown = (words if then else "срок снят: был до 10 декабря 2026") in text
        assert shown is (told is not None)


def test_campaign_shown_by_link_only_is_in_no_list_and_in_no_search_engine(
    site: Site, make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    page = make_campaign(by_link_only=True)
    text = visitor.get(page.get_url()).content.decode()
    assert "Сбор только начинается" in text
    assert '<meta name="robots" content="noindex">' in text
    for path in ("/", index_of(site).get_url()):
        assert page.title not in visitor.get(path).content.decode()


def test_quiet_start_keeps_what_was_spent_to_itself_and_shows_the_receipt(
    site: Site, make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    act = Attachment.objects.create(
        title="Акт", collection=site.walls.collection, file=ContentFile(b"%PDF-1.4", "act.pdf")
    )
    line = {"title": "Сцена", "amount": "12000.00", "spent": "11640.00", "picture": None}
    for document in (act.pk, None):
        costs = [{"type": "line", "value": {**line, "document": document}}]
        page = make_campaign(slug=f"scena-{document}", by_link_only=True, budget=costs)
        html = BeautifulSoup(visitor.get(page.get_url()).content, "html.parser")
        assert {td.get_text() for td in html.select(".budget td")} == {f"12{THIN}000{FIRM}₽"}
        assert len(html.select(f'.budget a[href="{act.url}"]')) == (1 if document else 0)


def test_campaign_that_closes_when_reached_takes_no_more(
    site: Site, make_campaign: MakeCampaign, visitor: SiteClient, give: Any
) -> None:
    page = make_campaign(goal="500.00", when_reached="close")
    fund = fund_of(page)
    begun_before = give(fund, "100.00", email="late@example.org")
    give(fund, "500.00", pay=True)
    fund.refresh_from_db()
    assert not fund.is_open()
    shown = progress_of(fund, zone="Europe/Kirov")
    assert page.state_of(shown) == CampaignState.FINISHED
    text = visitor.get(page.get_url()).content.decode()
    assert "Сбор закрыт. Спасибо всем, кто помог." in text
    assert 'name="amount"' not in text
    assert Donation.objects.get(pk=begun_before.pk).state == "pending"


def test_finished_campaign_keeps_what_was_raised(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Any
) -> None:
    page = make_campaign()
    give(fund_of(page), "6400.00", pay=True)
    page.is_finished = True
    page.save_revision().publish()
    assert not fund_of(page).is_open()
    text = BeautifulSoup(visitor.get(page.get_url()).content, "html.parser").get_text(" ")
    assert f"6{THIN}400{FIRM}₽" in text
    page.is_finished = False
    page.save_revision().publish()
    assert fund_of(page).is_open()


@pytest.mark.parametrize("told_before", [False, True])
def test_report_closes_the_campaign(
    told_before: bool, make_campaign: MakeCampaign, visitor: SiteClient, give: Any
) -> None:
    page = make_campaign(report=[{"type": "text", "value": "<p>Пели все.</p>"}])
    if told_before:  # by a system that left the fund of a reported campaign open
        Fund.objects.filter(key=page.fund_key).update(accepts=True)
        import_module("campaigns.migrations.0008_reports_close_campaigns").close_funds(apps, None)
    assert not fund_of(page).is_open()
    html = visitor.get(page.get_url()).content.decode()
    assert "Сбор закрыт. Спасибо всем, кто помог." in html
    assert [sign for sign in ("#give", 'name="amount"', "до цели") if sign in html] == []


def test_page_shows_stages_budget_and_promises(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Any
) -> None:
    rows = [{"type": "stage", "value": {"title": t, "amount": f"{a:.2f}"}} for t, a in THREE]
    costs = [{"type": "line", "value": {"title": t, "amount": f"{a:.2f}"}} for t, a in THREE]
    page = make_campaign(goal="38000.00", stages=rows, budget=costs, if_less="Сделаем меньше.")
    give(fund_of(page), "24800.00", pay=True)
    html = BeautifulSoup(visitor.get(page.get_url()).content, "html.parser")
    stages = [" ".join(li.get_text(" ").split()) for li in html.select(".stage")]
    assert stages == [
        "Карта 8 000 ₽ собрано",
        "Дорога 20 000 ₽ осталось 3 200 ₽",
        "Паром 10 000 ₽",
    ]
    assert len(html.select("rect.bar-mark")) == 2
    assert [td.get_text() for td in html.select(".budget td")] == [
        f"8{THIN}000{FIRM}₽",
        f"20{THIN}000{FIRM}₽",
        f"10{THIN}000{FIRM}₽",
        f"38{THIN}000{FIRM}₽",
    ]
    assert "Сделаем меньше." in html.select(".promises")[0].get_text()


@pytest.mark.parametrize(
    ("event_on", "told"), [(date(2026, 6, 2), True), (date(2026, 6, 3), False)]
)
def test_event_is_told_of_when_its_day_has_come_where_the_site_is(
    event_on: date, told: bool, make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    page = make_campaign(event_on=event_on, event_place="двор")
    with time_machine.travel(datetime(2026, 6, 1, 21, 30, tzinfo=ZoneInfo("UTC")), tick=False):
        html = visitor.get(page.get_url()).content.decode()
    assert ("Что провели на собранные деньги" in html) is told


def test_report_stands_first_bound_to_the_lines_of_the_budget(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Any
) -> None:
    def line(title: str, planned: str, spent: str) -> dict[str, Any]:
        return {"type": "line", "value": {"title": title, "amount": planned, "spent": spent}}

    costs = [line("Сцена", "12000.00", "11640.00"), line("Призы", "9000.00", "")]
    page = make_campaign(
        goal="21000.00",
        budget=costs,
        report_due=date(2026, 6, 20),
        event_people=431,
        event_place="двор",
    )
    give(fund_of(page), "21000.00", pay=True)
    before = BeautifulSoup(visitor.get(page.get_url()).content, "html.parser")
    assert "не позже 20 июня 2026" in before.select(".promises")[0].get_text()
    # What is spent and the event are told at once, and close nothing.
    (done,) = before.select(".report")
    assert before.select(".campaign-story > :first-child") != [done]
    said = " ".join(done.get_text(" ").split())
    assert said.startswith("Что уже сделано Где двор Сколько пришло 431 человек")
    assert "Сцена 12 000 ₽ 11 640 ₽ Призы 9 000 ₽ ещё нет Итого" in said
    assert len(before.select(".budget")) == 1
    assert fund_of(page).is_open()

    page.refresh_from_db()
    streams: Any = page
    streams.report = [{"type": "text", "value": "<p>Пели все.</p>"}]
    page.save_revision().publish()
    html = BeautifulSoup(visitor.get(page.get_url()).content, "html.parser")
    report = html.select(".campaign-story > :first-child")[0]
    assert report["id"] == "report"
    text = " ".join(report.get_text(" ").split())
    assert "431 человек" in text
    assert "Сцена 12 000 ₽ 11 640 ₽ Призы 9 000 ₽ ещё нет Итого 21 000 ₽ 11 640 ₽" in text
    assert "Собрали 21 000 ₽, пока не потратили 9 360 ₽." in text
    assert html.select(".promises") == []
    assert len(html.select(".budget")) == 1
    page.refresh_from_db()
    assert page.state_of(progress_of(fund_of(page), zone="Europe/Kirov")) == CampaignState.REPORTED
