"""Whom a transfer goes to, as a bank has to read it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Payee:
    """Requisites that have passed their checks. `correspondent` is «» for a bank without one."""

    name: str
    short_name: str
    inn: str
    kpp: str
    account: str
    bank: str
    bic: str
    correspondent: str


@dataclass(frozen=True)
class Transfer:
    """What a donor is asked to send: `amount` in roubles, `purpose` with the code of the gift."""

    payee: Payee
    amount: Decimal
    purpose: str
