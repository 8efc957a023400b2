import ipaddress
import logging
import sys
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import server_error
from wagtail.models import Site

from donations.models import SelfCheck
from tenancy.hosts import is_ours
from tenancy.scope import unrestricted

log = logging.getLogger(__name__)


RETRY_SECONDS = 10
WORKER_IS_LATE = timedelta(minutes=30)  # it checks the books every ten


@never_cache
def broken(request: HttpRequest) -> HttpResponse:
    """The page of an error of ours; 503 when the database is away, full or busy: it passes."""
    answer = server_error(request)
    if _passes_by_itself(sys.exception()):
        answer.status_code = 503
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _passes_by_itself(error: BaseException | None) -> bool:
    # SQLite calls a missing table or column "operational" too; that does not pass.
    is_away = isinstance(error, InterfaceError | OperationalError)
    return is_away and not str(error).startswith("no such")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process can read its tables. Asked by Docker, on any host name."""
    try:
        with unrestricted("health is of the whole installation"):
            Site.objects.exists()
            is_sound = not SelfCheck.objects.exclude(findings=[]).exists()
            is_late = SelfCheck.objects.filter(at__lt=timezone.now() - WORKER_IS_LATE).exists()
    except DatabaseError:
        log.exception("the database cannot be read")
        return HttpResponse("database", status=503, content_type="text/plain")
    # Neither a total that differs nor a worker that sleeps is a reason to restart this process: it
    # is told, and a person looks.
    told = ["ok"]
    if not is_sound:
        told.append("self-check: failed")
    if is_late:
        told.append("self-check: late, the worker does not run")
    return HttpResponse("\n".join(told), content_type="text/plain")


@never_cache
@require_safe
def tls_allowed(request: HttpRequest) -> HttpResponse:
    """200 when the web server before us may get a certificate for `domain`, 404 when not.

    Caddy asks before it bothers the certificate authority with a name a stranger has sent. Only
    the machine or its inner network is answered, and only when nobody is asking through a proxy.
    Reads two indexed rows, writes nothing.
    """
    asked = request.GET.get("domain", "").lower()
    known = _is_inside(request) and len(asked) <= 253 and "\0" not in asked and is_ours(asked)
    return HttpResponse(status=200 if known else 404)


def _is_inside(request: HttpRequest) -> bool:
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback or address.is_private
