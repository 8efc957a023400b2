"""The emulator as tests see it."""

import copy
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .api import Api
from .clock import Clock
from .faults import Fault, FaultBook
from .ledger import Event, Ledger
from .notifications import Delivery, Postman
from .objects import Payment
from .refusal import Json
from .rules import RefundOrder
from .server import BASE, Request, Server
from .shops import Shop

_EVENTS = {
    "waiting_for_capture": "payment.waiting_for_capture",
    "succeeded": "payment.succeeded",
    "canceled": "payment.canceled",
}


class YooKassaEmulator:
    """YooKassa v3 on a loopback socket, in a thread of the test's own process.

    `tls` is a certificate and its key; then everything is https.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock | None = None,
        seed: int = 0,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.shops: dict[str, Shop] = {}
        self.requests: list[Request] = []
        self.faults = FaultBook()
        self.notifications = Postman(seed=seed)
        #: Pay at creation and tell so before the answer of the POST leaves.
        self.pay_on_creation = False
        #: The donor is sent back before the notification goes out.
        self.return_first = False
        self._server = Server(port, self)
        scheme = "http"
        if tls is not None:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        #: Where the donor's pages are; the API is under it.
        self.origin = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self.url = self.origin + BASE
        self.ledger = Ledger(self.clock, self.origin, seed)
        self.api = Api(self.ledger, self.shops, self.clock)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # Shops

    def add_shop(self, shop_id: str, secret_key: str, **fields: Any) -> Shop:
        """A shop; `fields` are those of `Shop`. The shop may be changed later on."""
        if shop_id in self.shops:
            raise ValueError(f"shop {shop_id} is here already: change it")
        shop = Shop(shop_id, secret_key, **fields)
        self.shops[shop_id] = shop
        return shop

    # What donors, banks and merchants do

    def pay(self, payment_id: str) -> Json:
        """The donor pays; the notification is sent. The payment as it is now."""
        return self._change(payment_id, self.ledger.pay)

    def decline(self, payment_id: str, reason: str = "general_decline") -> Json:
        return self._change(payment_id, lambda one: self.ledger.decline(one, reason))

    def expire(self, payment_id: str) -> Json:
        """The payment's time is over (the clock does it too)."""
        return self._change(payment_id, self.ledger.expire)

    def alter(self, object_id: str, **fields: Any) -> Json:
        """Lay fields over what the API shows of a payment or refund from now on: a chargeback, a
        wrong sum. No event."""
        with self._opened() as ledger:
            one = ledger.refunds.get(object_id) or ledger.payments[object_id]
            one.overlay.update(copy.deepcopy(fields))
            return one.as_json(self.origin)

    def refund(self, payment_id: str, amount: str) -> Json:
        """A refund made in the merchant profile, past the site's API call."""
        order = RefundOrder(payment_id, Decimal(amount), None, {})
        with self._opened() as ledger:
            return ledger.refund(ledger.payments[payment_id], order).as_json(self.origin)

    def finish_refund(self, refund_id: str, outcome: str = "succeeded") -> Json:
        """End a pending refund: "succeeded", or a reason and no event."""
        with self._opened() as ledger:
            ledger.finish_refund(ledger.refunds[refund_id], outcome)
            return ledger.refunds[refund_id].as_json(self.origin)

    def set_autopayment(self, payment_method_id: str, outcome: str | None) -> None:
        """What comes of the next charges: None pays, "pending", or a reason to refuse."""
        with self._opened() as ledger:
            ledger.methods[payment_method_id].outcome = outcome

    def advance(self, **span: float) -> None:
        """Let time pass; what ends by it is told. `advance(hours=1)`."""
        self.clock.advance(**span)
        with self._opened():
            pass

    # What tests look at

    def payments(self, shop_id: str | None = None) -> list[Json]:
        """The ledger, oldest first: what the API would show, without any fault."""
        with self._opened() as ledger:
            return [
                one.as_json(self.origin)
                for one in ledger.payments.values()
                if shop_id in (None, one.shop.shop_id)
            ]

    def payment(self, payment_id: str) -> Json:
        with self._opened() as ledger:
            return ledger.payments[payment_id].as_json(self.origin)

    def refunds(self, shop_id: str | None = None) -> list[Json]:
        with self._opened() as ledger:
            return [
                one.as_json(self.origin)
                for one in ledger.refunds.values()
                if shop_id in (None, one.shop.shop_id)
            ]

    @property
    def deliveries(self) -> list[Delivery]:
        return self.notifications.deliveries

    # Notifications and faults

    def notify(self, object_id: str, event: str | None = None, times: int = 1) -> None:
        """Tell the present state again (under any event's name), one after another."""
        with self._opened() as ledger:
            told = self._told(ledger, object_id, event)
        self.notifications.send([told] * times)

    def notification(self, object_id: str, event: str | None = None) -> Json:
        """The body YooKassa would post now, for a test that posts by itself."""
        with self._opened() as ledger:
            return self._told(ledger, object_id, event).body()

    def forge(
        self, shop_id: str, body: bytes | Json, headers: Mapping[str, str] | None = None
    ) -> int | None:
        """A notification nobody at YooKassa sent; the status of the site's answer."""
        return self.notifications.forge(self.shops[shop_id], body, headers)

    def fault(self, kind: str, **matching: Any) -> Fault:
        """Let requests meet a fault; `matching` are the fields of `Fault`.

        `fault("drop", when="after", method="POST", path="/payments", times=2)`
        """
        fault = Fault(kind, **matching)
        self.faults.add(fault)
        return fault

    def outage(self, kind: str = "drop", **span: float) -> Fault:
        """Every request fails until that much of the emulator's time has passed."""
        until: datetime = self.clock.now() + timedelta(**span)
        return self.fault(kind, times=None, until=until)

    def random_faults(self, seed: int, **rates: float) -> None:
        """Faults by the dice: `random_faults(7, drop=0.1, drop_after=0.1, server_error=0.05)`."""
        self.faults.roll(seed, {_rate_name(name): rate for name, rate in rates.items()})

    def clear_faults(self) -> None:
        self.faults.clear()

    # Used by the server

    def decide(self, payment: Payment, reason: str | None) -> list[Event]:
        """The donor's decision on the page; a payment already over stays as it is."""
        with self.ledger.entry() as events:
            if payment.status == "pending":
                if reason is None:
                    self.ledger.pay(payment)
                else:
                    self.ledger.decline(payment, reason)
        return events

    def pay_if_pending(self, payment: Payment) -> None:
        self.notifications.send(self.decide(payment, None))

    @contextmanager
    def _opened(self) -> Iterator[Ledger]:
        """The ledger under its lock. What happened is told after the lock is let go:
        the site asks the API while it is being told.
        """
        events: list[Event] = []
        try:
            with self.ledger.entry() as events:
                yield self.ledger
        finally:
            self.notifications.send(events)

    def _change(self, payment_id: str, step: Callable[[Payment], object]) -> Json:
        with self._opened() as ledger:
            step(ledger.payments[payment_id])
            return ledger.payments[payment_id].as_json(self.origin)

    def _told(self, ledger: Ledger, object_id: str, event: str | None) -> Event:
        if object_id in ledger.refunds:
            refund = ledger.refunds[object_id]
            return ledger.event(event or "refund.succeeded", refund)
        payment = ledger.payments[object_id]
        return ledger.event(event or _EVENTS[payment.status], payment)


def _rate_name(name: str) -> str:
    return name.removesuffix("_after") + ":after" if name.endswith("_after") else name
