"""The door to the payment service: few calls at once, none to a shop that hangs, a pace for jobs.

What it knows belongs to this process and to one shop, and is short: after half a minute a shop that
hung is tried again by one call. A gift that is not let through stays in the books as it was begun,
and the sweeper goes on with it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

PLACES = 4  # calls of one shop at once
ALL_PLACES = 5  # calls of all shops at once: of eight threads three still serve pages
TIMEOUTS_IN_A_ROW = 2
CLOSED_SECONDS = 30.0
LONGEST_REST = 60.0  # of what a shop may wish for when it is asked too often


class Closed(Exception):
    """The call was not made: the shop hangs, or too many calls are under way."""


@dataclass(frozen=True)
class Manner:
    """How long a call may take (seconds to connect, to be answered), how long it waits for a place,
    and the number of calls a shop gets in a second; None: as many as come."""

    connect: float
    read: float
    patience: float
    per_second: float | None = None


BY_HAND = Manner(connect=2, read=6, patience=10)
IN_A_REQUEST = Manner(connect=2, read=4, patience=0)  # pages need the thread
IN_A_NOTICE = Manner(connect=2, read=4, patience=3)  # refused, it comes again much later
IN_A_JOB = Manner(connect=2, read=6, patience=10, per_second=5)

_manner: ContextVar[Manner] = ContextVar("provider_manner", default=BY_HAND)


def manner() -> Manner:
    return _manner.get()


@contextmanager
def calls(how: Manner) -> Iterator[None]:
    """Every call inside is made in this manner."""
    token = _manner.set(how)
    try:
        yield
    finally:
        _manner.reset(token)


class Passage:
    """One call that was let through; whoever makes it says how it went."""

    timed_out = False
    rest_seconds = 0.0  # the service wishes not to be asked for so long (429)


class _Door:
    def __init__(self) -> None:
        self.places = threading.BoundedSemaphore(PLACES)
        self._lock = threading.Lock()
        self._timeouts = 0
        self._closed_until = 0.0
        self._next_turn = 0.0
        self._rests_until = 0.0

    def refuse_if_closed(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                raise Closed
            if self._timeouts < TIMEOUTS_IN_A_ROW:
                return
            if now < self._closed_until:
                raise Closed
            # This call tries whether the shop is well again; the others wait for what it learns.
            self._closed_until = now + CLOSED_SECONDS

    def learn(self, one: Passage) -> None:
        with self._lock:
            if one.rest_seconds > 0:
                self._rests_until = time.monotonic() + min(one.rest_seconds, LONGEST_REST)
            self._timeouts = self._timeouts + 1 if one.timed_out else 0
            if self._timeouts >= TIMEOUTS_IN_A_ROW:
                self._closed_until = time.monotonic() + CLOSED_SECONDS

    def wait_for_turn(self, per_second: float) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / per_second
        time.sleep(turn - now)


_doors: dict[str, _Door] = {}
_all_places = threading.BoundedSemaphore(ALL_PLACES)


@contextmanager
def passage(shop_id: str) -> Iterator[Passage]:
    """Let one call to this shop through. Raises Closed."""
    door, how = _doors.setdefault(shop_id, _Door()), manner()
    with _place(door.places, how), _place(_all_places, how):
        # Asked last: whoever waited for a place may have waited for a shop that hangs.
        door.refuse_if_closed()
        if how.per_second is not None:
            door.wait_for_turn(how.per_second)
        one = Passage()
        try:
            yield one
        finally:
            door.learn(one)


@contextmanager
def _place(places: threading.BoundedSemaphore, how: Manner) -> Iterator[None]:
    if not places.acquire(timeout=how.patience):
        raise Closed
    try:
        yield
    finally:
        places.release()


def forget() -> None:
    """As after a restart of the process."""
    _doors.clear()
