"""Notifications to the shops: sent, lost, late, doubled, reordered, repeated until HTTP 200."""

import contextlib
import http.client
import json
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .ledger import Event
from .refusal import Json
from .shops import Shop

TIMEOUT = 60.0


@dataclass(frozen=True)
class Delivery:
    """One attempt to tell a shop something."""

    event: str
    object_id: str
    shop_id: str
    attempt: int
    #: HTTP status; None when there was no answer or nothing was sent.
    status: int | None
    #: "confirmed" (only HTTP 200), "refused", "unreachable" or "lost" (never sent).
    outcome: str


@dataclass
class Postman:
    """How notifications travel; every field may be changed in the middle of a test.

    Without `background` they are sent in the caller's thread, so that a test sees the end of them.
    """

    background: bool = False
    #: Copies sent at the same moment.
    copies: int = 1
    #: Seconds before the first attempt.
    delay: float = 0.0
    #: Keep everything back until `release()`.
    hold: bool = False
    #: The share of events that is never sent, by the seed.
    lose: float = 0.0
    retries: int = 3
    retry_every: float = 0.05
    chunked: bool = False
    seed: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)
    #: Events nobody confirmed: YooKassa repeats them for 24 hours, here `redeliver()` does.
    unconfirmed: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - losses must repeat by seed
        self._idle = threading.Condition()
        self._under_way = 0

    def send(self, events: Iterable[Event]) -> None:
        for event in events:
            if not event.shop.notification_url:
                continue
            if self.hold:
                self.held.append(event)
            elif self._dice.random() < self.lose:
                self._note(event, 1, None, "lost")
            else:
                self._carry(event)

    def release(self, order: Callable[[list[Event]], list[Event]] = list) -> None:
        """Send what was held; `order` may turn the list round or shuffle it."""
        events, self.held = order(self.held), []
        for event in events:
            self._carry(event)

    def redeliver(self) -> None:
        """The next round of repeats of everything not confirmed."""
        events, self.unconfirmed = self.unconfirmed, []
        for event in events:
            self._carry(event)

    def forge(
        self, shop: Shop, body: bytes | Json, headers: Mapping[str, str] | None = None
    ) -> int | None:
        """Send any body to the shop's address; the answer's status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return _post(shop, raw, dict(headers or {}), chunked=self.chunked)

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def wait_idle(self, timeout: float = 10.0) -> None:
        """Until nothing is on its way."""
        with self._idle:
            if not self._idle.wait_for(lambda: self._under_way == 0, timeout):
                raise TimeoutError("notifications are still on their way")

    def _carry(self, event: Event) -> None:
        if not self.background and self.copies == 1:
            self._deliver(event)
            return
        threads = []
        for _ in range(self.copies):
            errand = self.busy()
            errand.__enter__()
            threads.append(threading.Thread(target=self._errand, args=(event, errand), daemon=True))
        for thread in threads:
            thread.start()
        if not self.background:
            for thread in threads:
                thread.join()

    def _errand(self, event: Event, errand: contextlib.AbstractContextManager[None]) -> None:
        try:
            self._deliver(event)
        finally:
            errand.__exit__(None, None, None)

    def _deliver(self, event: Event) -> None:
        """The first attempt and the repeats; what is left unconfirmed is kept."""
        raw = json.dumps(event.body(), ensure_ascii=False).encode()
        time.sleep(self.delay)
        for attempt in range(1, self.retries + 2):
            status = _post(event.shop, raw, {}, chunked=self.chunked)
            outcome = "confirmed" if status == 200 else "refused" if status else "unreachable"
            self._note(event, attempt, status, outcome)
            if status == 200:
                return
            time.sleep(self.retry_every)
        self.unconfirmed.append(event)

    def _note(self, event: Event, attempt: int, status: int | None, outcome: str) -> None:
        self.deliveries.append(
            Delivery(event.name, event.object["id"], event.shop.shop_id, attempt, status, outcome)
        )


def _post(shop: Shop, raw: bytes, headers: dict[str, str], *, chunked: bool) -> int | None:
    """POST to the shop's address, following no redirect; None when there is no answer.

    Names under .localhost are not in any DNS: the loopback is called and the name goes into Host.
    """
    url = urlsplit(shop.notification_url or "")
    name = url.hostname or ""
    address = "127.0.0.1" if name == "localhost" or name.endswith(".localhost") else name
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            address, url.port, timeout=TIMEOUT, context=trusting
        )
    else:
        connection = http.client.HTTPConnection(address, url.port, timeout=TIMEOUT)
    headers = {
        "Host": shop.notification_host or url.netloc,
        "Content-Type": "application/json",
        "User-Agent": "YooKassaEmulator",
        **headers,
    }
    path = url.path + (f"?{url.query}" if url.query else "")
    try:
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
            pieces = iter([raw[:40], raw[40:]])
            connection.request("POST", path, pieces, headers, encode_chunked=True)
        else:
            connection.request("POST", path, raw, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
