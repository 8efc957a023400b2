"""Exact host → site. There is no default site: an unknown host belongs to nobody."""

from django.conf import settings
from wagtail.models import Site


def site_for_host(hostname: str) -> Site | None:
    """The site that answers at this host name (lower case, no port), or None."""
    return (
        Site.objects.filter(hostname=hostname)
        .select_related("root_page", "root_page__locale", "walls")
        .order_by("pk")
        .first()
    )


def is_admin_host(hostname: str) -> bool:
    return hostname == settings.ADMIN_HOST
