"""What is believed of a notification: the account in the address and the id of a payment."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from wagtail.models import Site

from donations.actions.accounts import use_account
from donations.actions.letters import send_owed_letters
from donations.models import Donation, DonationState, Fund, Letter, PaymentAccount, StrayNotice
from donations.providers import gate
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
UNKNOWN = "00000000-0000-5000-9000-000000000000"


@pytest.fixture
def gift(shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give) -> Donation:
    donation = give(fund, "500.00")
    emulator.requests.clear()
    return donation


@pytest.fixture
def tell(shop: PaymentAccount, visitor: SiteClient) -> Callable[..., int]:
    """Post a notification to the account's address; the status of the answer."""

    def post(body: Any, *, token: str = "", host: str = "", **extra: Any) -> int:
        client = SiteClient(host) if host else visitor
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = extra.pop("content_type", "application/json")
        path = f"/donations/yookassa/{token or shop.token}/"
        answer = client.generic("POST", path, raw, kind, **extra)
        assert len(answer.content) < 2000 or token, "a short body"
        return int(answer.status_code)

    return post


Tell = Callable[..., int]


def about(payment_id: Any, event: str = "payment.succeeded", **fields: Any) -> dict[str, Any]:
    thing = {"id": payment_id, "status": "succeeded", "paid": True, **fields}
    return {"type": "notification", "event": event, "object": thing}


# --- what is no notification

NO_IDS = {
    "id_int": 123,
    "id_empty": "",
    "id_path_traversal": "../refunds/abc",
    "id_query": "x?limit=100",
    "id_cancel_suffix": f"{UNKNOWN}/cancel",
    "id_crlf": "x\r\nHost: evil",
    "id_5000_chars": "a" * 5000,
    "id_sql": "' OR 1=1 --",
}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"hello", 400, id="not_json"),
        (b" ", 400),
        pytest.param(b"[]", 400, id="json_array"),
        pytest.param(b"1", 400, id="json_number"),
        pytest.param(b'"x"', 400, id="json_string"),
        (b"null", 400),
        pytest.param(b'{"object":NaN}', 400, id="json_nan"),
        (b'{"object":Infinity}', 400),
        pytest.param(b"[" * 100_000, 400, id="json_deep_100k"),
        pytest.param(b'{"a":' * 10_000, 400, id="deep objects"),
        pytest.param(b"1" * 5000, 400, id="json_int_5000_digits"),
        pytest.param(
            b'{"event":"payment.canceled","event":"payment.succeeded"}', 400, id="json_dup_keys"
        ),
        pytest.param(b'\xef\xbb\xbf{"event":"payment.succeeded"}', 400, id="json_bom"),
        pytest.param(json.dumps(about(UNKNOWN)).encode("utf-16-le"), 400, id="json_utf16"),
        (json.dumps(about(UNKNOWN)).encode("utf-16"), 400),
        (b'{"type":"notification","event":"\xff\xfe"}', 400),
        pytest.param(
            json.dumps(about(UNKNOWN)).ljust(64 * 1024 + 1).encode(), 400, id="over 64 kB"
        ),
        pytest.param(b" " * (1024 * 1024 + 1), 413, id="body_1MB"),
        pytest.param({"type": "notification", "event": "payment.succeeded"}, 400, id="no_object"),
        pytest.param(
            {"type": "notification", "event": "payment.succeeded", "object": "x"},
            400,
            id="object_string",
        ),
        pytest.param(
            {"type": "notification", "event": "payment.succeeded", "object": {"status": "x"}},
            400,
            id="no_id",
        ),
        ({"type": "notification", "object": {"id": UNKNOWN}}, 400),
        ({"type": "notification", "event": 1, "object": {"id": UNKNOWN}}, 400),
        ({"type": "other", "event": "payment.succeeded", "object": {"id": UNKNOWN}}, 400),
        ({"event": "payment.succeeded", "object": {"id": UNKNOWN}}, 400),
        *(pytest.param(about(found), 400, id=name) for name, found in NO_IDS.items()),
        *((about(found), 400) for found in (None, True, ["a"], {"a": 1}, "a" * 65, "\u0661")),
        *((about(found), 400) for found in ("a b", "x#y", "%2e%2e", f"{UNKNOWN}\n", "\ud800")),
    ],
)
def test_what_is_no_notification_costs_no_call(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, body: Any, status: int
) -> None:
    began = time.monotonic()
    assert tell(body) == status
    assert time.monotonic() - began < 1
    assert emulator.requests == []
    assert StrayNotice.objects.count() == 0


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"content_type": "application/x-www-form-urlencoded"}, id="content_type_form"),
        {"content_type": "text/plain"},
        {"content_type": ""},
        pytest.param({"HTTP_CONTENT_ENCODING": "gzip"}, id="gzip_body"),
    ],
)
def test_another_type_of_body_is_not_read(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, extra: dict[str, str]
) -> None:
    body = json.dumps(emulator.notification(str(gift.external_id), "payment.succeeded")).encode()
    packed = gzip.compress(body) if "HTTP_CONTENT_ENCODING" in extra else body
    assert tell(packed, **extra) == 415
    assert emulator.requests == []


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
@pytest.mark.bad_input("method_get")
def test_only_post_is_heard(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, method: str
) -> None:
    assert getattr(visitor, method)(f"/donations/yookassa/{shop.token}/").status_code == 405
    assert emulator.requests == []


