"""What a provider takes and gives: values only, no models, no request, no HTML."""

from collections.abc import Iterator
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
    """A payment as we want it: `amount` in roubles, our public ids of the donation and its fund.

    `save` asks to keep the donor's card for later charges. `by_saved_method` is such a charge:
    the donor is not asked, and the method comes with the call, never with the stored body.
    """

    reference: str
    fund: str
    amount: Decimal
    description: str
    return_url: str
    save: bool = False
    by_saved_method: bool = False


@dataclass(frozen=True)
class Payment:
    """A payment as the provider tells it.

    `state` is one of pending, waiting_for_capture, succeeded, canceled; `reason` is the provider's
    word for why it was canceled; `saved_method` is the id to charge again with, «» when nothing
    was saved; `raw` is the answer without it.
    """

    external_id: str
    state: str
    amount: Decimal
    currency: str
    shop_id: str
    reference: str
    is_test: bool
    confirmation_url: str = ""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    refunded: Decimal = Decimal("0.00")
    fund: str = ""
    reason: str = ""
    saved_method: str = field(repr=False, default="")
    method_title: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GivenBack:
    """A refund as the provider tells it. `state` is one of pending, succeeded, canceled."""

    external_id: str
    payment_id: str
    state: str
    amount: Decimal
    currency: str
    finished_at: datetime | None = None
    reason: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopFacts:
    """What the provider says of a shop: whose it is and what it can do. `methods` are its words."""

    shop_id: str
    is_enabled: bool
    is_test: bool
    inn: str
    needs_receipts: bool
    methods: tuple[str, ...]


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


class WrongKey(ProviderError):
    def __init__(self) -> None:
        super().__init__("invalid_credentials", permanent=True)


class Provider(Protocol):
    takes_credentials: bool
    saves_by_agreement: bool  # cards are saved only when the service's manager has allowed it

    def check(self, credentials: Credentials) -> ShopFacts:
        """What the shop is. Raises WrongKey, ProviderError."""
        ...

    def request_body(self, order: Order) -> str:
        """The exact body to store before the first call; the same order gives the same text."""
        ...

    def create(
        self, credentials: Credentials, body: str, idempotence_key: str, method_id: str = ""
    ) -> Payment:
        """Raises ProviderError. The same key and body give the same payment."""
        ...

    def fetch(self, credentials: Credentials, external_id: str) -> Payment:
        """The payment in its state of now. Raises ProviderError, PaymentNotFound."""
        ...

    def read(self, answer: dict[str, Any]) -> Payment:
        """A payment from its stored answer (`Payment.raw`). Raises ProviderError."""
        ...

    def find(
        self, credentials: Credentials, reference: str, created_after: datetime
    ) -> Payment | None:
        """The newest payment made for our `reference`, searched in the provider's list."""
        ...

    def payments(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[Payment]:
        """Every payment of the shop made in this time, all pages. Raises ProviderError."""
        ...

    def refund_body(self, payment_id: str, amount: Decimal, reason: str) -> str:
        """The exact body of a refund, to store before the first call."""
        ...

    def refund(self, credentials: Credentials, body: str, idempotence_key: str) -> GivenBack:
        """Give money back. Raises ProviderError; the same key and body give the same refund."""
        ...

    def refunds(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[GivenBack]:
        """Every refund begun in this time, of payments of any age, all pages. Raises
        ProviderError."""
        ...

    def refunds_of(self, credentials: Credentials, payment_id: str) -> list[GivenBack]:
        """All refunds of a payment, whoever began them. Raises ProviderError."""
        ...
