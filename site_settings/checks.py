"""Validators of requisites. Messages say what to look at; an empty value is always allowed."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.ru import inn, ogrn

from site_settings.colours import HEX

KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}\Z")


def check_inn(value: str) -> None:
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", value, re.ASCII) or not inn.is_valid(value):
        raise ValidationError(_("Check the INN: 10 or 12 digits, the last of them check digits."))


def check_ogrn(value: str) -> None:
    if not re.fullmatch(r"[0-9]{13}", value, re.ASCII) or not ogrn.is_valid(value):
        raise ValidationError(_("Check the OGRN: 13 digits, the last of them a check digit."))


def check_kpp(value: str) -> None:
    if not KPP.match(value):
        raise ValidationError(_("Check the KPP: 9 characters, as in the tax certificate."))


def check_colour(value: str) -> None:
    if not HEX.match(value):
        raise ValidationError(_("A colour is written like this: #1f6f54."))
