"""From creation to the end: holds, autopayments, refunds, lists, the page of the donor."""

from typing import Any

import pytest
import requests

from tests.emulator import Clock, YooKassaEmulator
from tests.emulator.caller import RETURN_URL, Caller, Site, amount, order


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
