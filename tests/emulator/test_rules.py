"""Bodies that are refused and the parameter named."""

import uuid
from typing import Any

import pytest

from tests.emulator.caller import Caller, amount, order, returning


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        (amount(500), "amount.value"),
        (amount("500"), "amount.value"),
        (amount("500.0"), "amount.value"),
        (amount("1 000.00"), "amount.value"),
        (amount("٥٠٠.٠٠"), "amount.value"),
        (amount("0.99"), "amount.value"),
        (amount("350000.01"), "amount.value"),
        (amount("500.00", "USD"), "amount.currency"),
        (amount("500.00", None), "amount.currency"),
        ({"amount": None}, "amount"),
        ({"description": "я" * 129}, "description"),
        ({"capture": "true"}, "capture"),
        ({"metadata": {str(number): "x" for number in range(17)}}, "metadata"),
        ({"metadata": {"k" * 33: "x"}}, "metadata"),
        ({"metadata": {"k": "x" * 513}}, "metadata"),
        ({"metadata": {"k": 81}}, "metadata"),
        ({"confirmation": None}, "confirmation"),
        ({"confirmation": {"type": "redirect"}}, "confirmation.return_url"),
        (returning("https://x.ru/" + "a" * 2036), "confirmation.return_url"),
        ({"payment_method_data": {"type": "sbp"}}, "payment_method_data.type"),
        ({"payment_method_id": "unknown"}, "payment_method_id"),
        # Anything may come in JSON.
        (amount({}), "amount.value"),
        (amount("500.00", []), "amount.currency"),
        ({"confirmation": []}, "confirmation.type"),
        ({"confirmation": {"type": {}}}, "confirmation.type"),
        (returning(1), "confirmation.return_url"),
        ({"payment_method_data": []}, "payment_method_data.type"),
        ({"payment_method_data": {"type": ["sbp"]}}, "payment_method_data.type"),
        ({"metadata": []}, "metadata"),
        ({"receipt": 1}, "receipt"),
        ({"description": "\ud800"}, "body"),
        ({"description": float("nan")}, "body"),
    ],
)
def test_illegal_body_names_its_parameter(
    shop: Caller, changes: dict[str, Any], parameter: str
) -> None:
    answer = shop.post("/payments", order(**changes))
    assert answer.status_code == 400
    body = answer.json()
    assert (body["type"], body["code"], body["parameter"]) == (
        "error",
        "invalid_request",
        parameter,
    )
    assert uuid.UUID(body["id"])
    assert shop.emulator.payments() == []


def test_edges_of_the_rules_are_allowed(shop: Caller) -> None:
    for value in ("1.00", "350000.00"):
        assert shop.create(**amount(value))["amount"]["value"] == value
    assert shop.create(**returning("https://x.ru/" + "a" * 2035))["status"] == "pending"
    wide = {f"{number:032d}": "x" * 512 for number in range(16)}
    assert shop.create(description="я" * 128, metadata=wide)["metadata"] == wide


@pytest.mark.parametrize("raw", [b"[]", b"{", b"1", b"\xff", b"[" * 100_000])
def test_body_that_is_no_object_is_refused(shop: Caller, raw: bytes) -> None:
    assert shop.post("/payments", raw).json()["code"] == "invalid_request"


def test_receipt_is_obligatory_where_receipts_are_on(shop: Caller) -> None:
    shop.emulator.shops["100500"].fiscalization = True
    refused = shop.create()
    assert (refused["parameter"], refused["description"]) == (
        "receipt",
        "Receipt is missing or illegal",
    )
    item = {"description": "Дар", "quantity": "1", "vat_code": 1} | amount("500.00")
    receipt = {"customer": {"email": "d@example.org"}, "items": [item]}
    assert shop.create(receipt=receipt)["status"] == "pending"
