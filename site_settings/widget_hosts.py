"""Addresses of an organisation's other sites, where our widgets may stand in a frame.

What people type («Сайт.рф», «https://www.site.ru/help») is kept as they read it, one name a line;
browsers are told the origins: `https://` and punycode, no port, no wildcard.
"""

import re

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenancy.hosts import check_hostname

MOST = 20
SCHEME = re.compile(r"\A([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# Somebody's own machine, while a site is being made: `localhost:8000`, in development only.
LOCAL = re.compile(r"(?:[a-z0-9-]+\.)*localhost(?::[0-9]{1,5})?\Z|127\.0\.0\.1(?::[0-9]{1,5})?\Z")


def read_addresses(typed: str) -> str:
    """The names, one a line, each once. Raises ValidationError with a message for each bad line."""
    names, errors = [], []
    for line in filter(None, map(str.strip, typed.splitlines())):
        try:
            names.append(_read(line))
        except ValidationError as error:
            errors.append(f"«{line[:80]}»: {error.messages[0]}")
    if len(names) > MOST:
        errors.append(_("There are more than %(most)d addresses here.") % {"most": MOST})
    if errors:
        raise ValidationError(errors)
    return "\n".join(dict.fromkeys(names))


def origins_of(names: str) -> list[str]:
    """For `frame-ancestors`. A line that is no name of a site opens nothing."""
    found = []
    for line in names.splitlines():
        try:
            found.append(_origin(_read(line.strip())))
        except ValidationError:
            continue
    return found


def _read(line: str) -> str:
    """One name as people read it: small letters, «сайт.рф». The path that came along is left."""
    scheme = SCHEME.match(line)
    if scheme and scheme[1].lower() not in ("https", "http"):
        raise ValidationError(_("an address of a site begins with https://"))
    name = re.split(r"[/?#]", line[scheme.end() if scheme else 0 :], maxsplit=1)[0].lower()
    if _is_local(name):
        return name
    if scheme and scheme[1].lower() == "http":
        raise ValidationError(
            _("people give money there: the site must open by https:// before the widget can")
        )
    if "*" in name:
        raise ValidationError(_("no asterisks: write each address whole"))
    if "@" in name or ":" in name:
        raise ValidationError(_("only the name of the site, without a port or a user"))
    _check(name)
    return _shown(name)


def _check(name: str) -> None:
    try:
        ascii_name = _ascii(name)
        check_hostname(ascii_name)
    except (ValidationError, idna.IDNAError, UnicodeError):
        ascii_name = ""
    if "." not in ascii_name:
        raise ValidationError(_("this is not the name of a site, such as site.ru"))


def _origin(name: str) -> str:
    return f"http://{name}" if _is_local(name) else f"https://{_ascii(name)}"


def _is_local(name: str) -> bool:
    return bool(settings.DEBUG and LOCAL.match(name))


def _ascii(name: str) -> str:
    if name.isascii():
        for label in name.split("."):
            if label.startswith("xn--"):
                idna.decode(label)  # punycode must mean something
        return name
    return idna.encode(name, uts46=True).decode()


def _shown(name: str) -> str:
    try:
        return idna.decode(_ascii(name))
    except (idna.IDNAError, UnicodeError):
        return name
