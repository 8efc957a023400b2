from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from tenancy.scope import unrestricted


class EmailBackend(ModelBackend):
    """Signing in looks among all people: only afterwards is it known whose rows may be seen."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        with unrestricted("sign-in"):
            return super().authenticate(request, username, password, **kwargs)

    def get_user(self, user_id: int) -> User | None:
        with unrestricted("sign-in"):
            return super().get_user(user_id)
