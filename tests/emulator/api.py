"""The API under /v3: who asks, for what, and the answer. Knows no sockets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NoReturn

from . import rules
from .clock import Clock
from .idempotence import KeyBook
from .ledger import Event, Ledger
from .lists import list_payments, list_refunds
from .objects import Payment, Refund
from .refusal import Json, Refusal
from .shops import Shop, authenticate

_ONE = re.compile(r"/(payments|refunds)/([^/]+)")
_STEP = re.compile(r"/payments/([^/]+)/(capture|cancel)")


@dataclass(frozen=True)
class Call:
    """One HTTP request, without the base path."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    key: str | None = None
    content_type: str = ""
    raw: bytes = b""


@dataclass
class Answer:
    """`body` None: YooKassa documents none (405, 415)."""

    status: HTTPStatus
    body: Json | None
    shop: Shop | None = None
    #: The payment this very request brought into the world.
    created: Payment | None = None
    events: list[Event] = field(default_factory=list)


class Api:
    """The requests of all shops against one ledger."""

    def __init__(self, ledger: Ledger, shops: Mapping[str, Shop], clock: Clock) -> None:
        self._ledger = ledger
        self._shops = shops
        self._keys = KeyBook(clock)

    def answer(self, call: Call) -> Answer:
        shop = None
        events: list[Event] = []
        try:
            shop = authenticate(call.authorization, self._shops)
            with self._ledger.entry() as events:
                if call.method == "GET":
                    return Answer(HTTPStatus.OK, self._read(shop, call), shop, None, events)
                if call.method != "POST":
                    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, None, shop, None, events)
                if call.content_type.partition(";")[0].strip().lower() != "application/json":
                    return Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, None, shop, None, events)
                return self._write(shop, call, events)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body(), shop, None, events)

    def _read(self, shop: Shop, call: Call) -> Json:
        ledger = self._ledger
        if call.path == "/me":
            return shop.about()
        if call.path == "/payments":
            own = [one for one in ledger.payments.values() if one.shop is shop]
            return list_payments(call.query, own, ledger.origin)
        if call.path == "/refunds":
            returned = [one for one in ledger.refunds.values() if one.shop is shop]
            return list_refunds(call.query, returned, ledger.origin)
        match = _ONE.fullmatch(call.path)
        if match is None:
            _no_such_address(call.path)
        find: Callable[[Shop, str], Payment | Refund] = (
            ledger.find_payment if match[1] == "payments" else ledger.find_refund
        )
        return find(shop, match[2]).as_json(ledger.origin)

    def _write(self, shop: Shop, call: Call, events: list[Event]) -> Answer:
        """One request under one key; a repeat shows the object in its current status."""
        operation = self._operation(call.path)
        memory = self._keys.recall(shop, rules.check_key(call.key), call.path, call.raw)
        first = memory.outcome is None
        if memory.outcome is None:
            try:
                memory.outcome = operation(shop, rules.read_object(call.raw))
            except Refusal as refusal:
                memory.outcome = refusal
        outcome = memory.outcome
        if isinstance(outcome, Refusal):
            raise outcome
        body = outcome.as_json(self._ledger.origin)
        new = first and call.path == "/payments" and isinstance(outcome, Payment)
        return Answer(
            HTTPStatus.OK,
            body,
            shop,
            outcome if new and isinstance(outcome, Payment) else None,
            events,
        )

    def _operation(self, path: str) -> Callable[[Shop, Json], Payment | Refund]:
        if path == "/payments":
            return lambda shop, body: self._ledger.create(
                shop, rules.read_payment_order(body, shop)
            )
        if path == "/refunds":
            return self._refund
        match = _STEP.fullmatch(path)
        if match is None:
            _no_such_address(path)
        payment_id, step = match[1], match[2]
        return lambda shop, body: self._step(shop, payment_id, step, body)

    def _refund(self, shop: Shop, body: Json) -> Refund:
        order = rules.read_refund_order(body)
        return self._ledger.refund(self._ledger.find_payment(shop, order.payment_id), order)

    def _step(self, shop: Shop, payment_id: str, step: str, body: Json) -> Payment:
        payment = self._ledger.find_payment(shop, payment_id)
        if step == "cancel":
            self._ledger.cancel(payment)
        else:
            amount = rules.read_amount(body) if body.get("amount") is not None else None
            self._ledger.capture(payment, amount)
        return payment


def _no_such_address(path: str) -> NoReturn:
    if path.startswith("/webhooks"):
        raise Refusal(
            HTTPStatus.UNAUTHORIZED, "invalid_credentials", "Authentication type is not allowed"
        )
    raise Refusal(HTTPStatus.NOT_FOUND, "not_found", "Resource doesn't exist")
