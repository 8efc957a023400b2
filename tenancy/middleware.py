"""The host decides first: which site is asked, whether the admin is, and whose rows may be seen."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
)
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from wagtail.models import Site

from tenancy import admin_gate
from tenancy.hosts import is_admin_host, site_for_host, site_led_to
from tenancy.membership import user_scope
from tenancy.requests import HostedRequest
from tenancy.scope import Unrestricted, Visibility, keep_scope, scoped, site_scope

GetResponse = Callable[[HostedRequest], HttpResponseBase]

# Answered on every host, known or not: a health check asks by address, and YooKassa keeps the
# notification address an NGO typed years ago under another name.
HOSTLESS_PATHS = (
    "/healthz",
    "/internal/tls-allowed",
    "/donations/yookassa/",
    settings.STATIC_URL,
)
DAY = 24 * 3600
# Editors look at their own documents from the admin; strangers and neighbours get 404 there.
# Previews, drawn at the admin's address, ask for the site's colours.
ADMIN_PATHS = ("/admin/", settings.MEDIA_URL, "/documents/", "/theme/", "/robots.txt")

# Where the session keeps which of their sites the person looks at; without it, all of them.
CHOSEN_SITE = "chosen_site"

# Signing in happens before anybody knows whose rows may be seen.
SIGN_IN_VIEWS = frozenset(
    {
        "wagtailadmin_login",
        "wagtailadmin_logout",
        "wagtailadmin_password_reset",
        "wagtailadmin_password_reset_done",
        "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete",
        "accounts_invitation",
    }
)


class HostMiddleware:
    """Finds the site by the exact host and keeps the admin and the public pages apart.

    Sets `request.is_admin_host` and Wagtail's own `request._wagtail_site`. A malformed host gets
    400, a well-formed unknown one a plain 404.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HostedRequest) -> HttpResponseBase:
        try:
            hostname, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return HttpResponseBadRequest("Bad request", content_type="text/plain; charset=utf-8")
        if not _is_well_formed(hostname, request.META.get("HTTP_HOST", "")):
            return HttpResponseBadRequest("Bad request", content_type="text/plain; charset=utf-8")
        request.is_admin_host = is_admin_host(hostname)
        request._wagtail_site = None
        if request.path_info.startswith(HOSTLESS_PATHS):
            return self.get_response(request)
        if request.is_admin_host:
            return self._admin(request)
        return self._public(request, hostname)

    def _admin(self, request: HostedRequest) -> HttpResponseBase:
        if request.path_info in ("/", "/admin"):
            return redirect("/admin/")
        if not request.path_info.startswith(ADMIN_PATHS):
            return _plain_not_found()
        return self.get_response(request)

    def _public(self, request: HostedRequest, hostname: str) -> HttpResponseBase:
        if _is_admin_path(request.path_info):
            return _plain_not_found()
        request._wagtail_site = site_for_host(hostname)
        if request._wagtail_site is None:
            request._wagtail_site = site_led_to(hostname)
            if request._wagtail_site is None:
                return _plain_not_found()
            if request.method in ("GET", "HEAD"):
                return _to_main_name(request, request._wagtail_site)
            # A form of a page that was open when the name was changed is taken where it stands.
        return self.get_response(request)


def _is_well_formed(hostname: str, header: str) -> bool:
    """Django forgives a dot at the end, and takes any dots and hyphens for a name."""
    labels = hostname.split(".")
    return bool(hostname) and "" not in labels and not header.partition(":")[0].endswith(".")


def _to_main_name(request: HostedRequest, site: Site) -> HttpResponse:
    """For good, but asked again within a day: the main name may be changed back."""
    answer = HttpResponsePermanentRedirect(f"{site.root_url}{request.get_full_path()}")
    answer["Cache-Control"] = f"max-age={DAY}"
    return answer


def _is_admin_path(path: str) -> bool:
    return path == "/admin" or path.startswith("/admin/")


def _plain_not_found() -> HttpResponse:
    """A page that belongs to no site: without a site there is no theme and no name to show."""
    return HttpResponseNotFound(render_to_string("tenancy/unknown_host.html"))


class ScopeMiddleware:
    """Puts the request's scope in force. Stands below the authentication middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HostedRequest) -> HttpResponseBase:
        with scoped(_scope_of(request)):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not response.is_async:
                chunks = cast("Iterator[bytes]", response.streaming_content)
                response.streaming_content = keep_scope(chunks)
            return response

    def process_view(
        self,
        request: HostedRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if request.is_admin_host and _is_admin_path(request.path_info):
            return admin_gate.answer(request, kwargs)
        return None


def _scope_of(request: HostedRequest) -> Visibility | None:
    site = request._wagtail_site
    if site is not None:
        return site_scope(site)
    if not request.is_admin_host:
        return None
    if not request.user.is_authenticated and _is_sign_in(request.path_info):
        return Unrestricted("sign-in")
    chosen = getattr(request, "chosen_site", None) or request.session.get(CHOSEN_SITE)
    return user_scope(request.user, chosen=chosen)


def _is_sign_in(path: str) -> bool:
    try:
        return resolve(path).view_name in SIGN_IN_VIEWS
    except Resolver404:
        return False
