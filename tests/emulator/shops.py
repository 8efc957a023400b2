"""Shops and how they prove who they are."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn

from .refusal import Json, Refusal

WRONG_KEY = (
    "Error in shopId or secret key. Check their validity. "
    "You can reissue the key in the Merchant Profile"
)
TEST_METHODS = ("bank_card", "yoo_money")
LIVE_METHODS = ("bank_card", "sbp", "sberbank", "tinkoff_bank", "yoo_money")


@dataclass
class Shop:
    """One merchant. Every field may be changed in the middle of a test."""

    shop_id: str
    secret_key: str
    test: bool = True
    itn: str | None = None
    methods: tuple[str, ...] = ()
    fiscalization: bool = False
    #: Whether cards may be saved: always in a test shop, by agreement in a real one.
    recurring: bool = True
    enabled: bool = True
    notification_url: str | None = None
    #: Sent as Host, when the address of the URL is not the name of the site.
    notification_host: str | None = None

    def __post_init__(self) -> None:
        self.methods = self.methods or (TEST_METHODS if self.test else LIVE_METHODS)

    def about(self) -> Json:
        """The answer of `GET /me`."""
        about: Json = {
            "account_id": self.shop_id,
            "status": "enabled" if self.enabled else "disabled",
            "test": self.test,
            "fiscalization": {"enabled": self.fiscalization},
            "fiscalization_enabled": self.fiscalization,
            "payment_methods": list(self.methods),
        }
        if self.fiscalization:
            about["fiscalization"]["provider"] = "atol"
        if self.itn is not None:
            about["itn"] = self.itn
        return about


def authenticate(header: str | None, shops: Mapping[str, Shop]) -> Shop:
    """The shop of an HTTP Basic header: login is the shop id, password its secret key."""
    pair = _read_basic(header)
    if pair is None:
        _refuse("Authentication by given credentials failed")
    login, password = pair
    if not (login.isascii() and login.isdigit()):
        _refuse("Login has illegal format")
    shop = shops.get(login)
    if shop is None or not hmac.compare_digest(shop.secret_key.encode(), password.encode()):
        _refuse(WRONG_KEY)
    return shop


def login_of(header: str | None) -> str | None:
    """The shop id somebody claims, right or wrong; never the password."""
    pair = _read_basic(header)
    return pair[0] if pair else None


def _read_basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return login, password


def _refuse(description: str) -> NoReturn:
    raise Refusal(HTTPStatus.UNAUTHORIZED, "invalid_credentials", description)
