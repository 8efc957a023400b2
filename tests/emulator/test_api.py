"""Who is let in, and what a second request under one key gets."""

import contextlib
import ipaddress
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.emulator import Clock, YooKassaEmulator
from tests.emulator.caller import Caller, at_once, order


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


def test_twenty_at_once_under_one_key_make_one_payment(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(give_at_once(shop, monkeypatch)) == 1
    assert len(shop.emulator.payments()) == 1


def test_without_the_lock_they_would_make_many(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop.emulator.ledger, "_lock", contextlib.nullcontext())
    assert len(give_at_once(shop, monkeypatch)) > 1


def give_at_once(shop: Caller, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Twenty requests under one key into a ledger that takes its time; the ids answered."""
    barrier, ids, create = threading.Barrier(20), [], shop.emulator.ledger.create

    def create_slowly(*args: Any) -> Any:
        time.sleep(0.05)
        return create(*args)

    def give() -> None:
        barrier.wait()
        ids.append(shop.post("/payments", order(), "gift-1").json()["id"])

    monkeypatch.setattr(shop.emulator.ledger, "create", create_slowly)
    at_once([give] * 20)
    assert len(ids) == 20
    return set(ids)


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
