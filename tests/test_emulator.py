"""The real SDK finds in the emulator the YooKassa it was written for.

The rules themselves are tested beside the emulator, in tests/emulator/.
"""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from yookassa import Payment, Refund, Settings
from yookassa.client import ApiClient
from yookassa.domain.common import UserAgent
from yookassa.domain.exceptions import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    ResponseProcessingError,
    UnauthorizedError,
)

from tests.emulator import Clock, YooKassaEmulator
from tests.emulator.caller import Caller, order


class Client(ApiClient):
    """The SDK's client with the credentials of one shop and a time limit."""

    def __init__(self, url: str, shop_id: str, secret_key: str) -> None:
        self.endpoint = url
        self.shop_id, self.shop_password, self.auth_token = shop_id, secret_key, None
        self.timeout, self.max_attempts = 0, 0
        self.user_agent = UserAgent()
        self.configuration = SimpleNamespace(verify=True)

    def get_session(self) -> requests.Session:
        session = requests.Session()
        limited = functools.partial(session.request, timeout=(2, 5))
        session.request = limited  # type: ignore[method-assign]
        return session


def sdk(resource: type, emulator: YooKassaEmulator, shop_id: str, key: str) -> Any:
    """A class of the SDK bound to one shop."""
    client = Client(emulator.url, shop_id, key)
    return type("Bound", (resource,), {"__init__": lambda self: setattr(self, "client", client)})


@pytest.fixture
def emulator() -> Iterator[YooKassaEmulator]:
    with YooKassaEmulator(clock=Clock(datetime(2026, 11, 2, 9, 0, tzinfo=UTC))) as emulator:
        yield emulator


@pytest.fixture
def shop(emulator: YooKassaEmulator) -> Caller:
    emulator.add_shop("100500", "test_first", itn="7707083893")
    return Caller(emulator)


@pytest.fixture
def neighbour(emulator: YooKassaEmulator) -> Caller:
    emulator.add_shop("200600", "live_second", test=False)
    return Caller(emulator, "200600", "live_second")


def test_sdk_creates_finds_lists_and_refunds(emulator: YooKassaEmulator, shop: Caller) -> None:
    payments = sdk(Payment, emulator, "100500", "test_first")
    refunds = sdk(Refund, emulator, "100500", "test_first")

    created = payments.create(order(), "gift-81")
    assert created.status == "pending"
    assert created.confirmation.confirmation_url == f"{emulator.origin}/confirm/{created.id}"
    assert created.recipient.account_id == "100500"
    assert created.test is True
    assert created.created_at == "2026-11-02T09:00:00.000Z"
    assert created.metadata == {"donation_id": "81", "cms_name": "yookassa_sdk_python"}

    emulator.pay(created.id)
    paid = payments.find_one(created.id)
    assert (paid.status, paid.paid, paid.refundable) == ("succeeded", True, True)
    assert paid.confirmation is None
    assert str(paid.income_amount.value) == "482.50"

    refund = refunds.create(
        {"payment_id": created.id, "amount": {"value": "120.00", "currency": "RUB"}}, "back-81"
    )
    assert refund.status == "succeeded"
    assert refunds.find_one(refund.id).payment_id == created.id
    assert str(payments.find_one(created.id).refunded_amount.value) == "120.00"
    assert [one.id for one in payments.list({"limit": 5}).items] == [created.id]
    assert [one.id for one in refunds.list({"payment_id": created.id}).items] == [refund.id]


def test_sdk_captures_and_cancels_held_payments(emulator: YooKassaEmulator, shop: Caller) -> None:
    payments = sdk(Payment, emulator, "100500", "test_first")
    taken, returned = shop.paid(capture=False), shop.paid(capture=False)
    part = {"amount": {"value": "300.00", "currency": "RUB"}}

    assert str(payments.capture(taken, part, "c-1").amount.value) == "300.00"
    canceled = payments.cancel(returned, "c-2")

    assert canceled.status == "canceled"
    assert canceled.cancellation_details.party == "merchant"
    assert canceled.cancellation_details.reason == "canceled_by_merchant"


def test_sdk_reads_the_shop_and_its_own_errors(
    emulator: YooKassaEmulator, shop: Caller, neighbour: Caller
) -> None:
    about = sdk(Settings, emulator, "100500", "test_first").get_account_settings()
    assert (about.account_id, about.test, about.itn) == ("100500", True, "7707083893")
    payments = sdk(Payment, emulator, "100500", "test_first")
    with pytest.raises(BadRequestError) as too_little:
        payments.create(order(amount={"value": "0.50", "currency": "RUB"}))
    assert too_little.value.content["parameter"] == "amount.value"
    with pytest.raises(NotFoundError):
        payments.find_one(neighbour.create()["id"])
    with pytest.raises(UnauthorizedError) as wrong:
        sdk(Payment, emulator, "100500", "live_second").list()
    assert wrong.value.content["code"] == "invalid_credentials"
    emulator.fault("processing")
    with pytest.raises(ResponseProcessingError):
        payments.list()
    emulator.fault("drop")
    with pytest.raises(AttributeError):
        payments.list()


def test_sdk_is_told_that_cards_may_not_be_saved(
    emulator: YooKassaEmulator, neighbour: Caller
) -> None:
    emulator.shops["200600"].recurring = False
    with pytest.raises(ForbiddenError):
        sdk(Payment, emulator, "200600", "live_second").create(order(save_payment_method=True))
