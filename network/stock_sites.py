"""Wagtail's own screen of sites, the superuser's: it reads a name as opening does, and makes and
deletes no site. One made there would have no walls, and the books of one deleted no owner. No site
is moved to another's home there, and none answers at every name.
"""

from typing import Any

from django.db import transaction
from wagtail.models import Site
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.sites.forms import SiteForm
from wagtail.sites.views import EditView, SiteViewSet

from network.hostnames import read_as_typed
from site_settings.legal import record_versions
from tenancy.models import AuditEntry


class OnlyChanged(ModelPermissionPolicy):
    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ("view", "change") and bool(super().user_has_permission(user, action))


class NamesForm(SiteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("port", "root_page", "is_default_site"):
            self.fields[name].disabled = True

    def clean_hostname(self) -> str:
        """A name that is left as it was is not judged anew: it may be older than the rules."""
        typed = str(self.cleaned_data["hostname"])
        return read_as_typed(typed) if "hostname" in self.changed_data else typed


class EditNames(EditView):
    def save_instance(self) -> Site:
        with transaction.atomic():
            site = super().save_instance()
            if "hostname" in self.form.changed_data:
                record_versions(site)  # legal texts name the address
                AuditEntry.objects.create(
                    site=site,
                    by=self.request.user,
                    what="main address changed",
                    details={"before": self.form.initial["hostname"], "host": site.hostname},
                )
        return site


def tame() -> None:
    register_permission_policy(Site, OnlyChanged(Site))
    SiteViewSet.edit_view_class = EditNames
    SiteViewSet.get_form_class = lambda self, for_update=False: NamesForm
