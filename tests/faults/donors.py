"""Donors who speak HTTP to the running server, each from an address of their own."""

import http.client
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.db import connections

from donations.models import Fund
from donations.tokens import page_token
from tenancy.scope import unrestricted

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str


def ask(
    server: str, host: str, method: str, path: str, form: dict[str, str] | None = None, ip: str = ""
) -> Answer:
    """One request on a connection of its own."""
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": ip or "192.0.2.1"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheader("Location", ""), answer.read().decode())
    finally:
        connection.close()


def begin(
    server: str, host: str, fund: Fund, amount: int, number: int, *, nonce: str = ""
) -> Answer:
    """Send the donation form as the script does."""
    form = {
        "fund": str(fund.public_id),
        "token": page_token(fund),
        "nonce": nonce or str(uuid4()),
        "amount": str(amount),
        "email": f"donor{number}@example.org",
        "consent": "on",
    }
    ip = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
    form["texts"] = _texts(server, host, fund)
    return ask(server, host, "POST", "/donations/start/", form, ip)


@cache
def _texts(server: str, host: str, fund: Fund) -> str:
    """The wordings a donor agrees to, as the form of this site names them."""
    empty = {"fund": str(fund.public_id), "token": page_token(fund)}
    page = ask(server, host, "POST", "/donations/start/", empty).body
    return page.partition('name="texts" value="')[2].partition('"')[0]


def at_once(work: Callable[[T], object], things: Iterable[T], *, workers: int) -> None:
    """Do the work on all things, so many at a time; the first error is raised at the end."""
    waiting, errors = iter(list(things)), []
    lock = threading.Lock()

    def serve() -> None:
        while True:
            with lock:
                thing = next(waiting, None)
            if thing is None:
                return
            try:
                work(thing)
            except Exception as error:
                errors.append(error)

    _run([serve] * workers)
    if errors:
        raise errors[0]


def together(*works: Callable[[], object]) -> list[str]:
    """Do all of it at the same moment, each in a thread; what was raised, in words."""
    gate, errors = threading.Barrier(len(works)), []

    def begin_with_all(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
        except Exception as error:
            errors.append(f"raised {error!r}")

    _run([lambda work=work: begin_with_all(work) for work in works])  # type: ignore[misc]
    return errors


def _run(works: list[Callable[[], None]]) -> None:
    """Threads that see every site and leave no connection behind."""

    def run(work: Callable[[], None]) -> None:
        try:
            with unrestricted("a thread of a test"):
                work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
