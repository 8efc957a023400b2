"""A link may carry the sum, the frequency and where it stood: ?sum=500&monthly=1&utm_source=vk."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from wagtail.models import Site

from donations.models import Donation
from tests.campaigns.conftest import MakeCampaign, make_campaign
from tests.conftest import SiteClient

__all__ = ["make_campaign"]


def form_at(visitor: SiteClient, query: str) -> dict[str, Any]:
    """What a browser would send from the page as it came."""
    html = BeautifulSoup(visitor.get(f"/sbory/pandus/{query}").content, "html.parser")
    sent: dict[str, Any] = {}
    for field in html.select("form[data-donation] input, form[data-donation] textarea"):
        if field.get("type") in ("radio", "checkbox") and not field.has_attr("checked"):
            continue
        sent[str(field["name"])] = field.get("value", "")
    return sent


@pytest.mark.parametrize(
    ("query", "preset", "own"),
    [
        ("", "850.00", ""),
        ("?sum=300", "300.00", ""),
        ("?sum=850,00", "850.00", ""),
        ("?sum=1234", "own", "1 234"),
        ("?sum=99%2C50", "own", "99,50"),
        ("?sum=5", "850.00", ""),
        ("?sum=350001", "850.00", ""),
        ("?sum=NaN", "850.00", ""),
        ("?sum=1e3", "850.00", ""),
        ("?sum=-500", "850.00", ""),
        ("?sum=<script>", "850.00", ""),
    ],
)
def test_sum_of_the_link_is_chosen(
    query: str, preset: str, own: str, make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    make_campaign()
    form = form_at(visitor, query)
    assert (form["preset"], form["amount"]) == (preset, own)


@pytest.mark.parametrize(
    ("query", "frequency"), [("", "once"), ("?monthly=1", "monthly"), ("?monthly=да", "once")]
)
def test_frequency_of_the_link_is_chosen(
    query: str, frequency: str, make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    make_campaign()
    assert form_at(visitor, query)["frequency"] == frequency


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("?utm_source=VK", "vk"),
        ("?utm_source=poster-1&utm_medium=paper", "poster-1"),
        ("?utm_source=anna%40example.org", ""),
        ("?utm_source=" + "a" * 41, ""),
        ("", ""),
    ],
)
def test_gift_remembers_where_the_link_stood(
    query: str, channel: str, make_campaign: MakeCampaign, visitor: SiteClient, site: Site
) -> None:
    make_campaign()
    form = {**form_at(visitor, query), "email": "anna@example.org", "consent": "on"}
    assert form["channel"] == channel
    assert visitor.send_form("/donations/start/", form).status_code == 303
    assert Donation.objects.get().channel == channel


def test_channel_stays_when_the_form_comes_back(
    make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    make_campaign()
    form = {**form_at(visitor, "?utm_source=ok"), "email": "anna", "consent": "on"}
    html = BeautifulSoup(visitor.send_form("/donations/start/", form).content, "html.parser")
    assert html.select("input[name=channel]")[0]["value"] == "ok"
