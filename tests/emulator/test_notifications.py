"""Notifications on their way to the site."""

import json

from tests.emulator.caller import Caller, Site


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
