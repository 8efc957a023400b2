"""The shield against card testing: limits on starts that came to nothing, and a stricter state.

A start counts until it is paid, and then no more, so a crowd of honest donors behind one address
of a mobile carrier passes. Addresses and e-mails are kept as keyed digests only.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from django.db.models import F, Q
from django.utils import timezone

from donations.actions.letters import owe_staff_letters
from donations.models import OFFLINE, Donation, DonationState, Fund, StaffLetterKind
from tenancy.counters import count, key_of
from tenancy.models import AuditEntry, Counter

log = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600


class Verdict(IntEnum):
    """What to do with a start: let it pass, ask the donor to confirm, refuse for now."""

    PASS = 0
    ASK = 1
    REFUSE = 2


@dataclass(frozen=True)
class Limit:
    """So many starts in so many seconds pass; the next are asked to confirm, then refused."""

    what: str
    seconds: int
    passes: int
    confirms: int

    def verdict(self, number: int) -> Verdict:
        if number <= self.passes:
            return Verdict.PASS
        return Verdict.ASK if number <= self.confirms else Verdict.REFUSE


LIMITS = (
    Limit("address", MINUTE, passes=5, confirms=15),
    Limit("address", HOUR, passes=30, confirms=60),
    Limit("email", HOUR, passes=5, confirms=10),
    Limit("fund", MINUTE, passes=60, confirms=600),
)

# When most of many starts are declined, somebody is trying stolen cards on this fund.
WATCHED = timedelta(minutes=10)
ENOUGH_STARTS = 20
DECLINED_SHARE = 0.6
CALM = timedelta(hours=1)


@dataclass(frozen=True)
class Counted:
    """How a start was judged, and the counts to give back when it is paid."""

    verdict: Verdict
    counts: list[tuple[str, int]]


def count_start(*, address: str, email: str, fund: Fund) -> Counted:
    """Count a start against every limit and judge it by the strictest."""
    values = {"address": address, "email": email, "fund": str(fund.public_id)}
    now = int(timezone.now().timestamp())
    verdict, counts = Verdict.PASS, []
    for limit in LIMITS:
        key = key_of(f"{limit.what}/{limit.seconds}", values[limit.what])
        window = now - now % limit.seconds
        verdict = max(verdict, limit.verdict(count(key, window)))
        counts.append((key, window))
    if fund.strict_until and fund.strict_until > timezone.now():
        verdict = max(verdict, Verdict.ASK)
    return Counted(verdict, counts)


def give_back(donation: Donation) -> None:
    """The gift is paid: its start no longer counts against anybody.

    A test gift costs nothing, so its letters are still limited by the count of its e-mail.
    """
    for key, window in donation.shield_counts:
        if key.startswith("email/") and not donation.account.is_live:
            continue
        Counter.objects.filter(key=key, window_start=window, number__gt=0).update(
            number=F("number") - 1
        )


def watch_declines(fund: Fund) -> None:
    """After a declined gift: when most of many starts are declined, the fund becomes strict.

    It stays so until an hour has passed without such a share. Staff are told once, at the onset.
    """
    now = timezone.now()
    lately = Donation.objects.filter(fund=fund, proof=False, created_at__gt=now - WATCHED).exclude(
        account__kind__in=OFFLINE  # nobody tries stolen cards by a bank transfer
    )
    # Charges of saved cards are made by our own clock.
    lately = lately.filter(Q(subscription=None) | Q(saves_method=True))
    starts = lately.count()
    if starts < ENOUGH_STARTS:
        return
    declined = lately.filter(state=DonationState.CANCELED).count()
    if declined < starts * DECLINED_SHARE:
        return
    onset = Fund.objects.filter(pk=fund.pk).exclude(strict_until__gt=now)
    if onset.update(strict_until=now + CALM):
        log.error("fund %s: %s of %s starts declined, now strict", fund.pk, declined, starts)
        AuditEntry.objects.create(
            site_id=fund.site_id,
            what="card testing suspected",
            details={"fund": fund.pk, "starts": starts, "declined": declined},
        )
        owe_staff_letters(fund, StaffLetterKind.CARD_TESTING, about=f"{now:%Y-%m-%dT%H:%M:%S}")
    else:
        Fund.objects.filter(pk=fund.pk).update(strict_until=now + CALM)
