"""Inviting a person and letting them in."""

import time

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.models import Site

from accounts import mail
from accounts.managers import normalise_email
from accounts.models import Invitation, User
from tenancy.models import AuditEntry, Role, RoleGroup, SiteState, state_of
from tenancy.outbox import LONGEST_RUN, send_due
from tenancy.scope import unrestricted

INVITATION_SALT = "accounts.invitation"


class CannotInvite(ValidationError):
    """This address may not be given a role; the message is for the person who invites."""


def refuse_keepers_of_the_server(email: str) -> None:
    """Raise CannotInvite for a superuser. For the network's people only: it tells who that is.

    Whoever invites, a superuser cannot accept: NGO people could act through that account.
    """
    with unrestricted("inviting: the address may belong to anybody"):
        if User.objects.filter(email=normalise_email(email), is_superuser=True).exists():
            raise CannotInvite(_("This person keeps the server and cannot be an editor."))


def invite(*, email: str, role: Role, site: Site | None, by: User | None) -> Invitation:
    """Keep a place for `email` in the role; the letter goes out after commit.

    Inviting the same address twice gives the same invitation a new term and a new letter. Raises
    CannotInvite for an archived site.
    """
    if site is not None and state_of(site) == SiteState.ARCHIVED:
        raise CannotInvite(_("The site is in the archive: open it again first."))
    group = RoleGroup.objects.get(site=site, role=role).group
    with unrestricted("inviting: the address may belong to anybody"), transaction.atomic():
        address = normalise_email(email)
        invitation, created = Invitation.objects.select_for_update().get_or_create(
            group=group,
            email=address,
            accepted_at=None,
            defaults={"site": site, "invited_by": by},
        )
        if not created:
            invitation.expires_at = Invitation._meta.get_field("expires_at").get_default()
            if invitation.sent_at is not None:
                invitation.sent_at, invitation.attempts = None, 0
            # One that is being sent at this moment is left to its sender.
            if not invitation.is_being_sent:
                invitation.next_try_at = timezone.now()
            invitation.save(update_fields=["expires_at", "sent_at", "attempts", "next_try_at"])
        AuditEntry.objects.create(
            site=site, by=by, what="person invited", details={"role": role, "id": invitation.pk}
        )
    transaction.on_commit(deliver_invitations.enqueue, robust=True)
    return invitation


def invitation_token(invitation: Invitation) -> str:
    """What stands in the link. It is made anew each time: nothing secret is stored."""
    return signing.dumps(invitation.pk, salt=INVITATION_SALT)


def find_invitation(token: str) -> Invitation | None:
    """The invitation behind a link, or None for a forged link. It may be used up or expired."""
    try:
        pk = signing.loads(token, salt=INVITATION_SALT)
    except signing.BadSignature:
        return None
    with unrestricted("the link itself is the right to see the invitation"):
        return Invitation.objects.select_related("site", "group").filter(pk=pk).first()


def existing_user(invitation: Invitation) -> User | None:
    with unrestricted("sign-in"):
        return User.objects.filter(email=invitation.email).first()


def lets_in(invitation: Invitation) -> bool:
    """An archived site takes nobody in; the place is kept until it is open again."""
    site = invitation.site
    return invitation.is_open and (site is None or state_of(site) != SiteState.ARCHIVED)


def accept_invitation(
    *,
    invitation: Invitation,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
) -> User | None:
    """Let the person in, once. None when the invitation is used up, expired, withdrawn, or reached
    somebody who keeps the server.

    `password` is for a new person; somebody who has an account keeps theirs.
    """
    with unrestricted("accepting an invitation makes the person"), transaction.atomic():
        known = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        if known is None or not lets_in(known):
            return None
        invitation = known
        user = User.objects.filter(email=invitation.email).first()
        if user is not None and user.is_superuser and invitation.site is not None:
            return None
        if user is None:
            user = User.objects.create_user(
                invitation.email, password, first_name=first_name, last_name=last_name
            )
        user.groups.add(invitation.group)
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        AuditEntry.objects.create(
            site=invitation.site, by=user, what="invitation accepted", details={"id": invitation.pk}
        )
        return user


def send_owed_invitations() -> int:
    """Send the letters that are owed and due; returns how many went out."""
    owed = Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now())
    owed = owed.select_related("site")
    owed = owed.exclude(site__walls__state=SiteState.ARCHIVED)
    return send_due(owed, _post, until=time.monotonic() + LONGEST_RUN)


def _post(invitation: Invitation) -> None:
    mail.invitation(invitation, token=invitation_token(invitation))


@task()
def deliver_invitations() -> int:
    """The same as a background job, enqueued after an invitation and run by the worker's clock."""
    with unrestricted("letters are owed on every site"):
        return send_owed_invitations()
