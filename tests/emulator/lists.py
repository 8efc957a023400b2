"""Lists of payments and refunds: filters, newest first, page after page."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from .objects import Payment, Refund
from .refusal import Json, invalid

PAYMENT_STATUSES = ("pending", "waiting_for_capture", "succeeded", "canceled")
REFUND_STATUSES = ("pending", "succeeded", "canceled")
T = TypeVar("T", Payment, Refund)
_BOUND = re.compile(r"(created_at|captured_at)\.(gte|gt|lte|lt)")


def list_payments(query: Mapping[str, str], payments: Iterable[Payment], origin: str) -> Json:
    found = [
        payment
        for payment in _within(query, payments, PAYMENT_STATUSES)
        if query.get("payment_method") in (None, payment.method)
    ]
    return _page(query, found, origin)


def list_refunds(query: Mapping[str, str], refunds: Iterable[Refund], origin: str) -> Json:
    found = [
        refund
        for refund in _within(query, refunds, REFUND_STATUSES)
        if query.get("payment_id") in (None, refund.payment.id)
    ]
    return _page(query, found, origin)


def _within(query: Mapping[str, str], objects: Iterable[T], statuses: tuple[str, ...]) -> list[T]:
    status = query.get("status")
    if status is not None and status not in statuses:
        invalid("status", "Status is illegal")
    bounds: list[tuple[str, str, datetime]] = []
    for name, value in query.items():
        if match := _BOUND.fullmatch(name):
            bounds.append((match[1], match[2], _moment(name, value)))
    return [
        one
        for one in objects
        if status in (None, one.status) and all(_holds(one, *bound) for bound in bounds)
    ]


def _holds(one: Payment | Refund, name: str, sign: str, bound: datetime) -> bool:
    """Times are compared as they are shown, in whole milliseconds."""
    moment: datetime | None = getattr(one, name, None)
    if moment is None:
        return False
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return {
        "gte": moment >= bound,
        "gt": moment > bound,
        "lte": moment <= bound,
        "lt": moment < bound,
    }[sign]


def _moment(name: str, value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        invalid(name, "Time should be in ISO 8601")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(query: Mapping[str, str], found: Sequence[Payment | Refund], origin: str) -> Json:
    """A page and, while there is more, the cursor of the next; it survives new payments."""
    limit = query.get("limit", "10")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 100):
        invalid("limit", "Limit should be from 1 to 100")
    rows = sorted(found, key=lambda one: (one.created_at, one.number), reverse=True)
    if cursor := query.get("cursor"):
        after = _read_cursor(cursor)
        rows = [one for one in rows if (one.created_at, one.number) < after]
    page = rows[: int(limit)]
    answer: Json = {"type": "list", "items": [one.as_json(origin) for one in page]}
    if len(rows) > len(page):
        answer["next_cursor"] = _write_cursor(page[-1])
    return answer


def _write_cursor(one: Payment | Refund) -> str:
    return base64.urlsafe_b64encode(f"{one.created_at.isoformat()} {one.number}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        moment, _, number = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(moment), int(number)
    except (ValueError, binascii.Error):
        invalid("cursor", "Cursor is illegal")
