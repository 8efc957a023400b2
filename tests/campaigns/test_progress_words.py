"""The words beside the bar, in the Russian people will read."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.utils import translation

from campaigns.plan import Plan
from campaigns.progress import Progress

TODAY = date(2026, 3, 1)
THIN, FIRM = "\u202f", "\u00a0"


def progress(
    raised: str = "0.00",
    goal: str | None = None,
    count: int = 0,
    days: int | None = None,
    *,
    people: int | None = None,
    is_open: bool = True,
    is_asked_for: bool = True,
) -> Progress:
    return Progress(
        raised=Decimal(raised),
        goal=Decimal(goal) if goal else None,
        count=count,
        people=count if people is None else people,
        deadline=TODAY + timedelta(days=days) if days is not None else None,
        is_open=is_open,
        is_asked_for=is_asked_for,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""),
        (1, "поддержал 1 человек"),
        (2, "поддержали 2 человека"),
        (4, "поддержали 4 человека"),
        (5, "поддержали 5 человек"),
        (11, "поддержали 11 человек"),
        (14, "поддержали 14 человек"),
        (21, "поддержал 21 человек"),
        (22, "поддержали 22 человека"),
        (25, "поддержали 25 человек"),
        (101, "поддержал 101 человек"),
        (111, "поддержали 111 человек"),
        (112, "поддержали 112 человек"),
        (4000, f"поддержали 4{THIN}000 человек"),
    ],
)
def test_verb_and_noun_agree_with_the_number_of_people(count: int, words: str) -> None:
    with translation.override("ru"):
        assert progress("1.00", count=count).supporters_text == words


def test_people_are_counted_and_not_their_gifts() -> None:
    with translation.override("ru"):
        assert progress("1.00", count=25, people=22).supporters_text == "поддержали 22 человека"


@pytest.mark.parametrize(
    ("gifts", "words"),
    [
        (1, "1 взнос"),
        (2, "2 взноса"),
        (4, "4 взноса"),
        (5, "5 взносов"),
        (7, "7 взносов"),
        (11, "11 взносов"),
        (14, "14 взносов"),
        (21, "21 взнос"),
        (22, "22 взноса"),
        (25, "25 взносов"),
        (101, "101 взнос"),
        (111, "111 взносов"),
        (112, "112 взносов"),
    ],
)
def test_what_is_left_is_counted_in_gifts_of_the_usual_size(gifts: int, words: str) -> None:
    goal = 100 * gifts + 100
    with translation.override("ru"):
        text = progress("100.00", f"{goal}.00", count=1).left_text
    left = f"{100 * gifts:,}".replace(",", THIN)
    assert text == f"осталось {left}{FIRM}₽ — это {words}"


def test_what_is_left_reads_as_in_the_law_of_the_project() -> None:
    with translation.override("ru"):
        text = progress("24800.00", "38000.00", count=54).left_text
    assert text == f"осталось 13{THIN}200{FIRM}₽ — это 29 взносов"


def test_before_the_first_gift_the_usual_one_is_five_hundred() -> None:
    with translation.override("ru"):
        assert (
            progress("0.00", "3200.00").left_text == f"осталось 3{THIN}200{FIRM}₽ — это 7 взносов"
        )


def test_after_everything_is_given_back_the_usual_gift_is_five_hundred_again() -> None:
    with translation.override("ru"):
        text = progress("0.00", "3200.00", count=3).left_text
    assert text == f"осталось 3{THIN}200{FIRM}₽ — это 7 взносов"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "сегодня последний день"),
        (1, "остался 1 день"),
        (2, "осталось 2 дня"),
        (4, "осталось 4 дня"),
        (5, "осталось 5 дней"),
        (11, "осталось 11 дней"),
        (14, "осталось 14 дней"),
        (21, "остался 21 день"),
        (22, "осталось 22 дня"),
        (25, "осталось 25 дней"),
        (101, "остался 101 день"),
        (111, "осталось 111 дней"),
        (112, "осталось 112 дней"),
    ],
)
def test_verb_and_noun_agree_with_the_number_of_days(days: int, words: str) -> None:
    with translation.override("ru"):
        assert progress(days=days).deadline_text == words


def test_passed_day_of_a_closed_collection_is_named_in_the_right_case() -> None:
    with translation.override("ru"):
        assert progress(days=-1, is_open=False).deadline_text == "сбор шёл до 28 февраля 2026"


def test_passed_day_of_an_open_collection_sends_nobody_away() -> None:
    with translation.override("ru"):
        text = progress(days=-1).deadline_text
    assert text == "собирали до 28 февраля 2026, помочь ещё можно"


def test_campaign_without_goal_and_day_says_nothing_about_them() -> None:
    bare = progress("500.00", count=1)
    assert (bare.percent, bare.bar, bare.over) == (None, 0, False)
    assert (bare.goal_text, bare.left_text, bare.deadline_text) == ("", "", "")


@pytest.mark.parametrize(
    ("raised", "percent", "bar", "over", "words"),
    [
        ("0.00", 0, 0, False, f"осталось 1{THIN}000{FIRM}₽ — это 2 взноса"),
        ("999.99", 99, 99, False, f"осталось 0,01{FIRM}₽ — это 1 взнос"),
        ("1000.00", 100, 100, False, "цель достигнута"),
        ("1000.01", 100, 100, True, f"цель достигнута, собрали на 0,01{FIRM}₽ больше"),
        ("5000.00", 500, 100, True, f"цель достигнута, собрали на 4{THIN}000{FIRM}₽ больше"),
    ],
)
def test_bar_never_lies(raised: str, percent: int, bar: int, over: bool, words: str) -> None:
    shown = progress(raised, "1000.00", count=0 if raised == "0.00" else 1)
    assert (shown.percent, shown.bar, shown.over) == (percent, bar, over)
    with translation.override("ru"):
        assert shown.left_text == words


@pytest.mark.parametrize("language", ["udm", "mhr", "tt"])
def test_language_without_a_catalogue_speaks_russian_with_russian_plurals(language: str) -> None:
    with translation.override(language):
        assert progress("1.00", count=22).supporters_text == "поддержали 22 человека"
        assert progress("1.00", count=25).supporters_text == "поддержали 25 человек"
        assert progress(days=21).deadline_text == "остался 21 день"
        assert progress(days=4).deadline_text == "осталось 4 дня"


def test_english_says_the_same() -> None:
    with translation.override("en"):
        shown = progress("24800.00", "38000.00", count=54, days=1)
        assert shown.supporters_text == "54 people have helped"
        assert shown.left_text == f"13{THIN}200{FIRM}₽ to go, that is 29 gifts"
        assert shown.deadline_text == "1 day left"
        assert (
            progress(days=-1).deadline_text == "planned until 28 February 2026, you can still help"
        )


def test_closed_collection_thanks() -> None:
    with translation.override("ru"):
        assert progress(is_open=True).closed_text == ""
        assert progress(is_open=False).closed_text == "Сбор закрыт. Спасибо всем, кто помог."


def shown(told: Progress, **more: Any) -> BeautifulSoup:
    with translation.override("ru"):
        html = render_to_string("campaigns/progress.html", {"progress": told, **more})
    return BeautifulSoup(html, "html.parser")


def facts_of(told: Progress, **more: Any) -> list[str]:
    return [fact.get_text() for fact in shown(told, **more).select(".progress-facts > *")]


CLOSED = "Сбор закрыт. Спасибо всем, кто помог."


def test_a_closed_campaign_keeps_its_day_and_says_that_it_was_put_off() -> None:
    put_off = Plan(put_off_from=TODAY - timedelta(days=4))
    told = replace(progress("1.00", days=-1, is_open=False), plan=put_off)
    day = "сбор шёл до 28 февраля 2026"
    assert facts_of(told) == [CLOSED, day, "срок продлевали, сначала был до 25 февраля"]
    assert facts_of(told, brief=True) == [CLOSED, day]
    # Closed before its day: that day is told no more.
    assert facts_of(replace(progress("1.00", days=4, is_open=False), plan=put_off)) == [CLOSED]


def test_a_closed_campaign_without_a_goal_says_how_many_helped() -> None:
    assert facts_of(progress("1.00", count=25, is_open=False)) == [CLOSED, "поддержали 25 человек"]


@pytest.mark.parametrize(("count", "days", "said"), [
    (0, None, ["Сбор только начинается"]),
    (1, -1, ["поддержал 1 человек", "планировали собрать до 28 февраля 2026"]),
])  # fmt: skip
def test_where_nothing_can_be_given_nobody_is_asked(
    count: int, days: int | None, said: list[str]
) -> None:
    assert facts_of(progress("1.00", count=count, days=days, is_asked_for=False)) == said


@pytest.mark.parametrize(
    ("raised", "fill", "marks"),
    [
        ("37999.00", "99%", []),
        ("38000.00", "100%", ["98%"]),
        ("38100.00", "98%", ["98%"]),
        ("76000.00", "50%", ["50%"]),
    ],
)
def test_the_goal_is_marked_inside_the_bar(raised: str, fill: str, marks: list[str]) -> None:
    bar = shown(progress(raised, goal="38000.00"))
    assert [rect["width"] for rect in bar.select(".bar-fill")] == [fill]
    assert [rect["x"] for rect in bar.select(".bar-goal")] == marks


@pytest.mark.parametrize("brief", [False, True])
def test_nobody_has_helped_yet_is_said_on_a_card_too(brief: bool) -> None:
    (said,) = facts_of(progress("0.00", goal="38000.00", count=0), brief=brief)
    assert said == "Сбор только начался, ваш взнос будет первым"
