"""What a request carries once `HostMiddleware` has seen it. And who asks."""

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
    """The visitor's address as our own proxies saw it; headers from outside are not believed."""
    hops = settings.TRUSTED_PROXIES
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(chain) >= hops:
        return chain[-hops].strip()
    return request.META.get("REMOTE_ADDR", "")
