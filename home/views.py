"""Addresses of a site that are no pages of its tree."""

from django.conf import settings
from django.contrib.sitemaps.views import sitemap as draw_sitemap
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from content.paging import part_of
from content.words import typed
from donations.requests import site_of
from home.search import found_on, shown
from home.sitemap import SiteSitemap
from tenancy.requests import HostedRequest

ON_A_PAGE, HOUR = 10, 3600
NOT_FOR_ROBOTS = ("/search/", "/donations/", "/monthly/", "/messages/")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    words = typed(request.GET.get("q", ""))
    part = part_of(found_on(site_of(request), words), request, ON_A_PAGE)
    pages = shown(list(part))
    return render(request, "home/search.html", {"words": words, "part": part, "found": pages})


@require_safe
@cache_control(public=True, max_age=HOUR)
def sitemap(request: HttpRequest) -> HttpResponse:
    site_of(request)
    return draw_sitemap(request, {"pages": SiteSitemap(request)})


@require_safe
@cache_control(public=True, max_age=HOUR)
def robots(request: HostedRequest) -> HttpResponse:
    """Nothing of the admin; of a site everything but answers to a person."""
    if request.is_admin_host:
        lines = ["User-agent: *", "Disallow: /"]
    else:
        prefixes = ["", *(f"/{code}" for code, _name in settings.LANGUAGES[1:])]
        closed = [f"Disallow: {before}{path}" for before in prefixes for path in NOT_FOR_ROBOTS]
        lines = ["User-agent: *", *closed, "", f"Sitemap: {site_of(request).root_url}/sitemap.xml"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
