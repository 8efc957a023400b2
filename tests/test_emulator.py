"""The emulator keeps YooKassa's rules; asked over a socket, by the real SDK where it can be."""

import functools
import http.server
import ipaddress
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
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

RETURN_URL = "http://pandus.localhost/donations/back/"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


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


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def emulator(clock: Clock) -> Iterator[YooKassaEmulator]:
    with YooKassaEmulator(clock=clock) as emulator:
        yield emulator


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                raw = b""
                while size := int(self.rfile.readline(), 16):
                    raw += self.rfile.read(size)
                    self.rfile.readline()
            else:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
            site.got.append((self.path, dict(self.headers), raw))
            if site.asks is not None:
                site.heard.append(site.asks())
            self.send_response(site.statuses.pop(0) if site.statuses else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}/donations/yookassa/token/"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


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


@pytest.fixture
def shop(emulator: YooKassaEmulator, site: Site) -> Caller:
    emulator.add_shop(
        "100500",
        "test_first",
        itn="7707083893",
        notification_url=site.url,
        notification_host="pandus.localhost:8000",
    )
    return Caller(emulator)


@pytest.fixture
def neighbour(emulator: YooKassaEmulator) -> Caller:
    emulator.add_shop("200600", "live_second", test=False)
    return Caller(emulator, "200600", "live_second")


# The SDK


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


# Shops


def test_shop_sees_only_its_own_payments(shop: Caller, neighbour: Caller) -> None:
    own, foreign = shop.paid(), neighbour.paid()

    assert shop.get(f"/payments/{foreign}").status_code == 404
    assert shop.post(f"/payments/{foreign}/cancel", {}).json()["code"] == "not_found"
    refund = {"payment_id": foreign, "amount": {"value": "1.00", "currency": "RUB"}}
    assert shop.post("/refunds", refund).status_code == 404
    assert [one["id"] for one in shop.get("/payments").json()["items"]] == [own]
    assert [one["id"] for one in neighbour.get("/payments").json()["items"]] == [foreign]


@pytest.mark.parametrize(
    ("login", "key", "said"),
    [
        ("100500", "test_wrong", "Error in shopId or secret key"),
        ("999999", "test_first", "Error in shopId or secret key"),
        ("shop", "test_first", "Login has illegal format"),
    ],
)
def test_wrong_credentials_are_refused(
    emulator: YooKassaEmulator, shop: Caller, login: str, key: str, said: str
) -> None:
    answer = Caller(emulator, login, key).get("/payments")
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.json()["description"].startswith(said)


# Idempotence


def test_same_key_and_body_show_the_payment_as_it_is_now(shop: Caller) -> None:
    first = shop.post("/payments", order(), "gift-1").json()
    shop.emulator.pay(first["id"])
    again = shop.post("/payments", order(), "gift-1").json()
    assert (again["id"], again["status"]) == (first["id"], "succeeded")
    assert len(shop.emulator.payments()) == 1


def test_same_key_with_another_body_is_refused(shop: Caller) -> None:
    shop.post("/payments", order(), "gift-1")
    answer = shop.post("/payments", order(description="иначе"), "gift-1")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "Idempotence-Key"
    assert answer.json()["description"].startswith("You've already used this idempotence key")


def test_refused_request_keeps_its_key(shop: Caller) -> None:
    number = order(amount={"value": 500, "currency": "RUB"})
    assert shop.post("/payments", number, "gift-1").json()["parameter"] == "amount.value"
    assert shop.post("/payments", order(), "gift-1").json()["parameter"] == "Idempotence-Key"
    assert shop.post("/payments", number, "gift-1").json()["parameter"] == "amount.value"
    assert shop.post("/payments", order(), "gift-2").status_code == 200


def test_key_is_forgotten_after_a_day(shop: Caller, clock: Clock) -> None:
    first = shop.post("/payments", order(), "gift-1").json()["id"]
    clock.advance(hours=23, minutes=59)
    assert shop.post("/payments", order(), "gift-1").json()["id"] == first
    clock.advance(minutes=1)
    assert shop.post("/payments", order(), "gift-1").json()["id"] != first


def test_keys_of_two_shops_do_not_meet(shop: Caller, neighbour: Caller) -> None:
    ours = shop.post("/payments", order(), "gift-1").json()
    theirs = neighbour.post("/payments", order(description="иначе"), "gift-1").json()
    assert ours["recipient"]["account_id"] == "100500"
    assert theirs["recipient"]["account_id"] == "200600"


