"""The sockets: HTTP in, faults applied, HTTP out, notifications after the answer."""

import contextlib
import json
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

from .api import Answer, Call
from .faults import ANSWERS, LIES, Fault, fault_body, lie
from .objects import REASONS
from .pages import STYLE, confirmation_page, plain_page
from .refusal import Json
from .shops import login_of

if TYPE_CHECKING:
    from .emulator import YooKassaEmulator

BASE = "/v3"
LARGEST_BODY = 1_000_000
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Request:
    """One line of the emulator's log of API requests."""

    method: str
    #: Without /v3.
    path: str
    query: dict[str, str]
    key: str | None
    #: The parsed body when it is a JSON object.
    body: Json | None
    raw: bytes
    #: The shop of the credentials, right or wrong; None without any.
    shop: str | None
    at: datetime
    #: Seconds of a clock that never jumps, to measure a rate.
    seconds: float
    #: None while unanswered, and for good when the connection was dropped.
    status: int | None = None
    fault: str | None = None


class Server(ThreadingHTTPServer):
    """Loopback only. Threads die with the process, so a hanging request holds nobody."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, emulator: "YooKassaEmulator") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.emulator = emulator
        #: Set at the end; wakes those who hang.
        self.closing = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to print; our own mistake is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: `emulator.requests` is the log."""

    @property
    def emulator(self) -> "YooKassaEmulator":
        return cast(Server, self.server).emulator

    def _serve(self) -> None:
        raw = self._read_body()
        if raw is None:
            return
        url = urlsplit(self.path)
        if url.path.startswith(BASE + "/"):
            self._serve_api(url.path.removeprefix(BASE), dict(parse_qsl(url.query)), raw)
        elif url.path == "/confirm.css":
            self._send(HTTPStatus.OK, STYLE.encode(), "text/css; charset=utf-8")
        elif url.path.startswith("/confirm/"):
            self._serve_confirmation(url.path.removeprefix("/confirm/"), raw)
        else:
            self._send_page(HTTPStatus.NOT_FOUND, plain_page("Такой страницы нет."))

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            self._send(HTTPStatus.LENGTH_REQUIRED, b"", "text/plain")
            return None
        if int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"", "text/plain")
            return None
        return self.rfile.read(int(length))

    # The API

    def _serve_api(self, path: str, query: dict[str, str], raw: bytes) -> None:
        emulator = self.emulator
        call = Call(
            method=self.command,
            path=path,
            query=query,
            authorization=self.headers.get("Authorization"),
            key=self.headers.get("Idempotence-Key"),
            content_type=self.headers.get("Content-Type", ""),
            raw=raw,
        )
        line = self._log(call)
        fault = emulator.faults.pick(call.method, path, line.shop, emulator.clock.now())
        if fault is not None:
            line.fault = f"{fault.kind}:{fault.when}"
            if fault.when == "before" and self._stop(fault, line):
                return
        with emulator.notifications.busy():
            answer = emulator.api.answer(call)
            try:
                if answer.created is not None and emulator.pay_on_creation:
                    emulator.pay_if_pending(answer.created)
                if fault is None or fault.when == "before" or not self._stop(fault, line, answer):
                    self._send_answer(answer, line, fault)
            finally:
                emulator.notifications.send(answer.events)

    def _log(self, call: Call) -> Request:
        body = None
        with contextlib.suppress(ValueError, RecursionError):
            body = json.loads(call.raw)
        line = Request(
            method=call.method,
            path=call.path,
            query=dict(call.query),
            key=call.key,
            body=body if isinstance(body, dict) else None,
            raw=call.raw,
            shop=login_of(call.authorization),
            at=self.emulator.clock.now(),
            seconds=time.monotonic(),
        )
        self.emulator.requests.append(line)
        return line

    def _stop(self, fault: Fault, line: Request, answer: Answer | None = None) -> bool:
        """Do the fault's harm; whether that was all this request gets."""
        closing = cast(Server, self.server).closing
        if fault.kind == "delay":
            closing.wait(fault.seconds)
            return False
        if fault.kind in LIES:
            return False
        if fault.kind == "hang":
            closing.wait(fault.seconds)
        if fault.kind in ("hang", "drop"):
            self._drop()
        elif fault.kind == "bad_gateway":
            line.status = HTTPStatus.BAD_GATEWAY
            self._send(HTTPStatus.BAD_GATEWAY, BAD_GATEWAY, "text/html")
        elif fault.kind in ANSWERS:
            line.status, _ = ANSWERS[fault.kind]
            headers = {}
            if fault.kind == "too_many_requests":
                headers["Retry-After"] = str(max(1, round(fault.seconds)))
            self._send_json(ANSWERS[fault.kind][0], fault_body(fault), headers)
        elif answer is not None:
            self._send_broken(fault, line, answer)
        return True

    def _send_broken(self, fault: Fault, line: Request, answer: Answer) -> None:
        """Truncated JSON with an honest length, or the right JSON called HTML."""
        line.status = answer.status
        raw = json.dumps(answer.body, ensure_ascii=False).encode()
        if fault.kind == "truncated":
            self._send(answer.status, raw[: len(raw) // 2], "application/json")
        else:
            self._send(answer.status, b"<p>" + raw, "text/html")

    def _send_answer(self, answer: Answer, line: Request, fault: Fault | None) -> None:
        line.status = answer.status
        if answer.body is None:
            self._send(answer.status, b"", "text/plain")
            return
        if fault is not None and fault.kind in LIES:
            lie(fault.kind, answer.body)
        self._send_json(answer.status, answer.body)

    # The donor's page

    def _serve_confirmation(self, payment_id: str, raw: bytes) -> None:
        emulator = self.emulator
        with emulator.ledger.entry() as events:
            payment = emulator.ledger.payments.get(payment_id)
            page = confirmation_page(payment) if payment else ""
        emulator.notifications.send(events)
        if payment is None:
            self._send_page(HTTPStatus.NOT_FOUND, plain_page("Такого платежа нет."))
            return
        if self.command == "GET":
            self._send_page(HTTPStatus.OK, page)
            return
        form = dict(parse_qsl(raw.decode("ascii", "replace")))
        decision, reason = form.get("decision"), form.get("reason", "general_decline")
        if decision not in ("pay", "refuse") or reason not in REASONS:
            self._send_page(HTTPStatus.BAD_REQUEST, plain_page("Выберите решение."))
            return
        with emulator.notifications.busy():
            events = emulator.decide(payment, None if decision == "pay" else reason)
            if not emulator.return_first:
                emulator.notifications.send(events)
            self._send_back(payment.return_url)
            if emulator.return_first:
                emulator.notifications.send(events)

    def _send_back(self, return_url: str | None) -> None:
        if return_url is None:
            self._send_page(HTTPStatus.OK, plain_page("Готово. Эту страницу можно закрыть."))
            return
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": return_url})

    # Bytes

    def _send_json(
        self, status: HTTPStatus, body: Json, headers: dict[str, str] | None = None
    ) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        self._send(status, raw, "application/json", headers)

    def _send_page(self, status: HTTPStatus, page: str) -> None:
        self._send(status, page.encode(), "text/html; charset=utf-8")

    def _send(
        self, status: HTTPStatus, raw: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _drop(self) -> None:
        """End the connection with a reset, as a dying machine does: not one byte of an answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
