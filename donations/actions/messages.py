"""What donors wrote: a person of the site decides whether it may stand on the page."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from donations.models import Donation, DonationQuerySet, MessageState
from tenancy.models import AuditEntry


def decide_messages(*, gifts: DonationQuerySet[Any], state: MessageState, by: User) -> int:
    """Put the words of these gifts there; every decision can be taken back by another one.

    Returns how many have changed: what stands there already, and words that were meant for the
    organisation alone, stay as they are.
    """
    with transaction.atomic():
        rows = list(
            gifts.with_words()
            .exclude(message_state=state)
            .order_by("pk")
            .select_for_update(of=("self",))
        )
        at = timezone.now()
        Donation.objects.filter(pk__in=[gift.pk for gift in rows]).update(
            message_state=state, message_decided_at=at
        )
        AuditEntry.objects.bulk_create(
            AuditEntry(
                site_id=gift.site_id,
                by=by,
                what="message decided",
                details={"donation": gift.pk, "from": gift.message_state, "to": state.value},
            )
            for gift in rows
        )
    return len(rows)
