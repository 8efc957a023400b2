"""Steps in any order that dice can think of: at every rest the books are the provider's ledger."""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from donations.actions import payments
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.payments import ProviderDown
from donations.actions.reconciliation import reconcile
from donations.actions.refunds import CannotRefund, refund_donation
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Letter
from donations.providers import gate
from donations.providers.yookassa import YooKassa
from tenancy.models import Role
from tests.faults.oracle import damage, letters_sent
from tests.faults.processes import Point, fork, wait_for
from tests.faults.stage import SEED, Stage, age, size

WALKS, STEPS = size(40, 400), 50
FAULTS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "drop"},
    {"kind": "drop", "when": "after"},
    {"kind": "server_error"},
    {"kind": "truncated", "when": "after"},
)
EVENTS = ("payment.succeeded", "payment.canceled", "payment.waiting_for_capture")
POINTS = (
    Point(YooKassa, "fetch", "after"),
    Point(payments, "_count", "after"),
    Point(payments, "owe_letter", "after"),
    Point(payments, "_take", "after"),
)
which = some.integers(min_value=0, max_value=10**6)
meets = some.sampled_from(FAULTS)


class Books(RuleBasedStateMachine):
    """One site and its shop. All walks go on in the same books: what was true stays true.

    A walk that fails is printed whole and not made shorter: that would need the books made anew.
    """

    stage: Stage
    by: User
    gifts = itertools.count()
    done: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.mine: list[Donation] = []

    def begun(self, index: int) -> Donation:
        gift = self.mine[index % len(self.mine)]
        gift.refresh_from_db()
        return gift

    def meet(self, fault: dict[str, Any]) -> None:
        if fault:
            self.stage.emulator.fault(**fault)

    def count(self, step: str) -> None:
        self.done[step] += 1

    # The donor, the provider, the network

    @rule(fault=meets)
    def give(self, fault: dict[str, Any]) -> None:
        self.count("give")
        self.meet(fault)
        self.mine.append(self.stage.gift(next(self.gifts)))

    @precondition(lambda self: self.mine)
    @rule(index=which, pays=some.booleans())
    def decide(self, index: int, pays: bool) -> None:
        self.count("decide")
        reference = str(self.begun(index).public_id)
        act = self.stage.emulator.pay if pays else self.stage.emulator.decline
        for payment in self.stage.emulator.payments():
            if (payment["metadata"]["donation"], payment["status"]) == (reference, "pending"):
                act(payment["id"])

    @precondition(lambda self: self.mine)
    @rule(index=which, event=some.sampled_from(EVENTS), times=some.integers(1, 3), fault=meets)
    def be_told(self, index: int, event: str, times: int, fault: dict[str, Any]) -> None:
        self.count("be told")
        gift = self.begun(index)
        self.meet(fault)
        for _time in range(times if gift.external_id else 0):
            assert self.stage.notify(gift, event) in (200, 503)

    @precondition(lambda self: self.mine)
    @rule(index=which, fault=meets)
    def come_back(self, index: int, fault: dict[str, Any]) -> None:
        self.count("come back")
        self.meet(fault)
        assert self.stage.come_back(self.begun(index)).status in (200, 303)

    # The worker

    @rule(fault=meets)
    def sweep(self, fault: dict[str, Any]) -> None:
        self.count("sweep")
        self.meet(fault)
        age(timedelta(minutes=2))
        settle()

    @precondition(lambda self: self.mine)
    @rule(index=which, point=some.sampled_from(POINTS))
    def die(self, index: int, point: Point) -> None:
        """A process that learns of a gift is killed on its way."""
        gift = self.begun(index)
        self.stage.emulator.clear_faults()  # an error would end the process before its time
        died = wait_for(fork(lambda: self.stage.sweep(gift), die_at=point))
        self.count("killed" if died else "lived")

    @rule()
    def restart(self) -> None:
        self.count("restart")
        gate.forget()

    @rule()
    def reconcile(self) -> None:
        self.count("reconcile")
        now = timezone.now()
        age(timedelta(minutes=2))
        with suppress(ProviderDown):  # the night's run leaves it for the next hour
            reconcile(
                account=self.stage.shop,
                since=now - timedelta(days=2),
                until=now + timedelta(hours=1),
            )

    @rule()
    def mail(self) -> None:
        self.count("mail")
        send_owed_letters()

    # People of the site

    @precondition(lambda self: self.mine)
    @rule(index=which, whole=some.booleans(), in_cabinet=some.booleans(), fault=meets)
    def give_back(self, index: int, whole: bool, in_cabinet: bool, fault: dict[str, Any]) -> None:
        gift = self.begun(index)
        if gift.state != DonationState.SUCCEEDED or gift.left < 20:
            return
        amount = gift.left if whole else Decimal(10)
        if in_cabinet:
            theirs = sum(
                Decimal(one["amount"]["value"])
                for one in self.stage.emulator.refunds()
                if one["payment_id"] == gift.external_id and one["status"] == "succeeded"
            )
            if theirs + amount <= gift.amount:
                self.count("given back there")
                self.stage.emulator.refund(str(gift.external_id), f"{amount:.2f}")
            return
        self.meet(fault)
        try:
            refund_donation(donation=gift, amount=amount, reason="Просьба", by=self.by)
            self.count("given back here")
        except CannotRefund:
            self.count("not given back")

    @rule()
    def change_the_key(self) -> None:
        self.count("change the key")
        shop = self.stage.shop
        secret = f"test_secret_{next(self.gifts)}"
        self.stage.emulator.shops[shop.shop_id].secret_key = secret
        use_account(
            site=shop.site, kind=shop.kind, shop_id=shop.shop_id, secret_key=secret, by=self.by
        )
        shop.refresh_from_db()

    # What must be true

    @invariant()
    def totals_are_the_sum_of_the_gifts(self) -> None:
        assert check_totals() == []

    @invariant()
    def nothing_is_paid_here_that_is_not_paid_there(self) -> None:
        paid = Donation.objects.paid().filter(pk__in=[gift.pk for gift in self.mine])
        for payment_id in paid.values_list("external_id", flat=True):
            assert self.stage.emulator.payment(str(payment_id))["status"] == "succeeded"

    def teardown(self) -> None:
        self.stage.bring_to_rest()
        assert damage(self.stage.emulator) == []
        assert not Letter.objects.filter(sent_at=None).exists()


def test_any_order_of_steps_ends_in_the_ledger_of_the_provider(
    stage: Stage, make_person: Callable[..., User], tell: Callable[..., None]
) -> None:
    stage.emulator.notifications.hold = True

    class Here(Books):
        pass

    Here.stage, Here.by = stage, make_person(Role.ACCOUNTANT, stage.shop.site)
    run_state_machine_as_test(
        with_seed(SEED)(Here),
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    done = Books.done
    assert sum(done.values()) >= WALKS * STEPS // 2
    assert len(letters_sent()) == Donation.objects.paid().count() or done["killed"]
    tell(walks=WALKS, steps=dict(done), paid=Donation.objects.paid().count())
