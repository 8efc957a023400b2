"""ЮKassa, through its own SDK and a client object per call.

The SDK keeps shop id and key in class attributes of one process-wide configuration, has no HTTP
timeout, and turns network errors into AttributeError. So its client is replaced by one that takes
everything as arguments, and every failure is sorted here into refused or unknown. Nothing else in
the project may import the SDK.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from types import SimpleNamespace
from typing import Any

import requests
from django.conf import settings
from django.utils.dateparse import parse_datetime
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from yookassa import Payment as SdkPayment
from yookassa import Refund as SdkRefund
from yookassa import Settings as SdkSettings
from yookassa.client import ApiClient
from yookassa.domain.common import UserAgent
from yookassa.domain.exceptions import (
    ApiError,
    BadRequestError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    UnauthorizedError,
)

from donations.providers import gate
from donations.providers.base import (
    Credentials,
    GivenBack,
    Order,
    Payment,
    PaymentNotFound,
    ProviderError,
    ShopFacts,
    WrongKey,
)

# These answers mean that no payment was made and that repeating will not help.
REFUSALS = (BadRequestError, ForbiddenError, GoneError, NotFoundError, UnauthorizedError)
PAGE = 100


class _TimedAdapter(HTTPAdapter):
    """Never waits for ever, and keeps what the SDK hides: that nobody answered in time."""

    def __init__(self, passage: gate.Passage) -> None:
        super().__init__(max_retries=0)
        self.passage = passage

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        how = gate.manner()
        kwargs["timeout"] = (how.connect, how.read)
        try:
            response = super().send(request, *args, **kwargs)
        except requests.Timeout:
            self.passage.timed_out = True
            raise
        if response.status_code == requests.codes.too_many_requests:
            seconds = response.headers.get("Retry-After", "")
            self.passage.rest_seconds = float(seconds) if seconds.isdecimal() else 1.0
        return response


class _ShopClient(ApiClient):
    """The SDK's client for one shop. It never reads the global configuration."""

    def __init__(self, credentials: Credentials, passage: gate.Passage) -> None:
        # The parent's own would read globals.
        self.passage = passage
        self.configuration = SimpleNamespace(verify=True)
        self.endpoint = settings.YOOKASSA_API_URL
        self.shop_id = credentials.shop_id
        self.shop_password = credentials.secret_key
        self.auth_token = None
        self.timeout = 0
        self.max_attempts = 0
        self.user_agent = UserAgent()
        self.was_sent = False
        self.answer: Any = None

    def get_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _TimedAdapter(self.passage))
        return session

    def request(self, *args: Any, **kwargs: Any) -> Any:
        # Kept because the SDK's response objects drop fields and words they do not know.
        self.was_sent = True
        self.answer = super().request(*args, **kwargs)
        return self.answer


