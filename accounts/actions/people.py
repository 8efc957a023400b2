"""The people of a site: who works there, in which role; changed and removed."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Page, PageSubscription, Site

from accounts.actions.invitations import invite
from accounts.actions.second_factor import reset_second_factor
from accounts.limits import INVITATIONS, count_tries
from accounts.models import Invitation, User
from tenancy.membership import user_scope
from tenancy.models import AuditEntry, Role, RoleGroup
from tenancy.scope import Unrestricted, unrestricted


@dataclass(frozen=True)
class Colleague:
    user: User
    roles: list[Role]
    has_second_factor: bool


def is_of_network(user: User) -> bool:
    """A coordinator or a superuser."""
    return isinstance(user_scope(user), Unrestricted)


def keeps_people_of(user: User, site: Site) -> bool:
    """Whether this person may invite to the site and remove from it."""
    if is_of_network(user):
        return True
    return RoleGroup.objects.filter(site=site, role=Role.MANAGER, group__user=user.pk).exists()


def people_of(site: Site) -> list[Colleague]:
    groups = RoleGroup.objects.filter(site=site).select_related("group")
    roles: dict[int, list[Role]] = {}
    for row in groups.prefetch_related("group__user_set").order_by("pk"):
        for user in row.group.user_set.all():
            roles.setdefault(user.pk, []).append(Role(row.role))
    protected = set(TOTPDevice.objects.filter(user__in=roles).values_list("user_id", flat=True))
    return [
        Colleague(user, roles[user.pk], user.pk in protected)
        for user in User.objects.filter(pk__in=roles).order_by("last_name", "first_name", "email")
    ]


def invite_to_site(*, email: str, role: Role, site: Site, by: User) -> Invitation:
    """Invite, or invite once more; another role takes the place of the one offered before.

    Raises ValidationError for somebody who works here already. Whether the address has an account
    elsewhere, nobody learns.
    """
    count_tries((INVITATIONS, str(site.pk)))
    if any(known.user.email == email for known in people_of(site)):
        raise ValidationError(_("This person works here already: change the role in the list."))
    with transaction.atomic():
        waiting = Invitation.objects.filter(site=site, email=email, accepted_at=None)
        waiting.exclude(group__role_group__role=role).delete()
        return invite(email=email, role=role, site=site, by=by)


def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """The link stops working. Quiet when it has been accepted meanwhile."""
    with transaction.atomic():
        gone, _by_model = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
        if gone:
            AuditEntry.objects.create(
                site=invitation.site,
                by=by,
                what="invitation withdrawn",
                details={"id": invitation.pk},
            )


def change_role(*, person: User, site: Site, role: Role, by: User) -> None:
    """From now on the person plays this role on the site, and no other there.

    Raises ValidationError when the last manager would leave the site without one.
    """
    with transaction.atomic():
        groups = _locked_groups(site)
        had = _roles_of(person, groups)
        if not had or had == [role]:
            return
        _refuse_to_strand(person, site, by, groups, stays=role == Role.MANAGER)
        person.groups.remove(*groups.values())
        person.groups.add(groups[role])
        if role == Role.ACCOUNTANT:
            _end_letters_of_pages(person, site)
        AuditEntry.objects.create(
            site=site,
            by=by,
            what="role changed",
            details={"person": person.pk, "from": had, "to": role},
        )


def remove_person(*, person: User, site: Site, by: User) -> None:
    """The person no longer works on the site, and their open sessions end.

    An invitation that waits for them ends too. The account stays: it may serve other sites, and
    what they did is signed by it. Raises ValidationError as `change_role` does.
    """
    with transaction.atomic():
        groups = _locked_groups(site)
        had = _roles_of(person, groups)
        if not had:
            return
        _refuse_to_strand(person, site, by, groups, stays=False)
        person.groups.remove(*groups.values())
        _end_letters_of_pages(person, site)
        Invitation.objects.filter(site=site, email=person.email, accepted_at=None).delete()
        person.end_sessions()
        AuditEntry.objects.create(
            site=site, by=by, what="person removed", details={"person": person.pk, "roles": had}
        )


def _end_letters_of_pages(person: User, site: Site) -> None:
    """Wagtail writes of comments to whoever follows a page, whatever their rights are by now."""
    for home in Page.objects.filter(translation_key=site.root_page.translation_key):
        PageSubscription.objects.filter(user=person, page__path__startswith=home.path).delete()


def let_in_without_phone(*, person: User, site: Site, by: User) -> None:
    """A colleague lost the phone. Raises ValidationError when only the centre may decide it.

    Somebody who also serves a site that `by` does not keep would be let in there as well.
    """
    with unrestricted("does the person serve other sites, too"):
        served = set(RoleGroup.objects.filter(group__user=person.pk).values_list("site", flat=True))
        kept = set(
            RoleGroup.objects.filter(group__user=by.pk, role=Role.MANAGER).values_list(
                "site", flat=True
            )
        )
    if person.is_superuser or not (is_of_network(by) or served <= kept):
        raise ValidationError(_("Only the centre can do this for this person. Write to it."))
    reset_second_factor(person=person, site=site, by=by)


def _locked_groups(site: Site) -> dict[Role, Group]:
    """The groups of the site by role. Locked: two people may change roles at once."""
    rows = RoleGroup.objects.select_for_update().filter(site=site).order_by("pk")
    return {Role(row.role): row.group for row in rows}


def _roles_of(person: User, groups: dict[Role, Group]) -> list[Role]:
    own = set(person.groups.values_list("pk", flat=True))
    return [role for role, group in groups.items() if group.pk in own]


def _refuse_to_strand(
    person: User, site: Site, by: User, groups: dict[Role, Group], *, stays: bool
) -> None:
    managers = User.objects.filter(groups=groups[Role.MANAGER], is_active=True)
    if person != by or stays or list(managers) != [person] or is_of_network(by):
        return
    raise ValidationError(
        _("You are the only manager of this site. Make somebody else a manager first.")
    )
