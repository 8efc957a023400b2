"""Form tokens and gift keys.

The page's token is the same for all visitors of a day, so pages can be cached; it is never an
idempotency key. What makes a repeated submit one gift is the gift key: a nonce from the script, or
that of the confirmation page's own token, which works once. Another tab has another key, and
without script there is none: then a digest of what was typed tells, for ten minutes.
"""

import re
import secrets
import time
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone
from django.utils.crypto import salted_hmac

from donations.models import Donation, Fund, Subscription

PAGE_SALT, ONCE_SALT = "donations.page-token", "donations.once-token"
MONTHLY_SALT, TYPED_SALT = "donations.monthly", "donations.typed"
PAGE_TOKEN_LIVES = timedelta(days=7)
ONCE_TOKEN_LIVES = timedelta(hours=1)
QUICKEST_CONFIRMATION = timedelta(seconds=1)
KEYLESS = "typed:"
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


def once_token(about: Fund | Donation | Subscription) -> str:
    """`about`: the fund whose form, the refused gift whose repeat, or the monthly gift whose other
    card is confirmed."""
    return single_use(str(about.public_id))


def single_use(about: str) -> str:
    """A token of one confirmation, with a nonce and the moment inside."""
    content = [about, secrets.token_urlsafe(16), round(time.time(), 3)]
    return signing.dumps(content, salt=ONCE_SALT)


def key_of_once_token(token: str, about: Fund | Donation | Subscription) -> str | None:
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


def key_without_nonce() -> str:
    """Without script nothing tells a second click from a second wish but what was typed."""
    return f"{KEYLESS}{secrets.token_urlsafe(16)}"


def digest_of_typed(*, fund: Fund, amount: Decimal, address: str, words: Iterable[str]) -> str:
    """What was typed and where from, to be known again and not to be read."""
    words = (str(fund.public_id), f"{amount:.2f}", address, *words)
    return salted_hmac(TYPED_SALT, "|".join(words), algorithm="sha256").hexdigest()