@pytest.mark.bad_input("wrong_secret_path")
def test_an_address_nobody_has_is_not_found(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    assert tell(about(str(gift.external_id)), token="x" * 32) == 404
    assert emulator.requests == []


@pytest.mark.parametrize("event", ["payout.succeeded", "payout.canceled", "payment_method.active"])
@pytest.mark.bad_input("event_payout")
def test_events_of_other_things_change_nothing_yet(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, event: str
) -> None:
    emulator.pay(str(gift.external_id))
    assert tell(about(str(gift.external_id), event)) == 200
    assert emulator.requests == []
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING


def test_the_largest_notification_there_can_be_is_heard(gift: Donation, tell: Tell) -> None:
    metadata = {f"{number:032}": "ё" * 512 for number in range(16)}
    longest = about(str(gift.external_id), description="ё" * 128, metadata=metadata)
    assert 50_000 < len(json.dumps(longest)) < 55_000
    assert tell(longest) == 200


# --- whose payment it is


@pytest.mark.bad_input("valid")
def test_a_paid_gift_is_learnt_from_a_notification(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    emulator.pay(str(gift.external_id))
    assert tell(emulator.notification(str(gift.external_id))) == 200
    gift.refresh_from_db()
    gift.fund.refresh_from_db()
    assert gift.state == DonationState.SUCCEEDED
    assert (gift.fund.raised, gift.fund.count) == (Decimal("500.00"), 1)
    assert [event.source for event in gift.events.all()] == ["start", "start", "notification"]


def test_a_notification_told_three_times_is_one_event_and_one_letter(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    emulator.pay(str(gift.external_id))
    body = emulator.notification(str(gift.external_id))
    assert [tell(body) for _time in range(3)] == [200, 200, 200]
    gift.fund.refresh_from_db()
    assert (gift.fund.raised, gift.fund.count) == (Decimal("500.00"), 1)
    assert gift.events.filter(to_state="succeeded").count() == 1
    assert send_owed_letters() == 1
    assert send_owed_letters() == 0
    assert len(mail.outbox) == 1


def test_a_byte_order_mark_does_not_hide_a_notification(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    emulator.pay(str(gift.external_id))
    body = json.dumps(emulator.notification(str(gift.external_id))).encode("utf-8-sig")
    assert tell(body) == 200
    gift.refresh_from_db()
    assert gift.state == DonationState.SUCCEEDED


@pytest.mark.bad_input(
    "forged_status_still_pending", "forged_status_canceled_at_api", "event_unknown"
)
def test_the_event_is_not_believed_only_the_provider(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    assert tell(about(str(gift.external_id))) == 200
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING  # the provider says pending
    emulator.decline(str(gift.external_id))
    assert tell(about(str(gift.external_id), "payment.exploded")) == 200
    gift.refresh_from_db()
    gift.fund.refresh_from_db()
    assert gift.state == DonationState.CANCELED
    assert gift.fund.count == 0
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"amount": {"value": "999999.00", "currency": "RUB"}}, id="forged_amount"),
        pytest.param({"amount": {"value": "500.00", "currency": "USD"}}, id="forged_currency"),
        pytest.param({"metadata": {"donation": UNKNOWN}}, id="forged_metadata"),
        {"recipient": {"account_id": "999", "gateway_id": "1"}},
        {"test": False},
        pytest.param({"description": "\ud800\x00"}, id="lone_surrogate"),
    ],
)
def test_forged_fields_of_the_body_are_never_read(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, forged: dict[str, Any]
) -> None:
    emulator.pay(str(gift.external_id))
    assert tell(about(str(gift.external_id), **forged)) == 200
    gift.refresh_from_db()
    gift.fund.refresh_from_db()
    assert (gift.state, gift.flag) == (DonationState.SUCCEEDED, "")
    assert (gift.amount, gift.fund.raised) == (Decimal("500.00"), Decimal("500.00"))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"REMOTE_ADDR": "203.0.113.7"}, id="ip_not_yookassa"),
        pytest.param(
            {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "185.71.76.1"},
            id="ip_spoof_xff",
        ),
        pytest.param({"HTTP_X_FORWARDED_FOR": "not-an-ip"}, id="ip_garbage"),
        pytest.param({"HTTP_FORWARDED": "for=185.71.76.1"}, id="ip_spoof_forwarded"),
        pytest.param(
            {"HTTP_CLIENT_IP": "185.71.76.1", "HTTP_X_REAL_IP": "185.71.76.1"},
            id="ip_spoof_client_ip",
        ),
        pytest.param({"REMOTE_ADDR": "::ffff:185.71.76.1"}, id="ip_v4_mapped"),
    ],
)
def test_the_sender_is_not_believed_nor_needed(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, headers: dict[str, str]
) -> None:
    assert tell(about(str(gift.external_id)), **headers) == 200
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING


