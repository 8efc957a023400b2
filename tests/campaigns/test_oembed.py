"""oEmbed: the card of a campaign by the address of its page, and nothing else."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from wagtail.models import PageViewRestriction, Site

from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient

PAGE = "http://veloput.localhost:8000/sbory/pandus/"


def ask(visitor: SiteClient, url: str = PAGE, **more: str) -> Any:
    return visitor.get("/oembed", {"url": url, **more})


def test_page_of_a_campaign_tells_where_to_ask(
    visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    soup = BeautifulSoup(visitor.get("/sbory/pandus/").content, "html.parser")
    (link,) = soup.select("link[type='application/json+oembed']")
    asked = urlsplit(str(link["href"]))
    assert (asked.netloc, asked.path) == ("veloput.localhost:8000", "/oembed")
    assert parse_qs(asked.query) == {"url": [PAGE], "format": ["json"]}
    answer = visitor.get(f"{asked.path}?{asked.query}")
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert not answer.cookies
    src = f"http://veloput.localhost:8000/embed/{fund_of(page).public_id}/card/"
    assert answer.json() == {
        "version": "1.0",
        "type": "rich",
        "title": "Пандус к библиотеке",
        "provider_name": "НКО veloput",
        "provider_url": "http://veloput.localhost:8000/",
        "cache_age": 3600,
        "width": 480,
        "height": 640,
        "html": f'<iframe src="{src}" title="Пандус к библиотеке" width="480" height="640" '
        'frameborder="0" loading="lazy"></iframe>',
    }
    small = ask(visitor, maxwidth="300", maxheight="200").json()
    assert (small["width"], small["height"]) == (300, 200)
    assert 'width="300" height="200"' in small["html"]
    large = ask(visitor, maxwidth="9999", maxheight="99999").json()
    assert (large["width"], large["height"]) == (480, 640)


def test_title_cannot_break_out_of_the_code(
    visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    make_campaign('"><script>alert(1)</script>')
    html = ask(visitor).json()["html"]
    frame = BeautifulSoup(html, "html.parser").find_all(True)
    assert [tag.name for tag in frame] == ["iframe"]
    assert frame[0]["title"] == '"><script>alert(1)</script>'


def test_every_refusal_has_its_number(visitor: SiteClient, make_campaign: MakeCampaign) -> None:
    make_campaign()
    assert ask(visitor, format="json").status_code == 200
    for format_ in ("xml", "yaml"):
        assert ask(visitor, format=format_).status_code == 501
    assert visitor.get("/oembed").status_code == 400
    for size in ("0", "-1", "wide", "1.5", "٣", "1" * 7):
        assert ask(visitor, maxwidth=size).status_code == 400
        assert ask(visitor, maxheight=size).status_code == 400
    assert visitor.post("/oembed").status_code == 405


STRANGE = [
    "http://veloput.localhost:8000/",
    "http://veloput.localhost:8000/sbory/",
    "http://veloput.localhost:8000/o-nas/",
    "http://veloput.localhost:8000/sbory/absent/",
    "http://veloput.localhost:8000/sbory/pervyi-sbor/",  # a draft
    "http://veloput.localhost:8000/else/pandus/",
    "http://veloput.localhost:8000/en/sbory/pandus/",
    "http://veloput.localhost:9999/sbory/pandus/",
    "http://veloput.localhost:8000@evil.example/sbory/pandus/",
    "http://anna@veloput.localhost:8000/sbory/pandus/",
    "http://veloput.localhost.evil.example:8000/sbory/pandus/",
    "http://lapy.localhost:8000/sbory/krysha/",
    "http://lapy.localhost:8000/sbory/pandus/",
    "//veloput.localhost:8000/sbory/pandus/",
    "javascript://veloput.localhost:8000/sbory/pandus/",
    "http://[::1/sbory/pandus/",
    "http://veloput.localhost:port/sbory/pandus/",
    "http://veloput.localhost:8000/sbory/pan\0dus/",
    "/sbory/pandus/",
    "пандус",
    "x" * 5000,
]


def test_only_campaigns_of_the_site_itself_are_known(
    site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    make_campaign()
    make_campaign("Крыша", slug="krysha", on=other_site)
    known = [url for url in STRANGE if ask(visitor, url).status_code != 404]
    assert known == []


def test_private_page_is_not_known(visitor: SiteClient, make_campaign: MakeCampaign) -> None:
    PageViewRestriction.objects.create(
        page=make_campaign(), restriction_type=PageViewRestriction.PASSWORD, password="x"
    )
    assert ask(visitor).status_code == 404
