"""A shop at the emulator, a real server, and an oracle outside: the emulator's ledger."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from campaigns.models import CampaignPage
from donations.actions import shield
from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.reconciliation import reconcile
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Fund, Letter, PaymentAccount
from tests.emulator import YooKassaEmulator

SEED = int(os.environ.get("FAULTS_SEED", "20261102"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.faults)


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
    address = f"{live_server.url}/donations/yookassa/{shop.token}/"
    registered = emulator.shops[shop.shop_id]
    registered.notification_url = address
    registered.notification_host = site.hostname
    yield shop
    emulator.notifications.wait_idle()


@pytest.fixture
def funds(site: Site) -> list[Fund]:
    """The general fund and the one of a campaign."""
    page = CampaignPage.objects.descendant_of(site.root_page).get()
    page.save_revision().publish()
    return list(Fund.objects.of_site(site).select_related("site").order_by("pk"))


def age(by: timedelta) -> None:
    """Make everything older: what waits for its time is due now."""
    Donation.objects.update(created_at=F("created_at") - by)
    Donation.objects.exclude(checked_at=None).update(checked_at=F("checked_at") - by)
    Letter.objects.filter(sent_at=None).update(next_try_at=timezone.now())


def bring_to_rest(shop: PaymentAccount, emulator: YooKassaEmulator) -> None:
    """What the worker would do in the next hours, with the provider well again."""
    emulator.clear_faults()
    for _round in range(3):
        age(timedelta(minutes=2))
        settle()
    now = timezone.now()
    reconcile(account=shop, since=now - timedelta(days=2), until=now + timedelta(hours=1))
    age(timedelta(minutes=2))
    send_owed_letters()


Oracle = Callable[[], dict[str, Any]]


@pytest.fixture
def compare(emulator: YooKassaEmulator) -> Oracle:
    """Compare our books with the emulator's ledger; returns the figures of the run."""

    def run() -> dict[str, Any]:
        paid = [one for one in emulator.payments() if one["status"] == "succeeded"]
        theirs = {one["id"]: Decimal(one["amount"]["value"]) for one in paid}
        ours = dict(Donation.objects.paid().values_list("external_id", "amount"))
        references = Counter(one["metadata"]["donation"] for one in emulator.payments())
        lost, phantom = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
        doubled = [reference for reference, number in references.items() if number > 1]
        per_fund: dict[str, Decimal] = {}
        for one in paid:
            key = one["metadata"]["fund"]
            per_fund[key] = per_fund.get(key, Decimal(0)) + Decimal(one["amount"]["value"])
        for fund in Fund.objects.all():
            assert fund.raised == per_fund.get(str(fund.public_id), Decimal(0)), fund
        assert ours == theirs
        assert (len(lost), len(doubled), len(phantom)) == (0, 0, 0)
        assert check_totals() == []
        assert not Donation.objects.exclude(flag="").exists()
        return {"paid": len(paid), "lost": 0, "doubled": 0, "phantom": 0, "seed": SEED}

    return run


def letters_sent() -> Counter[str]:
    """How often each letter was sent, by its Message-ID."""
    return Counter(str(letter.extra_headers["Message-ID"]) for letter in mail.outbox)


def all_finished() -> bool:
    return not Donation.objects.filter(state=DonationState.CREATED).exists()
