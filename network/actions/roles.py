"""What the people of a site and of the network may do: groups with Wagtail's own permissions."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
    Page,
    Site,
)

from accounts.actions import invite
from accounts.models import Invitation, User
from tenancy.models import Role, RoleGroup

PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page")
# Wagtail asks for the permissions of its stock models whatever the own models are called.
MEDIA_PERMISSIONS = (
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
)
SITE_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.EDITOR: (
        "change_appearance",
        "change_channels",
        "view_donation",
    ),
    Role.ACCOUNTANT: (
        "change_organisation",
        "view_donation",
        "change_donation",
        "view_paymentaccount",
        "change_paymentaccount",
    ),
    Role.MANAGER: (
        "change_organisation",
        "change_appearance",
        "change_channels",
        "view_donation",
        "change_donation",
        "view_paymentaccount",
        "change_paymentaccount",
    ),
}
WRITES_PAGES = (Role.EDITOR, Role.MANAGER)


def grant_roles(site: Site) -> None:
    """Give each role of the site its permissions on this site, in all its languages."""
    homes = Page.objects.filter(translation_key=site.root_page.translation_key)
    for row in RoleGroup.objects.filter(site=site).select_related("group"):
        role, group = Role(row.role), row.group
        group.permissions.add(*_permissions("access_admin"))
        if role in WRITES_PAGES:
            group.permissions.add(*_permissions("submit_translation"))
            for home in homes:
                _grant_pages(group, home, PAGE_PERMISSIONS)
            _grant_media(group, site.walls.collection)
        GroupSitePermission.objects.bulk_create(
            GroupSitePermission(group=group, site=site, permission=permission)
            for permission in _permissions(*SITE_PERMISSIONS[role])
        )


def take_roles_back(site: Site) -> None:
    """Leave the people in their groups, and the groups without a single permission."""
    groups = Group.objects.filter(role_group__site=site)
    for model in (GroupPagePermission, GroupCollectionPermission, GroupSitePermission):
        model.objects.filter(group__in=groups).delete()
    Group.permissions.through.objects.filter(group__in=groups).delete()


def _permissions(*codenames: str) -> list[Permission]:
    found = list(Permission.objects.filter(codename__in=codenames))
    missing = set(codenames) - {permission.codename for permission in found}
    if missing:
        raise LookupError(f"permissions that do not exist: {sorted(missing)}")
    return found


def _grant_pages(group: Group, page: Page, codenames: tuple[str, ...]) -> None:
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=group, page=page, permission=permission)
        for permission in _permissions(*codenames)
    )


def _grant_media(group: Group, collection: Collection) -> None:
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=group, collection=collection, permission=permission)
        for permission in _permissions(*MEDIA_PERMISSIONS)
    )


def ensure_coordinators() -> Group:
    """The group of the centre's people. Quiet when it exists."""
    known = RoleGroup.objects.filter(role=Role.COORDINATOR).select_related("group").first()
    if known is not None:
        return known.group
    with transaction.atomic():
        group = Group.objects.create(name="Network · coordinator")
        RoleGroup.objects.create(role=Role.COORDINATOR, site=None, group=group)
        group.permissions.add(
            *_permissions(
                "access_admin",
                "submit_translation",
                *SITE_PERMISSIONS[Role.MANAGER],
            )
        )
        _grant_pages(
            group, Page.get_first_root_node(), (*PAGE_PERMISSIONS, "lock_page", "unlock_page")
        )
        _grant_media(group, Collection.get_first_root_node())
    return group


def invite_coordinator(*, email: str, by: User | None) -> Invitation:
    """Invite somebody who sees every site of the network."""
    ensure_coordinators()
    return invite(email=email, role=Role.COORDINATOR, site=None, by=by)
