"""Who helped, as everybody may read it: names of those who agreed, cut short, and nothing else.

Words of a donor stand there when the donor agreed to be named and a person of the site has read
them. Whoever agreed and gave no name is a kind person.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
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


@dataclass(frozen=True)
class Wall:
    names: list[str]
    words: list[Words]


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


def wall_of(site: Site, key: Any = None) -> Wall:
    """The newest first; of the fund with the key, or of the whole site. One query.

    Names: whoever gives every month stands there once, and who was given all back does not.
    Words: what donors wrote and the site has let stand.
    """
    gifts = _gifts(site, key)
    named = gifts.standing().filter(show_name=True).values("pk")[:LOOKED_AT]
    worded = gifts.with_words(MessageState.SHOWN).values("pk")[:MOST_WORDS]
    shown = gifts.filter(Q(pk__in=named) | Q(pk__in=worded))
    names: dict[Any, str] = {}
    words = []
    for gift in shown.only("name", "show_name", "email", "message", "message_state"):
        name = short_name(gift.public_name)
        if name:
            names.setdefault((name, gift.email.lower() or gift.pk), name)
        if gift.message_state == MessageState.SHOWN:
            words.append(Words(signed(gift), gift.message))
    return Wall(list(names.values())[:MOST], words[:MOST_WORDS])