@pytest.mark.parametrize("key", ["", "k" * 65, "ключ".encode().decode("latin-1"), "a b"])
def test_unusable_keys_are_refused(shop: Caller, key: str) -> None:
    headers = {"Content-Type": "application/json", "Idempotence-Key": key}
    answer = requests.post(
        shop.emulator.url + "/payments",
        json=order(),
        headers=headers,
        auth=("100500", "test_first"),
        timeout=5,
    )
    assert answer.json()["parameter"] == "Idempotence-Key"
    assert shop.emulator.payments() == []


def test_twenty_at_once_under_one_key_make_one_payment(shop: Caller) -> None:
    barrier, ids = threading.Barrier(20), []

    def give() -> None:
        barrier.wait()
        ids.append(shop.post("/payments", order(), "gift-1").json()["id"])

    at_once([give] * 20)
    assert len(ids) == 20
    assert len(set(ids)) == 1
    assert len(shop.emulator.payments()) == 1


def at_once(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# Rules of a body


def amount(value: Any, currency: Any = "RUB") -> dict[str, Any]:
    return {"amount": {"value": value, "currency": currency}}


def returning(url: Any) -> dict[str, Any]:
    return {"confirmation": {"type": "redirect", "return_url": url}}


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


# Life of a payment


def test_unpaid_payment_ends_after_an_hour(shop: Caller, site: Site, clock: Clock) -> None:
    payment_id = shop.create()["id"]
    clock.advance(minutes=59, seconds=59)
    assert shop.get(f"/payments/{payment_id}").json()["status"] == "pending"
    shop.emulator.advance(seconds=1)
    ended = shop.get(f"/payments/{payment_id}").json()
    assert ended["status"] == "canceled"
    assert ended["cancellation_details"] == {
        "party": "yoo_money",
        "reason": "expired_on_confirmation",
    }
    assert "confirmation" not in ended
    assert site.events == ["payment.canceled"]


def test_hold_ends_after_seven_days(shop: Caller) -> None:
    payment_id = shop.paid(capture=False)
    assert shop.emulator.payment(payment_id)["expires_at"] == "2026-11-09T09:00:00.000Z"
    shop.emulator.advance(days=7)
    details = shop.emulator.payment(payment_id)["cancellation_details"]
    assert details["reason"] == "expired_on_capture"


def test_payment_without_capture_is_held(shop: Caller) -> None:
    body = order()
    del body["capture"]
    payment_id = shop.post("/payments", body).json()["id"]
    assert shop.emulator.pay(payment_id)["status"] == "waiting_for_capture"


def test_pending_payment_cannot_be_canceled(shop: Caller) -> None:
    payment_id = shop.create()["id"]
    answer = shop.post(f"/payments/{payment_id}/cancel", {})
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("Incorrect payment_id")


def test_saved_card_is_charged_without_the_donor(shop: Caller, site: Site) -> None:
    first = shop.paid(save_payment_method=True)
    method = shop.emulator.payment(first)["payment_method"]
    assert (method["saved"], method["id"]) == (True, first)

    charge = {"confirmation": None, "payment_method_id": first}
    assert shop.create(**charge)["status"] == "succeeded"
    shop.emulator.set_autopayment(first, "permission_revoked")
    refused = shop.create(**charge)
    shop.emulator.notifications.wait_idle()

    assert refused["cancellation_details"]["reason"] == "permission_revoked"
    assert site.events == ["payment.succeeded", "payment.succeeded"]


def test_card_is_not_saved_without_an_agreement(
    emulator: YooKassaEmulator, shop: Caller, neighbour: Caller
) -> None:
    emulator.shops["200600"].recurring = False
    assert neighbour.create(save_payment_method=True)["code"] == "forbidden"
    with pytest.raises(ForbiddenError):
        sdk(Payment, emulator, "200600", "live_second").create(order(save_payment_method=True))
    saved = shop.paid(save_payment_method=True)
    foreign = neighbour.create(confirmation=None, payment_method_id=saved)
    assert foreign["parameter"] == "payment_method_id"


def test_refunds_leave_nothing_or_a_rouble(shop: Caller, site: Site) -> None:
    payment_id = shop.paid()

    def give_back(value: str) -> dict[str, Any]:
        return shop.post("/refunds", {"payment_id": payment_id} | amount(value)).json()

    assert give_back("500.01")["parameter"] == "amount"
    assert give_back("499.50")["parameter"] == "amount"
    assert give_back("0.50")["parameter"] == "amount.value"
    assert give_back("400.00")["status"] == "succeeded"
    assert give_back("100.01")["parameter"] == "amount"
    assert give_back("100.00")["status"] == "succeeded"
    payment = shop.emulator.payment(payment_id)
    assert (payment["refunded_amount"]["value"], payment["refundable"]) == ("500.00", False)
    shop.emulator.notifications.wait_idle()
    assert site.events == ["payment.succeeded", "refund.succeeded", "refund.succeeded"]


def test_refund_may_wait_and_be_canceled_without_an_event(shop: Caller, site: Site) -> None:
    payment_id = shop.paid()
    shop.emulator.ledger.refund_outcome = "pending"
    refund = shop.post("/refunds", {"payment_id": payment_id} | amount("500.00")).json()
    assert refund["status"] == "pending"
    more = shop.post("/refunds", {"payment_id": payment_id} | amount("1.00")).json()
    assert more["parameter"] == "amount"
    shop.emulator.finish_refund(refund["id"], "insufficient_funds")
    assert shop.get(f"/refunds/{refund['id']}").json()["status"] == "canceled"
    assert site.events == ["payment.succeeded"]


# Lists


def test_list_goes_page_after_page_newest_first(shop: Caller, clock: Clock) -> None:
    ids = []
    for _ in range(7):
        ids.append(shop.create()["id"])
        clock.advance(minutes=1)
    page = shop.get("/payments", limit="3").json()
    seen = [one["id"] for one in page["items"]]
    shop.create()
    while "next_cursor" in page:
        page = shop.get("/payments", limit="3", cursor=page["next_cursor"]).json()
        seen += [one["id"] for one in page["items"]]
    assert seen == ids[::-1]


def test_list_is_narrowed_by_status_and_time(shop: Caller, clock: Clock) -> None:
    first = shop.paid()
    clock.advance(minutes=10)
    second = shop.paid()
    shop.create()

    def ids(**query: str) -> list[str]:
        return [one["id"] for one in shop.get("/payments", **query).json()["items"]]

    assert ids(status="succeeded") == [second, first]
    assert ids(**{"captured_at.gte": "2026-11-02T09:10:00.000Z"}) == [second]
    assert ids(**{"captured_at.gt": "2026-11-02T09:10:00.000Z"}) == []
    assert ids(**{"created_at.lt": "2026-11-02T12:10:00.000+03:00"}) == [first]
    assert len(ids(**{"created_at.lte": "2026-11-02T09:10:00.000Z"})) == 3


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"status": "paid"}]
)
def test_illegal_list_query_is_refused(shop: Caller, query: dict[str, str]) -> None:
    answer = shop.get("/payments", **query)
    assert (answer.status_code, answer.json()["parameter"]) == (400, next(iter(query)))


