"""Telling others: plain links to other sites, which load nothing from them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from wagtail.models import Site

from content.templatetags.share import share_links
from donations.channels import own_channel
from donations.models import Fund
from tests.campaigns.conftest import MakeCampaign, make_campaign
from tests.conftest import SiteClient

__all__ = ["make_campaign"]
TITLE = "Крыша & «двенадцать»\n=1"
URL = "https://lapy.example.org/sbory/krysha/?a=1&b=2"


def test_title_and_address_arrive_whole() -> None:
    links = [urlsplit(link["url"]) for link in share_links(URL, TITLE, "Течёт", f"{URL}&i=1")]
    vk, ok, telegram, mail = (parse_qs(parts.query) for parts in links)
    assert vk == {"url": [URL]}
    told = {"description": ["Течёт"], "imageUrl": [f"{URL}&i=1"]}
    assert ok == {"url": [URL], "title": [TITLE], **told}
    assert telegram == {"url": [URL], "text": [TITLE]}
    assert mail == {"subject": [TITLE], "body": [f"{TITLE} {URL}"]}
    assert [parts.netloc for parts in links[:3]] == ["vk.com", "connect.ok.ru", "t.me"]
    assert "+" not in links[3].query


def test_campaign_and_thanks_offer_the_row(
    make_campaign: MakeCampaign, visitor: SiteClient, give: Any, site: Site
) -> None:
    page = make_campaign()
    fund = Fund.objects.get(key=page.fund_key)
    donation = give(fund, pay=True, page_path=page.get_url())
    for path, shared in (
        (page.get_url(), "/sbory/pandus/"),
        # What a donor passes on is counted as a donor's.
        (f"/donations/{donation.public_id}/", f"/sbory/pandus/?utm_source={own_channel(donation)}"),
    ):
        html = BeautifulSoup(visitor.get(path).content, "html.parser")
        ways = [" ".join(way.get_text().split()) for way in html.select(".share .copy")]
        assert ways == [
            "ВКонтакте",
            "MAX и другие…",
            "Одноклассники",
            "Телеграм",
            "Скопировать текст и ссылку",
            "Письмом",
        ]
        copied = html.select("#share-text")[0].get_text()
        assert copied.startswith(f"{page.title} http://{site.hostname}")
        assert copied.endswith(shared)
        assert all(button.has_attr("hidden") for button in html.select(".share button"))
        assert all(a["rel"] == ["noopener", "nofollow"] for a in html.select(".share a"))
    # Without script nothing is copied: the donor's own link can be read.
    own = html.select(".share + p")[0].get_text()
    assert own == f"Ваша ссылка на страницу: {copied.rpartition(' ')[2]}"


def test_odnoklassniki_is_told_what_the_page_says(
    make_campaign: MakeCampaign, visitor: SiteClient
) -> None:
    html = BeautifulSoup(visitor.get(make_campaign().get_url()).content, "html.parser")
    (link,) = html.select("a[href*='connect.ok.ru']")
    told = parse_qs(urlsplit(str(link["href"])).query)
    assert told["description"] == ["Двенадцать ступеней, которые не пускают"]
    assert told["imageUrl"] == [html.select("meta[property='og:image']")[0]["content"]]
