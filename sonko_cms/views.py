import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import Site

from tenancy.scope import unrestricted

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process can read its tables. Asked by Docker, on any host name."""
    try:
        with unrestricted("health is of the whole installation"):
            Site.objects.exists()
    except DatabaseError:
        log.exception("the database cannot be read")
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
