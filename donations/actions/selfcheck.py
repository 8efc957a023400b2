"""The books look at themselves, every ten minutes: what must never be false."""

import logging

from django.db.models import Exists, OuterRef
from django.utils import timezone
from wagtail.models import Site

from donations.actions.funds import check_totals
from donations.models import Donation, DonationEvent, DonationState, Letter, LetterKind, SelfCheck

log = logging.getLogger(__name__)


def check_books() -> int:
    """Recount every fund and look for paid gifts without an event or a letter.

    Keeps the findings of each site; returns how many there are.
    """
    findings: dict[int, list[str]] = {site.pk: [] for site in Site.objects.all()}
    for row in check_totals():
        findings[row.fund.site_id].append(f"fund {row.fund.pk}: total")
    for gift in _paid_without_trace():
        findings[gift.site_id].append(f"donation {gift.pk}: event or letter missing")
    for site_id, found in findings.items():
        SelfCheck.objects.update_or_create(
            site_id=site_id, defaults={"at": timezone.now(), "findings": found}
        )
        if found:
            log.error("self-check of site %s: %s", site_id, "; ".join(found))
    return sum(map(len, findings.values()))


def _paid_without_trace() -> list[Donation]:
    events = DonationEvent.objects.filter(donation=OuterRef("pk"), to_state=DonationState.SUCCEEDED)
    letters = Letter.objects.filter(donation=OuterRef("pk"), kind=LetterKind.THANKS)
    paid = Donation.objects.paid().only("pk", "site_id")
    untold = paid.filter(~Exists(events)) | paid.exclude(email="").filter(~Exists(letters))
    return list(untold.order_by("pk")[:100])