# The donor's page


def test_donor_pays_on_the_page_and_is_sent_back(shop: Caller, site: Site) -> None:
    created = shop.create(description="<b>Пандус</b>")
    page = requests.get(created["confirmation"]["confirmation_url"], timeout=5)
    assert "Оплатить" in page.text
    assert "Отказаться" in page.text
    assert "эмулятор" in page.text
    assert "&lt;b&gt;Пандус" in page.text
    answer = decide(created, "pay")
    assert (answer.status_code, answer.headers["Location"]) == (303, RETURN_URL)
    assert shop.emulator.payment(created["id"])["status"] == "succeeded"
    assert site.events == ["payment.succeeded"]


def test_donor_refuses_on_the_page_and_cannot_pay_afterwards(shop: Caller, site: Site) -> None:
    created = shop.create()
    assert decide(created, "refuse").headers["Location"] == RETURN_URL
    assert decide(created, "pay").status_code == 303
    details = shop.emulator.payment(created["id"])["cancellation_details"]
    assert details == {"party": "payment_network", "reason": "general_decline"}
    assert site.events == ["payment.canceled"]


def decide(created: dict[str, Any], decision: str) -> requests.Response:
    return requests.post(
        created["confirmation"]["confirmation_url"],
        {"decision": decision},
        timeout=5,
        allow_redirects=False,
    )


# Notifications


def test_body_of_a_notification_can_be_had_without_sending(shop: Caller) -> None:
    shop.emulator.shops["100500"].notification_url = None
    payment_id = shop.paid()
    assert shop.emulator.notification(payment_id) == {
        "type": "notification",
        "event": "payment.succeeded",
        "object": shop.emulator.payment(payment_id),
    }
    assert shop.emulator.deliveries == []


