"""The emulator's ledger: payments, refunds, saved methods and the arrows between states."""

import heapq
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .clock import Clock
from .objects import REASONS, Payment, Refund
from .refusal import Json, forbidden, invalid, not_found
from .rules import LEAST, PaymentOrder, RefundOrder
from .shops import Shop

#: How long a payment waits for the donor; the other methods live an hour.
LIFETIMES = {"b2b_sberbank": timedelta(hours=8), "cash": None}
HOUR = timedelta(hours=1)
HOLD = timedelta(days=7)
REFUND_WITHIN = timedelta(days=3 * 365)
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """Something a shop is told: the name, and the object as it was at that moment."""

    name: str
    shop: Shop
    object: Json

    def body(self) -> Json:
        return {"type": "notification", "event": self.name, "object": self.object}


@dataclass
class SavedMethod:
    """A card the donor let the shop charge again."""

    id: str
    kind: str
    shop: Shop
    #: What comes of the next charges: None pays, a reason refuses, "pending" leaves them open.
    outcome: str | None = None


@dataclass
class Ledger:
    """All state. Everything that reads or writes it does so inside `entry()`."""

    clock: Clock
    origin: str
    seed: int = 0
    payments: dict[str, Payment] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    methods: dict[str, SavedMethod] = field(default_factory=dict)
    #: What comes of the refunds: "succeeded", "pending", or a reason.
    refund_outcome: str = "succeeded"

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._deadlines: list[tuple[datetime, str]] = []
        self._random = random.Random(self.seed)  # noqa: S311 - ids must repeat by seed
        self._number = 0

    @contextmanager
    def entry(self) -> Iterator[list[Event]]:
        """One change under the lock; yields the list the events of it are put in.

        Payments whose time is over are ended first, so nobody sees one alive.
        """
        with self._lock:
            outer, self._events = self._events, []
            try:
                self._end_overdue()
                yield self._events
            finally:
                self._events = outer

    # What a shop asks for

    def find_payment(self, shop: Shop, payment_id: str) -> Payment:
        payment = self.payments.get(payment_id)
        if payment is None or payment.shop is not shop:
            not_found("payment")
        return payment

    def find_refund(self, shop: Shop, refund_id: str) -> Refund:
        refund = self.refunds.get(refund_id)
        if refund is None or refund.shop is not shop:
            not_found("refund")
        return refund

    def create(self, shop: Shop, order: PaymentOrder) -> Payment:
        if not shop.enabled:
            forbidden("Shop is disabled")
        method = self._method_of(shop, order)
        payment = Payment(
            id=self._new_id("000f"),
            number=self._number,
            shop=shop,
            order=order,
            amount=order.amount,
            created_at=self.clock.now(),
            method=method.kind if method else order.method,
            method_id=method.id if method else None,
            saved=method is not None,
        )
        self.payments[payment.id] = payment
        self._set_deadline(payment)
        if method is not None:
            self._charge(payment, method)
        return payment

    def capture(self, payment: Payment, amount: Decimal | None) -> None:
        """Only from `waiting_for_capture`; less than the sum returns the rest to the donor."""
        if payment.status != "waiting_for_capture":
            invalid("payment_id", "Incorrect payment_id. Payment can't be captured in this status")
        if amount is not None and amount > payment.amount:
            invalid("amount", "Capture amount is more than the payment amount")
        payment.amount = payment.amount if amount is None else amount
        self._succeed(payment)

    def cancel(self, payment: Payment) -> None:
        """Only from `waiting_for_capture`: a pending payment dies by itself."""
        if payment.status != "waiting_for_capture":
            invalid("payment_id", "Incorrect payment_id. Payment can't be canceled in this status")
        self._end(payment, "canceled_by_merchant")

    def refund(self, payment: Payment, order: RefundOrder) -> Refund:
        """At least a rouble, and what stays is nothing or at least a rouble."""
        if payment.status != "succeeded":
            invalid("payment_id", "Incorrect payment_id. Payment can't be refunded in this status")
        if self.clock.now() > payment.created_at + REFUND_WITHIN:
            invalid("payment_id", "Payment can't be refunded: more than three years have passed")
        stays = payment.rest - self._refunds_under_way(payment) - order.amount
        if stays < 0:
            invalid("amount", "Refund amount is more than the rest of the payment")
        if 0 < stays < LEAST:
            invalid("amount", "The rest of the payment should be zero or at least 1.00")
        refund = Refund(
            id=self._new_id("0015"),
            number=self._number,
            payment=payment,
            amount=order.amount,
            created_at=self.clock.now(),
            description=order.description,
            metadata=order.metadata,
            status="pending",
        )
        self.refunds[refund.id] = refund
        if self.refund_outcome != "pending":
            self.finish_refund(refund, self.refund_outcome)
        return refund

    # What the world does

    def pay(self, payment: Payment) -> None:
        """The donor pays: held when the payment is two-stage, else final."""
        if payment.status != "pending":
            raise ValueError(f"payment {payment.id} is {payment.status}, not pending")
        payment.method = payment.method or "bank_card"
        if payment.order.save_method:
            payment.saved, payment.method_id = True, payment.id
            self.methods[payment.id] = SavedMethod(payment.id, payment.method, payment.shop)
        if payment.order.capture:
            self._succeed(payment)
            return
        payment.status = "waiting_for_capture"
        payment.expires_at = self.clock.now() + HOLD
        heapq.heappush(self._deadlines, (payment.expires_at, payment.id))
        self.tell("payment.waiting_for_capture", payment)

    def decline(self, payment: Payment, reason: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a reason of YooKassa")
        if payment.status not in ("pending", "waiting_for_capture"):
            raise ValueError(f"payment {payment.id} is final: {payment.status}")
        payment.method = payment.method or "bank_card"
        self._end(payment, reason)

    def expire(self, payment: Payment) -> None:
        held = payment.status == "waiting_for_capture"
        self._end(payment, "expired_on_capture" if held else "expired_on_confirmation")

    def finish_refund(self, refund: Refund, outcome: str = "succeeded") -> None:
        """A refund succeeds, or is canceled for a reason without any event."""
        if outcome != "succeeded":
            refund.status, refund.reason = "canceled", outcome
            return
        refund.status = "succeeded"
        refund.payment.refunded += refund.amount
        self.tell("refund.succeeded", refund)

    def tell(self, name: str, subject: Payment | Refund) -> None:
        self._events.append(self.event(name, subject))

    def event(self, name: str, subject: Payment | Refund) -> Event:
        return Event(name, subject.shop, subject.as_json(self.origin))

    def _succeed(self, payment: Payment) -> None:
        payment.status, payment.captured_at = "succeeded", self.clock.now()
        self.tell("payment.succeeded", payment)

    def _end(self, payment: Payment, reason: str) -> None:
        payment.status, payment.reason = "canceled", reason
        self.tell("payment.canceled", payment)

    def _method_of(self, shop: Shop, order: PaymentOrder) -> SavedMethod | None:
        if order.saved_method_id is None:
            return None
        method = self.methods.get(order.saved_method_id)
        if method is None or method.shop is not shop:
            invalid("payment_method_id", "Payment method is not found or is not saved")
        if not shop.recurring:
            forbidden("Forbidden to use saved payment methods")
        return method

    def _charge(self, payment: Payment, method: SavedMethod) -> None:
        """An autopayment is final at once; a refused one brings no notification."""
        if method.outcome is None:
            self.pay(payment)
        elif method.outcome != "pending":
            payment.status, payment.reason = "canceled", method.outcome

    def _refunds_under_way(self, payment: Payment) -> Decimal:
        return sum(
            (
                refund.amount
                for refund in self.refunds.values()
                if refund.payment is payment and refund.status == "pending"
            ),
            Decimal(),
        )

    def _set_deadline(self, payment: Payment) -> None:
        lifetime = LIFETIMES.get(payment.method or "", HOUR)
        if lifetime is not None:
            heapq.heappush(self._deadlines, (payment.created_at + lifetime, payment.id))

    def _end_overdue(self) -> None:
        now = self.clock.now()
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, payment_id = heapq.heappop(self._deadlines)
            payment = self.payments[payment_id]
            held = payment.status == "waiting_for_capture"
            if payment.status == "pending" or (held and payment.expires_at == deadline):
                self.expire(payment)

    def _new_id(self, kind: str) -> str:
        """36 characters; the first eight are the second of creation since 2000-01-01 12:00."""
        self._number += 1
        second = int((self.clock.now() - _EPOCH).total_seconds()) & 0xFFFFFFFF
        tail = self._random.getrandbits(48)
        return f"{second:08x}-{kind}-5000-8000-{tail:012x}"
