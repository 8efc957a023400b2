"""Who helped, as everybody may read it: names of those who agreed, cut short, and nothing else."""

from typing import Any

from django.db.models import F
from wagtail.models import Site

from donations.models import Donation

LOOKED_AT = 300
MOST = 60


def short_name(name: str) -> str:
    """«Анна П.» of «Анна Петрова»; «» of what is no name: an address or a number given as one."""
    words = name.split()
    if not words or "@" in name or any(letter.isdigit() for letter in name):
        return ""
    initial = next((letter for letter in words[-1] if letter.isalpha()), "")
    return f"{words[0]} {initial.upper()}." if len(words) > 1 and initial else words[0]


def names_on_wall(site: Site, key: Any = None) -> list[str]:
    """The newest first; of the fund with the key, or of the whole site. One query.

    Whoever gives every month stands there once, and who was given all back does not.
    """
    gifts = Donation.objects.of_site(site).counted()
    gifts = gifts.filter(show_name=True, refunded__lt=F("amount") + F("corrected"))
    if key is not None:
        gifts = gifts.filter(fund__key=key)
    rows = gifts.order_by("-paid_at", "-pk").values_list("name", "email", "pk")[:LOOKED_AT]
    found: dict[Any, str] = {}
    for name, email, pk in rows:
        shown = short_name(name)
        if shown:
            found.setdefault((shown, email.lower() or pk), shown)
    return list(found.values())[:MOST]
