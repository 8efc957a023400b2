"""The payment services we can speak with. This table is the only list of them."""

from donations.providers import sandbox, yookassa
from donations.providers.base import Provider

PROVIDERS: dict[str, Provider] = {
    "sandbox": sandbox.Sandbox(),
    "yookassa": yookassa.YooKassa(),
}


def provider_for(kind: str) -> Provider:
    return PROVIDERS[kind]
