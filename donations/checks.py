"""System checks: a server that cannot keep the shops' keys does not start."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def field_keys_are_usable(**kwargs: Any) -> list[CheckMessage]:
    """Every key of FIELD_KEYS is a Fernet key; without any no shop can be set up."""
    if not settings.FIELD_KEYS:
        return [
            Warning(
                "FIELD_KEYS is empty: no shop's key can be stored or used.", id="donations.W001"
            )
        ]
    for number, key in enumerate(settings.FIELD_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            return [Error(f"Key {number} of FIELD_KEYS is no Fernet key.", id="donations.E001")]
    return []
