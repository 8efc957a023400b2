"""A refused gift is begun once more, with all that the donor typed, under a key of its own."""

from datetime import timedelta

from django.utils import timezone

from donations.actions.flags import PAID_LATE
from donations.actions.giving import Gift, start_donation
from donations.actions.subscriptions import takes_monthly
from donations.actions.transfers import ANOTHER_SUM, ARRIVED_LATE
from donations.models import Acceptance, Donation, DonationState
from site_settings.legal import current_text, digest_of
from site_settings.models import LegalKind

CAME_LATER = (PAID_LATE, ARRIVED_LATE, ANOTHER_SUM)  # refused, and yet the money is here
# What the donor agreed to stands for as long as somebody may still sit before the page.
REMEMBERED = timedelta(hours=24)


def can_try_again(refused: Donation) -> bool:
    """Whether one tap is enough. Otherwise the donor fills in the form of the page."""
    is_over = refused.state == DonationState.CANCELED and not refused.flag
    has_come = refused.reason in CAME_LATER
    is_own_wish = not (refused.proof or refused.subscription_id or has_come)
    is_fresh = refused.created_at > timezone.now() - REMEMBERED
    return (
        is_over
        and is_own_wish
        and is_fresh
        and not saves_no_card(refused)
        and refused.account.is_online
        and refused.fund.is_open()
        and (not refused.saves_method or takes_monthly(refused.site))
        and _texts_are_the_same(refused)
    )


def saves_no_card(refused: Donation) -> bool:
    """The payment service does not let this shop save cards: a gift can be made once only."""
    return refused.saves_method and refused.reason == "forbidden"


def key_of_next(refused: Donation) -> str:
    """One next gift for each refused one: a double tap is one payment."""
    return f"again:{refused.public_id}"


def try_again(*, refused: Donation, shield_counts: list[tuple[str, int]]) -> Donation:
    """Begin it. Ask `can_try_again` first. Raises CannotGive, OtherGift."""
    texts = tuple((row.text.kind, row.text.digest) for row in _accepted(refused))
    gift = Gift(
        amount=refused.amount,
        email=refused.email,
        key=key_of_next(refused),
        typed_digest=refused.typed_digest,
        name=refused.name,
        show_name=refused.show_name,
        message=refused.message,
        language=refused.language,
        page_path=refused.page_path,
        channel=refused.channel,
        source="tried once more",
        shield_counts=tuple(shield_counts),
        shown_texts=texts,
        monthly=refused.saves_method,
        news=LegalKind.NEWS in dict(texts),
    )
    return start_donation(fund=refused.fund, gift=gift)


def _accepted(refused: Donation) -> list[Acceptance]:
    return list(refused.acceptances.select_related("text"))


def _texts_are_the_same(refused: Donation) -> bool:
    """A consent is to the words that were read: other words are read first."""
    return all(
        digest_of(current_text(refused.site, LegalKind(row.text.kind))) == row.text.digest
        for row in _accepted(refused)
    )
