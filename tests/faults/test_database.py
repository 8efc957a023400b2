"""The database falls, is full, is copied while it is written, and comes back from a copy."""

import importlib.machinery
import importlib.util
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from donations.actions.funds import check_totals
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.models import Donation, Fund, PaymentAccount
from tests.emulator import YooKassaEmulator
from tests.faults.conftest import Oracle
from tests.faults.donors import ask, at_once
from tests.faults.oracle import damage
from tests.faults.processes import fork
from tests.faults.servers import WIDE, Gunicorn, Refused, begin_at_last, gunicorn
from tests.faults.stage import Stage, bring_to_rest, size

Tell = Callable[..., None]
WRONG_TOTALS = """
SELECT count(*) FROM donations_fund f WHERE f.raised <> (
  SELECT coalesce(sum(d.amount), 0) FROM donations_donation d WHERE d.fund_id = f.id AND d.counted)
"""
GIFTS = "SELECT count(*) FROM donations_donation WHERE counted"


# --- it falls


@pytest.fixture
def cluster() -> ModuleType:
    """scripts/with-postgres, which has made the cluster of this run."""
    path = str(settings.BASE_DIR / "scripts" / "with-postgres")
    loader = importlib.machinery.SourceFileLoader("with_postgres", path)
    spec = importlib.util.spec_from_loader("with_postgres", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def fall(cluster: ModuleType) -> None:
    """Stop without a word to anybody, as at a power cut, and start again."""
    (place,) = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"]
    control = [str(cluster.binaries() / "pg_ctl"), "--pgdata", f"{place}/data", "--silent", "-w"]
    log = ["--log", f"{place}/server.log"]
    cluster.run_quietly(
        [*control, *log, "--mode=immediate", "restart"],
        user=cluster.server_user(),
        directory=Path(place),
    )


@pytest.mark.postgres
@pytest.mark.usefixtures("transactional_db")
def test_database_that_falls_four_times_loses_no_gift(
    emulator: YooKassaEmulator,
    shop: PaymentAccount,
    fund: Fund,
    cluster: ModuleType,
    tmp_path: Path,
    tell: Tell,
) -> None:
    """F22: donors get 503 and send the form again, until it is taken or their patience ends."""
    number, falls = size(200, 2000), 4
    answers: list[tuple[float, list[Refused]]] = []
    away: list[tuple[float, float]] = []
    over = threading.Event()

    def give(index: int) -> None:
        time.sleep(1)  # they still come when it falls for the last time
        answer, before = begin_at_last(server, str(shop.site.hostname), fund, index)
        answers.append((time.monotonic(), before))
        if answer.location.startswith(emulator.origin):
            emulator.pay(answer.location.rsplit("/", 1)[-1])

    def keep_falling() -> None:
        # Time enough between two falls to see how soon the next donor is through.
        while len(away) < falls and not over.wait(5):
            since = time.monotonic()
            fall(cluster)
            away.append((since, time.monotonic()))

    emulator.notifications.background = True
    config = tmp_path / "wide.py"
    config.write_text(WIDE)
    # The cluster of the tests promises nothing at a power cut; a real one does.
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")  # the site and its shop stay
    connections.close_all()
    durable = "-c synchronous_commit=on"
    with gunicorn(emulator, "--config", str(config), PGOPTIONS=durable) as server:
        listen(server, shop, emulator)
        give(0)  # reads the wordings once, for all
        falling = threading.Thread(target=keep_falling)
        falling.start()
        try:
            at_once(give, range(1, number), workers=8)
        finally:
            over.set()
            falling.join()
            connections.close_all()
        emulator.notifications.wait_idle(60)
    bring_to_rest(shop, emulator)

    assert damage(emulator) == []
    assert Donation.objects.count() == number
    refused = [one for _at, before in answers for one in before]
    assert {one.status for one in refused} <= {503}
    assert len(away) == falls
    # Only while it was away, however long that is here: who comes after it is up is taken at once.
    assert [
        one for one in refused if not any(one.began < up and one.ended > down for down, up in away)
    ] == []
    first_after = [min((at - up for at, _ in answers if at > up), default=0.0) for _, up in away]
    tell(gifts=number, falls=len(away), refused=len(refused),
         through_again_in=round(max(first_after), 1))  # fmt: skip


def listen(server: Gunicorn, shop: PaymentAccount, emulator: YooKassaEmulator) -> None:
    registered = emulator.shops[shop.shop_id]
    registered.notification_url = f"{server.url}/donations/yookassa/{shop.token}/"
    registered.notification_host = shop.site.hostname


# --- it is full


@pytest.mark.sqlite
@pytest.mark.usefixtures("transactional_db")
def test_full_disk_refuses_gifts_kindly_and_pages_stay(
    emulator: YooKassaEmulator, shop: PaymentAccount, fund: Fund, tmp_path: Path, tell: Tell
) -> None:
    """F26: no byte can be written anywhere; a gift is 503, a page 200, a notification 503. Then
    there is room again, and all goes on. (PostgreSQL answers a full disk by falling: see above.)"""
    host = str(shop.site.hostname)
    config = tmp_path / "wide.py"
    config.write_text(WIDE)
    connections.close_all()
    with gunicorn(emulator, "--config", str(config), workers=1) as server:
        listen(server, shop, emulator)
        before = [begin_at_last(server, host, fund, index)[0] for index in range(10)]
        (worker,) = server.workers()
        room = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, room[1]))
        try:
            pages = {ask(server.url, host, "GET", "/").status for _time in range(5)}
            with pytest.raises(AssertionError, match=r"gave up: \[503(, 503)*\]"):
                begin_at_last(server, host, fund, 10, patience=1)
            for answer in before:
                emulator.pay(answer.location.rsplit("/", 1)[-1])
        finally:
            resource.prlimit(worker, resource.RLIMIT_FSIZE, room)
        told = {delivery.status for delivery in emulator.deliveries}
        begin_at_last(server, host, fund, 10)
    assert (pages, told) == ({200}, {503})
    assert Donation.objects.count() == 11
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchall() == [("ok",)]
    bring_to_rest(shop, emulator)
    assert damage(emulator) == []
    tell(paid=Donation.objects.paid().count())


