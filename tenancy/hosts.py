"""Exact host → site. There is no default site: an unknown host belongs to nobody.

A site answers at one name, `Site.hostname`. Its other names (`SiteHostname`) lead there, once they
have been seen to point at this server.
"""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.models import Site

from tenancy.models import SiteHostname

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
LONGEST = 253


def site_for_host(hostname: str) -> Site | None:
    """The site that answers at this host name (lower case, no port), or None.

    Its home is of its own class, with the fields all pages share: most requests want no others.
    """
    site = (
        Site.objects.filter(hostname=hostname)
        .select_related("root_page", "root_page__locale", "walls")
        .order_by("pk")
        .first()
    )
    if site is not None:
        home = site.root_page.specific_deferred
        home.locale = site.root_page.locale
        site.root_page = home
    return site


def site_led_to(hostname: str) -> Site | None:
    """The site this other name leads to, or None; a name not yet seen to be ours leads nowhere."""
    return (
        Site.objects.filter(hostnames__hostname=hostname, hostnames__verified_at__isnull=False)
        .select_related("root_page", "root_page__locale", "walls")
        .first()
    )


def is_admin_host(hostname: str) -> bool:
    return hostname == settings.ADMIN_HOST


def is_ours(hostname: str) -> bool:
    """Whether a certificate for this name is our business."""
    return (
        is_admin_host(hostname)
        or Site.objects.filter(hostname=hostname).exists()
        or SiteHostname.objects.filter(hostname=hostname, verified_at__isnull=False).exists()
    )


def is_label(label: str) -> bool:
    """Two hyphens in the third and fourth place are kept for punycode."""
    return bool(LABEL.match(label)) and (label[2:4] != "--" or label.startswith("xn--"))


def check_hostname(name: str) -> None:
    """Raise ValidationError unless `name` is written the one way that a request can match.

    Lower case, punycode, no port, no dot at the end; no network address; not the admin's.
    """
    labels = name.split(".")
    well_formed = len(name) <= LONGEST and all(is_label(label) for label in labels)
    if not well_formed or labels[-1].isdigit() or is_admin_host(name):
        raise ValidationError(
            _("This cannot be the name of a site: small Latin letters, digits, hyphens and dots.")
        )


def refuse_taken(site: Site) -> None:
    """Raise ValidationError when the name is another site's, or leads to a site already.

    PostgreSQL cannot be asked about a zero byte; that no site has such a name is said elsewhere.
    """
    if "\0" in site.hostname:
        return
    same = Site.objects.filter(hostname=site.hostname).exclude(pk=site.pk)
    if same.exists() or SiteHostname.objects.filter(hostname=site.hostname).exists():
        raise ValidationError({"hostname": _("There is a site with this name already.")})


def check_on_save(sender: Any, instance: Site, raw: bool = False, **kwargs: Any) -> None:
    """Wagtail's `save` takes any text. A fixture is taken as it is."""
    if not raw:
        check_site(instance)


def check_site(site: Site) -> None:
    """Raise ValidationError unless the site may have this name."""
    check_hostname(site.hostname)
    refuse_taken(site)


def watch_names() -> None:
    """A wrong name is said at its field, also on Wagtail's own screen, and is never stored."""
    # The list of the built field only: what migrations see stays Wagtail's.
    Site._meta.get_field("hostname").validators.append(check_hostname)
    Site.clean = refuse_taken