def test_site_may_ask_the_api_while_it_is_told(shop: Caller, site: Site) -> None:
    site.asks = lambda: shop.get("/payments").json()["items"][0]["status"]
    shop.paid()
    assert site.heard == ["succeeded"]


def test_notification_tells_the_state_to_the_named_host(shop: Caller, site: Site) -> None:
    payment_id = shop.paid()
    path, headers, raw = site.got[0]
    note = json.loads(raw)
    assert path == "/donations/yookassa/token/"
    assert headers["Host"] == "pandus.localhost:8000"
    assert (note["type"], note["event"]) == ("notification", "payment.succeeded")
    assert note["object"] == shop.emulator.payment(payment_id)
    assert [one.outcome for one in shop.emulator.deliveries] == ["confirmed"]


def test_local_name_is_called_on_the_loopback(shop: Caller, site: Site) -> None:
    merchant = shop.emulator.shops["100500"]
    merchant.notification_url = site.url.replace("127.0.0.1", "veloput.localhost")
    merchant.notification_host = None
    shop.paid()
    assert site.got[0][1]["Host"].startswith("veloput.localhost:")


def test_only_200_confirms(shop: Caller, site: Site) -> None:
    site.statuses = [503, 201, 302]
    shop.emulator.notifications.retry_every = 0
    shop.paid()
    assert [(one.attempt, one.status) for one in shop.emulator.deliveries] == [
        (1, 503),
        (2, 201),
        (3, 302),
        (4, 200),
    ]


def test_unconfirmed_notification_is_repeated_later(shop: Caller, site: Site) -> None:
    post = shop.emulator.notifications
    post.retries, site.statuses = 0, [500]
    shop.paid()
    assert len(post.unconfirmed) == 1
    post.redeliver()
    assert post.unconfirmed == []
    assert site.events == ["payment.succeeded"] * 2


def test_notifications_are_lost_doubled_held_and_turned_round(shop: Caller, site: Site) -> None:
    post = shop.emulator.notifications
    post.lose = 1.0
    shop.paid()
    assert [one.outcome for one in shop.emulator.deliveries] == ["lost"]
    assert site.got == []

    post.lose, post.copies = 0.0, 5
    payment_id = shop.paid()
    assert site.events == ["payment.succeeded"] * 5

    post.copies, post.hold = 1, True
    site.got.clear()
    shop.emulator.refund(payment_id, "10.00")
    shop.emulator.notify(payment_id, event="payment.waiting_for_capture")
    assert site.got == []
    post.release(lambda events: events[::-1])
    assert site.events == ["payment.waiting_for_capture", "refund.succeeded"]


def test_notification_may_be_chunked_forged_and_come_early(shop: Caller, site: Site) -> None:
    post = shop.emulator.notifications
    post.chunked = True
    shop.emulator.pay_on_creation = True
    created = shop.create()
    assert created["status"] == "pending"
    assert site.events == ["payment.succeeded"]
    assert "Content-Length" not in site.got[0][1]
    post.chunked = False
    site.statuses = [404]
    assert shop.emulator.forge("100500", b"hello", {"X-Forwarded-For": "185.71.76.1"}) == 404
    assert site.got[1][2] == b"hello"


def test_notifications_in_the_background_are_waited_for(shop: Caller, site: Site) -> None:
    post = shop.emulator.notifications
    post.background, post.delay = True, 0.2
    shop.paid()
    assert site.got == []
    post.wait_idle()
    assert site.events == ["payment.succeeded"]


# Faults


def test_dropped_answer_leaves_a_payment_the_key_finds(shop: Caller) -> None:
    shop.emulator.fault("drop", when="after", method="POST", path="/payments")
    with pytest.raises(requests.ConnectionError):
        shop.post("/payments", order(), "gift-1")
    assert len(shop.emulator.payments()) == 1
    found = shop.post("/payments", order(), "gift-1").json()["id"]
    assert [one["id"] for one in shop.emulator.payments()] == [found]


