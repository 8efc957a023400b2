"""News by e-mail: asked for, confirmed, stopped, forgotten. What is sent: campaigns.actions.

Nothing is sent to an address before its owner has confirmed it. One who has left is remembered for
thirty days, the term the law gives for deleting (152-FZ, art. 21): a slip can be undone and a
complaint answered. Then the address goes; dates and the wording stay as the record of both wishes.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from donations.actions.letters import deliver_soon
from donations.models import Acceptance, Donation, Follower, Fund
from site_settings.legal import record_version
from site_settings.models import LegalKind, LegalText
from tenancy.counters import Limit, take
from tenancy.models import SiteState, state_of

REMEMBERED = timedelta(days=30)
# Letters to confirm: to one address over all sites, from one address, for one campaign.
LIMITS = (
    Limit("follow/address", most=20, seconds=3600),
    Limit("follow/email", most=3, seconds=24 * 3600 - 120),
    Limit("follow/fund", most=300, seconds=3600),
)


def can_follow(site: Site) -> bool:
    """Whether the site takes new followers: one that rests or has ended promises no news."""
    return state_of(site) == SiteState.ACTIVE


def seconds_to_wait(*, address: str, email: str, fund: Fund) -> int:
    """Count a wish against every limit; 0, or how long to wait. Knows nobody: it counts the same
    whether the address follows or not."""
    for limit, value in zip(LIMITS, (address, email, str(fund.public_id)), strict=True):
        wait = take(limit, value)
        if wait:
            return wait
    return 0


def ask_to_follow(
    *, fund: Fund, email: str, language: str, page_path: str, shown_text: str = ""
) -> None:
    """Owe the letter that asks to confirm. Quiet for one who follows already.

    `shown_text`: the digest of the wording that stood beside the box.
    """
    with transaction.atomic():
        text = record_version(fund.site, LegalKind.NEWS, shown_text)
        follower = _wish(fund, email, language, page_path, text, source="campaign page")
        if follower is None:
            return
        if not follower.is_being_sent:
            follower.sent_at, follower.attempts, follower.last_error = None, 0, ""
            follower.next_try_at = timezone.now()
        follower.save()
        deliver_soon(fund.site_id)


def follow_by_gift(donation: Donation) -> None:
    """The gift is paid, and its donor ticked the box: the letter of thanks will ask to confirm."""
    wish = (
        Acceptance.objects.filter(donation=donation, text__kind=LegalKind.NEWS)
        .select_related("text")
        .first()
    )
    if wish is None or not donation.email:
        return
    follower = _wish(
        donation.fund,
        donation.email,
        donation.language,
        donation.page_path,
        wish.text,
        source=wish.source,
    )
    if follower is not None:
        follower.agreed_at = wish.at
        follower.sent_at = timezone.now()
        follower.save()


def _wish(
    fund: Fund, email: str, language: str, page_path: str, text: LegalText, *, source: str
) -> Follower | None:
    """The row of the address, unconfirmed; None when it follows already. Inside a transaction."""
    said = {
        "language": language,
        "page_path": page_path,
        "text": text,
        "source": source,
        "agreed_at": timezone.now(),
    }
    follower, created = Follower.objects.select_for_update(no_key=True).get_or_create(
        fund=fund, email=email, defaults={"site_id": fund.site_id, **said}
    )
    if not created and follower.is_following:
        return None
    for name, value in said.items():
        setattr(follower, name, value)
    # Who has left and asks again is asked to confirm again.
    follower.confirmed_at = follower.left_at = None
    return follower


def confirm(follower: Follower) -> None:
    """The owner of the address wants the news: for the first time, or again after leaving."""
    with transaction.atomic():
        row = _locked(follower)
        if row.email and not row.is_following:
            row.confirmed_at, row.left_at = timezone.now(), None
            _decided(row)


def leave(follower: Follower) -> None:
    """No more news, from this moment. Quiet when it is so already."""
    with transaction.atomic():
        row = _locked(follower)
        if row.left_at is None:
            row.left_at = timezone.now()
            _decided(row)


def _locked(follower: Follower) -> Follower:
    return Follower.objects.select_for_update(no_key=True).get(pk=follower.pk)


def _decided(row: Follower) -> None:
    # Whoever has decided need not be asked.
    row.sent_at = row.sent_at or timezone.now()
    row.save(update_fields=["confirmed_at", "left_at", "sent_at"])


def forget_followers() -> int:
    """Forget those who never confirmed, and the addresses of those who left; returns how many."""
    long_ago = timezone.now() - REMEMBERED
    never = Follower.objects.unconfirmed().filter(agreed_at__lt=long_ago)
    deleted, _by_model = never.delete()
    left = Follower.objects.filter(left_at__lt=long_ago).exclude(email="")
    return deleted + left.update(email="", page_path="")
