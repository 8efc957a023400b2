"""A site rests, ends, and begins again. Nothing is ever deleted: the books outlive everything."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Site

from accounts.models import User
from donations.actions.letters import owe_staff_letters
from donations.models import Fund, StaffLetterKind
from network.actions.roles import grant_roles, take_roles_back
from tenancy.models import AuditEntry, SiteState, SiteWalls

LETTERS = {
    SiteState.ACTIVE: StaffLetterKind.SITE_REOPENED,
    SiteState.PAUSED: StaffLetterKind.SITE_PAUSED,
    SiteState.ARCHIVED: StaffLetterKind.SITE_ARCHIVED,
}
WHAT = {
    SiteState.ACTIVE: "site reopened",
    SiteState.PAUSED: "site paused",
    SiteState.ARCHIVED: "site archived",
}


# Each of the three writes to the people of the site; `why` stands in the letter.
def pause_site(*, site: Site, by: User | None, why: str = "") -> None:
    """The pages stay, nothing is collected, nobody is charged. Its people go on working."""
    _move(site, SiteState.PAUSED, by, why)


def reopen_site(*, site: Site, by: User | None, why: str = "") -> None:
    """Back to work from a pause or from the archive, with the same people and the same books."""
    _move(site, SiteState.ACTIVE, by, why)


def archive_site(*, site: Site, typed_name: str, by: User | None, why: str = "") -> None:
    """Close the site: donors keep its pages and totals, its people lose the admin.

    Raises ValidationError for `typed_name` unless it is the site's name: nobody closes a site by
    a slip of the hand.
    """
    if _plain(typed_name) != _plain(name_to_type(site)):
        raise ValidationError({"typed_name": _("This is not the name of the site.")})
    _move(site, SiteState.ARCHIVED, by, why)


def name_to_type(site: Site) -> str:
    return str(site.site_name or site.hostname)


def _plain(name: str) -> str:
    """People type no «ёлочки» and no second space."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _move(site: Site, state: SiteState, by: User | None, why: str) -> None:
    """Quiet when the site is there already."""
    with transaction.atomic():
        walls = SiteWalls.objects.select_for_update().get(site=site)
        before = walls.state
        if before == state:
            return
        walls.state, walls.state_since = state, timezone.now()
        walls.save(update_fields=["state", "state_since"])
        if state == SiteState.ARCHIVED:
            take_roles_back(site)
        elif before == SiteState.ARCHIVED:
            grant_roles(site)
        details = {"before": before, **({"why": why.strip()} if why.strip() else {})}
        entry = AuditEntry.objects.create(site=site, by=by, what=WHAT[state], details=details)
        general = Fund.objects.of_site(site).general().get()
        owe_staff_letters(general, LETTERS[state], about=str(entry.pk))
    site.walls = walls
