"""What a provider takes and gives: values only, no models, no request, no HTML."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class Credentials:
    """Whose shop is meant. Given with every call: nothing about a shop is remembered."""

    shop_id: str
    secret_key: str = field(repr=False, default="")


@dataclass(frozen=True)
class Order:
    """A payment as we want it. `amount` in roubles, `reference` our public id of the donation."""

    reference: str
    amount: Decimal
    description: str
    return_url: str


@dataclass(frozen=True)
class Payment:
    """A payment as the provider tells it.

    `state` is one of pending, waiting_for_capture, succeeded, canceled; `reason` is the provider's
    word for why it was canceled; `raw` is the whole answer.
    """

    external_id: str
    state: str
    amount: Decimal
    currency: str
    shop_id: str
    reference: str
    is_test: bool
    confirmation_url: str = ""
    paid_at: datetime | None = None
    reason: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


class ProviderError(Exception):
    """A call that gave no payment. `permanent` tells refused (True) from unknown (False).

    Refused: the provider has surely not made the payment, repeating is useless. Unknown: it may
    have, so the same key and body must be repeated, or the payment looked up.
    """

    def __init__(self, code: str, *, permanent: bool, answer: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.answer = answer or {}


class PaymentNotFound(ProviderError):
    def __init__(self) -> None:
        super().__init__("not_found", permanent=True)


class Provider(Protocol):
    takes_credentials: bool

    def request_body(self, order: Order) -> str:
        """The exact body to store before the first call; the same order gives the same text."""
        ...

    def create(self, credentials: Credentials, body: str, idempotence_key: str) -> Payment:
        """Raises ProviderError. The same key and body give the same payment."""
        ...

    def fetch(self, credentials: Credentials, external_id: str) -> Payment:
        """The payment in its state of now. Raises ProviderError, PaymentNotFound."""
        ...

    def find(
        self, credentials: Credentials, reference: str, created_after: datetime
    ) -> Payment | None:
        """The newest payment made for our `reference`, searched in the provider's list."""
        ...
