"""Forked processes, killed where a test wants it, with no code of ours running afterwards."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections


@dataclass(frozen=True)
class Point:
    """Where a process dies: before or after a call, the code of which is at `place`."""

    place: Any
    name: str
    when: str

    def arm(self) -> None:
        original = getattr(self.place, self.name)

        def deadly(*args: Any, **kwargs: Any) -> Any:
            if self.when == "after":
                original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(self.place, self.name, deadly)


def fork(work: Callable[[], object], *, die_at: Point | None = None) -> int:
    """Begin the work in a child with connections of its own; its process id."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if die_at:
            die_at.arm()
        work()
        connections.close_all()
        code = 0
    finally:
        os._exit(code)


def wait_for(child: int) -> bool:
    """Whether it was killed. A child that failed by itself is a fault of the test."""
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed"
    return False
