"""A donor at the form, and the oracle that nothing happened."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from pytest_django.fixtures import Settings
from wagtail.models import Site

from donations.actions.accounts import use_account
from donations.models import Acceptance, Donation, DonationEvent, Fund, Letter, SandboxPayment
from donations.tokens import page_token
from site_settings.legal import shown_wordings
from site_settings.models import LegalKind, Organisation
from tests.conftest import SiteClient
from tests.donations.monthly import World, at
from tests.emulator import Clock, YooKassaEmulator

Typed = Callable[..., dict[str, Any]]
Submit = Callable[..., Any]
START = at("2026-01-31")


def wordings_of(site: Site) -> str:
    """As the form of this moment names the texts it links to."""
    return shown_wordings(list(LegalKind), Organisation.for_site(site), site)


@pytest.fixture
def typed(fund: Fund) -> Typed:
    """What a browser sends from the page: typed(amount="100"); None leaves a field out."""

    def fill(**changes: Any) -> dict[str, Any]:
        data = {
            "fund": str(fund.public_id),
            "token": page_token(fund),
            "nonce": "",
            "page": "/sbory/krysha/",
            "website": "",
            "preset": "own",
            "amount": "500",
            "email": "anna@example.org",
            "name": "",
            "message": "",
            "consent": "on",
            "texts": wordings_of(fund.site),
        }
        return {name: value for name, value in {**data, **changes}.items() if value is not None}

    return fill


@pytest.fixture
def submit(visitor: SiteClient, typed: Typed) -> Submit:
    """Fill the form and send it: submit(amount="100")."""
    return lambda **changes: visitor.send_form("/donations/start/", typed(**changes))


@pytest.fixture
def world(settings: Settings, site: Site) -> Iterator[World]:
    """The last day of January, twelve o'clock in Kirov; the shop may save cards."""
    with (
        YooKassaEmulator(clock=Clock(START)) as emulator,
        time_machine.travel(START, tick=False) as traveller,
    ):
        settings.YOOKASSA_API_URL = emulator.url
        emulator.add_shop("100500", "test_secret_of_veloput")
        use_account(
            site=site,
            kind="yookassa",
            shop_id="100500",
            secret_key="test_secret_of_veloput",
            by=None,
            recurring=True,
        )
        yield World(emulator, traveller)


@pytest.fixture
def campaign(site: Site) -> Fund:
    return Fund.objects.create(
        site=site, key="7b6ac35e-3a0c-4f53-a1f0-6e1d4de60a4d", purpose="Крыша над вольерами"
    )


def assert_nothing_happened(emulator: YooKassaEmulator | None = None) -> None:
    """No row, no provider call, no letter."""
    for model in (Donation, DonationEvent, Acceptance, Letter, SandboxPayment):
        assert model._default_manager.count() == 0, model
    assert mail.outbox == []
    if emulator is not None:
        assert emulator.requests == []
