"""After the password: whoever has a second factor, or must have one, shows it first."""

from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpResponseForbidden, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.second_factor import has_second_factor, must_have_second_factor
from accounts.proof import is_proved
from accounts.requests import PersonRequest
from tenancy.models import AuditEntry

# Before the code nothing of the admin answers but these.
WITHOUT_CODE = {"wagtailadmin_logout", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog"}
CHECK, SET_UP = "second_factor_check", "second_factor"


class SecondFactorMiddleware:
    """Stands below OpenAsMiddleware and above the gate, which would tell what is open to whom."""

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: PersonRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.is_admin_host or not request.user.is_authenticated:
            return None
        wanted = _wanted_step(request)
        match = request.resolver_match
        if not wanted or (match and match.view_name in {wanted, *WITHOUT_CODE}):
            return None
        if not _opens_a_page(request):
            return HttpResponseForbidden(_("Show the code from your phone first."))
        back = request.get_full_path() if request.method == "GET" else reverse("wagtailadmin_home")
        return HttpResponseRedirect(f"{reverse(wanted)}?{urlencode({'next': back})}")


class ExportProofMiddleware:
    """A file with people or donations leaves the walls: whoever takes it shows once more who they
    are, and once it has left it is written down, at the sites whose rows it holds. Every export of
    the admin, Wagtail's own too, is known by its name or by `?export=`.
    """

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match and _exports(request) and response.has_header("Content-Disposition"):
            # A view that knows says whose rows they are; Wagtail's own lists are of no one site.
            sites = getattr(response, "site_ids", None) or [None]
            details = {"screen": match.view_name}
            entries = [
                AuditEntry(site_id=site, by=request.user, what="list exported", details=details)
                for site in sites
            ]
            if isinstance(response, StreamingHttpResponse):
                chunks = cast("Iterator[bytes]", response.streaming_content)
                response.streaming_content = _written_down(chunks, entries)
            else:
                AuditEntry.objects.bulk_create(entries)
        return response

    def process_view(
        self, request: PersonRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if _exports(request) and not is_proved(request):
            back = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('show_proof')}?{back}")
        return None


def _exports(request: PersonRequest) -> bool:
    if not request.is_admin_host or not request.user.is_authenticated:
        return False
    name = request.resolver_match.view_name if request.resolver_match else ""
    return "export" in name or bool(request.GET.get("export"))


def _written_down(chunks: Iterator[bytes], entries: list[AuditEntry]) -> Iterator[bytes]:
    """A part of a file has left too when the line breaks in the middle of it."""
    has_left = False
    try:
        for chunk in chunks:
            has_left = True
            yield chunk
    finally:
        if has_left:
            AuditEntry.objects.bulk_create(entries)


def _wanted_step(request: PersonRequest) -> str:
    person = request.helper or request.user
    if getattr(person, "otp_device", None) is not None:
        return ""
    if has_second_factor(person):
        return CHECK
    return SET_UP if must_have_second_factor(person) else ""


def _opens_a_page(request: PersonRequest) -> bool:
    """Scripts would take a redirect for an answer."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    accepts = request.headers.get("Accept", "*/*")
    return "text/html" in accepts or accepts == "*/*"
