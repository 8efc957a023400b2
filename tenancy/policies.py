"""Wagtail's permission policies, narrowed by the scope and by what lies in the archive."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from wagtail.models import Collection, Site
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permission_policies.sites import SitePermissionPolicy

from tenancy.archived import archived_for
from tenancy.scope import Scope, current

LOOKS = frozenset({"view", "choose"})


class OwnSitesPolicy(SitePermissionPolicy):
    """The person may have chosen one of their sites. Rows of an archived site are only read."""

    archive_is_closed: ClassVar[bool] = True

    def sites_user_has_any_permission_for(
        self, user: Any, actions: Iterable[str]
    ) -> QuerySet[Site]:
        sites = super().sites_user_has_any_permission_for(user, actions)
        scope = current()
        if isinstance(scope, Scope):
            return sites.filter(pk__in=scope.site_ids)
        if self.archive_is_closed and not LOOKS & set(actions):
            return sites.exclude(pk__in=archived_for(user).site_ids)
        return sites

    def user_has_any_permission_for_instance(
        self, user: Any, actions: Iterable[str], instance: Any
    ) -> bool:
        site_id = instance.pk if isinstance(instance, Site) else instance.site_id
        if (
            self.archive_is_closed
            and not LOOKS & set(actions)
            and site_id in archived_for(user).site_ids
        ):
            return False
        return bool(super().user_has_any_permission_for_instance(user, actions, instance))


class OwnMediaPolicy(CollectionOwnershipPermissionPolicy):
    """Pictures and documents of an archived site are looked at and chosen, not changed."""

    def _check_perm(
        self, user: Any, actions: Iterable[str], collection: Collection | None = None
    ) -> bool:
        if (
            collection is not None
            and not LOOKS & set(actions)
            and archived_for(user).has_collection(collection)
        ):
            return False
        return bool(super()._check_perm(user, actions, collection))

    def collections_user_has_any_permission_for(
        self, user: Any, actions: Iterable[str]
    ) -> QuerySet[Collection]:
        found = super().collections_user_has_any_permission_for(user, actions)
        if LOOKS & set(actions):
            return found
        closed = Q()
        for path in archived_for(user).collection_paths:
            closed |= Q(path__startswith=path)
        return found.exclude(closed) if closed else found
