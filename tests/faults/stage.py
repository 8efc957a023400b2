"""Where a fault test plays: one site, its shop at the emulator, and a server that listens."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from donations.actions.giving import Gift, start_donation
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.sweeping import settle
from donations.models import Donation, Fund, Letter, PaymentAccount, Refund
from tests.emulator import YooKassaEmulator
from tests.faults.donors import Answer, ask

SEED = int(os.environ.get("FAULTS_SEED", "20261102"))
SOAK = os.environ.get("FAULTS_SOAK") == "1"


def size(short: int, soak: int) -> int:
    """How many of them: in `make faults` (CI), and in `make soak`."""
    return soak if SOAK else short


@dataclass(frozen=True)
class Stage:
    emulator: YooKassaEmulator
    shop: PaymentAccount
    fund: Fund
    server: str

    @property
    def host(self) -> str:
        return str(self.shop.site.hostname)

    def gift(self, number: int = 0) -> Donation:
        """Begun, not yet paid."""
        gift = Gift(
            amount=Decimal(100 + number), email=f"d{number}@example.org", key=f"gift:{number}"
        )
        return start_donation(fund=self.fund, gift=gift)

    def paid(self, number: int = 0) -> Donation:
        """Paid at the provider; nobody has told us."""
        donation = self.gift(number)
        self.emulator.notifications.hold = True
        self.emulator.pay(str(donation.external_id))
        return donation

    # The three ways to the truth

    def notify(self, donation: Donation, event: str | None = None) -> int | None:
        body = self.emulator.notification(str(donation.external_id), event)
        return self.forge(body)

    def forge(self, body: Any) -> int | None:
        return self.emulator.forge(self.shop.shop_id, json.dumps(body).encode())

    def come_back(self, donation: Donation) -> Answer:
        return ask(self.server, self.host, "GET", f"/donations/{donation.public_id}/")

    def sweep(self, donation: Donation) -> Donation:
        return refresh_donation(donation, source="sweeper")

    def bring_to_rest(self) -> None:
        bring_to_rest(self.shop, self.emulator)


def age(by: timedelta) -> None:
    """Make everything older: what waits for its time is due now."""
    Donation.objects.update(created_at=F("created_at") - by)
    Donation.objects.exclude(checked_at=None).update(checked_at=F("checked_at") - by)
    Refund.objects.update(created_at=F("created_at") - by)
    Refund.objects.exclude(checked_at=None).update(checked_at=F("checked_at") - by)
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
    while send_owed_letters():
        pass
