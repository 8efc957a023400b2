from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.limits import SIGN_INS, SIGN_INS_FROM_ADDRESS, Try, count_tries, forget_tries
from accounts.managers import normalise_email
from accounts.models import User
from tenancy.requests import client_address
from tenancy.scope import unrestricted


class EmailBackend(ModelBackend):
    """Signing in looks among all people: only afterwards is it known whose rows may be seen.

    Tries are counted before the password is looked at, so none is looked at past the limit, and
    for unknown addresses too, so the refusal tells nothing. Raises TooManyTries.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        tries: list[Try] = [(SIGN_INS, normalise_email(username))]
        if request is not None:
            tries.insert(0, (SIGN_INS_FROM_ADDRESS, client_address(request)))
        count_tries(*tries)
        with unrestricted("sign-in"):
            user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            forget_tries(*tries)
        return user

    def get_user(self, user_id: int) -> User | None:
        with unrestricted("sign-in"):
            return super().get_user(user_id)
