"""What the centre does: a module per noun. The commonest names are here."""

from network.actions.opening import OpenedSite, open_site
from network.actions.roles import ensure_coordinators, invite_coordinator

__all__ = ["OpenedSite", "ensure_coordinators", "invite_coordinator", "open_site"]
