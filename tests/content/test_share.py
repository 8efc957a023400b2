"""Telling others: plain links to other sites, which load nothing from them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from wagtail.models import Site

from content.templatetags.share import share_links
from donations.models import Fund
from tests.campaigns.conftest import MakeCampaign, make_campaign
from tests.conftest import SiteClient

__all__ = ["make_campaign"]
TITLE = "Крыша & «двенадцать»\n=1"
URL = "https://lapy.example.org/sbory/krysha/?a=1&b=2"


def test_title_and_address_arrive_whole() -> None:
    links = [urlsplit(link["url"]) for link in share_links(URL, TITLE)]
    vk, ok, telegram, whatsapp, mail = (parse_qs(parts.query) for parts in links)
    assert vk == {"url": [URL]}
    assert ok == {"url": [URL], "title": [TITLE]}
    assert telegram == {"url": [URL], "text": [TITLE]}
    assert whatsapp == {"text": [f"{TITLE} {URL}"]}
    assert mail == {"subject": [TITLE], "body": [f"{TITLE} {URL}"]}
    assert [parts.netloc for parts in links[:4]] == ["vk.com", "connect.ok.ru", "t.me", "wa.me"]


def test_campaign_and_thanks_offer_the_row(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Any, site: Site
) -> None:
    page = make_campaign()
    fund = Fund.objects.get(key=page.fund_key)
    donation = give(fund, pay=True, page_path=page.get_url())
    for path, shared in (
        (page.get_url(), "/sbory/pandus/"),
        # What a donor passes on is counted as a donor's.
        (f"/donations/{donation.public_id}/", "/sbory/pandus/?utm_source=donor"),
    ):
        html = BeautifulSoup(visitor.get(path).content, "html.parser")
        assert len(html.select(".share a")) == 5
        assert html.select("#share-url")[0].get_text().endswith(shared)
        assert html.select("button[data-share]")[0].has_attr("hidden")
        assert all(a["rel"] == ["noopener", "nofollow"] for a in html.select(".share a"))