@pytest.mark.parametrize(
    "host", ["lapy.localhost", "admin.localhost", "nobody.localhost", "127.0.0.1:8000"]
)
def test_the_address_answers_on_every_host(
    gift: Donation, other_site: Site, emulator: YooKassaEmulator, tell: Tell, host: str
) -> None:
    emulator.pay(str(gift.external_id))
    assert tell(emulator.notification(str(gift.external_id)), host=host) == 200
    gift.refresh_from_db()
    assert gift.state == DonationState.SUCCEEDED


# --- payments that are no gift of ours


@pytest.mark.bad_input("unknown_payment")
def test_an_unknown_payment_is_looked_up_once_and_remembered(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    assert [tell(about(UNKNOWN)) for _time in range(3)] == [200, 200, 200]
    assert [call.path for call in emulator.requests] == [f"/payments/{UNKNOWN}"]
    assert StrayNotice.objects.get().external_id == UNKNOWN


def test_a_payment_of_another_shop_is_a_stranger(
    gift: Donation,
    other_site: Site,
    emulator: YooKassaEmulator,
    give: Give,
    shop: PaymentAccount,
    tell: Tell,
) -> None:
    emulator.add_shop("200600", "test_secret_of_lapy")
    use_account(
        site=other_site,
        kind="yookassa",
        shop_id="200600",
        secret_key="test_secret_of_lapy",
        by=None,
    )
    foreign = give(Fund.objects.of_site(other_site).general().get(), "700.00")
    emulator.pay(str(foreign.external_id))
    assert tell(about(str(foreign.external_id))) == 200  # at the address of the first shop
    foreign.refresh_from_db()
    assert foreign.state == DonationState.PENDING
    stray = StrayNotice.objects.get()
    assert (stray.account, stray.external_id) == (shop, foreign.external_id)


@pytest.mark.bad_input("flood_1000_unknown_ids")
def test_a_flood_of_unknown_ids_is_ten_calls_a_minute(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        statuses = [tell(about(f"flood-{number}")) for number in range(25)]
        assert statuses == [200] * 10 + [429] * 15
        assert len(emulator.requests) == 10
        emulator.pay(str(gift.external_id))
        assert tell(about(str(gift.external_id))) == 200  # our own are heard all the same
        clock.shift(timedelta(seconds=61))
        assert tell(about("flood-later")) == 200


def test_a_flood_while_the_provider_is_down_is_ten_calls_too(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    emulator.fault("server_error", times=None)
    statuses = [tell(about(f"flood-{number}")) for number in range(15)]
    assert statuses == [503] * 10 + [429] * 5
    assert len(emulator.requests) == 10


def test_an_unknown_id_is_asked_about_again_after_the_provider_was_down(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    emulator.fault("server_error", times=1)
    assert [tell(about(UNKNOWN)) for _time in range(3)] == [503, 200, 200]
    assert len(emulator.requests) == 2


def test_a_notification_that_overtakes_our_own_writing_finds_its_gift(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, tell: Tell
) -> None:
    emulator.pay_on_creation = True
    emulator.fault("drop", when="after", method="POST", path="/payments")
    donation = give(fund, "500.00")
    [payment] = emulator.payments()
    assert (donation.state, donation.external_id) == (DonationState.CREATED, None)
    assert tell(about(payment["id"])) == 200
    donation.refresh_from_db()
    assert (donation.state, donation.external_id) == (DonationState.SUCCEEDED, payment["id"])
    assert len(emulator.payments()) == 1
    assert StrayNotice.objects.count() == 0


def test_the_pretend_bank_has_no_notifications(
    site: Site, fund: Fund, give: Give, visitor: SiteClient
) -> None:
    donation = give(fund, "500.00")
    for payment_id in ("no-uuid", UNKNOWN, donation.external_id):
        answer = visitor.generic(
            "POST",
            f"/donations/yookassa/{donation.account.token}/",
            json.dumps(about(payment_id)).encode(),
            "application/json",
        )
        assert answer.status_code == 200
    donation.refresh_from_db()
    assert donation.state == DonationState.PENDING


# --- when the truth cannot be learnt


@pytest.mark.parametrize(
    "fault", ["drop", "server_error", "processing", "too_many_requests", "bad_gateway", "truncated"]
)
@pytest.mark.bad_input("provider_down")
def test_a_provider_that_is_down_is_503(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, fault: str
) -> None:
    emulator.pay(str(gift.external_id))
    emulator.fault(fault, method="GET")
    body = emulator.notification(str(gift.external_id))
    assert tell(body) == 503
    gate.forget()  # a shop that was asked too often is left alone for a moment
    assert tell(body) == 200
    gift.refresh_from_db()
    assert gift.state == DonationState.SUCCEEDED


@pytest.mark.parametrize("keys", [[], ["x" * 44], ["bmV3LWtleS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2Q="]])
@pytest.mark.bad_input("tenant_without_keys")
def test_keys_that_cannot_be_opened_are_503(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell, settings: Any, keys: list[str]
) -> None:
    settings.FIELD_KEYS = keys
    assert tell(about(str(gift.external_id))) == 503
    assert tell(about(UNKNOWN)) == 503
    assert emulator.requests == []
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING


@pytest.mark.bad_input("tenant_without_keys")
def test_a_shop_whose_key_was_taken_away_is_503_until_it_has_one(
    gift: Donation, emulator: YooKassaEmulator, tell: Tell
) -> None:
    PaymentAccount.objects.update(sealed_secret="")
    assert tell(about(str(gift.external_id))) == 503
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING


@pytest.mark.bad_input("keys_rotated")
def test_a_new_key_of_the_same_shop_answers_for_old_payments(
    gift: Donation, site: Site, emulator: YooKassaEmulator, shop: PaymentAccount, tell: Tell
) -> None:
    emulator.shops["100500"].secret_key = "test_a_new_one"
    assert tell(about(str(gift.external_id))) == 503  # the old key was taken back
    use_account(site=site, kind="yookassa", shop_id="100500", secret_key="test_a_new_one", by=None)
    emulator.pay(str(gift.external_id))
    assert tell(about(str(gift.external_id))) == 200
    gift.refresh_from_db()
    assert (gift.state, gift.account) == (DonationState.SUCCEEDED, shop)
