from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Site

from site_settings.legal import current_text
from site_settings.models import Appearance, LegalKind, LegalText
from site_settings.panels import described
from site_settings.theme import css_of, face_of_slug
from tenancy.requests import HostedRequest

YEAR = 365 * 24 * 3600


def _site(request: HttpRequest) -> Site:
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    return site


@require_safe
def theme_css(request: HostedRequest, slug: str) -> HttpResponse:
    """The site's face as a style sheet. Another address gets today's, uncached.

    On the admin's host, where previews are drawn, an address is taken by its word.
    """
    face = face_of_slug(slug) if request.is_admin_host else Appearance.for_site(_site(request)).face
    if face is None:
        raise Http404
    response = HttpResponse(css_of(face), content_type="text/css")
    is_current = slug == face.slug
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "no-cache"
    return response


def colours(request: HttpRequest) -> HttpResponse:
    """For the form of the appearance: what becomes of two colours on the site."""
    try:
        context = described(request.GET.get("accent", ""), request.GET.get("second", ""))
    except ValueError:
        raise Http404 from None
    return render(request, "site_settings/colours.html", context)


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
