"""The sweeper: asks about every payment whose end is not known, in a slowing rhythm."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Q
from django.utils import timezone

from donations.actions.payments import GRACE, ProviderDown, refresh_donation
from donations.actions.refunds import finish_refunds
from donations.actions.transfers import expire_promises
from donations.models import Donation, DonationState

log = logging.getLogger(__name__)

# Age of the gift → how long to leave it between two questions. A card payment lives one hour.
RHYTHM = (
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(minutes=70), timedelta(minutes=1)),
    (timedelta(hours=24), timedelta(hours=1)),
    (timedelta(days=7), timedelta(days=1)),
)
FORGOTTEN_AT_ONCE = 20


@dataclass(frozen=True)
class Settled:
    """How many payments were asked about, found finished, could not be asked."""

    asked: int
    finished: int
    unreachable: int


def is_due(donation: Donation, now: datetime) -> bool:
    """Whether it is time to ask about this unfinished donation (again)."""
    age = now - donation.created_at
    if donation.checked_at is None and age < GRACE:
        return False
    for limit, pause in RHYTHM:
        if age <= limit:
            return donation.checked_at is None or now - donation.checked_at >= pause
    return False


def settle() -> Settled:
    """Ask about all unfinished gifts that are due. Of two sweepers at once each asks about its own.

    Letters wait for no sweeper and keep none waiting: see actions.letters.
    """
    now = timezone.now()
    asked = finished = unreachable = 0
    longest, pause = RHYTHM[-1]
    unfinished = Donation.objects.unfinished().select_related("account", "site", "fund")
    unfinished = unfinished.order_by("checked_at", "pk")
    waiting = unfinished.filter(created_at__gte=now - longest)
    # Older ones whose first call had no answer, or was never made: no list of the provider's need
    # have them, so nobody else would end them.
    forgotten = unfinished.filter(
        Q(checked_at=None) | Q(checked_at__lte=now - pause),
        created_at__lt=now - longest,
        state=DonationState.CREATED,
    )[:FORGOTTEN_AT_ONCE]
    due = (donation for donation in waiting.iterator() if is_due(donation, now))
    for donation in chain(due, forgotten):
        if not claim(donation, now):
            continue
        asked += 1
        try:
            donation = refresh_donation(donation, source="sweeper")
        except ProviderDown:
            unreachable += 1
            continue
        except Exception:
            # One bad row must not keep the others from their turn.
            log.exception("donation %s could not be settled", donation.public_id)
            continue
        finished += donation.is_finished
    finish_refunds()
    expire_promises()
    return Settled(asked, finished, unreachable)


def claim(donation: Donation, now: datetime) -> bool:
    """Take this turn of a donation; the other sweeper, or the donor's own page, comes too late.

    Only the row itself is looked at: with a join, as in `unfinished`, PostgreSQL would find the row
    in a sub-select, and not look again once the other sweeper lets go of it.
    """
    seen = Donation.objects.filter(
        pk=donation.pk, checked_at=donation.checked_at, state=donation.state, flag=""
    )
    return bool(seen.update(checked_at=now))
