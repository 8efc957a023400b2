"""A real web server on the test's own database, as the image runs it."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from donations.models import Fund
from tests.donations.test_server import _wait_for, database_url, free_port
from tests.emulator import YooKassaEmulator
from tests.faults.donors import Answer, begin

# Money is what is looked at: the shield and the gate have tests of their own.
WIDE = """
import threading

def post_worker_init(worker):
    from django.conf import settings
    from donations.actions import shield
    from donations.providers import gate
    settings.DEBUG = False  # errors are told as they are to donors
    shield.LIMITS = ()
    wide = gate.Manner(connect=60, read=60, patience=60)
    gate.IN_A_REQUEST = gate.IN_A_NOTICE = gate.IN_A_JOB = wide
    gate.PLACES = 64
    gate._all_places = threading.BoundedSemaphore(64)
"""


@dataclass
class Gunicorn:
    url: str
    process: "subprocess.Popen[bytes]"

    def workers(self) -> list[int]:
        """Process ids of those who answer."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]


@contextmanager
def gunicorn(
    emulator: YooKassaEmulator,
    *options: str,
    workers: int = 2,
    code: Path = settings.BASE_DIR,
    **environment: str,
) -> Iterator[Gunicorn]:
    """So many processes of eight threads, of the code in this folder."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "sonko_cms.wsgi", f"--bind=127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, f"--workers={workers}", "--threads=8", "--log-level=warning", *options],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "YOOKASSA_API_URL": emulator.url,
            "TRUSTED_PROXIES": "1",
            **environment,
        },
        cwd=code,
    )
    try:
        _wait_for(process, port)
        yield Gunicorn(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class Refused:
    """A form that was not taken (status 0: no answer at all), from when to when."""

    status: int
    began: float
    ended: float


def begin_at_last(
    server: Gunicorn, host: str, fund: Fund, number: int, *, patience: float = 30
) -> tuple[Answer, list[Refused]]:
    """The form sent again and again, as the same gift, until it is taken: the answer, and what
    came before it."""
    nonce, before = str(uuid4()), list[Refused]()
    end = time.monotonic() + patience
    while True:
        status, began = 0, time.monotonic()
        try:
            answer = begin(server.url, host, fund, 100 + number, number, nonce=nonce)
            if answer.status == 303:
                return answer, before
            status = answer.status
        except (OSError, http.client.HTTPException):
            pass
        before.append(Refused(status, began, time.monotonic()))
        statuses = [one.status for one in before]
        assert time.monotonic() < end, f"donor {number} gave up: {statuses}"
        time.sleep(0.1)