def test_dropped_request_leaves_nothing(shop: Caller) -> None:
    shop.emulator.fault("drop", times=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            shop.post("/payments", order(), "gift-1")
    assert shop.emulator.payments() == []
    assert shop.post("/payments", order(), "gift-1").status_code == 200
    assert [line.fault for line in shop.emulator.requests] == ["drop:before", "drop:before", None]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("processing", 202),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("too_many_requests", 429),
        ("server_error", 500),
        ("bad_gateway", 502),
    ],
)
def test_answers_of_a_sick_service(shop: Caller, kind: str, status: int) -> None:
    shop.emulator.fault(kind, seconds=2)
    answer = shop.get("/payments")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    assert answer.headers["Content-Type"].startswith(
        "text/html" if status == 502 else "application/json"
    )
    assert shop.get("/payments").status_code == 200


def test_server_error_after_the_work_keeps_the_payment(shop: Caller) -> None:
    shop.emulator.fault("server_error", when="after")
    assert shop.post("/payments", order(), "gift-1").status_code == 500
    assert len(shop.emulator.payments()) == 1


def test_truncated_json_and_wrong_content_type(shop: Caller) -> None:
    shop.emulator.fault("truncated")
    with pytest.raises(requests.JSONDecodeError):
        shop.create()
    shop.emulator.fault("wrong_content_type")
    assert shop.get("/payments").headers["Content-Type"] == "text/html"


def test_hang_and_delay_are_bounded(shop: Caller) -> None:
    shop.emulator.fault("hang", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        requests.get(shop.emulator.url + "/me", auth=("100500", "test_first"), timeout=0.3)
    shop.emulator.fault("delay", seconds=0.2)
    assert shop.get("/me").elapsed.total_seconds() >= 0.2
    assert shop.emulator.fault("hang", seconds=10_000).seconds == 60


def test_answers_lie_about_what_is_asked_for(shop: Caller) -> None:
    payment_id = shop.paid()
    true = shop.emulator.payment(payment_id)
    for kind, name in [
        ("wrong_amount", "amount"),
        ("wrong_currency", "amount"),
        ("wrong_shop", "recipient"),
        ("wrong_test", "test"),
        ("wrong_metadata", "metadata"),
    ]:
        shop.emulator.fault(kind, path="/payments/")
        told = shop.get(f"/payments/{payment_id}").json()
        assert [key for key in true if told[key] != true[key]] == [name]
    assert shop.get(f"/payments/{payment_id}").json() == true


def test_fault_meets_only_what_it_matches(shop: Caller, neighbour: Caller) -> None:
    shop.emulator.fault("server_error", method="POST", path="/refunds", times=None)
    shop.emulator.fault("forbidden", shop_id="200600", times=None)
    assert shop.get("/payments").status_code == 200
    assert shop.post("/refunds", {}).status_code == 500
    assert neighbour.get("/me").status_code == 403
    shop.emulator.clear_faults()
    assert neighbour.get("/me").status_code == 200


def test_outage_ends_by_the_clock(shop: Caller, clock: Clock) -> None:
    shop.emulator.outage("bad_gateway", hours=1)
    assert [shop.get("/me").status_code for _ in range(3)] == [502] * 3
    clock.advance(hours=1)
    assert shop.get("/me").status_code == 200


def test_dice_fall_alike_for_one_seed(shop: Caller) -> None:
    def run() -> list[int]:
        shop.emulator.random_faults(7, server_error=0.3, server_error_after=0.2, processing=0.1)
        return [shop.get("/me").status_code for _ in range(40)]

    first = run()
    assert set(first) == {200, 202, 500}
    assert run() == first


def test_chargeback_changes_a_final_payment_silently(shop: Caller, site: Site) -> None:
    payment_id = shop.paid()
    shop.emulator.alter(payment_id, status="canceled", paid=False)
    assert shop.get(f"/payments/{payment_id}").json()["status"] == "canceled"
    assert site.events == ["payment.succeeded"]


def test_log_tells_requests_and_no_secret(shop: Caller) -> None:
    shop.post("/payments", order(), "gift-1")
    line = shop.emulator.requests[0]
    assert (line.method, line.path, line.key, line.shop, line.status) == (
        "POST",
        "/payments",
        "gift-1",
        "100500",
        200,
    )
    assert line.body is not None
    assert line.body["metadata"] == {"donation_id": "81"}
    assert "test_first" not in repr(shop.emulator.requests)


# The socket


def test_emulator_speaks_tls(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with YooKassaEmulator(tls=certificate) as emulator:
        emulator.add_shop("100500", "test_first")
        assert emulator.url.startswith("https://127.0.0.1:")
        about = requests.get(
            emulator.url + "/me",
            auth=("100500", "test_first"),
            timeout=5,
            verify=str(certificate[0]),
        )
    assert about.json()["account_id"] == "100500"


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
