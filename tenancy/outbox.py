"""Letters are owed in the database until they are sent, each by one worker.

Whatever happens to a mail server or a worker, none is lost; one is sent twice only when its worker
dies between the server's word and ours.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from tenancy.managers import ScopedModel

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(hours=24)
# EMAIL_TIMEOUT is for each word of the dialogue with a mail server, and there are about ten.
LEASE = timedelta(minutes=5)
BATCH = 200
# A mail server that hangs costs EMAIL_TIMEOUT for each letter; the rest waits for the next time.
LONGEST_RUN = 60.0


class Owed(ScopedModel):
    """A letter until it is sent: when it is tried next, and how often it was."""

    owed_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True

    @property
    def is_being_sent(self) -> bool:
        """At this moment; or its sender died, and it is tried again at `next_try_at`."""
        return bool(self.attempts) and self.sent_at is None and not self.last_error


L = TypeVar("L", bound=Owed)


def send_due(rows: QuerySet[L], post: Callable[[L], None], *, until: float) -> int:
    """Send those of the rows that are owed and due; returns how many went out.

    Of two workers one sends each. `until` is a moment of the monotonic clock.
    """
    due = rows.filter(sent_at=None, next_try_at__lte=timezone.now()).order_by("next_try_at")
    # Mostly there are none, and the clock strikes often: the wide rows are asked for after that.
    if not due.exists():
        return 0

    def post_as_it_is(letter: L) -> None:
        # While it waited its turn its address may have been corrected, or it is wanted no more.
        post(rows.get(pk=letter.pk))

    return sum(
        send_one(letter, post_as_it_is) for letter in due[:BATCH] if time.monotonic() < until
    )


def send_one(letter: L, post: Callable[[L], None]) -> bool:
    """Take the letter, post it and write down what came of it. Whether it went out."""
    if not _lease(letter):
        return False
    rows = type(letter)._default_manager.filter(pk=letter.pk)
    try:
        post(letter)
    except Exception as error:
        # Whatever it is, the letters behind this one wait for nobody. The class only: the text of
        # a mail error can hold the address.
        next_try_at = timezone.now() + _pause(letter)
        rows.update(last_error=type(error).__name__, next_try_at=next_try_at)
        log.warning("%s %s not sent: %s", type(letter).__name__, letter.pk, type(error).__name__)
        return False
    rows.update(sent_at=timezone.now(), last_error="")
    return True


def _lease(letter: Owed) -> bool:
    """Take the letter for oneself: of two workers one moves the next try ahead, the other loses."""
    rows = type(letter)._default_manager.filter(
        pk=letter.pk, sent_at=None, attempts=letter.attempts
    )
    end = timezone.now() + LEASE
    return bool(rows.update(attempts=F("attempts") + 1, next_try_at=end, last_error=""))


def _pause(letter: Owed) -> timedelta:
    """From a failure to the next try: a minute at first, twice as long each time."""
    return min(timedelta(minutes=2 ** min(letter.attempts, 12)), LONGEST_PAUSE)
