"""Visits are counted without cookies, by people only, and written in batches."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from campaigns import visits
from campaigns.channels import OTHER
from campaigns.figures import figures_of
from campaigns.links import link_for
from campaigns.models import CampaignPage, ShortLink, VisitCount
from campaigns.spreading import CameBy
from campaigns.visits import Row, Tally
from tests.campaigns.conftest import MakeCampaign
from tests.conftest import SiteClient

PERSON = "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 40) AppleWebKit/537.36 Chrome/124.0 Mobile"
BEACON = "/-/visit"
TYPE = "application/x-www-form-urlencoded"

Beacon = Callable[..., int]


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> CampaignPage:
    return make_campaign()


@pytest.fixture
def beacon(visitor: SiteClient, campaign: CampaignPage) -> Beacon:
    """beacon("vk"): the page was seen by somebody who came by this link; gives the status."""

    def send(channel: str = "", *, agent: str = PERSON, **headers: Any) -> int:
        body = f"campaign={headers.pop('campaign', campaign.fund_key)}&channel={channel}"
        given: dict[str, Any] = {
            "HTTP_USER_AGENT": agent,
            "HTTP_SEC_FETCH_SITE": "same-origin",
            **headers,
        }
        return int(visitor.post(BEACON, body, content_type=TYPE, **given).status_code)

    return send


def written() -> list[tuple[str, str, int]]:
    """What stands in the table after a batch: (channel, kind, number)."""
    visits.tally.write()
    rows = VisitCount.objects.order_by("channel", "kind")
    return list(rows.values_list("channel", "kind", "number"))


def test_hundred_visits_are_one_write(beacon: Beacon) -> None:
    beacon("vk")  # what is asked once and kept for an hour
    visits.tally.take()
    with CaptureQueriesContext(connection) as asked:
        assert {beacon("vk") for _ in range(100)} == {204}
    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []
    with CaptureQueriesContext(connection) as batch:
        visits.tally.write()
    assert [query["sql"].split()[0] for query in batch] == ["SELECT", "SELECT", "INSERT"]
    assert written() == [("vk", "visit", 100)]


def test_batches_add_up(beacon: Beacon) -> None:
    beacon("vk")
    assert written() == [("vk", "visit", 1)]
    beacon("vk")
    beacon("vk")
    beacon("")
    assert written() == [("", "visit", 1), ("vk", "visit", 3)]
    assert written() == [("", "visit", 1), ("vk", "visit", 3)]


def test_reading_the_page_writes_nothing(campaign: CampaignPage, visitor: SiteClient) -> None:
    visitor.get("/sbory/pandus/?utm_source=vk")
    with CaptureQueriesContext(connection) as asked:
        answer = visitor.get("/sbory/pandus/?utm_source=vk", headers={"user-agent": PERSON})
    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []
    assert written() == []
    page = answer.content.decode()
    assert f'data-visit="{BEACON}" data-campaign="{campaign.fund_key}"' in page
    assert answer.cookies == {}


def test_the_link_and_the_page_behind_it_are_counted_apart(
    campaign: CampaignPage, visitor: SiteClient, beacon: Beacon
) -> None:
    link = link_for(campaign, "poster")
    visitor.get(f"/-/{link.code}", headers={"user-agent": PERSON})
    beacon("poster")
    visitor.head(f"/-/{link.code}", headers={"user-agent": PERSON})
    assert written() == [("poster", "link", 1), ("poster", "visit", 1)]


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
        "TelegramBot (like TwitterBot)",
        "WhatsApp/2.23.20.0",
        "Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/124.0 Safari/537.36",
        "curl/8.5.0",
        "python-requests/2.31",
    ],
)
def test_robots_are_left_out(
    agent: str, campaign: CampaignPage, visitor: SiteClient, beacon: Beacon
) -> None:
    link = link_for(campaign, "vk")
    answer = visitor.get(f"/-/{link.code}", headers={"user-agent": agent})
    assert answer.status_code == 302  # a preview of the link is drawn all the same
    assert beacon("vk", agent=agent) == 204
    assert written() == []


def test_what_a_browser_fetches_ahead_is_no_visit(
    campaign: CampaignPage, visitor: SiteClient
) -> None:
    link = link_for(campaign, "vk")
    ahead = {"user-agent": PERSON, "sec-purpose": "prefetch;prerender"}
    visitor.get(f"/-/{link.code}", headers=ahead)
    assert written() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"campaign": "nonsense"},
        {"campaign": ""},
        {"campaign": str(uuid4())},
        {"campaign": "x" * 600},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "https://evil.example"},
    ],
)
def test_nonsense_is_answered_quietly_and_not_counted(
    headers: dict[str, str], beacon: Beacon
) -> None:
    assert beacon("vk", **headers) == 204
    assert written() == []


def test_beacon_takes_nothing_but_a_post(visitor: SiteClient) -> None:
    assert visitor.get(BEACON).status_code == 405


def test_campaign_of_another_site_is_not_counted_here(
    beacon: Beacon, make_campaign: MakeCampaign, other_site: Site
) -> None:
    theirs = make_campaign("Крыша", slug="krysha", on=other_site)
    assert beacon("vk", campaign=str(theirs.fund_key)) == 204
    assert written() == []


def test_channels_made_up_go_together_and_so_do_links_of_donors(beacon: Beacon) -> None:
    beacon("donor-0a1b2c3d")
    beacon("donor-4e5f6a7b")
    for number in range(40):
        beacon(f"made-up-{number}")
    beacon("VK")
    beacon("два слова")
    counted = [("", 1), ("donor", 2), (OTHER, 40), ("vk", 1)]
    assert written() == [(channel, "visit", number) for channel, number in counted]


@pytest.mark.parametrize("channel", ["donor", "donor-club"])
def test_link_an_editor_once_named_like_those_of_donors_is_counted_once_and_as_its_own(
    channel: str, campaign: CampaignPage, beacon: Beacon, site: Site
) -> None:
    ShortLink.objects.create(site=site, key=campaign.fund_key, channel=channel, name="Донор")
    beacon(channel)
    assert written() == [(channel, "visit", 1)]
    figures = figures_of(site=site, key=campaign.fund_key, days=None)
    assert figures.rows[-1].visited == 1
    assert (figures.donors.visited, figures.total.visited) == (0, 1)


def test_a_flood_of_different_rows_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "ROWS", 3)
    key, tally = uuid4(), visits.tally
    for number in range(20):
        tally.add(Row(1, key, str(number), date(2026, 11, 27), CameBy.VISIT))
    tally.add(Row(1, key, "0", date(2026, 11, 27), CameBy.VISIT))
    numbers = tally.take()
    assert (len(numbers), numbers.total()) == (6, 7)


def test_visits_that_cannot_be_written_are_let_go(
    beacon: Beacon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beacon("vk")

    def broken(numbers: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(visits, "_upsert", broken)
        visits.tally.write()
    assert "1 visits could not be written" in caplog.text
    beacon("vk")
    assert written() == [("vk", "visit", 1)]


def test_the_clock_writes_by_itself_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def upsert(numbers: object) -> None:
        done.set()

    class NoDatabase:
        def close(self) -> None:
            """What a thread of the clock leaves behind is closed."""

    monkeypatch.setattr(visits, "SECONDS", 0.01)
    monkeypatch.setattr(visits, "_known", lambda numbers: numbers)
    monkeypatch.setattr(visits, "_upsert", upsert)
    monkeypatch.setattr(visits, "connection", NoDatabase())
    monkeypatch.setattr(visits.atexit, "register", lambda function: function)
    tally = Tally()
    tally.add(Row(1, uuid4(), "vk", date(2026, 11, 27), CameBy.VISIT))
    assert done.wait(10)
    assert not tally.take()
