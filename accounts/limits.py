"""How often somebody may try: passwords, codes, letters."""

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from tenancy.counters import Limit, give_back, take

SIGN_INS = Limit("sign-in", most=5, seconds=15 * 60)
SIGN_INS_FROM_ADDRESS = Limit("sign-in/address", most=20, seconds=3600)
CODES = Limit("code", most=5, seconds=15 * 60)
PASSWORD_LETTERS = Limit("password-letter", most=3, seconds=3600)
PASSWORD_LETTERS_FROM_ADDRESS = Limit("password-letter/address", most=20, seconds=3600)
INVITATIONS = Limit("invitation", most=30, seconds=3600)
LETTERS_OF_CHANGE = Limit("address-letter", most=3, seconds=3600)

Try = tuple[Limit, str]


class TooManyTries(ValidationError):
    """Says how long to wait. A form shows it as it shows any other refusal."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            ngettext(
                "Too many attempts. Try again in %(number)d minute.",
                "Too many attempts. Try again in %(number)d minutes.",
                minutes,
            )
            % {"number": minutes},
            code="too_many_tries",
        )


def count_tries(*tries: Try) -> None:
    """Count a try against each limit in turn. Raises TooManyTries at the first that is reached."""
    for limit, value in tries:
        wait = take(limit, value)
        if wait:
            raise TooManyTries(wait)


def forget_tries(*tries: Try) -> None:
    """The try was a right one: give it back."""
    for limit, value in tries:
        give_back(limit, value)
