"""A campaign on a page of another site: who may frame it, what it shows, what it costs."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction, Site

from campaigns.models import CampaignPage
from campaigns.widgets import Kind
from donations.models import Donation, Fund
from network.actions.states import pause_site
from site_settings.models import Channels
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient
from tests.home.test_public_pages import foreign_resources, inline_code, linked, repeated_ids

MOST_KB = 15
ADMIN = "http://admin.localhost:8000"


def address(page: CampaignPage, kind: str = "card") -> str:
    return f"/embed/{fund_of(page).public_id}/{kind}/"


def soup_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content.decode(), "html.parser")


def words(answer: Any) -> str:
    main = soup_of(answer).main
    assert main is not None
    return " ".join(main.get_text(" ").split())


def framed_by(answer: Any) -> str:
    parts = answer["Content-Security-Policy"].split("; ")
    return next(part for part in parts if part.startswith("frame-ancestors "))


@pytest.mark.bad_input("widget_frame_parent")
def test_only_the_named_sites_may_frame_a_widget(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    """The widget framed by evil.example: nobody but the NGO's own domains may."""
    page = make_campaign()
    own = f"frame-ancestors 'self' {ADMIN}"
    assert framed_by(visitor.get(address(page))) == own
    Channels.objects.filter(site=site).update(widget_addresses="site.ru\nдобро.рф")
    for kind in Kind.values:
        answer = visitor.get(address(page, kind))
        assert framed_by(answer) == f"{own} https://site.ru https://xn--90af4abj.xn--p1ai"
        assert "X-Frame-Options" not in answer
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_row_spoilt_past_the_form_opens_nothing(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    spoilt = "* \nhttps:\nevil.example; script-src *\nsite.ru\n'unsafe-inline'"
    Channels.objects.filter(site=site).update(widget_addresses=spoilt)
    answer = visitor.get(address(make_campaign()))
    assert framed_by(answer) == f"frame-ancestors 'self' {ADMIN} https://site.ru"


def test_addresses_of_a_neighbour_open_nothing_here(
    site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    Channels.objects.filter(site=other_site).update(widget_addresses="lapy.example.org")
    assert "lapy.example.org" not in str(visitor.get(address(make_campaign())).headers)


def test_no_other_page_may_be_framed(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    make_campaign()
    Channels.objects.filter(site=site).update(widget_addresses="site.ru")
    for path in ("/", "/sbory/", "/sbory/pandus/", "/donations/give/", "/absent/"):
        answer = visitor.get(path)
        assert framed_by(answer) == "frame-ancestors 'self'"
        assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_card_shows_the_campaign_and_leads_out_of_the_frame(
    visitor: SiteClient, make_campaign: MakeCampaign, give: Callable[..., Donation]
) -> None:
    page = make_campaign()
    give(fund_of(page), "16000.00", pay=True)
    answer = visitor.get(address(page))
    said = words(answer).replace("\u202f", " ").replace("\u00a0", " ")
    assert "Пандус к библиотеке" in said
    assert "16 000 ₽ из 64 000 ₽" in said
    soup = soup_of(answer)
    assert [base["target"] for base in soup.select("base")] == ["_top"]
    assert [link["href"] for link in soup.select("a")] == [
        "/sbory/pandus/",
        "/sbory/pandus/?utm_source=widget#give",
    ]
    assert soup.select("a[target]") == []


def test_form_has_the_sums_of_the_page_and_says_where_it_stood(
    visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    soup = soup_of(visitor.get(address(page, "form")))
    form = soup.select_one("form")
    assert form is not None
    sent = {str(one["name"]): one.get("value", "") for one in form.select("input[type=hidden]")}
    assert (sent["channel"], sent["page"]) == ("widget", "/sbory/pandus/")
    assert [one["value"] for one in form.select("[name=preset]")] == ["300.00", "850.00", "own"]
    assert "target" not in form.attrs  # the frame's <base> says it for all


def posted(visitor: SiteClient, page: CampaignPage, **headers: Any) -> Any:
    soup = soup_of(visitor.get(address(page, "form")))
    sent = {str(one["name"]): one["value"] for one in soup.select("input[type=hidden]")}
    typed = {"preset": "850.00", "email": "anna@example.org", "consent": "on"}
    return visitor.post("/donations/start/", {**sent, **typed}, **headers)


def test_gift_from_the_frame_is_taken_and_counted_as_a_widgets(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    """A frame of ours posts with our own origin, whatever page is around it."""
    page = make_campaign()
    own = f"http://{site.hostname}"
    answer = posted(visitor, page, HTTP_ORIGIN=own, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 303
    gift = Donation.objects.get()
    assert (gift.fund, gift.channel, gift.page_path) == (fund_of(page), "widget", "/sbory/pandus/")


AROUND: list[dict[str, str]] = [
    {"HTTP_ORIGIN": "https://site.ru", "HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_ORIGIN": "https://site.ru"},
    {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "cross-site"},  # a sandboxed frame
]


def test_form_posted_by_the_page_around_it_is_refused(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    Channels.objects.filter(site=site).update(widget_addresses="site.ru")
    page = make_campaign()
    for headers in AROUND:
        assert posted(visitor, page, **headers).status_code == 403
    assert Donation.objects.count() == 0


def reported(page: CampaignPage) -> None:
    page.report = [{"type": "text", "value": "<p>Пандус стоит</p>"}]  # type: ignore[assignment]
    page.is_finished = True
    page.save_revision().publish()


def past(page: CampaignPage) -> None:
    Fund.objects.filter(key=page.fund_key).update(closes_at=timezone.now() - timedelta(days=1))


def hidden(page: CampaignPage) -> None:
    page.unpublish()


def behind_a_password(page: CampaignPage) -> None:
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="x"
    )


CLOSED = "Сбор закрыт. Спасибо всем, кто помог."
GONE = "Этот сбор сейчас не показывается. Спасибо всем, кто помог."


@pytest.mark.parametrize(
    ("what", "said", "link"),
    [
        (reported, CLOSED, "/sbory/pandus/#report"),
        (past, CLOSED, "/sbory/pandus/"),
        (hidden, GONE, "/"),
        (behind_a_password, GONE, "/"),
    ],
)
def test_what_takes_no_gifts_says_so_kindly(
    what: Callable[[CampaignPage], None],
    said: str,
    link: str,
    visitor: SiteClient,
    make_campaign: MakeCampaign,
) -> None:
    page = make_campaign()
    what(page)
    for kind in Kind.values:
        answer = visitor.get(address(page, kind))
        assert answer.status_code == 200
        assert said in words(answer)
        assert soup_of(answer).select("form") == []
        assert soup_of(answer).select("a")[-1]["href"] == link
        if said == GONE:
            assert "Пандус" not in answer.content.decode()


def test_paused_site_asks_for_nothing(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    pause_site(site=site, by=None)
    for kind in Kind.values:
        for where in (address(page, kind), f"/embed/general/{kind}/"):
            answer = visitor.get(where)
            assert answer.status_code == 200
            assert "Помочь" not in words(answer)
            assert soup_of(answer).select("form") == []


def test_quiet_beginning_keeps_its_sums(
    visitor: SiteClient, make_campaign: MakeCampaign, give: Callable[..., Donation]
) -> None:
    page = make_campaign(by_link_only=True)
    give(fund_of(page), "500.00", pay=True)
    for kind in ("card", "form"):
        said = words(visitor.get(address(page, kind)))
        assert "Сбор только начинается" in said
        assert "500" not in said.partition("Сумма")[0]


def test_general_widget_is_of_the_organisation(site: Site, fund: Fund, visitor: SiteClient) -> None:
    card = visitor.get("/embed/general/card/")
    assert "НКО veloput" in words(card)
    (link,) = soup_of(card).select("a")
    assert link["href"] == "/donations/give/?utm_source=widget"
    soup = soup_of(visitor.get(str(link["href"])))
    for shown in (soup, soup_of(visitor.get("/embed/general/form/"))):
        sent = {str(one["name"]): one["value"] for one in shown.select("form input[type=hidden]")}
        assert (sent["fund"], sent["channel"]) == (str(fund.public_id), "widget")
        assert sent["page"] == "/"


def test_unknown_widget_is_a_small_404(site: Site, other_site: Site, visitor: SiteClient) -> None:
    general = Fund.objects.of_site(site).general().get()
    theirs = Fund.objects.of_site(other_site).general().get()
    for name in (uuid4(), general.public_id, theirs.public_id, "pandus", "1"):
        answer = visitor.get(f"/embed/{name}/card/")
        assert answer.status_code == 404
        assert words(answer).startswith("Здесь ничего нет")
        assert framed_by(answer) == f"frame-ancestors 'self' {ADMIN}"
    assert visitor.get("/embed/general/poster/").status_code == 404
    assert visitor.post("/embed/general/card/").status_code == 405


def test_neighbours_campaign_is_not_shown_here(
    site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    theirs = make_campaign("Крыша над вольерами", on=other_site)
    assert SiteClient(other_site.hostname).get(address(theirs)).status_code == 200
    answer = visitor.get(address(theirs))
    assert answer.status_code == 404
    assert "вольер" not in answer.content.decode()


def test_page_moved_to_another_site_is_not_shown_by_the_old_one(
    site: Site, other_site: Site, visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    where = address(page)
    home = other_site.root_page.get_children().type(type(page.get_parent().specific)).get()
    page.move(home, pos="last-child")
    answer = visitor.get(where)
    assert GONE in words(answer)
    assert "Пандус" not in answer.content.decode()


def test_widgets_are_clean_and_light(visitor: SiteClient, make_campaign: MakeCampaign) -> None:
    page = make_campaign()
    for kind in Kind.values:
        check_weight(visitor, visitor.get(address(page, kind)))


def check_weight(visitor: SiteClient, answer: Any) -> None:
    soup = soup_of(answer)
    assert list(inline_code(soup)) == []
    assert list(foreign_resources(soup)) == []
    assert list(repeated_ids(soup)) == []
    assert soup.select("meta[name=robots]")[0]["content"] == "noindex"
    weight = len(gzip.compress(answer.content))
    for one in linked(soup):
        if one.startswith("/static/"):
            found = finders.find(one.removeprefix("/static/"))
            assert isinstance(found, str)
            body = Path(found).read_bytes()
        else:
            body = visitor.get(one).content
        weight += len(gzip.compress(body))
    assert weight <= MOST_KB * 1024, weight
    assert 1 + len(linked(soup)) <= 7


MOST_QUERIES = {"card": 11, "button": 9, "form": 14}


def test_widget_asks_few_questions_whatever_was_given(
    visitor: SiteClient, make_campaign: MakeCampaign, give: Callable[..., Donation]
) -> None:
    page = make_campaign()
    counts: dict[str, list[int]] = {kind: [] for kind in MOST_QUERIES}
    for gifts in (1, 2):
        for _gift in range(gifts):
            give(fund_of(page), pay=True)
        for kind, found in counts.items():
            visitor.get(address(page, kind))
            with CaptureQueriesContext(connection) as asked:
                visitor.get(address(page, kind))
            found.append(len(asked))
            assert {query["sql"].split()[0] for query in asked.captured_queries} == {"SELECT"}
    assert all(one == three for one, three in counts.values()), counts
    assert all(one <= MOST_QUERIES[kind] for kind, (one, _three) in counts.items()), counts


def test_script_is_small_kept_and_the_same_everywhere(site: Site, other_site: Site) -> None:
    answers = [SiteClient(one.hostname).get("/embed.js") for one in (site, other_site)]
    first, second = answers
    assert first.content == second.content
    assert len(first.content) <= 2048
    assert first["Content-Type"] == "text/javascript; charset=utf-8"
    assert first["Cache-Control"] == "public, max-age=86400"
    assert not first.cookies
    text = first.content.decode()
    for word in ("eval", "innerHTML", "cookie =", "setAttribute", "localStorage", '"*"'):
        assert word not in text
    assert f"{{ button: {Kind.BUTTON.height}, form: {Kind.FORM.height} }}" in text
    assert f"?? {Kind.CARD.height};" in text


def test_admin_host_has_no_widgets(site: Site) -> None:
    admin = SiteClient("admin.localhost")
    for path in ("/embed/general/card/", "/embed.js", "/oembed"):
        assert admin.get(path).status_code == 404
