"""What a public request tells: where it was sent from and who asks."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest
from wagtail.models import Site


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a page of this very host sent the form; browsers cannot be made to lie about it."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    if origin is not None:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())
    return fetch_site == "same-origin"


def site_of(request: HttpRequest) -> Site:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return site


def body_length(request: HttpRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0)
