import logging
import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from donations.models import Donation, Fund, Letter
from sonko_cms.management.commands import worker as worker_command
from sonko_cms.management.commands.worker import Job, clock_jobs
from sonko_cms.stopping import stop_asked

Give = Callable[..., Donation]


def test_a_failing_job_is_told_and_tried_again_at_its_time(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test needs no database, and its own transaction must not be closed under it.
    monkeypatch.setattr(worker_command, "close_old_connections", lambda: None)
    runs: list[int] = []

    def fail() -> None:
        runs.append(1)
        raise OSError("no mail server")

    job = Job("letters", 3600, fail)
    with caplog.at_level(logging.ERROR):
        job.run_once()
    assert "job letters failed" in caplog.text
    job.run_once()
    assert len(runs) == 2


def test_a_job_that_hangs_keeps_no_other_from_its_rhythm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_command, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker_command, "TICK_SECONDS", 0.05)
    stop, runs = threading.Event(), []
    letters = Job("letters", 0, lambda: stop.wait(20))
    money = Job("settle", 0, lambda: runs.append(1))
    threads = [threading.Thread(target=job.live, args=(stop,)) for job in (letters, money)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 15
    while len(runs) < 5 and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(runs) >= 5


def test_the_clock_sends_owed_letters_and_every_job_can_run(
    fund: Fund, give: Give, mailoutbox: list[object]
) -> None:
    give(fund, "500.00", pay=True)
    jobs = clock_jobs()
    assert [job.name for job in jobs] == [
        "settle",
        "letters",
        "news",
        "messages",
        "invitations",
        "publish_scheduled",
        "check_shops",
        "monthly",
        "check_addresses",
        "reconcile",
        "selfcheck",
        "prune",
    ]
    for job in jobs:
        job.run()
    assert len(mailoutbox) == 1
    assert Letter.objects.filter(sent_at=None).count() == 0


def test_two_signals_at_once_are_one_wish() -> None:
    """Ctrl-C tells the whole group, and the parent tells its children once more."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        is_to_end = stop_asked()
        assert not is_to_end()
        for number in before:
            os.kill(os.getpid(), number)
        assert is_to_end()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