class YooKassa:
    takes_credentials = True
    saves_by_agreement = True

    def check(self, credentials: Credentials) -> ShopFacts:
        try:
            answer = _ask(credentials, lambda shop: shop.get_account_settings(), SdkSettings)
        except ProviderError as error:
            if error.code == "invalid_credentials":
                raise WrongKey from None
            raise
        return _facts(answer)

    def request_body(self, order: Order) -> str:
        body: dict[str, Any] = {
            "amount": {"value": f"{order.amount:.2f}", "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": order.return_url},
            "description": order.description[:128],
            # The fund, too: a donation lost with a database can be brought back from here.
            "metadata": {
                "donation": order.reference,
                **({"fund": order.fund} if order.fund else {}),
            },
        }
        if order.by_saved_method:
            del body["confirmation"]
        if order.save:
            body["save_payment_method"] = True
        return json.dumps(body, ensure_ascii=False)

    def create(
        self, credentials: Credentials, body: str, idempotence_key: str, method_id: str = ""
    ) -> Payment:
        # Parsed anew each time: the SDK adds to the metadata it is given.
        params = json.loads(body)
        if method_id:
            params["payment_method_id"] = method_id
        return _payment(
            _ask(credentials, lambda payments: payments.create(params, idempotence_key))
        )

    def fetch(self, credentials: Credentials, external_id: str) -> Payment:
        return _payment(_ask(credentials, lambda payments: payments.find_one(external_id)))

    def read(self, answer: dict[str, Any]) -> Payment:
        return _payment(answer)

    def find(
        self, credentials: Credentials, reference: str, created_after: datetime
    ) -> Payment | None:
        for item in _listed(credentials, SdkPayment, created_after):
            if (item.get("metadata") or {}).get("donation") == reference:
                return _payment(item)
        return None

    def payments(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[Payment]:
        return map(_payment, _listed(credentials, SdkPayment, since, until))

    def refund_body(self, payment_id: str, amount: Decimal, reason: str) -> str:
        return json.dumps(
            {
                "payment_id": payment_id,
                "amount": {"value": f"{amount:.2f}", "currency": "RUB"},
                "description": reason[:250],
            },
            ensure_ascii=False,
        )

    def refund(self, credentials: Credentials, body: str, idempotence_key: str) -> GivenBack:
        params = json.loads(body)
        return _given_back(
            _ask(credentials, lambda refunds: refunds.create(params, idempotence_key), SdkRefund)
        )

    def refunds(
        self, credentials: Credentials, since: datetime, until: datetime
    ) -> Iterator[GivenBack]:
        return map(_given_back, _listed(credentials, SdkRefund, since, until))

    def refunds_of(self, credentials: Credentials, payment_id: str) -> list[GivenBack]:
        wish = {"payment_id": payment_id, "limit": PAGE}
        return [_given_back(item) for item in _pages(credentials, wish, SdkRefund)]


def _listed(
    credentials: Credentials,
    kind: type[Any],
    created_after: datetime,
    created_before: datetime | None = None,
) -> Iterator[dict[str, Any]]:
    """All payments, or refunds, of the shop made in this time, newest first."""
    wish: dict[str, Any] = {"limit": PAGE, "created_at.gte": created_after.isoformat()}
    if created_before is not None:
        wish["created_at.lt"] = created_before.isoformat()
    return _pages(credentials, wish, kind)


def _pages(
    credentials: Credentials, wish: dict[str, Any], kind: type[Any]
) -> Iterator[dict[str, Any]]:
    """The items of a list, page after page to the last one."""
    while True:
        try:
            page = _ask(credentials, partial(_list, wish), kind)
        except PaymentNotFound:
            # A list may be empty, never missing: this says nothing about any payment.
            raise ProviderError("no_list", permanent=False) from None
        yield from page.get("items", [])
        if not page.get("next_cursor"):
            return
        wish = {**wish, "cursor": page["next_cursor"]}


def _list(wish: dict[str, Any], things: Any) -> Any:
    return things.list(wish)


def _ask(
    credentials: Credentials, call: Callable[[Any], Any], kind: type[Any] = SdkPayment
) -> dict[str, Any]:
    """Make one SDK call with these credentials and sort its failures. Through the gate."""
    try:
        with gate.passage(credentials.shop_id) as passage:
            return _ask_inside(_ShopClient(credentials, passage), call, kind)
    except gate.Closed:
        raise ProviderError("not_asked", permanent=False) from None


def _ask_inside(client: _ShopClient, call: Callable[[Any], Any], kind: type[Any]) -> dict[str, Any]:
    of_this_shop = type(
        f"Shop{kind.__name__}", (kind,), {"__init__": lambda self: _use(self, client)}
    )
    try:
        call(of_this_shop)
    except NotFoundError:
        raise PaymentNotFound from None
    except REFUSALS as error:
        answer = error.content or {}
        raise ProviderError(
            str(answer.get("code", "refused")), permanent=True, answer=answer
        ) from None
    except ApiError as error:
        raise ProviderError("unavailable", permanent=False, answer=error.content) from None
    except (AttributeError, requests.RequestException, TypeError, ValueError) as error:
        # No answer, a cut one, or a page of HTML: unknown. Words the SDK itself did not take were
        # never sent: refused. When an answer did come whole and only the SDK could not read it
        # into its own classes, the answer itself is what counts.
        if client.answer is None:
            raise ProviderError(type(error).__name__, permanent=not client.was_sent) from None
    if not isinstance(client.answer, dict):
        raise ProviderError("unreadable_answer", permanent=False)
    return client.answer


def _use(payments: Any, client: _ShopClient) -> None:
    payments.client = client


def _payment(answer: dict[str, Any]) -> Payment:
    """Read what we need. Raises ProviderError (unknown) when the answer makes no sense."""
    method = answer.get("payment_method") or {}
    try:
        return Payment(
            external_id=str(answer["id"]),
            state=str(answer["status"]),
            amount=Decimal(answer["amount"]["value"]),
            currency=str(answer["amount"]["currency"]),
            shop_id=str((answer.get("recipient") or {}).get("account_id", "")),
            reference=str((answer.get("metadata") or {}).get("donation", "")),
            fund=str((answer.get("metadata") or {}).get("fund", "")),
            refunded=Decimal((answer.get("refunded_amount") or {}).get("value", "0.00")),
            is_test=bool(answer.get("test")),
            confirmation_url=str((answer.get("confirmation") or {}).get("confirmation_url", "")),
            created_at=parse_datetime(str(answer.get("created_at") or "")),
            paid_at=parse_datetime(str(answer.get("captured_at") or "")),
            reason=str((answer.get("cancellation_details") or {}).get("reason", "")),
            saved_method=str(method.get("id", "")) if method.get("saved") is True else "",
            method_title=_title(method),
            raw={**answer, "payment_method": {**method, "id": ""}} if method else answer,
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation):
        raise ProviderError("unreadable_answer", permanent=False) from None


def _facts(answer: dict[str, Any]) -> ShopFacts:
    """Everything but the shop id may be missing: an unknown fact is told as nothing wrong."""
    receipts, methods = answer.get("fiscalization"), answer.get("payment_methods")
    if "account_id" not in answer:
        raise ProviderError("unreadable_answer", permanent=False)
    return ShopFacts(
        shop_id=str(answer["account_id"]),
        is_enabled=answer.get("status", "enabled") == "enabled",
        is_test=bool(answer.get("test")),
        inn=str(answer.get("itn") or ""),
        needs_receipts=bool(
            receipts.get("enabled")
            if isinstance(receipts, dict)
            else answer.get("fiscalization_enabled")
        ),
        methods=tuple(map(str, methods)) if isinstance(methods, list) else (),
    )


def _title(method: dict[str, Any]) -> str:
    """«Visa ·· 4477», or as the service itself calls it."""
    card = method.get("card") or {}
    if card.get("last4"):
        return f"{card.get('card_type', '')} ·· {card['last4']}".strip()
    return str(method.get("title") or method.get("type") or "")


def _given_back(answer: dict[str, Any]) -> GivenBack:
    try:
        return GivenBack(
            external_id=str(answer["id"]),
            payment_id=str(answer["payment_id"]),
            state=str(answer["status"]),
            amount=Decimal(answer["amount"]["value"]),
            currency=str(answer["amount"]["currency"]),
            finished_at=parse_datetime(str(answer.get("created_at") or "")),
            reason=str((answer.get("cancellation_details") or {}).get("reason", "")),
            raw=answer,
        )
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise ProviderError("unreadable_answer", permanent=False) from None
