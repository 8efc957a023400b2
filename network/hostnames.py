"""Names of sites: read from what people type, checked, written in one way."""

import re

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
SCHEME = re.compile(r"\Ahttps?://", re.IGNORECASE)
# Names that would be taken for the centre itself, or that mail and browsers ask for by themselves.
RESERVED = frozenset(
    {
        *("admin", "api", "cdn", "git", "help", "id", "internal", "localhost", "login", "media"),
        *("pay", "root", "staging", "static", "status", "support", "test", "www"),
        *("autoconfig", "autodiscover", "ftp", "imap", "mail", "ns1", "ns2", "pop", "smtp", "wpad"),
    }
)


def read_hostname(typed: str) -> str:
    """The host name meant by «dymka», «Dymka.so-nko.ru.» or «https://dymka.so-nko.ru».

    Lower case, punycode, no port. A single word becomes a sub-domain of BASE_DOMAIN. Raises
    ValidationError with words for the coordinator.
    """
    text = SCHEME.sub("", typed.strip()).rstrip("/").rstrip(".")
    if not text:
        raise ValidationError(_("Write the name of the site, for example dymka."))
    name = _punycode(text)
    labels = name.split(".")
    if len(name) > 253 or not all(_is_label(label) for label in labels):
        raise ValidationError(
            _("A name has letters, digits and hyphens only, for example dymka or klub-dymka.")
        )
    if labels[-1].isdigit():
        raise ValidationError(_("A name of digits would be taken for a network address."))
    base = settings.BASE_DOMAIN
    if len(labels) == 1 and name != base:
        name = f"{name}.{base}"
    _refuse_reserved(name, base)
    return name


def show_hostname(name: str) -> str:
    """The name as people read it: «добро.рф», not «xn--90aci8d.xn--p1ai»."""
    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name


def _punycode(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode() if not text.isascii() else text.lower()
    except (idna.IDNAError, UnicodeError):
        raise ValidationError(_("There is a character here that a name cannot have.")) from None


def _is_label(label: str) -> bool:
    if not LABEL.match(label):
        return False
    if label[2:4] != "--":
        return True
    # Two hyphens there are kept for punycode, and punycode must mean something.
    try:
        return label.startswith("xn--") and bool(idna.decode(label))
    except (idna.IDNAError, UnicodeError):
        return False


def _refuse_reserved(name: str, base: str) -> None:
    if name == base:  # the centre's own site
        return
    inside = name.endswith(f".{base}") and RESERVED & set(name.removesuffix(f".{base}").split("."))
    if name == settings.ADMIN_HOST or inside:
        raise ValidationError(_("This name is kept for the centre. Choose another one."))
