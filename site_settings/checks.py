"""Validators of requisites. Messages say what to look at; an empty value is always allowed.

Account keys: order 515 of the Bank of Russia of 08.09.1997.
"""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.ru import inn

from site_settings.colours import HEX

KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}\Z")
BIC = re.compile(r"0[0-9]{8}\Z")
ACCOUNT = re.compile(r"[0-9]{20}\Z")
ROUBLES = ("810", "643")
PERSONAL = ("40817", "40820", "423", "426")
OF_NON_COMMERCIAL = "40703"
# Links that lead there are forbidden to organisations.
CLOSED_NETWORKS = frozenset(
    {"instagram.com", "facebook.com", "fb.com", "fb.me", "threads.net", "x.com", "twitter.com"}
)
OF_TREASURY = ("0", "40102")  # the treasury's own numbering: its key is no business of a bank's


def check_inn(value: str) -> None:
    if re.fullmatch(r"[0-9]{9}|[0-9]{11}", value, re.ASCII):
        # A spreadsheet takes it for a number.
        raise ValidationError(_("A digit is missing in the INN. Was there a zero at the start?"))
    digits = re.fullmatch(r"[0-9]{10}|[0-9]{12}", value, re.ASCII)
    if not digits or not inn.is_valid(value) or not value.strip("0"):
        raise ValidationError(_("Check the INN: 10 or 12 digits, the last of them check digits."))


def check_ogrn(value: str) -> None:
    """OGRN, 13 digits, or that of an entrepreneur, 15."""
    divisor = {13: 11, 15: 13}.get(len(value), 0)
    is_right = (
        re.fullmatch(r"[1-9][0-9]+", value, re.ASCII)
        and divisor
        and int(value[:-1]) % divisor % 10 == int(value[-1])
    )
    if not is_right:
        raise ValidationError(
            _("Check the OGRN: 13 digits (15 in an OGRNIP), the last of them a check digit.")
        )


def check_registration(*, inn: str, ogrn: str) -> None:
    """An organisation's INN has 10 digits and its OGRN 13; a person's have 12 and 15.

    Numbers that are not well formed have their own message.
    """
    if ogrn and (len(inn), len(ogrn)) in ((12, 13), (10, 15)):
        raise ValidationError(
            {
                "inn": _(
                    "The INN and the OGRN are not of one: 10 and 13 digits are an organisation's."
                )
            }
        )


def check_kpp(value: str) -> None:
    if not KPP.match(value):
        raise ValidationError(_("Check the KPP: 9 characters, as in the tax certificate."))


def check_bic(value: str) -> None:
    if not BIC.match(value):
        raise ValidationError(_("Check the BIC: 9 digits, the first of them 0."))


def check_account(value: str) -> None:
    """What can be seen without the BIC: length, currency, whose account it is."""
    if not ACCOUNT.match(value):
        raise ValidationError(_("Check the account: 20 digits."))
    if value[5:8] not in ROUBLES:
        raise ValidationError(
            _("This is not an account in roubles: digits 6 to 8 must be 810 or 643.")
        )
    if value.startswith(PERSONAL):
        raise ValidationError(
            _("This is a person's own account. Donations may come only to the organisation's.")
        )


def check_correspondent_account(value: str) -> None:
    if not ACCOUNT.match(value) or not value.startswith(("301", "40102")):
        raise ValidationError(_("Check the correspondent account: 20 digits, beginning with 301."))


def check_bank(*, bic: str, account: str, correspondent: str) -> None:
    """Whether the numbers belong together. Raises ValidationError by field; empty ones are passed.

    What is not well formed has its own message from its field's validator: it is passed here.
    """
    bic = bic if BIC.match(bic) else ""
    account = account if ACCOUNT.match(account) else ""
    correspondent = correspondent if ACCOUNT.match(correspondent) else ""
    errors = {}
    if bic and account and not account.startswith(OF_TREASURY) and not _fits(bic, account):
        errors["account_number"] = _(
            "The account and the BIC do not fit together: look for a slip in one of them."
        )
    if bic and correspondent and not correspondent.startswith(OF_TREASURY):
        if correspondent[-3:] != bic[-3:]:
            errors["correspondent_account"] = _(
                "The correspondent account ends with the last three digits of the BIC."
            )
        elif account_sum(f"0{bic[4:6]}", correspondent) % 10:
            errors["correspondent_account"] = _(
                "The correspondent account and the BIC do not fit together: look for a slip."
            )
    if errors:
        raise ValidationError(errors)


def _fits(bic: str, account: str) -> bool:
    # A client of the Bank of Russia's own office has its BIC end with 000 to 002.
    prefix = f"0{bic[4:6]}" if bic[6:8] == "00" else bic[6:]
    return account_sum(prefix, account) % 10 == 0


def account_sum(prefix: str, account: str) -> int:
    """The control sum over 23 digits: it ends with 0 when the key, the ninth digit, is right."""
    return sum(
        int(digit) * weight % 10
        for digit, weight in zip(prefix + account, (7, 1, 3) * 8, strict=False)
    )


def check_channel(value: str) -> None:
    """A page of ours elsewhere: an ordinary address, and of no network closed by law."""
    parts = urlsplit(value)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValidationError(_("An address begins with https:// and leads to your page."))
    if host in CLOSED_NETWORKS:
        raise ValidationError(_("Russian law forbids leading people to this network."))


def check_colour(value: str) -> None:
    if not HEX.match(value):
        raise ValidationError(_("A colour is written like this: #1f6f54."))
