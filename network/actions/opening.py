"""Opening sites."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site

from accounts.actions import invite, refuse_keepers_of_the_server
from accounts.models import Invitation, User
from donations.actions.accounts import open_sandbox
from donations.actions.funds import open_general_fund
from home.models import FormField, HomePage
from network.actions.addresses import add_hostname, lock_names, refuse_taken
from network.actions.recipients import Consent, agree_on_recipient
from network.actions.roles import grant_roles
from network.blueprint import BASIC, Blueprint, PagePlan
from network.hostnames import is_of_the_network, read_hostname, show_hostname, suggest_label
from site_settings.models import (
    DEFAULT_ACCENT,
    DEFAULT_SECOND,
    Appearance,
    Channels,
    Organisation,
)
from tenancy.models import SITE_ROLES, AuditEntry, Role, RoleGroup, SiteHostname, SiteWalls

LONGEST_NAME = 150
TRIES = 100
SORTS_LAST = "я" * 50
LINK = re.compile(r"\{([\w-]+)\}")  # {slug} in the words of a blueprint's home


@dataclass(frozen=True)
class OpenedSite:
    """`waiting` is the site's own domain, when one was asked for: it does not point here yet."""

    site: Site
    home: HomePage
    invitations: tuple[Invitation, ...] = ()
    waiting: SiteHostname | None = None

    @property
    def invitation(self) -> Invitation | None:
        return self.invitations[0] if self.invitations else None


def open_site(
    *,
    organisation: str,
    hostname: str = "",
    by: User | None,
    editor_email: str = "",
    people: Sequence[tuple[str, Role]] = (),
    blueprint: Blueprint = BASIC,
    requisites: Mapping[str, str] | None = None,
    accent: str = "",
    second: str = "",
    consent: Consent | None = None,
) -> OpenedSite:
    """Make a whole site in one transaction and invite its people after commit.

    `hostname` is a sub-domain of the network, «» for one made of the name, or a domain of the
    site's own: then the site gets a sub-domain too, and the domain waits until it points here.
    `people` are (address, role); `editor_email` is one more of them. `requisites` are fields of
    `Organisation`. `consent` is for a group. Raises ValidationError by field; nothing stays behind.
    """
    name = " ".join(organisation.split())
    if not name or len(name) > LONGEST_NAME:
        raise ValidationError({"organisation": _("Write the name of the organisation.")})
    invited = [*([(editor_email, Role.EDITOR)] if editor_email else []), *people]
    for email, _role in invited:
        refuse_keepers_of_the_server(email)
    with transaction.atomic():
        # Locked first: two sites opened at once take their places in the tree one by one.
        lock_names()
        host, own_domain = _choose_names(name, hostname, by)
        home = _make_home(Page.objects.get(depth=1), name)
        site = _make_site(home, name, host)
        _make_walls(site, home)
        _make_settings(site, name, blueprint, requisites or {}, accent, second)
        for plan in blueprint.pages:
            _make_page(home, plan)
        if blueprint.home:
            _write_home(home, blueprint.home)
        AuditEntry.objects.create(
            site=site, by=by, what="site opened", details={"host": host, "kind": blueprint.key}
        )
        waiting = add_hostname(site=site, hostname=own_domain, by=by) if own_domain else None
        if consent is not None:
            agree_on_recipient(site=site, consent=consent, by=by)
        invitations = tuple(
            invite(email=email, role=role, site=site, by=by) for email, role in invited
        )
        transaction.on_commit(Site.clear_site_root_paths_cache)
    return OpenedSite(site, home, invitations, waiting)


def _choose_names(name: str, hostname: str, by: User | None) -> tuple[str, str]:
    """(sub-domain of the network, own domain or «»), both free."""
    if not hostname.strip():
        return free_hostname(name), ""
    host = read_hostname(hostname, by=by)
    _refuse_taken(host, by)
    # Alone, a site stands at whatever name its owner has given the installation.
    if is_of_the_network(host) or not settings.NETWORK:
        return host, ""
    return free_hostname(show_hostname(host).partition(".")[0]), host


def free_hostname(words: str) -> str:
    """A name of the network made of these words, that nobody has. Raises ValidationError for
    `hostname` when nothing can be made of them.
    """
    label = suggest_label(words)
    for number in range(1, TRIES):
        try:
            host = read_hostname(label if number == 1 else f"{label}-{number}")
            _refuse_taken(host)
        except ValidationError:
            continue
        return host
    raise ValidationError({"hostname": _("Write the name of the site, for example dymka.")})


def _refuse_taken(host: str, by: User | None = None) -> None:
    refuse_taken(host, by=by)
    if not settings.NETWORK and Site.objects.exists():
        raise ValidationError({"hostname": _("A stand-alone installation has one site only.")})


def _make_home(root: Page, name: str) -> HomePage:
    """Its slug is in no address. Not made of the host's name, which may pass to another site.

    Of letters alone: sixteen digits in a row may be taken for the number of a card.
    """
    home = HomePage(title=name, slug=f"home-{get_random_string(24, ascii_lowercase)}")
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
        # By number: names and addresses of sites change, and may pass to another one.
        group = Group.objects.create(name=f"{site.pk} · {site.site_name[:100]} · {role.value}")
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


def _make_settings(
    site: Site,
    name: str,
    blueprint: Blueprint,
    requisites: Mapping[str, str],
    accent: str,
    second: str,
) -> None:
    given = {field: value for field, value in requisites.items() if value}
    named = {"full_name": name, "short_name": name[:100], **given}
    organisation = Organisation(site=site, is_group=blueprint.is_group, **named)
    organisation.full_clean()
    organisation.save()
    colours = {"accent": accent or DEFAULT_ACCENT, "second": second or DEFAULT_SECOND}
    appearance = Appearance(site=site, **colours)
    appearance.full_clean()
    appearance.save()
    Channels.objects.create(site=site)
    if not blueprint.is_group:
        open_sandbox(site=site)
    open_general_fund(site=site, purpose=blueprint.purpose)


def _write_home(home: HomePage, fields: Mapping[str, Any]) -> None:
    """Last, because it leads to the other pages."""
    home.refresh_from_db()
    numbers = dict(Page.objects.descendant_of(home).values_list("slug", "pk"))
    # KeyError for a page that the blueprint has not: such a link would lead nowhere.
    words: Any = LINK.sub(lambda link: str(numbers[link[1]]), json.dumps(fields["body"]))
    home.lead, home.body = fields["lead"], words
    list(home.body)  # see _make_page
    home.save_revision().publish()


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
    if "questions" in plan:
        page.form_fields = [
            FormField(label=words, field_type=kind, required=required, sort_order=number)
            for number, (words, kind, required) in enumerate(plan["questions"])
        ]
    parent.add_child(instance=page)
    revision = page.save_revision()
    if plan["live"]:
        revision.publish()
    for child in plan.get("children", []):
        _make_page(page, child)
    return page
