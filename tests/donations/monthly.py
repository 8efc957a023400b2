"""A monthly donor of a test, and time that passes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import time_machine

from donations.actions.giving import Gift, start_donation
from donations.actions.letters import send_owed_letters
from donations.actions.monthly import charge_due
from donations.actions.payments import refresh_donation
from donations.models import Donation, DonationState, Fund, Letter, Subscription
from tests.emulator import YooKassaEmulator

NOON = 9  # UTC: twelve in Kirov, two hours after the charges


def at(day: str, hour: int = NOON) -> datetime:
    """That day at this hour UTC."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@dataclass
class World:
    """Time, the provider and the worker, moved together."""

    emulator: YooKassaEmulator
    traveller: time_machine.Traveller

    def go(self, moment: datetime) -> None:
        self.emulator.clock.advance(seconds=(moment - self.emulator.clock.now()).total_seconds())
        self.traveller.move_to(moment, tick=False)

    def work(self) -> None:
        """The worker's clock strikes once: charges, then letters."""
        charge_due()
        send_owed_letters()

    def live(self, until: str, *, step: timedelta = timedelta(hours=6)) -> None:
        """Days pass and the worker is awake in them; in big steps while no charge is near."""
        end, moment = at(until), self.emulator.clock.now()
        while moment < end:
            near = moment.date() + timedelta(days=4)
            busy = Subscription.objects.filter(state="active", next_charge_on__lte=near).exists()
            moment = min(moment + (step if busy else timedelta(days=1)), end)
            self.go(moment)
            self.work()

    def subscribe(
        self, fund: Fund, amount: str = "500.00", *, email: str = "anna@example.org"
    ) -> Subscription:
        donation = self.begin(fund, amount, email=email)
        self.emulator.pay(str(donation.external_id))
        refresh_donation(donation, source="return")
        send_owed_letters()
        return Subscription.objects.get(donations=donation)

    def begin(self, fund: Fund, amount: str = "500.00", *, email: str = "") -> Donation:
        gift = Gift(
            amount=Decimal(amount),
            email=email or "anna@example.org",
            key=f"test:{Donation.objects.count()}",
            name="Анна Петрова",
            page_path="/sbory/krysha/",
            monthly=True,
        )
        return start_donation(fund=fund, gift=gift)

    def fail(self, subscription: Subscription, reason: str | None) -> None:
        self.emulator.set_autopayment(subscription.method_id, reason)

    def charges(self) -> list[tuple[str, str]]:
        """What the provider's own ledger says was taken: (day, sum), oldest first."""
        return [
            (payment["captured_at"][:10], payment["amount"]["value"])
            for payment in self.emulator.payments()
            if payment["status"] == "succeeded"
        ]


def paid_periods(subscription: Subscription) -> list[date]:
    rows = subscription.donations.filter(state=DonationState.SUCCEEDED).order_by("period")
    return [row.period for row in rows if row.period]


def letters(kind: str) -> list[Letter]:
    return list(Letter.objects.filter(kind=kind).order_by("pk"))