# --- it is copied, and comes back


def copy_to(place: Path) -> None:
    """As docs/for-operators tells."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(place)])
    else:
        name = connection.settings_dict["NAME"]
        run("pg_dump", "--clean", "--if-exists", "--file", str(place), name)


def run(tool: str, *arguments: str) -> str:
    """A tool of PostgreSQL on the cluster of this run; what it says."""
    address = urlsplit(os.environ["DATABASE_URL"])
    (host,) = parse_qs(address.query)["host"]
    environment = {**os.environ, "PGHOST": host, "PGUSER": str(address.username)}
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{tool}"))
    command = [str(newest[-1]) if newest else shutil.which(tool) or tool, *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def come_back_from(place: Path) -> None:
    name = str(connection.settings_dict["NAME"])
    connections.close_all()
    if connection.vendor == "sqlite":
        copy, live = sqlite3.connect(place), sqlite3.connect(name)
        copy.backup(live)
        copy.close()
        live.close()
    else:
        run("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file", str(place), name)


@contextmanager
def opened(place: Path) -> Iterator[Callable[[str], str]]:
    """A copy put somewhere else and asked."""
    if connection.vendor == "sqlite":
        copy = sqlite3.connect(place)
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        yield lambda question: str(copy.execute(question).fetchone()[0])
        copy.close()
        return
    run("createdb", "copy_of_the_books")
    try:
        run("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file", str(place), "copy_of_the_books")
        ask_copy = ["psql", "--tuples-only", "--no-align", "copy_of_the_books", "--command"]
        yield lambda question: run(*ask_copy, question).strip()
    finally:
        run("dropdb", "copy_of_the_books")


def test_copy_made_while_gifts_are_counted_is_whole(
    stage: Stage, tell: Tell, tmp_path: Path
) -> None:
    """F38: in each copy the totals are the sum of the gifts that are in it."""
    copies, gifts = size(4, 20), [stage.paid(index) for index in range(size(120, 600))]

    def count_all() -> None:
        for gift in gifts:
            refresh_donation(gift, source="sweeper")

    writer = fork(count_all)
    seen = []
    for number in range(copies):
        place = tmp_path / f"copy-{number}"
        copy_to(place)
        with opened(place) as ask_copy:
            assert ask_copy(WRONG_TOTALS) == "0"
            seen.append(int(ask_copy(GIFTS)))
    os.waitpid(writer, 0)
    assert damage(stage.emulator) == []
    tell(copies=copies, gifts_in_them=seen)
    assert seen == sorted(seen)
    assert seen[-1] > 0
    assert seen[0] < len(gifts)


def test_lost_day_is_brought_back_from_the_provider(
    stage: Stage, compare: Oracle, tell: Tell, tmp_path: Path
) -> None:
    """F39 and F40: yesterday's copy is all there is; reconciliation finds what was paid since."""
    kept, lost = size(50, 500), size(50, 500)
    for index in range(kept):
        stage.paid(index)
    stage.bring_to_rest()
    place = tmp_path / "yesterday"
    copy_to(place)
    totals = dict(Fund.objects.values_list("pk", "raised"))
    for index in range(kept, kept + lost):
        stage.paid(index)
    stage.bring_to_rest()

    come_back_from(place)
    assert dict(Fund.objects.values_list("pk", "raised")) == totals
    began, now = time.monotonic(), timezone.now()
    report = reconcile(
        account=stage.shop, since=now - timedelta(days=2), until=now + timedelta(hours=1)
    )
    seconds = time.monotonic() - began
    assert len(report.differences) == lost
    assert Donation.objects.paid().count() == kept + lost
    assert check_totals() == []
    tell(**compare(), brought_back=lost, seconds=round(seconds, 1))
