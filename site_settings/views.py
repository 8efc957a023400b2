from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Site

from site_settings.legal import current_text
from site_settings.models import Appearance, LegalKind, LegalText
from tenancy.requests import HostedRequest

YEAR = 365 * 24 * 3600


def _site(request: HttpRequest) -> Site:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return site


def _appearance(request: HostedRequest, digest: str) -> Appearance:
    """The site's; on the admin's host, where previews are drawn, the one with these colours."""
    if not request.is_admin_host:
        return Appearance.for_site(_site(request))
    for appearance in Appearance.objects.all():
        if appearance.theme_digest == digest:
            return appearance
    raise Http404


@require_safe
def theme_css(request: HostedRequest, digest: str) -> HttpResponse:
    """The site's colours as custom properties. An old digest gets today's colours, uncached."""
    appearance = _appearance(request, digest)
    palettes = {"day": appearance.palette(), "night": appearance.palette(night=True)}
    response = render(request, "site_settings/theme.css", palettes, content_type="text/css")
    if digest == appearance.theme_digest:
        response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response["Cache-Control"] = "no-cache"
    return response


@require_safe
def legal_text(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """The wording in force, or (with `pk`) the one that was accepted then."""
    if kind not in LegalKind:
        raise Http404
    site, title = _site(request), LegalKind(kind).label
    versions = LegalText.objects.filter(site=site, kind=kind)
    if pk is None:
        body, date = current_text(site, LegalKind(kind)), None
        row = next((one for one in versions if one.body == body), None)
    else:
        row = get_object_or_404(versions, pk=pk)
        body = row.body
    date = row.published_at if row else None
    context = {
        "title": title,
        "paragraphs_html": _paragraphs(body),
        "version_date": date,
        "older": [
            {"url": one.get_absolute_url(), "date": one.published_at}
            for one in versions
            if row is None or one.pk != row.pk
        ],
        "note": ""
        if pk is None
        else _("This is an earlier wording, kept for those who accepted it."),
    }
    return render(request, "site_settings/legal_text.html", context)


def _paragraphs(body: str) -> str:
    blocks = [(block.strip(),) for block in body.split("\n\n") if block.strip()]
    return format_html_join("\n", "<p>{}</p>", blocks)
