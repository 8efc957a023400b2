"""The arrows of donations and refunds: every change of state, every flag, the event it leaves."""

import logging
from typing import Any

from accounts.models import User
from donations.models import (
    Donation,
    DonationEvent,
    Refund,
    RefundState,
    in_history,
)

log = logging.getLogger(__name__)

# What an answer of the provider may change whether or not the state moves.
WRITTEN_BY_ANSWERS = ("external_id", "confirmation_url", "checked_at")


class NoSuchArrow(Exception):
    """A fault in our own code: a donation or a refund was to move where no arrow leads."""


def move(
    donation: Donation,
    to_state: str,
    *,
    source: str,
    answer: dict[str, Any],
    by: User | None = None,
) -> None:
    from_state = donation.state
    if to_state not in Donation.ARROWS[from_state]:
        raise NoSuchArrow(f"{from_state} → {to_state}")
    donation.state = to_state
    donation.save(update_fields=["state", "paid_at", "counted", "reason", *WRITTEN_BY_ANSWERS])
    add_event(donation, from_state, to_state, source=source, answer=answer, by=by)


def add_event(
    donation: Donation,
    from_state: str,
    to_state: str,
    *,
    source: str,
    answer: dict[str, Any] | None = None,
    note: str = "",
    by: User | None = None,
) -> None:
    DonationEvent.objects.create(
        donation=donation,
        site_id=donation.site_id,
        source=source,
        by=by,
        from_state=from_state,
        to_state=to_state,
        note=note,
        answer=answer or {},
    )


def move_refund(refund: Refund, to_state: str, *, source: str, answer: dict[str, Any]) -> None:
    from_state = refund.state
    if to_state not in Refund.ARROWS[from_state]:
        raise NoSuchArrow(f"{from_state} → {to_state}")
    refund.state = RefundState(to_state)
    refund.save(update_fields=["external_id", "state", "refusal", "finished_at"])
    add_refund_event(refund, from_state, to_state, source=source, answer=answer)


def add_refund_event(
    refund: Refund,
    from_state: str,
    to_state: str,
    *,
    source: str,
    answer: dict[str, Any] | None = None,
    by: User | None = None,
) -> None:
    DonationEvent.objects.create(
        donation_id=refund.donation_id,
        site_id=refund.site_id,
        refund=refund,
        source=source,
        by=by,
        from_state=in_history(from_state),
        to_state=in_history(to_state),
        answer=answer or {},
    )


def write_flag(donation: Donation, doubt: str, *, source: str, answer: dict[str, Any]) -> Donation:
    """Something does not agree. It counts nothing until a person decides; told once per doubt."""
    if donation.flag != doubt[:200]:
        log.error("donation %s needs a person: %s", donation.public_id, doubt)
        donation.flag = doubt[:200]
        add_event(
            donation, donation.state, donation.state, source=source, answer=answer, note=doubt[:200]
        )
    donation.save(update_fields=["flag", "checked_at"])
    return donation
