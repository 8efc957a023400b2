"""Who may do what with a gift, by the site it was given on and the account it went to."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import Site

from tenancy.policies import OwnSitesPolicy


class GiftPolicy(OwnSitesPolicy):
    """People of the site see its gifts; the books, refunds included, are kept where the money is.

    The two are one unless an organisation receives the gifts of a group. The centre keeps the books
    of an archived site on: a gift can be given back to its donor whatever the site does.
    """

    archive_is_closed = False

    def user_has_any_permission_for_instance(
        self, user: Any, actions: Iterable[str], instance: Any
    ) -> bool:
        asks = super().user_has_any_permission_for_instance
        if isinstance(instance, Site):
            return bool(asks(user, actions, instance))
        in_books = asks(user, actions, instance.account)
        return bool(in_books or ("view" in actions and asks(user, ["view"], instance.site)))

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        rows: QuerySet = super().instances_user_has_any_permission_for(user, actions)
        if not user.is_active or user.is_superuser:
            return rows
        if self._user_has_global_permission(user, actions):
            return rows
        seen = self.sites_user_has_any_permission_for(user, actions)
        kept = self.sites_user_has_any_permission_for(user, ["change"])
        in_books = Q(account__site__in=list(kept))
        if "view" not in actions:
            return self.model._default_manager.filter(in_books)
        return self.model._default_manager.filter(Q(site__in=list(seen)) | in_books)
