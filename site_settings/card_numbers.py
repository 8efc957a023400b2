"""Numbers of bank cards in what people write.

Nobody collects on a personal card here, and nobody's card number may lie in a text. Phones, INN and
accounts of 20 digits are no cards.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from stdnum import luhn
from wagtail.fields import RichTextField, StreamField

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Digits in groups, as people part them: by a space or two, a dash, a dot.
PARTED = r"[^\S\n]{0,2}[.\u2010-\u2015\u2212-]?[^\S\n]{0,2}"
RUN = re.compile(rf"[0-9](?:{PARTED}[0-9])*")
GROUP = re.compile(r"[0-9]+")
DIGITS_OF_A_CARD, DIGITS_OF_AN_ACCOUNT = 16, 20
CARD = re.compile(r"(?:2[2-7]|[3-9])[0-9]+")  # no card begins as a row of years does: 2025 2026 …
ADDRESS = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
ACCOUNT = re.compile(r"(?:0|30|40|42|47|60|70)[0-9]+")  # how an account's number may begin


def find_card_number(text: str) -> str:
    """The first card number in the text as its last four digits, or «»."""
    plain = ADDRESS.sub(" ", INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    plain = "".join(
        str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char
        for char in plain
    )
    for run in RUN.finditer(plain):
        found = _in_groups(GROUP.findall(run.group()))
        if found:
            return found
    return ""


def _in_groups(groups: list[str]) -> str:
    whole = "".join(groups)
    if len(whole) == DIGITS_OF_AN_ACCOUNT and ACCOUNT.fullmatch(whole):
        return ""
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            # Cards are written in fours; a line of phones is not.
            if len(group) % 4 or len(number) > DIGITS_OF_A_CARD:
                break
            is_whole = len(number) == DIGITS_OF_A_CARD
            if is_whole and CARD.fullmatch(number) and luhn.is_valid(number):
                return number[-4:]
    return ""


def refuse_card_number(text: str) -> None:
    last = find_card_number(text)
    if last:
        raise ValidationError(
            _(
                "There is a card number here: … %(last)s. Donations may not be collected on a "
                "personal card, so it cannot stand in a text. Take it out."
            )
            % {"last": last},
            "card_number",
        )


def refuse_card_numbers(instance: models.Model) -> None:
    """Raise ValidationError by field for every text of `instance` with a card number in it."""
    errors: dict[str, Any] = {}
    for field in instance._meta.concrete_fields:
        try:
            for text in _texts(field, instance) if field.editable else ():
                refuse_card_number(text)
        except ValidationError as error:
            errors[field.name] = error
    if errors:
        raise ValidationError(errors)


def _texts(field: models.Field, instance: models.Model) -> list[str]:
    value = field.value_from_object(instance)
    if not value:
        return []
    if isinstance(field, StreamField | RichTextField):
        return list(field.get_searchable_content(value))
    is_text = isinstance(field, models.CharField | models.TextField)
    return [value] if is_text and isinstance(value, str) else []
