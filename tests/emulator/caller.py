"""The two ends of the emulator in its own tests: a shop that asks, a site that is told."""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.emulator import YooKassaEmulator

RETURN_URL = "http://pandus.localhost/donations/back/"


@dataclass
class Site:
    """A site that takes notifications: answers with the next status, at last always 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    #: What the site does before it answers, and what it learned.
    asks: Callable[[], str] | None = None
    heard: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, _, body in self.got]


@dataclass
class Caller:
    """A shop that asks without the SDK, so that any body and header can be sent."""

    emulator: YooKassaEmulator
    shop_id: str = "100500"
    secret_key: str = "test_first"

    def post(self, path: str, body: Any, key: str | None = None) -> requests.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Idempotence-Key": key or str(uuid.uuid4())}
        return requests.post(
            self.emulator.url + path,
            raw,
            headers=headers,
            auth=(self.shop_id, self.secret_key),
            timeout=5,
        )

    def get(self, path: str, **query: str) -> requests.Response:
        return requests.get(
            self.emulator.url + path, query, auth=(self.shop_id, self.secret_key), timeout=5
        )

    def create(self, **changes: Any) -> dict[str, Any]:
        return self.post("/payments", order(**changes)).json()

    def paid(self, **changes: Any) -> str:
        payment_id: str = self.create(**changes)["id"]
        self.emulator.pay(payment_id)
        return payment_id


def order(**changes: Any) -> dict[str, Any]:
    body = {
        "amount": {"value": "500.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": RETURN_URL},
        "description": "Пожертвование на пандус",
        "metadata": {"donation_id": "81"},
    }
    return body | changes


def amount(value: Any, currency: Any = "RUB") -> dict[str, Any]:
    return {"amount": {"value": value, "currency": currency}}


def returning(url: Any) -> dict[str, Any]:
    return {"confirmation": {"type": "redirect", "return_url": url}}


def at_once(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
