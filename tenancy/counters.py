"""Counting what happens in a window of time, and limits on it.

One atomic statement counts, on both engines, so tries made at once are all seen. What is counted
(an address, an e-mail) is kept as a keyed digest only.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenancy.models import Counter

BUCKET = 60


@dataclass(frozen=True)
class Limit:
    """So many tries in any span of so many seconds."""

    what: str
    most: int
    seconds: int


def key_of(what: str, value: str) -> str:
    return f"{what}:{salted_hmac(f'tenancy.counters.{what}', value).hexdigest()[:32]}"


def count(key: str, window: int) -> int:
    """Add one and return the number: one atomic statement on both engines."""
    table = connection.ops.quote_name(Counter._meta.db_table)
    # The table's name is our own; the values are parameters.
    sql = (
        f"INSERT INTO {table} (key, window_start, number) VALUES (%s, %s, 1) "  # noqa: S608
        f"ON CONFLICT (key, window_start) DO UPDATE SET number = {table}.number + 1 "
        "RETURNING number"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, window])
        return int(cursor.fetchone()[0])


def take(limit: Limit, value: str) -> int:
    """Count a try and return 0, or return how many seconds there is to wait.

    A refused try is not counted: who has to wait waits once, however often they ask meanwhile.
    """
    key, now = key_of(limit.what, value), int(timezone.now().timestamp())
    wait = _seconds_to_wait(limit, key, now, passes=limit.most - 1)
    if wait:
        return wait
    count(key, now - now % BUCKET)
    # Asked once more: others may have tried in this very moment.
    return _seconds_to_wait(limit, key, now, passes=limit.most)


def _seconds_to_wait(limit: Limit, key: str, now: int, passes: int) -> int:
    number = 0
    rows = Counter.objects.filter(key=key, window_start__gt=now - limit.seconds - BUCKET)
    for start, tries in rows.order_by("-window_start").values_list("window_start", "number"):
        number += tries
        if number > passes:
            return int(start) + BUCKET + limit.seconds - now
    return 0


def give_back(limit: Limit, value: str) -> None:
    """The last try was a right one and counts against nobody."""
    last = Counter.objects.filter(key=key_of(limit.what, value), number__gt=0)
    start = last.order_by("-window_start").values_list("window_start", flat=True).first()
    if start is not None:
        last.filter(window_start=start).update(number=F("number") - 1)


def forget_old_counts() -> int:
    """Delete counters nobody asks any more; returns how many. Run by the worker."""
    yesterday = int((timezone.now() - timedelta(days=1)).timestamp())
    deleted, _by_model = Counter.objects.filter(window_start__lt=yesterday).delete()
    return deleted
