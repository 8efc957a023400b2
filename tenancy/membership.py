"""Whose sites somebody works on, read from the groups that play a role there."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from wagtail.models import Page, Site

from tenancy.models import Role, RoleGroup, SiteState, state_of
from tenancy.scope import NOBODY, Scope, Unrestricted, Visibility

KEEPS_BOOKS = (Role.ACCOUNTANT, Role.MANAGER)


def user_scope(user: AbstractBaseUser | AnonymousUser, *, chosen: int | None = None) -> Visibility:
    """What the user may see in the admin: everything for the network's people, else own sites.

    An archived site has no admin for its people. `chosen` narrows own sites to one of them.
    """
    if not (user.is_authenticated and user.is_active):
        return NOBODY
    if getattr(user, "is_superuser", False):
        return Unrestricted("superuser")
    own = list(
        RoleGroup.objects.filter(group__user=user.pk).select_related(
            "site__root_page", "site__walls"
        )
    )
    if any(row.role == Role.COORDINATOR for row in own):
        return Unrestricted("coordinator")
    sites = {
        row.site.pk: row.site
        for row in own
        if row.site is not None and state_of(row.site) != SiteState.ARCHIVED
    }
    if chosen in sites:
        sites = {chosen: sites[chosen]}
    homes = [site.root_page.translation_key for site in sites.values()]
    return Scope(
        site_ids=frozenset(sites),
        page_paths=tuple(
            Page.objects.filter(translation_key__in=homes).values_list("path", flat=True)
        ),
        collection_ids=frozenset(site.walls.collection_id for site in sites.values()),
        group_ids=frozenset(
            RoleGroup.objects.filter(site_id__in=sites).values_list("group_id", flat=True)
        ),
        ledger_site_ids=frozenset(
            row.site.pk
            for row in own
            if row.site is not None and row.site.pk in sites and row.role in KEEPS_BOOKS
        ),
        user_id=user.pk,
    )


def archived_sites_of(user: AbstractBaseUser | AnonymousUser) -> list[Site]:
    """Sites the user worked on that are closed now."""
    own = Site.objects.filter(
        role_groups__group__user=user.pk, walls__state=SiteState.ARCHIVED
    ).select_related("walls")
    return list(own.distinct().order_by("site_name", "pk"))


def own_sites_of(user: AbstractBaseUser | AnonymousUser) -> list[Site]:
    """The open sites the user works on, chosen or not."""
    own = Site.objects.filter(role_groups__group__user=user.pk).exclude(
        walls__state=SiteState.ARCHIVED
    )
    return list(own.distinct().order_by("site_name", "pk"))
