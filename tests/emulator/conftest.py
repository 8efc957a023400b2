"""One emulator with two shops and a site that takes notifications."""

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.emulator import Clock, YooKassaEmulator
from tests.emulator.caller import Caller, Site

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


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
