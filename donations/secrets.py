"""Secrets at rest: Fernet (cryptography), keys from FIELD_KEYS.

The first key encrypts, all of them decrypt: to rotate, put a new key in front, run
`manage.py rotate_secrets`, then take the old one away.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeysUnavailable(Exception):
    """FIELD_KEYS is empty, or none of its keys opens this secret."""


def _box() -> MultiFernet:
    if not settings.FIELD_KEYS:
        raise KeysUnavailable("FIELD_KEYS is not set")
    try:
        return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
    except ValueError:
        raise KeysUnavailable("FIELD_KEYS holds something that is no Fernet key") from None


def seal(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret in clear. Raises KeysUnavailable; the message never holds the secret."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise KeysUnavailable("no key of FIELD_KEYS opens this secret") from None


def reseal(sealed: str) -> str:
    """The same secret under the first key. Raises KeysUnavailable."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise KeysUnavailable("no key of FIELD_KEYS opens this secret") from None
