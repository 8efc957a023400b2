"""A real server, a real Chromium, and sites whose addresses carry the server's port."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.models import Donation, Fund, PaymentAccount
from tests.conftest import PASSWORD
from tests.emulator import YooKassaEmulator
from tests.journeys.people import Device, Visitor

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
# Run as root (CI) Chromium wants no sandbox; the rest keeps it from asking its makers for anything.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Browse = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one the journeys are skipped, or fail when REQUIRE_BROWSER=1."""
    if not os.access(CHROMIUM, os.X_OK):
        reason = f"no Chromium at {CHROMIUM} (set CHROMIUM, or apt-get install chromium)"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return CHROMIUM


@pytest.fixture(scope="session")
def live_server(chromium: str, django_db_setup: None) -> Iterator[LiveServer]:
    """pytest-django's own, but on the address that every name under .localhost has.

    It ends before the database does, and the browser before it.
    """
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(chromium: str, live_server: LiveServer) -> Iterator[Browser]:
    """Chromium, once for all journeys of a process."""
    expect.set_options(timeout=10_000)  # a loaded machine is slow, not wrong
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        loop = asyncio.get_running_loop()
        running.journey_loop = loop  # type: ignore[attr-defined]
        asyncio._set_running_loop(None)
        yield running
        asyncio._set_running_loop(loop)
        running.close()


class Traffic:
    """Requests the server is at work on; the database is emptied only when there are none."""

    def __init__(self) -> None:
        self.under_way = 0
        request_started.connect(self._more)
        request_finished.connect(self._less)

    def _more(self, **kwargs: Any) -> None:
        self.under_way += 1

    def _less(self, **kwargs: Any) -> None:
        self.under_way -= 1

    def end(self) -> None:
        deadline = time.monotonic() + 10
        while self.under_way > 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        request_started.disconnect(self._more)
        request_finished.disconnect(self._less)


@pytest.fixture(autouse=True)
def port(browser: Browser, live_server: LiveServer, settings: Settings) -> int:
    """The server's port, known to the sites made from now on and to letters."""
    settings.SITE_PORT = number = live_server.thread.port
    settings.WAGTAILADMIN_BASE_URL = f"http://{settings.ADMIN_HOST}:{number}"
    return number


@pytest.fixture
def browse(
    browser: Browser, port: int, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browse]:
    """browse(PHONE) is one more person with a browser of their own.

    Playwright runs a loop in this thread, which Django takes for asynchronous code; other tests of
    the process must not see it, so it is put back and taken away here.
    """
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    asyncio._set_running_loop(browser.journey_loop)  # type: ignore[attr-defined]
    visitors: list[Visitor] = []
    traffic = Traffic()

    def make(device: Device, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, device, **options))
        return visitors[-1]

    try:
        yield make
        for visitor in visitors:
            visitor.check()
    finally:
        for visitor in visitors:
            visitor.context.close()
        # Under a loop Django opens connections of their own; nobody else would close them.
        connections.close_all()
        asyncio._set_running_loop(None)
        traffic.end()


@pytest.fixture
def campaign(site: Site, give: Callable[..., Donation]) -> CampaignPage:
    """A published campaign of `site`: 24 800 ₽ of 38 000 ₽ from two people, four days to go."""
    page = CampaignPage.objects.descendant_of(site.root_page).get()
    page.title = "Дойти до моря"
    page.lead = "Осталось 900 километров, и на них нужны еда и камеры."
    page.goal = Decimal("38000.00")
    page.deadline = timezone.localdate() + timedelta(days=4)
    page.save_revision().publish()
    fund = Fund.objects.get(key=page.translation_key)
    give(fund, "24000.00", pay=True, email="oleg@example.org")
    give(fund, "800.00", pay=True, email="vera@example.org")
    return CampaignPage.objects.get(pk=page.pk)


@pytest.fixture
def kassa(emulator: YooKassaEmulator, shop: PaymentAccount, settings: Settings) -> YooKassaEmulator:
    """The payment service, knowing where to notify and allowed as the form's way on."""
    policy = {**settings.PUBLIC_POLICY}
    policy["form-action"] = [*policy["form-action"], emulator.origin]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy}
    emulator.shops[
        "100500"
    ].notification_url = f"{shop.site.root_url}/donations/yookassa/{shop.token}/"
    return emulator


SignIn = Callable[[Visitor, User], None]


@pytest.fixture
def sign_in(port: int, settings: Settings) -> SignIn:
    """sign_in(visitor, user): by the form, as people do."""

    def enter(visitor: Visitor, user: User) -> None:
        page = visitor.page
        page.goto(f"http://{settings.ADMIN_HOST}:{port}/admin/")
        page.locator("[name=username]").fill(user.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url("**/admin/")

    return enter
