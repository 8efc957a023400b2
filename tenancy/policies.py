from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from wagtail.models import Site
from wagtail.permission_policies.sites import SitePermissionPolicy

from tenancy.scope import Scope, current


class OwnSitesPolicy(SitePermissionPolicy):
    """Wagtail's policy, narrowed by the scope: the person may have chosen one of their sites."""

    def sites_user_has_any_permission_for(
        self, user: Any, actions: Iterable[str]
    ) -> QuerySet[Site]:
        sites = super().sites_user_has_any_permission_for(user, actions)
        scope = current()
        return sites.filter(pk__in=scope.site_ids) if isinstance(scope, Scope) else sites
