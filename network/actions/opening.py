"""Opening sites."""

import json
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site

from accounts.actions import invite
from accounts.models import Invitation, User
from donations.actions.accounts import open_sandbox
from donations.actions.funds import open_general_fund
from home.models import HomePage
from network.actions.roles import grant_roles
from network.blueprint import BASIC_SITE, GENERAL_PURPOSE, PagePlan
from network.hostnames import read_hostname
from site_settings.models import Appearance, Channels, Organisation
from tenancy.models import SITE_ROLES, AuditEntry, Role, RoleGroup, SiteWalls

SORTS_LAST = "я" * 50


@dataclass(frozen=True)
class OpenedSite:
    site: Site
    home: HomePage
    invitation: Invitation | None


def open_site(
    *, organisation: str, hostname: str, editor_email: str, by: User | None
) -> OpenedSite:
    """Make a whole site in one transaction and invite its editor after commit.

    Raises ValidationError when a name is taken or wrong or the editor cannot be invited; nothing
    stays behind.
    """
    name = " ".join(organisation.split())
    if not name:
        raise ValidationError({"organisation": _("Write the name of the organisation.")})
    host = read_hostname(hostname)
    with transaction.atomic():
        # Locked first: two sites opened at once take their places in the tree one by one.
        root = Page.objects.select_for_update().get(depth=1)
        _refuse_taken(host)
        home = _make_home(root, name, host)
        site = _make_site(home, name, host)
        _make_walls(site, home)
        _make_settings(site, name)
        for plan in BASIC_SITE:
            _make_page(home, plan)
        AuditEntry.objects.create(site=site, by=by, what="site opened", details={"host": host})
        invitation = (
            invite(email=editor_email, role=Role.EDITOR, site=site, by=by) if editor_email else None
        )
        transaction.on_commit(Site.clear_site_root_paths_cache)
    return OpenedSite(site, home, invitation)


def _refuse_taken(host: str) -> None:
    if Site.objects.filter(hostname=host).exists():
        raise ValidationError({"hostname": _("There is a site with this name already.")})
    if not settings.NETWORK and Site.objects.exists():
        raise ValidationError({"hostname": _("A stand-alone installation has one site only.")})


def _make_home(root: Page, name: str, host: str) -> HomePage:
    home = HomePage(title=name, slug=host.replace(".", "-"))
    root.add_child(instance=home)
    home.save_revision().publish()
    return home


def _make_site(home: HomePage, name: str, host: str) -> Site:
    site = Site(
        hostname=host,
        port=settings.SITE_PORT,
        site_name=name,
        root_page=home,
        is_default_site=False,
    )
    site.full_clean()
    site.save()
    return site


def _make_walls(site: Site, home: HomePage) -> None:
    """The media collection, and a group for each role with its permissions on this site only."""
    SiteWalls.objects.create(site=site, collection=_make_collection(site.site_name))
    for role in SITE_ROLES:
        group = Group.objects.create(name=f"{site.hostname} · {role.value}")
        RoleGroup.objects.create(site=site, role=role, group=group)
    grant_roles(site)


def _make_collection(name: str) -> Collection:
    """A collection at the end of the tree, whatever its name.

    Wagtail would put it between the others by name and move each later one, a query for each.
    """
    collection = Collection(name=SORTS_LAST)
    Collection.get_first_root_node().add_child(instance=collection)
    collection.name = name[:255]
    collection.save(update_fields=["name"])
    return collection


def _make_settings(site: Site, name: str) -> None:
    Organisation.objects.create(site=site, full_name=name, short_name=name[:100])
    Appearance.objects.create(site=site)
    Channels.objects.create(site=site)
    open_sandbox(site=site)
    open_general_fund(site=site, purpose=GENERAL_PURPOSE)


def _make_page(parent: Page, plan: PagePlan) -> Page:
    fields = dict(plan.get("fields", {}))
    if "body" in fields:
        fields["body"] = json.dumps(fields["body"])
    page = apps.get_model(plan["type"])(
        title=plan["title"],
        slug=plan["slug"],
        show_in_menus=plan.get("in_menu", False),
        live=False,
        **fields,
    )
    if "body" in fields:
        list(page.body)  # reading gives the items of lists their ids; localize finds words by them
    parent.add_child(instance=page)
    revision = page.save_revision()
    if plan["live"]:
        revision.publish()
    for child in plan.get("children", []):
        _make_page(page, child)
    return page
