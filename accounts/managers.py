from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib.auth.base_user import BaseUserManager

from tenancy.managers import InScope, PersonInScope, ScopedManager

if TYPE_CHECKING:
    from accounts.models import User


def normalise_email(email: str) -> str:
    """The one spelling of an address that is a login: lower case, no spaces around."""
    return email.strip().lower()


class UserManager(ScopedManager, BaseUserManager["User"]):
    """Narrowed to oneself and the people of one's sites. Signing in is unrestricted (backends)."""

    condition_class: ClassVar[type[InScope]] = PersonInScope
    column: ClassVar[str] = "id"

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: Any = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return cast("User", user)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        found: Any = self.get(email=normalise_email(username or ""))
        return cast("User", found)
