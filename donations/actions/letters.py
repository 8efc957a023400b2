"""Letters are owed in the database and sent by the worker: one per donation and kind."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from donations import mail
from donations.models import Donation, Letter, LetterKind
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(hours=24)
BATCH = 200


def owe_letter(donation: Donation, kind: LetterKind) -> Letter:
    """Owe a letter, once. It goes out after the transaction that owes it is committed."""
    letter, created = Letter.objects.get_or_create(
        donation=donation, kind=kind, defaults={"site_id": donation.site_id}
    )
    if created:
        # The clock sends what the queue did not take.
        transaction.on_commit(deliver_letters.enqueue, robust=True)
    return letter


def send_owed_letters() -> int:
    """Send what is owed and due; returns how many letters went out."""
    due = (
        Letter.objects.filter(sent_at=None, next_try_at__lte=timezone.now())
        .select_related("donation__site", "donation__fund")
        .order_by("next_try_at")[:BATCH]
    )
    return sum(_send(letter) for letter in due)


@task(queue_name="money")
def deliver_letters() -> int:
    """The same as a background job. Also run by the worker's clock, so nothing depends on it."""
    with unrestricted("letters are owed on every site"):
        return send_owed_letters()


def _send(letter: Letter) -> bool:
    if not _lease(letter):
        return False
    try:
        mail.SENDERS[letter.kind](letter.donation)
    except Exception as error:
        # Whatever it is, the letters behind this one wait for nobody. The class only: the text of
        # a mail error can hold the address.
        Letter.objects.filter(pk=letter.pk).update(last_error=type(error).__name__)
        log.warning("letter %s not sent: %s", letter.pk, type(error).__name__)
        return False
    Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), last_error="")
    return True


def _lease(letter: Letter) -> bool:
    """Take the letter for oneself: of two workers one moves the next try ahead, the other loses."""
    pause = min(timedelta(minutes=2 ** min(letter.attempts, 12)), LONGEST_PAUSE)
    taken = Letter.objects.filter(pk=letter.pk, sent_at=None, attempts=letter.attempts).update(
        attempts=F("attempts") + 1, next_try_at=timezone.now() + pause
    )
    return bool(taken)
