"""Ten roubles by a person of the site, to see the whole way of a payment with one's own eyes."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Max
from django.utils import translation
from wagtail.models import Site

from accounts.models import User
from donations.actions.giving import Gift, start_donation
from donations.actions.refunds import refund_donation
from donations.models import Donation, Fund, Refund
from tenancy.models import AuditEntry

PROOF_AMOUNT = Decimal("10.00")


def start_proof(*, site: Site, by: User, key: str) -> Donation:
    """Begin a proof payment; the same `key` gives the same one. Raises CannotGive, OtherGift.

    It goes the way of every gift, letter included, but never counts.
    """
    gift = Gift(
        amount=PROOF_AMOUNT,
        email=by.email,
        key=f"proof:{key}",
        language=translation.get_language() or "ru",
        source="proof payment",
        proof=True,
    )
    donation = start_donation(fund=Fund.objects.of_site(site).general().get(), gift=gift)
    AuditEntry.objects.create(
        site=site, by=by, what="proof payment begun", details={"donation": donation.pk}
    )
    return donation


def latest_proofs(sites: Iterable[Site]) -> dict[int, Donation]:
    """The last proof payment of each site, by the site's id, with all that is told of it."""
    proofs = Donation.objects.filter(site__in=sites, proof=True)
    last = proofs.order_by().values("site").annotate(last=Max("pk")).values("last")
    found = Donation.objects.filter(pk__in=last).select_related("account", "site")
    return {proof.site_id: proof for proof in found.prefetch_related("events", "refunds")}


def give_proof_back(*, donation: Donation, reason: str, by: User) -> Refund:
    """Give the ten roubles back to the person. Raises CannotRefund, also for one given back."""
    return refund_donation(donation=donation, amount=donation.amount, reason=reason, by=by)
