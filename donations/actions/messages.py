"""What donors wrote: a person of the site decides whether it may stand on the page, and takes a
name off it when its donor asks."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from donations.actions.funds import lock_funds
from donations.actions.states import add_event
from donations.models import Donation, DonationQuerySet, MessageState, Subscription
from tenancy.models import AuditEntry


def decide_messages(*, gifts: DonationQuerySet[Any], state: MessageState, by: User) -> int:
    """Put the words of these gifts there; every decision can be taken back by another one.

    Returns how many have changed: what stands there already, and words that were meant for the
    organisation alone, stay as they are.
    """
    with transaction.atomic():
        lock_funds(gifts.order_by().values("fund"))
        rows = list(
            gifts.with_words()
            .exclude(message_state=state)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
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


def take_name_off(*, donation: Donation, by: User) -> None:
    """The donor asks not to be named: not by this gift, nor by any other of theirs on the site.

    What they wrote leaves the page with the name. Only the donor can agree anew, by a new gift.
    """
    theirs = Q(email__iexact=donation.email) if donation.email else Q(pk=None)
    with transaction.atomic():
        named = Donation.objects.of_site(donation.site).filter(
            Q(pk=donation.pk) | theirs, show_name=True
        )
        lock_funds(named.order_by().values("fund"))
        gifts = list(named.order_by("pk").select_for_update(of=("self",), no_key=True))
        Donation.objects.filter(pk__in=[gift.pk for gift in gifts]).update(
            show_name=False, message_state=""
        )
        monthly = Subscription.objects.of_site(donation.site)
        monthly.filter(Q(donations=donation) | theirs).update(show_name=False)
        for gift in gifts:
            add_event(gift, gift.state, gift.state, source="staff", note="name taken off", by=by)
        AuditEntry.objects.create(
            site_id=donation.site_id,
            by=by,
            what="donor name taken off",
            details={"donations": [gift.pk for gift in gifts]},
        )
