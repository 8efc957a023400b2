"""Processes that answer donors are killed, or replaced by a new release, under load."""

import io
import os
import random
import signal
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, models

from donations.actions.giving import Gift, start_donation
from donations.models import Donation, DonationState, Fund, PaymentAccount
from tests.emulator import YooKassaEmulator
from tests.faults.donors import at_once, begin
from tests.faults.oracle import damage
from tests.faults.servers import WIDE, Gunicorn, begin_at_last, gunicorn
from tests.faults.stage import SEED, bring_to_rest, size
from tests.faults.test_database import listen

Tell = Callable[..., None]
pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def wide(tmp_path: Path) -> tuple[str, str]:
    config = tmp_path / "wide.py"
    config.write_text(WIDE)
    return "--config", str(config)


def test_workers_killed_under_load_lose_no_gift(
    emulator: YooKassaEmulator, shop: PaymentAccount, fund: Fund, wide: tuple[str, str], tell: Tell
) -> None:
    """F19: `kill -9` of a worker taken by the dice; donors send the form again."""
    number, pause = size(150, 3000), size(700, 2000) / 1000
    dice = random.Random(SEED)  # noqa: S311 - the kills must repeat by seed
    kills, again = 0, list[int]()
    over = threading.Event()

    def give(index: int) -> None:
        answer, before = begin_at_last(server, str(shop.site.hostname), fund, index)
        again.extend(one.status for one in before)
        if answer.location.startswith(emulator.origin):
            emulator.pay(answer.location.rsplit("/", 1)[-1])

    def kill(server: Gunicorn) -> None:
        nonlocal kills
        while not over.wait(pause):
            workers = server.workers()
            if workers:
                os.kill(dice.choice(workers), signal.SIGKILL)
                kills += 1

    emulator.notifications.background = True
    connections.close_all()
    # A worker that has to load everything first would not live to see the next kill.
    with gunicorn(emulator, *wide, "--preload") as server:
        listen(server, shop, emulator)
        killer = threading.Thread(target=kill, args=(server,))
        killer.start()
        try:
            at_once(give, range(number), workers=8)
        finally:
            over.set()
            killer.join()
        emulator.notifications.wait_idle(60)
    bring_to_rest(shop, emulator)

    assert damage(emulator) == []
    assert Donation.objects.count() == Donation.objects.paid().count() == number
    assert set(again) <= {0, 503}
    tell(gifts=number, kills=kills, sent_again=len(again))
    assert kills >= size(5, 60)


def many_old_gifts(fund: Fund, shop: PaymentAccount, number: int) -> None:
    Donation.objects.bulk_create(
        [
            Donation(
                site=fund.site,
                fund=fund,
                account=shop,
                amount=100,
                purpose="Давно",
                email="old@example.org",
                gift_key=f"old:{uuid4()}",
                state=DonationState.CANCELED,
            )
            for _gift in range(number)
        ],
        batch_size=500,
    )


def test_new_release_with_a_new_column_refuses_no_donor(
    emulator: YooKassaEmulator, shop: PaymentAccount, fund: Fund, wide: tuple[str, str], tell: Tell
) -> None:
    """F36: a column more on a long table, then all processes are replaced, while donors come."""
    many_old_gifts(fund, shop, size(10_000, 100_000))
    old, host = Donation.objects.count(), str(shop.site.hostname)
    answered: list[tuple[int, float]] = []
    over = threading.Event()

    def come(lane: int) -> None:
        for index in range(lane * 10_000, (lane + 1) * 10_000):
            if over.is_set():
                return
            began = time.monotonic()
            status = begin(server.url, host, fund, 100, index).status
            answered.append((status, time.monotonic() - began))

    column = models.CharField(max_length=10, null=True)
    column.set_attributes_from_name("of_the_next_release")
    connections.close_all()
    with gunicorn(emulator, *wide) as server:
        donors = threading.Thread(target=at_once, args=(come, range(4)), kwargs={"workers": 4})
        donors.start()
        try:
            time.sleep(1)
            began = time.monotonic()
            with connection.schema_editor() as editor:
                editor.add_field(Donation, column)
            locked = time.monotonic() - began
            workers = set(server.workers())
            server.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + 60
            while workers & set(server.workers()) and time.monotonic() < end:
                time.sleep(0.1)
            assert not workers & set(server.workers())
            time.sleep(1)
        finally:
            over.set()
            donors.join()
            with connection.schema_editor() as editor:
                editor.remove_field(Donation, column)
    statuses = {status for status, _seconds in answered}
    assert statuses == {303}
    assert Donation.objects.count() == old + len(answered)
    tell(
        gifts=len(answered),
        rows=old,
        column_took=round(locked, 2),
        longest=round(max(seconds for _status, seconds in answered), 2),
    )
    assert locked < 2


def git(*arguments: str) -> bytes:
    command = ["git", "-C", str(settings.BASE_DIR), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture
def version_before(tmp_path: Path) -> Path:
    """The code before the last change of the tables of money, from the project's own history."""
    change = ["log", "-1", "--diff-filter=A", "--format=%H", "--", "donations/migrations"]
    archive = git("archive", f"{git(*change).decode().strip()}^")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


def test_version_before_takes_gifts_on_the_tables_of_this_one(
    emulator: YooKassaEmulator,
    shop: PaymentAccount,
    fund: Fund,
    wide: tuple[str, str],
    version_before: Path,
    tell: Tell,
) -> None:
    """F37: the tables are changed first, and old processes answer until new ones take over; or the
    release is taken back, and what the new ones had begun is paid to the old."""
    number, host = size(20, 500), str(shop.site.hostname)

    def of_a_donor(index: int) -> Gift:
        return Gift(Decimal(100 + index), f"donor{index}@example.org", f"gift:{index}")

    begun = [start_donation(fund=fund, gift=of_a_donor(index)) for index in range(number)]
    connections.close_all()
    with gunicorn(emulator, *wide, workers=1, code=version_before) as server:
        listen(server, shop, emulator)
        for gift in begun:
            emulator.pay(str(gift.external_id))
        assert Donation.objects.paid().count() == number
        answers = [begin(server.url, host, fund, 200 + index, index) for index in range(number)]
    assert {answer.status for answer in answers} == {303}
    for answer in answers:
        emulator.pay(answer.location.rsplit("/", 1)[-1])
    bring_to_rest(shop, emulator)
    # As docs/for-operators tells: the version before may not know all that is counted today.
    call_command("check_totals", "--mend-people")
    assert damage(emulator) == []
    assert Donation.objects.paid().count() == 2 * number
    tell(gifts=2 * number, lost=0)
