"""A notification through the real server: a chunked body has no Content-Length."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from donations.models import Donation, DonationState, Fund, PaymentAccount
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    """The test database as an address, so that another process opens the same one."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(transactional_db: None, emulator: YooKassaEmulator, site: Any) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "sonko_cms.wsgi", f"--bind=127.0.0.1:{port}"]
    env = {**os.environ, "DATABASE_URL": database_url(), "YOOKASSA_API_URL": emulator.url}
    process = subprocess.Popen(
        [*command, "--threads=2", "--log-level=warning"], env=env, cwd=settings.BASE_DIR
    )
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "gunicorn ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise TimeoutError("gunicorn does not listen")


def send_chunked(port: int, path: str, body: bytes, size: int = 40) -> int:
    """POST in chunks over a raw socket; the status of the answer."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 30) as connected:
        connected.sendall(head.encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for start in range(0, len(body), size):
                piece = body[start : start + size]
                connected.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            connected.sendall(b"0\r\n\r\n")
        answer = connected.makefile("rb").readline()
    return int(answer.split()[1])


@pytest.mark.bad_input("chunked_no_content_length")
def test_a_chunked_notification_is_read_whole(
    server: int, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    body = json.dumps(emulator.notification(str(donation.external_id))).encode()
    path = f"/donations/yookassa/{shop.token}/"

    assert send_chunked(server, path, body) == 200
    donation.refresh_from_db()
    assert donation.state == DonationState.SUCCEEDED

    assert send_chunked(server, path, b" " * (1024 * 1024 + 1), size=65536) == 413
    assert send_chunked(server, path, b" " * 10_000_000, size=1_000_000) == 413
    assert send_chunked(server, path, b"") == 400
    assert send_chunked(server, path, body) == 200
    assert donation.events.filter(to_state="succeeded").count() == 1


def send(port: int, path: str, body: bytes) -> int:
    """POST with a Content-Length over a raw socket; the status of the answer."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 30) as connected:
        # A server that has answered already may close before it has read everything.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connected.sendall(head.encode() + body)
        answer = connected.makefile("rb").readline()
    return int(answer.split()[1])


def test_bad_notifications_through_the_server_change_nothing(
    server: int, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    emulator.requests.clear()
    path = f"/donations/yookassa/{shop.token}/"
    good = emulator.notification(str(donation.external_id))
    an_object = {**good, "object": {**good["object"], "id": {"a": 1}}}
    bodies = {
        b"hello": 400,
        b"[" * 100_000: 400,
        b'{"a":' * 100_000: 400,
        b"1" * 5000: 400,
        b'{"object":NaN}': 400,
        json.dumps(an_object).encode(): 400,
        json.dumps({**good, "object": "x"}).encode(): 400,
        json.dumps({**good, "event": "payout.succeeded"}).encode(): 200,
        b" " * (1024 * 1024 + 1): 413,
        b"[" * 10_000_000: 413,
    }
    assert send(server, path, b"warm") == 400  # the first answer waits for the code to load
    for body, status in bodies.items():
        began = time.monotonic()
        assert send(server, path, body) == status, body[:40]
        assert time.monotonic() - began < 10
    assert emulator.requests == []
    donation.refresh_from_db()
    assert donation.state == DonationState.PENDING
    assert send(server, path, json.dumps(good).encode()) == 200, "the server lives on"
