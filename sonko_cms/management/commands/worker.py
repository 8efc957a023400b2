import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from accounts.actions import send_owed_invitations
from campaigns.mailing import send_owed_news
from content.scheduled import publish_scheduled
from donations.actions.followers import forget_followers
from donations.actions.health import check_unchecked_accounts
from donations.actions.letters import send_owed_letters
from donations.actions.monthly import charge_due
from donations.actions.reconciliation import reconcile_nightly
from donations.actions.selfcheck import check_books
from donations.actions.sweeping import settle
from donations.providers import gate
from home.actions import forget_old_messages, send_owed_messages
from network.actions.addresses import check_waiting_hostnames
from sonko_cms.stopping import stop_asked
from tenancy.counters import forget_old_counts
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)

TICK_SECONDS = 1
DAY_SECONDS = 24 * 3600


def prune() -> None:
    """Forget finished tasks of two weeks ago, ended sessions, yesterday's counters, addresses
    nobody is to write to, and messages of a year ago."""
    call_command("prune_db_task_results", queue_name="*", verbosity=0)
    call_command("clearsessions", verbosity=0)
    forget_old_counts()
    forget_followers()
    forget_old_messages()


@dataclass
class Job:
    """Something to do every so many seconds. Each can also be run by hand.

    Each has a thread of its own: a mail server that hangs, or a night's long reconciliation, must
    not keep the money's clock from striking.
    """

    name: str
    every: int
    run: Callable[[], Any]

    def live(self, stop: threading.Event) -> None:
        """Run at its times until `stop`."""
        while not stop.is_set():
            began = time.monotonic()
            self.run_once()
            stop.wait(max(TICK_SECONDS, self.every - (time.monotonic() - began)))

    def run_once(self) -> None:
        close_old_connections()
        try:
            with unrestricted(f"job {self.name}: of every site"), gate.calls(gate.IN_A_JOB):
                self.run()
        except Exception:
            # The clock must go on: what is owed is in the database and is tried again next time.
            log.exception("job %s failed", self.name)
        finally:
            close_old_connections()


def clock_jobs() -> list[Job]:
    return [
        Job("settle", 30, settle),
        Job("letters", 30, send_owed_letters),
        Job("news", 30, send_owed_news),  # apart: thousands of them keep no thanks waiting
        Job("messages", 30, send_owed_messages),
        Job("invitations", 30, send_owed_invitations),
        Job("publish_scheduled", 60, publish_scheduled),
        Job("check_shops", 600, check_unchecked_accounts),
        Job("monthly", 600, charge_due),
        Job("check_addresses", 600, check_waiting_hostnames),
        Job("reconcile", 3600, reconcile_nightly),
        Job("selfcheck", 600, check_books),
        Job("prune", DAY_SECONDS, prune),
    ]


class Command(BaseCommand):
    help = "Does the background work: queued tasks, and jobs by the clock. Ends on TERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        is_to_end, stop = stop_asked(), threading.Event()
        queue = self._start_queue()
        # Daemons: a job in the middle of a call does not hold up the end; everything is resumed.
        for job in clock_jobs():
            threading.Thread(target=job.live, args=(stop,), name=job.name, daemon=True).start()
        try:
            while True:
                time.sleep(TICK_SECONDS)
                if is_to_end():
                    return
                if queue.poll() is not None:
                    # A database locked for longer than its timeout ends the task worker.
                    log.warning(
                        "the task worker ended with %s; starting it again", queue.returncode
                    )
                    queue = self._start_queue()
        finally:
            stop.set()
            queue.terminate()
            queue.wait()

    def _start_queue(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "db_worker"]
        options = ["--queue-name", "*", "--interval", "0.5", "--no-startup-delay", "--no-reload"]
        return subprocess.Popen(command + options)  # noqa: S603
