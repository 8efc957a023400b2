"""What people decide about people. Invitations are asked for by other apps from here."""

from accounts.actions.invitations import (
    CannotInvite,
    accept_invitation,
    deliver_invitations,
    existing_user,
    find_invitation,
    invitation_token,
    invite,
    lets_in,
    refuse_keepers_of_the_server,
    send_owed_invitations,
)

__all__ = [
    "CannotInvite",
    "accept_invitation",
    "deliver_invitations",
    "existing_user",
    "find_invitation",
    "invitation_token",
    "invite",
    "lets_in",
    "refuse_keepers_of_the_server",
    "send_owed_invitations",
]
