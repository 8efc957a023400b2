"""Events: what is coming and what was, in the time of the site."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from icalendar import Calendar
from wagtail.models import Site

from campaigns.models import CampaignPage
from home.models import EventPage
from site_settings.models import Organisation
from tests.campaigns.conftest import index_of
from tests.conftest import SiteClient
from tests.home.pages import add_event
from tests.home.test_public_pages import queries_of

TODAY = date(2026, 6, 10)
LIST = "/sobytiya/"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 10, 9, tzinfo=ZoneInfo("UTC")), tick=False):
        yield


def lists(visitor: SiteClient, address: str = LIST) -> tuple[list[str], list[str]]:
    context = visitor.get(address).context
    return [page.title for page in context["coming"]], [page.title for page in context["held"]]


def add_campaign(site: Site, title: str, *, by_link_only: bool = False) -> CampaignPage:
    page = CampaignPage(
        title=title,
        slug=f"c{CampaignPage.objects.count()}",
        lead="Праздник двора",
        event_on=date(2026, 6, 1),
        event_place="Двор на Московской",
        by_link_only=by_link_only,
    )
    index_of(site).add_child(instance=page)
    page.save_revision().publish()
    return page


def test_coming_events_stand_before_those_that_were(site: Site, visitor: SiteClient) -> None:
    add_event(site, "Через месяц", TODAY + timedelta(days=30))
    add_event(site, "Сегодня", TODAY)
    add_event(site, "Идёт третий день", TODAY - timedelta(days=2), last_day=TODAY)
    add_event(site, "Вчера", TODAY - timedelta(days=1))
    add_event(site, "Год назад", TODAY - timedelta(days=365))
    assert lists(visitor) == (
        ["Идёт третий день", "Сегодня", "Через месяц"],
        ["Вчера", "Год назад"],
    )


def test_a_day_ends_at_midnight_of_the_site(site: Site, visitor: SiteClient) -> None:
    add_event(site, "Сегодня", TODAY)
    with time_machine.travel(datetime(2026, 6, 10, 14, 30, tzinfo=ZoneInfo("UTC")), tick=False):
        assert lists(visitor) == (["Сегодня"], [])
        Organisation.objects.filter(site=site).update(time_zone="Asia/Vladivostok")
        assert lists(visitor) == ([], ["Сегодня"])


def test_what_campaigns_held_is_among_what_was(site: Site, visitor: SiteClient) -> None:
    add_event(site, "Вчера", TODAY - timedelta(days=1))
    add_campaign(site, "Фестиваль двора")
    add_campaign(site, "Пока по ссылке", by_link_only=True)
    assert lists(visitor) == ([], ["Вчера", "Фестиваль двора"])
    html = visitor.get(LIST).content.decode()
    assert "1 июня 2026 · Двор на Московской" in html
    assert "Прошло благодаря вашим пожертвованиям" in html


def test_three_events_ask_no_more_than_one(site: Site, visitor: SiteClient) -> None:
    add_event(site, "Раз", TODAY)
    add_event(site, "Было", TODAY - timedelta(days=9))
    add_campaign(site, "Двор 1")
    one = len(queries_of(visitor, LIST))
    for number in (2, 3):
        add_event(site, f"Раз {number}", TODAY)
        add_event(site, f"Было {number}", TODAY - timedelta(days=9))
        add_campaign(site, f"Двор {number}")
    assert len(queries_of(visitor, LIST)) == one


def test_an_event_says_when_and_where_and_goes_into_a_calendar(
    site: Site, visitor: SiteClient
) -> None:
    page = add_event(
        site,
        "Урок, с дороги; ждём",
        date(2026, 6, 16),
        begins=time(18),
        ends=time(19, 30),
        lead="Чай наш",
    )
    html = visitor.get(page.get_url()).content.decode()
    assert "16 июня 2026, 18:00–19:30" in html
    assert "Киров, Спасская, 1" in html
    answer = visitor.get(f"{page.get_url()}calendar/")
    assert answer["Content-Type"] == "text/calendar"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Урок, с дороги; ждём"
    assert event["dtstart"].dt == datetime(2026, 6, 16, 15, tzinfo=ZoneInfo("UTC"))
    assert event["dtend"].dt == datetime(2026, 6, 16, 16, 30, tzinfo=ZoneInfo("UTC"))
    assert str(event["url"]) == f"{site.root_url}/sobytiya/urok-s-dorogi-zhdem/"


def test_days_without_hours_are_whole_days_in_a_calendar(site: Site, visitor: SiteClient) -> None:
    page = add_event(site, "Слёт", date(2026, 7, 3), last_day=date(2026, 7, 5))
    answer = visitor.get(f"{page.get_url()}calendar/")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 7, 3), date(2026, 7, 6))


def test_days_that_begin_at_an_hour_last_to_the_end_of_the_last_one(
    site: Site, visitor: SiteClient
) -> None:
    page = add_event(site, "Слёт", date(2026, 7, 3), begins=time(18), last_day=date(2026, 7, 5))
    answer = visitor.get(f"{page.get_url()}calendar/")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["dtstart"].dt == datetime(2026, 7, 3, 15, tzinfo=ZoneInfo("UTC"))
    assert event["dtend"].dt == datetime(2026, 7, 5, 21, tzinfo=ZoneInfo("UTC"))


def test_what_is_called_off_says_so_everywhere(site: Site, visitor: SiteClient) -> None:
    page = add_event(site, "Слёт", date(2026, 7, 3), is_called_off=True)
    assert "Событие отменено." in visitor.get(page.get_url()).content.decode()
    soup = BeautifulSoup(visitor.get(LIST).content, "html.parser")
    assert [tag.get_text() for tag in soup.select(".card .error")] == ["Отменено"]
    assert b"STATUS:CANCELLED" in visitor.get(f"{page.get_url()}calendar/").content


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"last_day": date(2026, 7, 2)}, "last_day"),
        ({"begins": time(18), "ends": time(18)}, "ends"),
        ({"begins": time(18), "ends": time(2), "last_day": date(2026, 7, 4)}, ""),
    ],
)
def test_an_event_ends_after_it_begins(
    site: Site, fields: dict[str, date | time], wrong: str
) -> None:
    page = EventPage(title="Слёт", slug="s", day=date(2026, 7, 3), place="Киров", **fields)
    if not wrong:
        page.clean()
        return
    with pytest.raises(ValidationError) as caught:
        page.clean()
    assert list(caught.value.message_dict) == [wrong]


def test_a_neighbours_events_are_nowhere(site: Site, other_site: Site) -> None:
    add_event(site, "Только у нас", TODAY)
    add_campaign(site, "Двор")
    add_event(other_site, "У соседа", TODAY)
    assert lists(SiteClient(other_site.hostname)) == (["У соседа"], [])
