"""What people who came by each channel gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from django.db.models import Case, Count, F, Q, Sum, Value, When
from wagtail.models import Site

from donations.models import Donation, DonationState
from donations.money import ZERO

# A gift from a paper, a statement or a later month was not begun at the form.
AT_THE_FORM = ~Q(page_path="") & (Q(subscription=None) | Q(saves_method=True))
COUNTED = Q(counted=True)
# What of it was not given back wholly.
KEPT = COUNTED & Q(refunded__lt=F("amount") + F("corrected"))
# Proof payments, test gifts of a site that takes real money, and what a person put aside.
NOT_COUNTED = Q(state=DonationState.SUCCEEDED, counted=False)

# How marks of links begin that people who gave have passed on.
DONOR = "donor"


def own_channel(gift: Donation) -> str:
    """The mark of the donor's own link: it tells nobody who gave, nor leads to the gift."""
    return f"{DONOR}-{sha256(gift.public_id.bytes).hexdigest()[:8]}"


def is_of_a_donor(channel: str) -> bool:
    return channel.partition("-")[0] == DONOR


def number_by_own_link(gift: Donation) -> int:
    """How many gifts have come by the link this donor passed on."""
    return Donation.objects.of_site(gift.site).filter(KEPT, channel=own_channel(gift)).count()


@dataclass(frozen=True)
class Given:
    """Gifts begun in a span of time: how many, how many of them were paid, and their sum today.

    A gift given back wholly is no paid one; what was given back in part lowers the sum.
    """

    started: int = 0
    paid: int = 0
    sum: Decimal = ZERO

    def __add__(self, other: "Given") -> "Given":
        return Given(self.started + other.started, self.paid + other.paid, self.sum + other.sum)


def given_by_channel(
    *, site: Site, key: UUID, since: datetime | None
) -> tuple[Mapping[str, Given], Given]:
    """Channel → what was begun at the form, and what came past it. One query."""
    gifts = Donation.objects.of_site(site).filter(fund__key=key, proof=False)
    if since is not None:
        gifts = gifts.filter(created_at__gte=since)
    rows = (
        gifts.annotate(at_form=Case(When(AT_THE_FORM, then=Value(True)), default=Value(False)))
        .order_by()
        .values("at_form", "channel")
        .annotate(
            started=Count("pk", filter=~NOT_COUNTED),
            paid=Count("pk", filter=KEPT),
            asked=Sum("amount", filter=COUNTED),
            mended=Sum("corrected", filter=COUNTED),
            back=Sum("refunded", filter=COUNTED),
        )
    )
    by_channel: dict[str, Given] = {}
    past_form = Given()
    for row in rows:
        left = (row["asked"] or ZERO) + (row["mended"] or ZERO) - (row["back"] or ZERO)
        given = Given(row["started"], row["paid"], left)
        if row["at_form"]:
            by_channel[row["channel"]] = given
        else:
            past_form += given
    return by_channel, past_form
