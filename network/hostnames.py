"""Names of sites: read from what people type, checked, written in one way."""

import re

import idna
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.coreutils import string_to_ascii

from tenancy.hosts import LONGEST, is_label

SCHEME = re.compile(r"\Ahttps?://", re.IGNORECASE)
# Names that would be taken for the centre itself, or that mail and browsers ask for by themselves.
RESERVED = frozenset(
    {
        *("admin", "api", "cdn", "git", "help", "id", "internal", "localhost", "login", "media"),
        *("pay", "root", "staging", "static", "status", "support", "test", "www"),
        *("autoconfig", "autodiscover", "ftp", "imap", "mail", "ns1", "ns2", "pop", "smtp", "wpad"),
    }
)
# Names that people trust with money or passwords: only the keeper of the server may give them.
TRUSTED_BRANDS = (
    *("gosuslug", "kremlin", "minjust", "roskomnadzor", "nalogru", "sberbank", "tinkoff"),
    *("alfabank", "gazprombank", "pochtabank", "yoomoney", "yookassa", "yukassa", "paypal"),
    *("yandex", "google", "vkontakte", "odnoklassniki", "pochtarossii", "mastercard"),
)
# Too short to be looked for inside other words: «invtb» is nobody's.
SHORT_BRANDS = frozenset(
    {"sber", "vtb", "tbank", "qiwi", "visa", "nalog", "mvd", "fsb", "fns", "sfr", "gov", "vk"}
)
LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "6": "b", "8": "b"})
# «АНО», «РОО «…»» and the like say nothing in an address.
QUOTED = re.compile(r"[«“\"„](.+)[»”\"“]")
LONGEST_SUGGESTION = 30


def read_hostname(typed: str, *, by: AbstractUser | None = None) -> str:
    """The host name meant by «dymka», «Dymka.so-nko.ru.» or «https://dymka.so-nko.ru».

    `by` decides about names that look like a bank's or the state's.
    """
    name = read_as_typed(typed)
    if not (by is not None and by.is_superuser):
        _refuse_brands(name)
    return name


def read_as_typed(typed: str) -> str:
    """Lower case, punycode, no port. A single word becomes a sub-domain of BASE_DOMAIN.

    Raises ValidationError with words for the coordinator.
    """
    text = SCHEME.sub("", typed.strip()).rstrip("/").rstrip(".")
    if not text:
        raise ValidationError(_("Write the name of the site, for example dymka."))
    name = _punycode(text)
    labels = name.split(".")
    if len(name) > LONGEST or not all(_is_label(label) for label in labels):
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


def is_of_the_network(name: str) -> bool:
    """Whether the name is the centre's or below it: those point here without anybody's doing."""
    return name == settings.BASE_DOMAIN or name.endswith(f".{settings.BASE_DOMAIN}")


def suggest_label(organisation: str) -> str:
    """«РОО «Вятский велопуть»» → «vyatskiy-veloput»; «» when nothing of it can be written so."""
    quoted = QUOTED.search(organisation)
    plain = quoted.group(1) if quoted and quoted.group(1).strip() else organisation
    words = slugify(string_to_ascii(plain.replace("ё", "е").replace("Ё", "Е"))).split("-")
    label = ""
    for word in words:
        if label and len(label) + len(word) >= LONGEST_SUGGESTION:
            break
        label = f"{label}-{word}" if label else word[:LONGEST_SUGGESTION]
    label = label.strip("-_").replace("_", "-")
    return "" if label.isdigit() else label


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
    if not is_label(label):
        return False
    if not label.startswith("xn--"):
        return True
    # Punycode must mean something.
    try:
        return bool(idna.decode(label))
    except (idna.IDNAError, UnicodeError):
        return False


def _refuse_brands(name: str) -> None:
    if not is_of_the_network(name) or name == settings.BASE_DOMAIN:
        return  # whoever holds a domain of their own answers for its name
    shown = show_hostname(name.removesuffix(f".{settings.BASE_DOMAIN}"))
    inside = string_to_ascii(shown).lower().translate(LOOKS_LIKE)
    words = set(re.split(r"[-.]", inside))
    whole = inside.replace("-", "")
    if words & SHORT_BRANDS or any(brand in whole for brand in TRUSTED_BRANDS):
        raise ValidationError(
            _(
                "This name looks like a bank's or the state's: people would trust it with more "
                "than a donation. Choose another one, or ask the keeper of the server."
            )
        )


def _refuse_reserved(name: str, base: str) -> None:
    if name == base:  # the centre's own site
        return
    inside = name.endswith(f".{base}") and RESERVED & set(name.removesuffix(f".{base}").split("."))
    if name == settings.ADMIN_HOST or inside:
        raise ValidationError(_("This name is kept for the centre. Choose another one."))
