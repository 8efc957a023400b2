"""Counting who comes: without cookies, without anything about a person, in batches.

Counts wait in the memory of the process and are written by a thread of their own, all in one
statement, at most every `SECONDS`: reading a page writes nothing and waits for nobody. A process
that ends writes what it has; one that is killed loses the visits of the last seconds.
"""

import atexit
import logging
import re
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import connection, models
from django.http import HttpRequest
from django.utils import timezone

from campaigns.channels import OTHER, WIDGET
from campaigns.spreading import CameBy, ShortLink, VisitCount
from donations.channels import DONOR, is_of_a_donor
from donations.models import Fund
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)

SECONDS = 10.0
# So many different rows are written before their time; a process never keeps more than twice that.
ROWS = 500
# Machines say so themselves. «Cubot» is a telephone.
ROBOT = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|preview|headless|lighthouse|monitor|vkshare|facebookexternalhit"
    r"|^whatsapp|^viber|^skype|^python|^curl|^wget|^go-http|^java|^okhttp|^axios|^node|^php|https?://",
    re.IGNORECASE,
)


def is_person(request: HttpRequest) -> bool:
    """Whether a person asks: no robot that says so, no browser that fetches ahead of a click."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return bool(agent) and not ROBOT.search(agent) and "prefetch" not in ahead.lower()


@dataclass(frozen=True, order=True)
class Row:
    """What is counted together."""

    site_id: int
    key: UUID
    channel: str
    day: date
    kind: str


class Tally:
    """Counts of this process that are not written yet. Used from all its threads."""

    def __init__(self) -> None:
        self._numbers: Counter[Row] = Counter()
        self._lock = threading.Lock()
        self._clock: threading.Timer | None = None
        self.by_the_clock = True
        self._ends_well = False

    def add(self, row: Row) -> None:
        with self._lock:
            if row not in self._numbers and len(self._numbers) >= 2 * ROWS:
                return  # somebody makes channels up; those that are known go on counting
            self._numbers[row] += 1
            if self.by_the_clock:
                self._wind()

    def _wind(self) -> None:
        if not self._ends_well:
            atexit.register(self.write)
            self._ends_well = True
        full = len(self._numbers) >= ROWS
        if self._clock is None or (full and self._clock.interval):
            if self._clock is not None:
                self._clock.cancel()
            self._clock = threading.Timer(0 if full else SECONDS, self._write_and_hang_up)
            self._clock.daemon = True
            self._clock.start()

    def write(self) -> None:
        """Write what there is. What cannot be written is told and let go: it is no money."""
        numbers = self.take()
        if not numbers:
            return
        try:
            with unrestricted("visits of all sites are written together"):
                _upsert(_known(numbers))
        except Exception:
            log.exception("%s visits could not be written", sum(numbers.values()))

    def take(self) -> Counter[Row]:
        with self._lock:
            numbers, self._numbers = self._numbers, Counter()
            if self._clock is not None:
                self._clock.cancel()
                self._clock = None
        return numbers

    def _write_and_hang_up(self) -> None:
        try:
            self.write()
        finally:
            connection.close()


tally = Tally()


def count(*, site_id: int, key: UUID, channel: str, kind: CameBy) -> None:
    """One more. Whether there is such a campaign is asked when the row is written."""
    tally.add(Row(site_id, key, channel, timezone.localdate(), kind.value))


def _known(numbers: Counter[Row]) -> Counter[Row]:
    """Rows of campaigns that exist; channels without a link go together under one name."""
    sites, keys = {row.site_id for row in numbers}, {row.key for row in numbers}
    about = {"site__in": sites, "key__in": keys}
    funds = set(Fund.objects.filter(**about).values_list("site_id", "key"))
    links = set(ShortLink.objects.filter(**about).values_list("site_id", "key", "channel"))
    found: Counter[Row] = Counter()
    for row, number in numbers.items():
        if (row.site_id, row.key) in funds:
            named = row.channel in ("", WIDGET) or (row.site_id, row.key, row.channel) in links
            made_up = DONOR if is_of_a_donor(row.channel) else OTHER
            channel = row.channel if named else made_up
            found[Row(row.site_id, row.key, channel, row.day, row.kind)] += number
    return found


def _upsert(numbers: Counter[Row]) -> None:
    """One statement, in one order everywhere: two processes never wait for each other crosswise."""
    if not numbers:
        return
    table = connection.ops.quote_name(VisitCount._meta.db_table)
    names = ("site", "key", "channel", "day", "kind", "number")
    fields = [cast("models.Field[Any, Any]", VisitCount._meta.get_field(name)) for name in names]
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    values: list[Any] = []
    for row, number in sorted(numbers.items()):
        raw = (row.site_id, row.key, row.channel, row.day, row.kind, number)
        values += [
            field.get_db_prep_value(value, connection)
            for field, value in zip(fields, raw, strict=True)
        ]
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(numbers))
    # Only names of our own tables and columns are written into the SQL; values are parameters.
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places} "  # noqa: S608
        f"ON CONFLICT ({', '.join(columns[:-1])}) "
        f"DO UPDATE SET number = {table}.number + excluded.number"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
