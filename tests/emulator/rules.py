"""What YooKassa demands of a request before it does anything."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from .refusal import Json, forbidden, invalid
from .shops import Shop

LEAST = Decimal("1.00")
MOST = Decimal("350000.00")
MOST_BY_SBP = Decimal("700000.00")
CURRENCIES = frozenset(
    ["RUB", "EUR", "USD", "KZT", "BYN", "UAH", "UZS", "TRY", "INR", "MDL", "AZN", "AMD"]
)
CONFIRMATIONS = frozenset(["redirect", "embedded", "qr", "external", "mobile_application"])
CREATABLE_METHODS = frozenset(
    [
        "bank_card",
        "sbp",
        "sberbank",
        "tinkoff_bank",
        "yoo_money",
        "mobile_balance",
        "cash",
        "b2b_sberbank",
        "sber_loan",
        "sber_bnpl",
        "electronic_certificate",
        "alfa_pay",
    ]
)
_AMOUNT = re.compile(r"[0-9]{1,12}\.[0-9]{2}", re.ASCII)
_KEY = re.compile(r"[0-9a-zA-Z+\-_.]+", re.ASCII)


@dataclass(frozen=True)
class PaymentOrder:
    """A body of `POST /payments` that passed the rules."""

    amount: Decimal
    capture: bool
    confirmation: Json | None
    description: str | None
    metadata: dict[str, str]
    method: str | None
    saved_method_id: str | None
    save_method: bool
    merchant_customer_id: str | None


@dataclass(frozen=True)
class RefundOrder:
    """A body of `POST /refunds` that passed the rules."""

    payment_id: str
    amount: Decimal
    description: str | None
    metadata: dict[str, str]


def check_key(key: str | None) -> str:
    """The Idempotence-Key: obligatory for POST, at most 64 of `[0-9a-zA-Z+-_.]`."""
    name = "Idempotence-Key"
    if not key:
        invalid(name, "Idempotence key is empty")
    if len(key) > 64:
        invalid(
            name, "Idempotence key is too long. Send the value in accordance with the documentation"
        )
    if not _KEY.fullmatch(key):
        invalid(name, "Idempotence key has illegal characters")
    return key


def read_object(raw: bytes) -> Json:
    """The JSON object of a body; an empty body is an empty object (capture, cancel)."""
    if not raw:
        return {}
    try:
        body = json.loads(raw, parse_constant=_no_constant)
        # Half of a surrogate pair is a JSON escape, but no text.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        invalid("body", "Request body is not valid JSON")
    if not isinstance(body, dict):
        invalid("body", "Request body is not a JSON object")
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read_payment_order(body: Json, shop: Shop) -> PaymentOrder:
    sources = [
        name
        for name in ("payment_token", "payment_method_id", "payment_method_data")
        if body.get(name) is not None
    ]
    if len(sources) > 1:
        invalid(sources[1], "Only one of payment_token, payment_method_id and payment_method_data")
    method = _method(body.get("payment_method_data"), shop)
    saved_method_id = _text(body, "payment_method_id", most=64)
    order = PaymentOrder(
        amount=read_amount(body, most=MOST_BY_SBP if method == "sbp" else MOST),
        capture=_flag(body, "capture"),
        confirmation=_confirmation(body.get("confirmation"), needed=saved_method_id is None),
        description=_text(body, "description", most=128),
        metadata=_metadata(body.get("metadata")),
        method=method,
        saved_method_id=saved_method_id,
        save_method=_flag(body, "save_payment_method"),
        merchant_customer_id=_text(body, "merchant_customer_id", most=200),
    )
    _text(body, "client_ip", most=45)
    if order.save_method and not shop.recurring:
        forbidden("Forbidden to save payment method")
    _check_receipt(body.get("receipt"), shop)
    return order


def read_refund_order(body: Json) -> RefundOrder:
    payment_id = _text(body, "payment_id", most=36)
    if payment_id is None:
        invalid("payment_id", "Payment id is missing")
    return RefundOrder(
        payment_id=payment_id,
        amount=read_amount(body),
        description=_text(body, "description", most=250),
        metadata=_metadata(body.get("metadata")),
    )


def read_amount(body: Json, *, most: Decimal = MOST_BY_SBP) -> Decimal:
    """`amount`: the value is a string with a dot and two decimals, never a JSON number."""
    amount = body.get("amount")
    if not isinstance(amount, dict):
        invalid("amount", "Amount is missing or illegal")
    value, currency = amount.get("value"), amount.get("currency")
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        invalid("amount.value", "Amount value should be a string with two decimal places")
    if not _is_one_of(CURRENCIES, currency):
        invalid("amount.currency", "Currency is missing or illegal")
    if currency != "RUB":
        invalid("amount.currency", "Payments in this currency are not allowed for this shop")
    roubles = Decimal(value)
    if not LEAST <= roubles <= most:
        invalid("amount.value", f"Amount value should be from {LEAST} to {most}")
    return roubles


def _is_one_of(words: frozenset[str], value: Any) -> bool:
    """Anything may come in JSON, and a list has no hash."""
    return isinstance(value, str) and value in words


def _flag(body: Json, name: str) -> bool:
    """Absent means false: a payment without `capture` is two-stage."""
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        invalid(name, f"Parameter {name} should be a boolean")
    return value


def _text(body: Json, name: str, *, most: int, path: str | None = None) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        invalid(path or name, f"Parameter {name} should be a string of at most {most} characters")
    return value


def _metadata(metadata: Any) -> dict[str, str]:
    """At most 16 keys of at most 32 characters, values strings of at most 512 (or null)."""
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or len(metadata) > 16:
        invalid("metadata", "Metadata should be an object of at most 16 keys")
    for key, value in metadata.items():
        if len(key) > 32:
            invalid("metadata", "Metadata keys should have at most 32 characters")
        if value is not None and (not isinstance(value, str) or len(value) > 512):
            invalid("metadata", "Metadata values should be strings of at most 512 characters")
    return {key: value for key, value in metadata.items() if value is not None}


def _method(data: Any, shop: Shop) -> str | None:
    if data is None:
        return None
    kind = data.get("type") if isinstance(data, dict) else None
    if not _is_one_of(CREATABLE_METHODS, kind) or kind not in shop.methods:
        invalid("payment_method_data.type", "Payment method is not available")
    return str(kind)


def _confirmation(confirmation: Any, *, needed: bool) -> Json | None:
    if confirmation is None:
        if needed:
            invalid("confirmation", "Confirmation is missing")
        return None
    kind = confirmation.get("type") if isinstance(confirmation, dict) else None
    if not _is_one_of(CONFIRMATIONS, kind):
        invalid("confirmation.type", "Confirmation type is missing or illegal")
    return_url = _text(confirmation, "return_url", most=2048, path="confirmation.return_url")
    if kind in ("redirect", "mobile_application") and not return_url:
        invalid("confirmation.return_url", "Return URL is missing")
    if return_url and not return_url.startswith(("https://", "http://")):
        invalid("confirmation.return_url", "Return URL is illegal")
    return {key: value for key, value in confirmation.items() if key != "locale"}


def _check_receipt(receipt: Any, shop: Shop) -> None:
    """Obligatory when the shop's receipts are on; otherwise only its shape is looked at."""
    if receipt is None and not shop.fiscalization:
        return
    customer = receipt.get("customer") if isinstance(receipt, dict) else None
    items = receipt.get("items") if isinstance(receipt, dict) else None
    if not isinstance(customer, dict) or not isinstance(items, list) or not 0 < len(items) <= 100:
        invalid("receipt", "Receipt is missing or illegal")
    if not (customer.get("email") or customer.get("phone")):
        invalid("receipt.customer", "Receipt customer should have email or phone")
    for item in items:
        for name in ("description", "quantity", "amount", "vat_code"):
            if not isinstance(item, dict) or item.get(name) in (None, ""):
                invalid(f"receipt.items.{name}", f"Receipt item has no {name}")
        if len(str(item["description"])) > 128:
            invalid("receipt.items.description", "Receipt item description is too long")
        if item["vat_code"] not in list(range(1, 13)):
            invalid("receipt.items.vat_code", "Receipt item vat_code is illegal")
