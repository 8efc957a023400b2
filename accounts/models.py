from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from accounts.managers import UserManager, normalise_email
from tenancy.managers import ScopedManager, ScopedModel
from tenancy.outbox import Owed

INVITATION_LIFETIME = timedelta(days=14)


class User(ScopedModel, AbstractUser):
    """A person who signs in to the admin. The e-mail address is the login."""

    username = None  # type: ignore[assignment]  # Django's documented way to drop it
    email = models.EmailField(_("e-mail"), unique=True)
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        abstract = False
        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_user_per_email_whatever_case"),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = normalise_email(self.email)

    def end_sessions(self) -> None:
        """Whoever is signed in as this person, on any machine, has to sign in anew."""
        User._base_manager.filter(pk=self.pk).update(sessions_ended=F("sessions_ended") + 1)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own, of the password, with the number of times that sessions were ended."""
        value = f"{self.password}{self.sessions_ended or ''}"
        return salted_hmac("accounts.session", value, secret=secret, algorithm="sha256").hexdigest()


def _in_two_weeks() -> datetime:
    return timezone.now() + INVITATION_LIFETIME


class Invitation(Owed):
    """A place kept for an address in a group. The letter is owed until `sent_at` is set."""

    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"))
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    owed_at = None  # type: ignore[assignment]  # that is the same moment
    # A process of the version before may still invite.
    last_error = models.CharField(max_length=100, blank=True, default="", db_default="")
    expires_at = models.DateTimeField(default=_in_two_weeks)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("group", "email"),
                condition=models.Q(accepted_at__isnull=True),
                name="one_open_invitation_per_group_and_email",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} #{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()
