"""Ten roubles by a person of the site, to see the whole way of a payment with one's own eyes."""

from decimal import Decimal

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


def latest_proof(site: Site) -> Donation | None:
    proofs = Donation.objects.of_site(site).filter(proof=True)
    return proofs.select_related("account", "site").order_by("-pk").first()


def give_proof_back(*, donation: Donation, reason: str, by: User) -> Refund:
    """Give the ten roubles back to the person. Raises CannotRefund, also for one given back."""
    return refund_donation(donation=donation, amount=donation.amount, reason=reason, by=by)
