"""Names of sites: read from what people type, checked, written in one way."""

import re

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
# Names that would be taken for the centre itself, or that mail and browsers ask for by themselves.
RESERVED = frozenset(
    [
        "admin",
        "api",
        "autoconfig",
        "autodiscover",
        "cdn",
        "ftp",
        "git",
        "help",
        "id",
        "imap",
        "internal",
        "localhost",
        "login",
        "mail",
        "media",
        "ns1",
        "ns2",
        "pay",
        "pop",
        "root",
        "smtp",
        "staging",
        "static",
        "status",
        "support",
        "test",
        "wpad",
        "www",
    ]
)


def read_hostname(typed: str) -> str:
    """The host name meant by «dymka», «Dymka.so-nko.ru.» or «https://dymka.so-nko.ru».

    Lower case, punycode, no port. A single word becomes a sub-domain of BASE_DOMAIN. Raises
    ValidationError with words for the coordinator.
    """
    text = typed.strip().removeprefix("https://").removeprefix("http://").rstrip("/").rstrip(".")
    if not text:
        raise ValidationError(_("Write the name of the site, for example dymka."))
    name = _punycode(text)
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.match(label) for label in labels):
        raise ValidationError(
            _("A name has letters, digits and hyphens only, for example dymka or klub-dymka.")
        )
    base = settings.BASE_DOMAIN
    if len(labels) == 1 and name != base:
        name = f"{name}.{base}"
    _refuse_reserved(name, base)
    return name


def _punycode(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode() if not text.isascii() else text.lower()
    except idna.IDNAError:
        raise ValidationError(_("There is a character here that a name cannot have.")) from None


def _refuse_reserved(name: str, base: str) -> None:
    if name == base:  # the centre's own site
        return
    first = name.removesuffix(f".{base}")
    if name == settings.ADMIN_HOST or first in RESERVED:
        raise ValidationError(_("This name is kept for the centre. Choose another one."))
