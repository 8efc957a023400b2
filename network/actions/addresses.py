"""Names of a site: its sub-domain of the network, and domains of its own."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from accounts.models import User
from network.dns import CannotResolve, Resolve, resolve
from network.hostnames import is_of_the_network, read_hostname
from site_settings.legal import record_versions
from tenancy.hosts import check_site
from tenancy.models import AuditEntry, SiteHostname

log = logging.getLogger(__name__)

CHECKED_EVERY = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=14)  # then only by the button
NOT_HERE, NOT_YET = "points elsewhere", "has no address"


def add_hostname(*, site: Site, hostname: str, by: User | None) -> SiteHostname:
    """Another name for the site. It leads there once it points at this server; a sub-domain of the
    network does at once. Raises ValidationError for `hostname`.
    """
    name = read_hostname(hostname, by=by)
    with transaction.atomic():
        lock_names()
        refuse_taken(name, by=by)
        row = SiteHostname.objects.create(
            site=site,
            hostname=name,
            verified_at=timezone.now() if is_of_the_network(name) else None,
        )
        AuditEntry.objects.create(site=site, by=by, what="address added", details={"host": name})
    return row


def remove_hostname(*, row: SiteHostname, by: User | None) -> None:
    """The name leads nowhere from now on, and may be given to another site."""
    with transaction.atomic():
        AuditEntry.objects.create(
            site=row.site, by=by, what="address removed", details={"host": row.hostname}
        )
        row.delete()


def make_main(*, row: SiteHostname, by: User | None) -> Site:
    """The site answers at this name; the one it had leads there. Payments are still told of at the
    old one. Raises ValidationError while the name does not point here.
    """
    if row.verified_at is None:
        raise ValidationError(_("This name does not point at our server yet."))
    with transaction.atomic():
        lock_names()
        site = Site.objects.select_for_update().get(pk=row.site_id)
        row = SiteHostname.objects.select_for_update().get(pk=row.pk)
        before, site.hostname = site.hostname, row.hostname
        row.delete()
        check_site(site)
        site.save()
        SiteHostname.objects.create(site=site, hostname=before, verified_at=timezone.now())
        record_versions(site)  # legal texts name the address
        AuditEntry.objects.create(
            site=site,
            by=by,
            what="main address changed",
            details={"before": before, "host": site.hostname},
        )
        transaction.on_commit(Site.clear_site_root_paths_cache)
    return site


def lock_names() -> None:
    """Names are given one by one: no table holds both main and other ones."""
    Page.objects.select_for_update().get(depth=1)


def refuse_taken(name: str, *, by: User | None = None) -> None:
    """Raise ValidationError for `hostname`. Whose name it is, the keeper of the server hears."""
    owner = Site.objects.filter(Q(hostname=name) | Q(hostnames__hostname=name)).first()
    if owner is None:
        return
    words = _("There is a site with this name already.")
    if by is not None and by.is_superuser:
        words = f"{words} ({owner.site_name or owner.hostname})"
    raise ValidationError({"hostname": words})


def wanted_addresses(ask: Resolve = resolve) -> frozenset[str]:
    """Where names have to point: where the admin's does. Empty when that cannot be learnt."""
    try:
        return ask(settings.ADMIN_HOST)
    except CannotResolve:
        return frozenset()


def check_hostname_points_here(row: SiteHostname, *, ask: Resolve = resolve) -> SiteHostname:
    """Look where the name points, and keep what was found. One that pointed here once goes on
    leading to the site: a name server that fails for a minute closes nothing.
    """
    wanted, trouble = wanted_addresses(ask), ""
    try:
        found = ask(row.hostname)
    except CannotResolve as error:
        found, trouble = frozenset(), str(error)
    if not trouble and not found:
        trouble = NOT_YET
    if found and not (wanted and found <= wanted):
        trouble = NOT_HERE
    row.finding = {"found": sorted(found), "wanted": sorted(wanted), "trouble": trouble}
    row.checked_at = timezone.now()
    if not trouble:
        row.verified_at = row.verified_at or row.checked_at
    row.save(update_fields=["finding", "checked_at", "verified_at"])
    return row


def check_waiting_hostnames(*, ask: Resolve = resolve) -> int:
    """Look after names that do not point here yet; returns how many do now. Run by the worker."""
    now, ready = timezone.now(), 0
    waiting = SiteHostname.objects.filter(
        Q(checked_at=None) | Q(checked_at__lt=now - CHECKED_EVERY),
        verified_at=None,
        added_at__gt=now - GIVEN_UP_AFTER,
    )
    for row in waiting:
        ready += check_hostname_points_here(row, ask=ask).verified_at is not None
    return ready
