"""A helper of the centre sees the admin as somebody of a site, for an hour at most."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Site

from accounts.actions.people import is_of_network
from accounts.models import User
from tenancy.models import AuditEntry
from tenancy.scope import unrestricted

LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class OpenAs:
    """What the helper's session keeps meanwhile."""

    person: int
    site: int
    entry: int
    until: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def begin(*, helper: User, person: User, site: Site) -> OpenAs:
    """Write it down and say what the session is to keep. Raises ValidationError."""
    if not may_open_as(helper=helper, person=person, site_id=site.pk):
        raise ValidationError(_("This cannot be opened as that person."))
    until = timezone.now() + LASTS
    entry = AuditEntry.objects.create(
        site=site,
        by=helper,
        what="opened as",
        details={"person": person.pk, "until": until.isoformat(timespec="seconds")},
    )
    return OpenAs(person=person.pk, site=site.pk, entry=entry.pk, until=until.timestamp())


def may_open_as(*, helper: User, person: User, site_id: int) -> bool:
    """Somebody of the network, as somebody of the site who is not."""
    return (
        is_of_network(helper)
        and person.is_active
        and not is_of_network(person)
        and person.groups.filter(role_group__site=site_id).exists()
    )


def person_of(*, helper: User, state: OpenAs) -> User | None:
    """The person to act as now; None when the hour is over or the right is gone."""
    if timezone.now().timestamp() >= state.until:
        return None
    with unrestricted("opened as somebody else"):
        person: User | None = User.objects.filter(pk=state.person).first()
        if person and may_open_as(helper=helper, person=person, site_id=state.site):
            return person
    return None


def end(*, helper: User | None, state: OpenAs, how: str) -> None:
    """Write down the end: by the button, by signing out, or because the hour was over.

    Without a helper, who cannot act any more, the entry says whose end it was.
    """
    details: dict[str, Any] = {"person": state.person, "begun": state.entry, "how": how}
    if helper is None:
        with unrestricted("opened as somebody else"):
            details["helper"] = AuditEntry.objects.get(pk=state.entry).by_id
    AuditEntry.objects.create(
        site_id=state.site,
        by=helper,
        what="opened as: ended",
        details=details,
    )
