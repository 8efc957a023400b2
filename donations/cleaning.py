"""What people type, made plain. Each function raises ValidationError with words for the donor."""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
# U+FFFD stands where bytes of another encoding were: what was typed is lost already.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
MOST_MARKS = 2
LONGEST_EMAIL = 254


def _plain(text: str) -> str:
    if CONTROL.search(text) or LONE_SURROGATE.search(text):
        raise ValidationError(_("There is a character here that cannot be printed. Type it again."))
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def clean_line(text: str) -> str:
    """One line: no invisible characters, spaces folded, at most two marks over a letter."""
    line = " ".join(_plain(text).split())
    marks = 0
    for character in line:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            raise ValidationError(_("There are too many marks over one letter."))
    return line


def clean_text(text: str) -> str:
    """Several lines: the same, line breaks kept."""
    return "\n".join(clean_line(line) for line in _plain(text).splitlines()).strip()


def _mixes_alphabets(label: str) -> bool:
    """Latin and Cyrillic letters in one label: a slip of the keyboard, or a look-alike domain."""
    names = [unicodedata.name(character, "") for character in label]
    return any(name.startswith("LATIN") for name in names) and any(
        name.startswith("CYRILLIC") for name in names
    )


def clean_email(text: str) -> str:
    """An address mail can be sent to; the domain in lower case and punycode."""
    message = _("Check the e-mail: it is written like name@example.ru.")
    address = _plain(text.strip()).strip()
    local, at, domain = address.rpartition("@")
    if not at or "[" in domain or not local.isascii() or local.startswith("="):
        raise ValidationError(message)
    if any(_mixes_alphabets(label) for label in domain.split(".")):
        raise ValidationError(message)
    try:
        domain = (
            idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain.lower()
        )
        validate_email(f"{local}@{domain}")
    except (idna.IDNAError, ValidationError):
        raise ValidationError(message) from None
    if len(f"{local}@{domain}") > LONGEST_EMAIL:
        raise ValidationError(message)
    return f"{local}@{domain}"
