"""Payments and refunds as YooKassa shows them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from .clock import stamp
from .refusal import Json
from .rules import PaymentOrder
from .shops import Shop

#: What YooKassa keeps of a payment: its commission with the VAT on it.
COMMISSION = Decimal("0.035")
KOPECK = Decimal("0.01")

_BY_YOO_MONEY = frozenset(
    [
        "country_forbidden",
        "fraud_suspected",
        "internal_timeout",
        "expired_on_confirmation",
        "expired_on_capture",
        "identification_required",
        "permission_revoked",
    ]
)
REASONS = _BY_YOO_MONEY | frozenset(
    [
        "3d_secure_failed",
        "call_issuer",
        "canceled_by_merchant",
        "card_expired",
        "deal_expired",
        "general_decline",
        "insufficient_funds",
        "invalid_card_number",
        "invalid_csc",
        "issuer_unavailable",
        "loan_declined",
        "payment_method_limit_exceeded",
        "payment_method_restricted",
        "unsupported_mobile_operator",
    ]
)


def money(amount: Decimal) -> Json:
    return {"value": str(amount.quantize(KOPECK)), "currency": "RUB"}


def party_of(reason: str) -> str:
    """Who ended the payment, as `cancellation_details.party` names it."""
    if reason == "canceled_by_merchant":
        return "merchant"
    return "yoo_money" if reason in _BY_YOO_MONEY else "payment_network"


@dataclass
class Payment:
    """One payment of the ledger."""

    id: str
    number: int
    shop: Shop
    order: PaymentOrder
    amount: Decimal
    created_at: datetime
    status: str = "pending"
    method: str | None = None
    method_id: str | None = None
    saved: bool = False
    captured_at: datetime | None = None
    expires_at: datetime | None = None
    refunded: Decimal = Decimal()
    reason: str | None = None
    #: What a test laid over the answer (`alter`): a chargeback, a wrong sum.
    overlay: Json = field(default_factory=dict)

    @property
    def rest(self) -> Decimal:
        """What can still be returned."""
        return self.amount - self.refunded if self.status == "succeeded" else Decimal()

    @property
    def return_url(self) -> str | None:
        return (self.order.confirmation or {}).get("return_url")

    def as_json(self, origin: str) -> Json:
        answer: Json = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount),
            "recipient": {"account_id": self.shop.shop_id, "gateway_id": f"2{self.shop.shop_id}"},
            "created_at": stamp(self.created_at),
            "test": self.shop.test,
            "paid": self.status in ("waiting_for_capture", "succeeded"),
            "refundable": self.rest > 0,
            "metadata": dict(self.order.metadata),
        }
        if self.order.description is not None:
            answer["description"] = self.order.description
        if self.order.merchant_customer_id is not None:
            answer["merchant_customer_id"] = self.order.merchant_customer_id
        if self.status == "pending" and self.order.confirmation is not None:
            answer["confirmation"] = self._confirmation(origin)
        if self.method is not None:
            answer["payment_method"] = self._payment_method()
        answer |= self._money_taken()
        if self.reason is not None:
            answer["cancellation_details"] = {"party": party_of(self.reason), "reason": self.reason}
        return answer | self.overlay

    def _confirmation(self, origin: str) -> Json:
        """Where the donor goes; present only while the payment awaits the donor."""
        asked = self.order.confirmation or {}
        kind, page = asked["type"], f"{origin}/confirm/{self.id}"
        if kind == "embedded":
            return {"type": kind, "confirmation_token": f"ct-{self.id}"}
        if kind == "qr":
            return {"type": kind, "confirmation_data": page}
        if kind == "external":
            return {"type": kind}
        return asked | {"confirmation_url": page}

    def _payment_method(self) -> Json:
        method: Json = {
            "type": self.method,
            "id": self.method_id or self.id,
            "saved": self.saved,
            "status": "active" if self.saved else "inactive",
        }
        if self.method == "bank_card" and self.status != "pending":
            method["title"] = "Bank card *4477"
            method["card"] = {
                "first6": "555555",
                "last4": "4477",
                "expiry_year": "2040",
                "expiry_month": "12",
                "card_type": "MasterCard",
                "issuer_country": "RU",
            }
        return method

    def _money_taken(self) -> Json:
        taken: Json = {}
        if self.status in ("waiting_for_capture", "succeeded"):
            taken["authorization_details"] = {
                "rrn": f"{self.number:012d}",
                "auth_code": f"{self.number % 1_000_000:06d}",
                "three_d_secure": {"applied": self.order.saved_method_id is None},
            }
        if self.status == "waiting_for_capture" and self.expires_at is not None:
            taken["expires_at"] = stamp(self.expires_at)
        if self.status == "succeeded" and self.captured_at is not None:
            kept = (self.amount * COMMISSION).quantize(KOPECK, ROUND_HALF_UP)
            taken["captured_at"] = stamp(self.captured_at)
            taken["income_amount"] = money(self.amount - kept)
            taken["refunded_amount"] = money(self.refunded)
        return taken


@dataclass
class Refund:
    """One refund; there is no event for a canceled one."""

    id: str
    number: int
    payment: Payment
    amount: Decimal
    created_at: datetime
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    status: str = "succeeded"
    reason: str | None = None
    overlay: Json = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.payment.shop

    def as_json(self, origin: str) -> Json:
        """`origin` is not used: the signature is the payment's."""
        answer: Json = {
            "id": self.id,
            "payment_id": self.payment.id,
            "status": self.status,
            "amount": money(self.amount),
            "created_at": stamp(self.created_at),
        }
        if self.description is not None:
            answer["description"] = self.description
        if self.metadata:
            answer["metadata"] = dict(self.metadata)
        if self.reason is not None:
            answer["cancellation_details"] = {"party": "yoo_money", "reason": self.reason}
        return answer | self.overlay
