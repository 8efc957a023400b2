"""What may go wrong between the site and YooKassa, on demand or by seed."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from .refusal import Json, error_body

#: Answers instead of the real one. `when="after"`: the work is done, only the answer lies.
ANSWERS: dict[str, tuple[HTTPStatus, str]] = {
    "processing": (HTTPStatus.ACCEPTED, "processing"),
    "unauthorized": (HTTPStatus.UNAUTHORIZED, "invalid_credentials"),
    "forbidden": (HTTPStatus.FORBIDDEN, "forbidden"),
    "not_found": (HTTPStatus.NOT_FOUND, "not_found"),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    "server_error": (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_server_error"),
}


def _wrong_amount(answer: Json) -> None:
    answer["amount"] = {**answer["amount"], "value": "999999.00"}


def _wrong_currency(answer: Json) -> None:
    answer["amount"] = {**answer["amount"], "currency": "USD"}


def _wrong_shop(answer: Json) -> None:
    answer["recipient"] = {"account_id": "999999", "gateway_id": "9"}


def _wrong_test(answer: Json) -> None:
    answer["test"] = not answer.get("test")


def _wrong_metadata(answer: Json) -> None:
    answer["metadata"] = dict.fromkeys(answer.get("metadata", {}), "another") or {"x": "y"}


#: Changes made to a true answer (to each object of a list).
LIES: dict[str, Callable[[Json], None]] = {
    "wrong_amount": _wrong_amount,
    "wrong_currency": _wrong_currency,
    "wrong_shop": _wrong_shop,
    "wrong_test": _wrong_test,
    "wrong_metadata": _wrong_metadata,
}
KINDS = frozenset(
    {"drop", "delay", "hang", "bad_gateway", "truncated", "wrong_content_type", *ANSWERS, *LIES}
)
_ONLY_AFTER = frozenset({"truncated", "wrong_content_type", *LIES})
#: No hang is longer, whatever a test asks for.
LONGEST = 60.0


@dataclass
class Fault:
    """One fault; matches by method, by the beginning of the path and by shop."""

    kind: str
    when: str = "before"
    method: str | None = None
    path: str = ""
    shop_id: str | None = None
    #: How many requests it meets; None: all of them.
    times: int | None = 1
    #: By the emulator's clock; an outage of an hour ends by itself.
    until: datetime | None = None
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.when not in ("before", "after"):
            raise ValueError(f"unknown fault {self.kind!r} {self.when!r}")
        if self.kind in _ONLY_AFTER:
            self.when = "after"
        self.seconds = min(self.seconds, LONGEST)

    def meets(self, method: str, path: str, shop_id: str | None, now: datetime) -> bool:
        return (
            self.times != 0
            and (self.until is None or now < self.until)
            and self.method in (None, method)
            and path.startswith(self.path)
            and self.shop_id in (None, shop_id)
        )


@dataclass
class FaultBook:
    """Programmed faults first, in the order they were asked for; then those of the dice."""

    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._rates: dict[str, float] = {}
        self._dice = random.Random(0)  # noqa: S311 - faults must repeat by seed

    def add(self, fault: Fault) -> None:
        with self._lock:
            self.faults.append(fault)

    def roll(self, seed: int, rates: Mapping[str, float]) -> None:
        """Rates by `kind` or `kind:after`, such as `{"drop:after": 0.1, "server_error": 0.05}`."""
        for name in rates:
            self._named(name)
        with self._lock:
            self._dice = random.Random(seed)  # noqa: S311
            self._rates = dict(rates)

    def clear(self) -> None:
        with self._lock:
            self.faults.clear()
            self._rates = {}

    def pick(self, method: str, path: str, shop_id: str | None, now: datetime) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.meets(method, path, shop_id, now):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
            if not self._rates:
                return None
            point = self._dice.random()
            for name, rate in self._rates.items():
                if point < rate:
                    return self._named(name)
                point -= rate
            return None

    @staticmethod
    def _named(name: str) -> Fault:
        kind, _, when = name.partition(":")
        return Fault(kind, when or "before", seconds=0.2)


def fault_body(fault: Fault) -> Json:
    """202 has a type of its own; 202 and 429 say in milliseconds when to come back."""
    _, code = ANSWERS[fault.kind]
    pause = int(fault.seconds * 1000)
    if fault.kind == "processing":
        return {"type": "processing", "description": "Request accepted", "retry_after": pause}
    body = error_body(code, f"Emulated fault: {fault.kind}")
    if fault.kind == "too_many_requests":
        body["retry_after"] = pause
    return body


def lie(kind: str, answer: Json) -> None:
    """Falsify an answer in place; answers without an amount (errors, /me) stay true."""
    for one in answer.get("items", [answer]):
        if "amount" in one:
            LIES[kind](one)
