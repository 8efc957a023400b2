"""Where people come from: the word a link carries as `utm_source`, and what editors call it."""

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.coreutils import string_to_ascii

from donations.forms import CHANNEL

# Every campaign has a link for each of these. Places on the net first, most visited before others.
READY: dict[str, str | Promise] = {
    "vk": _("VK"),
    "max": "MAX",
    "ok": _("Odnoklassniki"),
    "telegram": "Telegram",
    "email": _("A letter to friends"),
    "poster": _("Poster"),
    "flyer": _("Flyer"),
}
# A card, a button or a form on another site of the organisation; it needs no link.
WIDGET = "widget"
# A mark that no link of the campaign has: somebody wrote it into an address by hand.
OTHER = "other"
LONGEST = 40


def normalised(channel: str) -> str:
    """The channel as donations keep it; «» for what is none."""
    word = channel.strip().lower()
    return word if CHANNEL.fullmatch(word) else ""


def channel_of(name: str) -> str:
    """A channel out of the name an editor typed: «Чат двора» → `chat-dvora`; «» if none is left."""
    plain = name.replace("ё", "е").replace("Ё", "Е")
    return slugify(string_to_ascii(plain))[:LONGEST].strip("-_")
