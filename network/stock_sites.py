"""Wagtail's own screen of sites, the superuser's: it reads a name as opening does, and makes and
deletes no site. One made there would have no walls, and the books of one deleted no owner.
"""

from typing import Any

from wagtail.models import Site
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.sites.forms import SiteForm

from network.hostnames import read_as_typed


class OnlyChanged(ModelPermissionPolicy):
    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "change") and bool(super().user_has_permission(user, action))


def clean_hostname(form: SiteForm) -> str:
    """A name that is left as it was is not judged anew: it may be older than the rules."""
    typed = str(form.cleaned_data["hostname"])
    return read_as_typed(typed) if "hostname" in form.changed_data else typed


def tame() -> None:
    register_permission_policy(Site, OnlyChanged(Site))
    SiteForm.clean_hostname = clean_hostname
