"""Who helped, as everybody may read it: names of those who agreed, cut short, and nothing else.

Words of a donor stand there when the donor agreed to be named and a person of the site has read
them. Whoever agreed and gave no name is a kind person.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from wagtail.models import Site

from donations.models import Donation, DonationQuerySet, MessageState
from donations.names import given_and_family

LOOKED_AT = 300
MOST = 60
MOST_WORDS = 24


@dataclass(frozen=True)
class Words:
    who: str
    text: str


def short_name(name: str) -> str:
    """«Анна П.» of «Анна Петрова»; «» of what is no name: an address or a number given as one."""
    if not name.strip() or "@" in name or any(letter.isdigit() for letter in name):
        return ""
    given, family = given_and_family(name)
    initial = next((f"{letter.upper()}." for letter in family if letter.isalpha()), "")
    return f"{given} {initial}".strip()


def signed(gift: Donation) -> str:
    """How the donor's words are signed on the page."""
    return short_name(gift.public_name) or str(_("a kind person")).capitalize()


def _gifts(site: Site, key: Any) -> DonationQuerySet:
    gifts = Donation.objects.of_site(site).order_by("-paid_at", "-pk")
    if key is None:
        # What is shown by link only is spoken of on no other page, by no donor either.
        return gifts.filter(fund__by_link_only=False)
    return gifts.filter(fund__key=key)


def names_on_wall(site: Site, key: Any = None) -> list[str]:
    """The newest first; of the fund with the key, or of the whole site. One query.

    Whoever gives every month stands there once, and who was given all back does not.
    """
    gifts = _gifts(site, key).standing().filter(show_name=True)
    found: dict[Any, str] = {}
    for name, email, pk in gifts.values_list("name", "email", "pk")[:LOOKED_AT]:
        shown = short_name(name)
        if shown:
            found.setdefault((shown, email.lower() or pk), shown)
    return list(found.values())[:MOST]


def words_on_wall(site: Site, key: Any = None) -> list[Words]:
    """What donors wrote and the site has let stand, the newest first. One query."""
    gifts = _gifts(site, key).with_words(MessageState.SHOWN)
    shown = gifts.only("name", "show_name", "message")[:MOST_WORDS]
    return [Words(signed(gift), gift.message) for gift in shown]
