"""A campaign on a page of another site, which lets in scripts and frames of our host only."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings
from wagtail.models import Site

from campaigns.models import CampaignPage
from campaigns.widgets import Code, Kind, subject_for
from donations.models import Donation
from site_settings.models import Channels
from tests.journeys.conftest import Browse
from tests.journeys.people import DESK, PHONE, rubles, said

Publish = Callable[..., str]


@pytest.fixture
def elsewhere() -> Iterator[Publish]:
    """elsewhere(code, ours) is the address of a foreign page with this code in it."""
    pages: dict[str, tuple[str, str]] = {}

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, ours = pages.get(self.path, ("", ""))
            self.send_response(200 if code else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {ours}; frame-src {ours}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            if code:
                page = f'<!doctype html><html lang="ru"><title>Приют</title><h1>Приют</h1>{code}'
                self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def publish(code: str, ours: str, host: str = "priyut.localhost") -> str:
        path = f"/{len(pages)}"
        pages[path] = (code, ours)
        return f"http://{host}:{server.server_port}{path}"

    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


def code_of(campaign: CampaignPage, kind: Kind) -> tuple[Code, str]:
    site: Site | None = campaign.get_site()
    assert site is not None
    subject = subject_for(site, campaign)
    assert subject is not None
    return Code(subject, kind), site.root_url


def allow(campaign: CampaignPage, address: str) -> None:
    Channels.objects.filter(site=campaign.get_site()).update(
        widget_addresses=address.removeprefix("http://").partition("/")[0]
    )


def test_donor_presses_the_card_on_another_site_and_gives_in_the_whole_window(
    campaign: CampaignPage, browse: Browse, elsewhere: Publish, settings: Settings
) -> None:
    settings.DEBUG = True  # another site by plain http: on one's own machine only
    code, ours = code_of(campaign, Kind.CARD)
    address = elsewhere(code.script(), ours)
    allow(campaign, address)
    anna = browse(PHONE)
    page = anna.page
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.locator("main")).to_contain_text(said("24 800 ₽ из 38 000 ₽"))
    fits = "() => document.querySelector('iframe').title === 'Дойти до моря'"
    page.wait_for_function(fits)
    inside = frame.locator("body").evaluate(
        "body => Math.ceil(body.getBoundingClientRect().height)"
    )
    assert page.locator("iframe").get_attribute("height") == str(inside)
    assert frame.locator("html").evaluate("html => html.scrollWidth <= innerWidth")
    anna.picture("widget-card")

    frame.get_by_role("link", name="Помочь").click()
    page.wait_for_url(f"{campaign.full_url}?utm_source=widget#give")
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.locator("form[data-donation] button[type=submit]").first.click()
    page.wait_for_url("**/sandbox/**")
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Спасибо")
    assert Donation.objects.get(email="anna@example.org").channel == "widget"
    assert anna.context.cookies() == []


def test_donor_without_script_fills_the_form_in_the_frame_and_pays_in_the_whole_window(
    campaign: CampaignPage, browse: Browse, elsewhere: Publish, settings: Settings
) -> None:
    settings.DEBUG = True
    code, ours = code_of(campaign, Kind.FORM)
    address = elsewhere(code.frame(), ours)
    allow(campaign, address)
    oleg = browse(DESK, script=False)
    page = oleg.page
    page.goto(address)
    frame = page.frame_locator("iframe")
    frame.locator("[name=email]").fill("anna@example.org")
    frame.locator("[name=consent]").check()
    frame.locator("form[data-donation] button[type=submit]").first.click()
    page.wait_for_url("**/sandbox/**")
    expect(page.locator("main")).to_contain_text(rubles("500"))
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Спасибо")
    page.get_by_role("link", name="Посмотреть, как идёт сбор").click()
    page.wait_for_url(campaign.full_url)
    assert Donation.objects.get(email="anna@example.org").channel == "widget"
    assert oleg.context.cookies() == []


def test_page_that_is_not_named_shows_no_widget(
    campaign: CampaignPage, browse: Browse, elsewhere: Publish, settings: Settings
) -> None:
    settings.DEBUG = True
    code, ours = code_of(campaign, Kind.FORM)
    allow(campaign, elsewhere(code.frame(), ours))
    evil = browse(DESK)
    with evil.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        evil.page.goto(elsewhere(code.frame(), ours, host="evil.localhost"))
    assert evil.page.frames[-1].locator("form").count() == 0
    evil.faults.clear()
