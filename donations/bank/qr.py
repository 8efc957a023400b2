"""The QR of GOST R 56042-2014 that banks' apps and cashiers read.

A line of `Key=value` fields. The first five are obligatory, stand in this order and take at most
300 bytes with the heading; a long name of an organisation fits in windows-1251 or not at all.
"""

from collections.abc import Iterator
from io import BytesIO

import segno

from donations.bank.payee import Transfer
from donations.money import to_kopecks

LONGEST_BLOCK = 300
LONGEST_NAME, LONGEST_BANK, LONGEST_PURPOSE = 160, 45, 210
# The digit after «ST0001» names the encoding.
ENCODINGS = (("2", "utf-8"), ("1", "cp1251"))
SEPARATORS = "|~^#;!&_"


class CannotDraw(Exception):
    """The requisites do not fit into the standard's frame in any way."""


def payload(transfer: Transfer) -> bytes:
    """The bytes to draw: in UTF-8 if they fit, else in windows-1251, else with the short name."""
    for name in _names(transfer):
        for digit, encoding in ENCODINGS:
            required, optional = _fields(transfer, name)
            try:
                block = _line(digit, required, [*required, *optional]).encode(encoding)
                whole = _line(digit, [*required, *optional]).encode(encoding)
            except UnicodeEncodeError:
                continue
            if len(block) <= LONGEST_BLOCK:
                return whole
    raise CannotDraw


def _names(transfer: Transfer) -> Iterator[str]:
    for name in (transfer.payee.name, transfer.payee.short_name):
        if name and len(_plain(name)) <= LONGEST_NAME:
            yield _plain(name)


def _fields(transfer: Transfer, name: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    payee = transfer.payee
    required = [
        ("Name", name),
        ("PersonalAcc", payee.account),
        ("BankName", _plain(payee.bank)[:LONGEST_BANK].rstrip()),
        ("BIC", payee.bic),
        ("CorrespAcc", payee.correspondent or "0"),
    ]
    optional = [
        ("PayeeINN", payee.inn),
        ("KPP", payee.kpp),
        ("Purpose", _plain(transfer.purpose)[:LONGEST_PURPOSE].rstrip()),
        ("Sum", str(to_kopecks(transfer.amount))),
    ]
    return required, [(key, value) for key, value in optional if value]


def _plain(text: str) -> str:
    """On one line: a reader that parts lines must not see two."""
    return " ".join(text.split())


def _line(
    digit: str, fields: list[tuple[str, str]], all_fields: list[tuple[str, str]] | None = None
) -> str:
    """The fields as a line, parted by a sign that stands in none of all the values."""
    values = "".join(value for _key, value in all_fields or fields)
    separator = next((sign for sign in SEPARATORS if sign not in values), None)
    if separator is None:
        raise CannotDraw
    return separator.join([f"ST0001{digit}", *(f"{key}={value}" for key, value in fields)])


def matrix(content: bytes) -> list[list[bool]]:
    """Rows of modules, without the quiet zone round them."""
    return [[bool(module) for module in row] for row in _code(content).matrix]


def svg(content: bytes) -> bytes:
    """A picture of its own, quiet zone included, black on white by day and by night."""
    out = BytesIO()
    _code(content).save(
        out, kind="svg", border=4, scale=1, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return out.getvalue()


def png(content: bytes) -> bytes:
    """The same as a photograph would be: what a phone keeps and a bank's app opens."""
    out = BytesIO()
    _code(content).save(out, kind="png", border=4, scale=8)
    return out.getvalue()


def _code(content: bytes) -> segno.QRCode:
    return segno.make(content, error="m", micro=False, boost_error=False)
