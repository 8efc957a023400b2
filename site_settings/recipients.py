"""Who receives the gifts of a site: the organisation itself, or the one that agreed to."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from wagtail.models import Site

from site_settings.models import Organisation, RecipientAgreement
from tenancy.models import SiteState, state_of
from tenancy.scope import unrestricted

MEMORY = "_receiver"


def receiver_of(organisation: Organisation) -> Organisation | None:
    """The organisation whose requisites, offer and account serve the site; None for a group that
    nobody receives gifts for (any more). An archived organisation receives nothing.

    Kept with the row it is asked for: a page with a form asks four times.
    """
    if not organisation.is_group:
        return organisation
    memory: dict[str, Any] = organisation.__dict__
    if MEMORY not in memory:
        memory[MEMORY] = _agreed_receiver(organisation)
    found: Organisation | None = memory[MEMORY]
    return found


def _agreed_receiver(organisation: Organisation) -> Organisation | None:
    agreement = agreement_of(organisation.site)
    if agreement is None or state_of(agreement.recipient) == SiteState.ARCHIVED:
        return None
    # The site of a group shows who receives its gifts: read with the agreement, past the scope.
    found: Organisation | None = getattr(agreement.recipient, "organisation", None)
    return None if found is None or found.is_group else found


def takes_for(organisation: Organisation) -> Organisation | None:
    """The same, as long as gifts may go there: a group's recipient takes none while it is paused.
    Whether the site itself works, its funds know.
    """
    receiver = receiver_of(organisation)
    if receiver is None or not organisation.is_group:
        return receiver
    return receiver if state_of(receiver.site) == SiteState.ACTIVE else None


def takers_for(organisations: Collection[Organisation]) -> dict[int, Organisation]:
    """Site id → who takes its gifts now, for many at once. Left out: groups nobody takes for."""
    found = {one.site_id: one for one in organisations if not one.is_group}
    groups = [one.site_id for one in organisations if one.is_group]
    if not groups:
        return found
    with unrestricted("gifts of groups are given to their recipients"):
        agreements = RecipientAgreement.objects.filter(site__in=groups, withdrawn_at__isnull=True)
        recipients = {row.site_id: row.recipient_id for row in agreements}
        rows = Organisation.objects.select_related("site__walls").filter(
            site__in=recipients.values(), is_group=False
        )
        taking = {row.site_id: row for row in rows if state_of(row.site) == SiteState.ACTIVE}
    for site, recipient in recipients.items():
        if recipient in taking:
            found[site] = taking[recipient]
    return found


def agreement_of(site: Site) -> RecipientAgreement | None:
    """The one in force."""
    rows = RecipientAgreement.objects.filter(site=site, withdrawn_at__isnull=True)
    with_it = ("recipient__walls", "recipient__root_page", "recipient__organisation")
    return rows.select_related(*with_it).first()


def had_recipient(site: Site) -> bool:
    return RecipientAgreement.objects.filter(site=site).exists()


def groups_of(recipient: Site) -> frozenset[int]:
    """Ids of the sites whose gifts it receives, or received once."""
    with unrestricted("gifts of groups are in the books of their recipient"):
        rows = RecipientAgreement.objects.filter(recipient=recipient)
        return frozenset(rows.values_list("site_id", flat=True))


def received_for(recipient: Site) -> QuerySet[RecipientAgreement]:
    """Agreements in force by which it receives gifts, as a part of a query on other rows."""
    return RecipientAgreement._base_manager.filter(recipient=recipient, withdrawn_at=None)


def received_then(recipient: Site, *, site: OuterRef, moment: OuterRef) -> Exists:
    """Whether it received the gifts of that site at that moment: for a query on other rows."""
    rows = RecipientAgreement._base_manager.filter(
        recipient=recipient, site=site, recorded_at__lte=moment
    )
    return Exists(rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment)))


def recipients_of(site: Site) -> frozenset[int]:
    """Ids of the sites that receive the gifts of this one, or received them once."""
    rows = RecipientAgreement.objects.filter(site=site)
    return frozenset(rows.values_list("recipient_id", flat=True))
