"""Payment secrets on their way: sealed with a passphrase (scrypt, then Fernet of cryptography).

FIELD_KEYS never leave their installation, so a secret is opened there and sealed for the way.
"""

import base64
import os
from typing import Any

from cryptography.exceptions import InvalidKey
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.utils.translation import gettext as _

from network.leaving import Refused

SHORTEST = 12
COST = {"n": 2**16, "r": 8, "p": 1}  # 64 MB and about a quarter of a second
LARGEST_COST = {"n": 2**20, "r": 16, "p": 4}
PROOF = "sonko-cms"


class Box:
    """Seals and opens with one passphrase. `about` is what the file tells of it: no secret."""

    def __init__(self, passphrase: str, about: dict[str, Any]) -> None:
        self.about = about
        salt = base64.b64decode(about["salt"], validate=True)
        cost = {name: int(about[name]) for name in COST}
        if any(not 0 < cost[name] <= LARGEST_COST[name] for name in cost) or len(salt) < 16:
            raise ValueError("a cost nobody would have chosen")
        key = Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises InvalidToken for another passphrase and for a changed text."""
        return self._fernet.decrypt(sealed.encode()).decode()


def new_box(passphrase: str) -> Box:
    if len(passphrase) < SHORTEST:
        raise Refused(
            _("The passphrase must have at least %(number)s characters.") % {"number": SHORTEST}
        )
    about: dict[str, Any] = {**COST, "kdf": "scrypt", "salt": _text(os.urandom(16))}
    box = Box(passphrase, about)
    about["proof"] = box.seal(PROOF)
    return box


def box_of(about: dict[str, Any], passphrase: str) -> Box:
    """The box the file was sealed with. Raises Refused when the passphrase is another one."""
    try:
        box = Box(passphrase, about)
        if box.open(about["proof"]) == PROOF:
            return box
    except (InvalidToken, InvalidKey, KeyError, TypeError, ValueError):
        pass
    raise Refused(_("The passphrase does not open the payment secrets of this file."))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
