"""Form tokens and gift keys.

The page's token is the same for all visitors of a day, so pages can be cached; it is never an
idempotency key. What makes a repeated submit one gift is the gift key: a nonce from the script, or
without script a digest of what was typed, good for ten minutes. The confirmation page carries a
token of its own that works once.
"""

import hashlib
import re
import secrets
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone

from donations.models import Donation, DonationState, Fund

PAGE_SALT, ONCE_SALT = "donations.page-token", "donations.once-token"
MONTHLY_SALT = "donations.monthly"
PAGE_TOKEN_LIVES = timedelta(days=7)
ONCE_TOKEN_LIVES = timedelta(hours=1)
QUICKEST_CONFIRMATION = timedelta(seconds=1)
KEYLESS_WINDOW = timedelta(minutes=10)
MOST_TRIES = 10
NONCE = re.compile(r"[0-9a-zA-Z-]{16,64}\Z")


def page_token(fund: Fund, day: date | None = None) -> str:
    return _stamped(fund.site_id, str(fund.public_id), day)


def site_token(site_id: int) -> str:
    """For a page where the donor chooses among the funds of one site."""
    return _stamped(site_id, "", None)


def _stamped(site_id: int, fund: str, day: date | None) -> str:
    return stamp([site_id, fund], salt=PAGE_SALT, day=day)


def stamp(content: list[Any], *, salt: str, day: date | None = None) -> str:
    """What a form is about, signed, with the day: the same for all visitors of a day."""
    today = (day or timezone.now().date()).isoformat()
    return signing.Signer(salt=salt).sign_object([*content, today])


def fresh_content(token: str, *, salt: str) -> list[Any] | None:
    """What was stamped within the last days; None when forged, of another form, or old."""
    try:
        *content, day = signing.Signer(salt=salt).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    age = timezone.now().date() - date.fromisoformat(day)
    # A token of «tomorrow» is one made just before the clock was set back.
    return content if -timedelta(days=1) <= age <= PAGE_TOKEN_LIVES else None


def is_page_token(token: str, fund: Fund) -> bool:
    """Whether a page of ours with this fund, or with all of its site, was made lately."""
    content = fresh_content(token, salt=PAGE_SALT)
    return content in ([fund.site_id, ""], [fund.site_id, str(fund.public_id)])


def once_token(about: Fund | Donation) -> str:
    """`about`: the fund whose form, or the refused gift whose repeat is confirmed."""
    return single_use(str(about.public_id))


def single_use(about: str) -> str:
    """A token of one confirmation, with a nonce and the moment inside."""
    content = [about, secrets.token_urlsafe(16), round(time.time(), 3)]
    return signing.dumps(content, salt=ONCE_SALT)


def key_of_once_token(token: str, about: Fund | Donation) -> str | None:
    """The gift key inside a confirmation page's token; None when forged, foreign or old."""
    return key_of_single_use(token, str(about.public_id))


def key_of_single_use(token: str, about: str) -> str | None:
    content = _once_content(token)
    return f"once:{content[1]}" if content is not None and content[0] == about else None


def is_too_quick(token: str) -> bool:
    """Whether a confirmation page was answered before anybody could have read it."""
    content = _once_content(token)
    return content is not None and time.time() - content[2] < QUICKEST_CONFIRMATION.total_seconds()


def _once_content(token: str) -> tuple[str, str, float] | None:
    try:
        public_id, nonce, made_at = signing.loads(token, salt=ONCE_SALT, max_age=ONCE_TOKEN_LIVES)
    except (signing.BadSignature, ValueError):
        return None
    return public_id, nonce, made_at


def monthly_token(public_id: UUID) -> str:
    """The right to look after a monthly gift; it stands in every letter about it and lives on."""
    return signing.Signer(salt=MONTHLY_SALT).sign(public_id.hex)


def monthly_of_token(token: str) -> UUID | None:
    try:
        return UUID(signing.Signer(salt=MONTHLY_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def key_of_nonce(nonce: str, way: str = "") -> str | None:
    """The page's nonce serves both buttons: a payment and a transfer are two gifts."""
    return f"nonce:{way}{nonce}" if NONCE.match(nonce) else None


def key_without_script(
    *,
    token: str,
    amount: Decimal,
    email: str,
    address: str,
    fund: Fund,
    frequency: str = "once",
    way: str = "",
) -> str:
    """A digest of what was typed and where from. The same within ten minutes is the same gift.

    A refused gift is over: after it the same words begin another one.
    """
    now = timezone.now()
    typed = "|".join((token, f"{amount:.2f}", email, address, frequency, *filter(None, [way])))
    bucket = int(now.timestamp() // KEYLESS_WINDOW.total_seconds())
    keys = _keys_of(typed, bucket)
    known = Donation.objects.filter(
        site_id=fund.site_id, gift_key__in=[*keys, *_keys_of(typed, bucket - 1)]
    )
    recent = known.filter(created_at__gt=now - KEYLESS_WINDOW)
    going_on = recent.exclude(state=DonationState.CANCELED).first()
    if going_on is not None:
        return going_on.gift_key
    taken = set(known.values_list("gift_key", flat=True))
    return next((key for key in keys if key not in taken), keys[-1])


def _keys_of(typed: str, bucket: int) -> list[str]:
    """The key of a window of ten minutes, and those of the tries after a refusal."""
    key = "typed:" + hashlib.sha256(f"{typed}|{bucket}".encode()).hexdigest()
    return [key, *(f"{key}:{number}" for number in range(1, MOST_TRIES))]
