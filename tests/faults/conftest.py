"""A shop at the emulator, a real server, an oracle outside, and figures told at the end."""

import json
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIServer
from django.db import connection
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from campaigns.models import CampaignPage
from donations.actions import shield
from donations.models import Donation, Fund, PaymentAccount
from donations.providers import gate
from tests.emulator import YooKassaEmulator
from tests.faults.oracle import damage
from tests.faults.stage import SEED, Stage

TOLD = "figures"
# Django's test server lets ten connections wait and resets the others.
WSGIServer.request_queue_size = 256


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All tests here are long; those of the other engine are left out: a skip would be red."""
    here = Path(__file__).parent
    other = "postgres" if connection.vendor == "sqlite" else "sqlite"
    ours = [item for item in items if item.path.is_relative_to(here)]
    for item in ours:
        item.add_marker(pytest.mark.faults)
    left_out = [item for item in ours if item.get_closest_marker(other)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line of JSON for each test that has figures, whichever process it ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == TOLD:
                terminalreporter.write_line(value)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Figures of the run, printed when all tests are over."""

    def say(**figures: Any) -> None:
        test = {"test": request.node.name, "engine": connection.vendor, "seed": SEED}
        request.node.user_properties.append((TOLD, json.dumps(test | figures)))

    return say


def open_the_gate(patch: pytest.MonkeyPatch) -> None:
    """Races are to meet in the books, and a machine busy with the test is no provider that hangs.

    What the gate does has tests of its own (tests/donations/test_gate.py).
    """
    gate.forget()
    wide = gate.Manner(connect=60, read=60, patience=60)
    patch.setattr(gate, "_manner", ContextVar("wide", default=wide))
    for name in ("IN_A_REQUEST", "IN_A_NOTICE", "IN_A_JOB"):
        patch.setattr(gate, name, wide)
    patch.setattr(gate, "PLACES", 64)
    patch.setattr(gate, "_all_places", threading.BoundedSemaphore(64))


@pytest.fixture
def served_shop(
    transactional_db: None,
    live_server: LiveServer,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    site: Site,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[PaymentAccount]:
    """The shop's notifications reach the running server; each donor has an address of their own."""
    settings.TRUSTED_PROXIES = 1
    # A storm of 2,000 gifts in a few minutes is what the shield is there to slow down.
    monkeypatch.setattr(shield, "LIMITS", ())
    open_the_gate(monkeypatch)
    address = f"{live_server.url}/donations/yookassa/{shop.token}/"
    registered = emulator.shops[shop.shop_id]
    registered.notification_url = address
    registered.notification_host = site.hostname
    yield shop
    emulator.notifications.wait_idle()


@pytest.fixture
def stage(
    served_shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, live_server: LiveServer
) -> Stage:
    return Stage(emulator=emulator, shop=served_shop, fund=fund, server=live_server.url)


@pytest.fixture
def funds(site: Site) -> list[Fund]:
    """The general fund and the one of a campaign."""
    page = CampaignPage.objects.descendant_of(site.root_page).get()
    page.save_revision().publish()
    return list(Fund.objects.of_site(site).select_related("site").order_by("pk"))


Oracle = Callable[[], dict[str, Any]]


@pytest.fixture
def compare(emulator: YooKassaEmulator) -> Oracle:
    """Compare our books with the emulator's ledger; returns the figures of the run."""

    def run() -> dict[str, Any]:
        assert damage(emulator) == []
        return {"paid": Donation.objects.paid().count(), "lost": 0, "doubled": 0, "phantom": 0}

    return run
