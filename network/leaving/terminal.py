"""How the two commands speak: progress, and a passphrase that no list of processes shows."""

import os
import sys
from getpass import getpass

from django.core.management.base import CommandError, OutputWrapper
from django.utils.translation import gettext as _

VARIABLE = "SITE_FILE_PASSPHRASE"


class Progress:
    """A line for each table that has rows; on a terminal it counts as it goes."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    def __call__(self, label: str, done: int, total: int) -> None:
        line = f"  {label}: {done} / {total}"
        if done == total:
            if total:
                self._out.write(f"\r{line}" if self._out.isatty() else line)
        elif self._out.isatty():
            self._out.write(f"\r{line}", ending="")
            self._out.flush()


def passphrase(*, twice: bool) -> str:
    """From the environment, or typed unseen."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise CommandError(_("Put the passphrase into %s, or run this on a terminal.") % VARIABLE)
    typed = getpass(_("Passphrase:") + " ")
    if twice and getpass(_("Once more:") + " ") != typed:
        raise CommandError(_("The two are not the same."))
    return typed
