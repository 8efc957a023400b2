"""What a request carries once `HostMiddleware` has seen it. And who asks."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Site


class HostedRequest(HttpRequest):
    is_admin_host: bool
    _wagtail_site: Site | None
    chosen_site: int | None
    # For the Content-Security-Policy, from whoever draws the page: origins it frames, origins that
    # may frame it.
    frame_hosts: list[str]
    framed_by: list[str]


def client_address(request: HttpRequest) -> str:
    """Where the visitor is, as our own proxies saw it; headers from outside are not believed.

    It is what limits count by: a home has one IPv4 address, but of IPv6 a whole /64.
    """
    hops = settings.TRUSTED_PROXIES
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(chain) >= hops:
        return _home_of(chain[-hops].strip())
    return _home_of(request.META.get("REMOTE_ADDR", ""))


def _home_of(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return address
