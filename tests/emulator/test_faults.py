"""Faults are done as they were asked for."""

import pytest
import requests

from tests.emulator import Clock
from tests.emulator.caller import Caller, Site, order


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
