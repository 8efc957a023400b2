"""What a request carries once `HostMiddleware` has seen it. For annotations."""

from django.http import HttpRequest
from wagtail.models import Site


class HostedRequest(HttpRequest):
    is_admin_host: bool
    _wagtail_site: Site | None
