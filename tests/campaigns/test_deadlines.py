"""The last day counts whole, in the zone of the site; it closes only when the editor chose so."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from wagtail.models import Site

from campaigns.actions import campaign_published
from campaigns.models import CampaignPage
from donations.models import Donation
from site_settings.models import Organisation
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient

LAST_DAY = date(2026, 6, 1)
ZONES = ["Europe/Kirov", "Asia/Vladivostok", "Europe/Kaliningrad"]
ENDS = [  # of a year, of a short month and of a leap day, before Europe's clocks change
    date(2026, 12, 31),
    date(2027, 2, 28),
    date(2028, 2, 29),
    date(2027, 3, 27),
    date(2027, 10, 30),
]


def gift_form(page: CampaignPage) -> dict[str, Any]:
    from_page = SiteClient(page.get_site().hostname).get(page.get_url())
    block = from_page.content.decode()
    token = block.split('name="token" value="')[1].split('"')[0]
    texts = block.split('name="texts" value="')[1].split('"')[0]
    return {
        "fund": str(fund_of(page).public_id),
        "token": token,
        "preset": "own",
        "amount": "500",
        "email": "anna@example.org",
        "consent": "on",
        "texts": texts,
    }


def campaign_in(zone: str, site: Site, make: MakeCampaign, **fields: Any) -> CampaignPage:
    Organisation.objects.filter(site=site).update(time_zone=zone)
    return make(deadline=LAST_DAY, **fields)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.bad_input("deadline_today")
def test_last_day_is_open_to_its_last_second(
    zone: str, site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    last_second = datetime(2026, 6, 1, 23, 59, 59, tzinfo=ZoneInfo(zone))
    with time_machine.travel(last_second, tick=False):
        page = campaign_in(zone, site, make_campaign, closes_at_deadline=True)
        form = gift_form(page)
        progress = visitor.get("/sbory/pandus/").context["progress"]
        assert progress.is_open
        assert progress.deadline_text == "сегодня последний день, остался 1 час"
        assert visitor.send_form("/donations/start/", form).status_code == 303
    assert Donation.objects.get().amount == Decimal("500.00")


@pytest.mark.parametrize("zone", ZONES)
def test_first_second_after_the_last_day_is_closed(
    zone: str, site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    midnight = datetime(2026, 6, 2, 0, 0, 0, tzinfo=ZoneInfo(zone))
    with time_machine.travel(midnight.replace(day=1), tick=False):
        page = campaign_in(zone, site, make_campaign, closes_at_deadline=True)
        form = gift_form(page)
    with time_machine.travel(midnight, tick=False):
        assert fund_of(page).closes_at == midnight
        answer = visitor.get("/sbory/pandus/")
        assert not answer.context["progress"].is_open
        assert "Сбор закрыт. Спасибо всем, кто помог." in answer.content.decode()
        refused = visitor.send_form("/donations/start/", form)
    assert refused.status_code == 409
    assert Donation.objects.count() == 0


@pytest.mark.parametrize("zone", [*ZONES, "Asia/Kamchatka"])
def test_any_last_day_is_open_to_its_last_second_and_no_longer(
    zone: str, site: Site, make_campaign: MakeCampaign
) -> None:
    page = campaign_in(zone, site, make_campaign, closes_at_deadline=True)
    for day in ENDS:
        page.deadline = day
        campaign_published(page)
        last_second = datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(zone))
        fund = fund_of(page)
        assert fund.is_open(last_second)
        assert not fund.is_open(last_second + timedelta(seconds=1))


@pytest.mark.parametrize("zone", ZONES)
def test_passed_day_closes_nothing_unless_the_editor_chose_so(
    zone: str, site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = campaign_in(zone, site, make_campaign)
    with time_machine.travel(datetime(2026, 6, 20, 12, tzinfo=ZoneInfo(zone)), tick=False):
        progress = visitor.get("/sbory/pandus/").context["progress"]
        assert progress.is_open
        assert progress.deadline_text == "собирали до 1 июня 2026, помочь ещё можно"
        assert visitor.send_form("/donations/start/", gift_form(page)).status_code == 303


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Kaliningrad", "остался 1 день"),
        ("Asia/Vladivostok", "сегодня последний день, осталось 18 часов"),
    ],
)
def test_days_are_counted_as_the_site_counts_them(
    zone: str, words: str, site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    campaign_in(zone, site, make_campaign)
    # Evening in Kaliningrad, the next morning in Vladivostok.
    with time_machine.travel(datetime(2026, 5, 31, 20, tzinfo=ZoneInfo("UTC")), tick=False):
        for address in ("/", "/sbory/"):
            (shown,) = visitor.get(address).context["campaigns"]
            assert shown.progress.deadline_text == words
        assert visitor.get("/sbory/pandus/").context["progress"].deadline_text == words


def test_choice_to_close_can_be_taken_back(site: Site, make_campaign: MakeCampaign) -> None:
    page = campaign_in("Europe/Kirov", site, make_campaign, closes_at_deadline=True)
    assert fund_of(page).closes_at is not None
    page = CampaignPage.objects.get(pk=page.pk)
    page.closes_at_deadline = False
    page.save_revision().publish()
    assert fund_of(page).closes_at is None


def test_last_day_moves_with_the_clock_of_the_site(site: Site, make_campaign: MakeCampaign) -> None:
    page = campaign_in("Europe/Kirov", site, make_campaign, closes_at_deadline=True)
    organisation = Organisation.objects.get(site=site)
    organisation.time_zone = "Asia/Vladivostok"
    organisation.save()
    assert fund_of(page).closes_at == datetime(2026, 6, 2, tzinfo=ZoneInfo("Asia/Vladivostok"))
