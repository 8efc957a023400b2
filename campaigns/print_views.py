"""Sheets to print, for the people of the site."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from campaigns.models import CampaignPage
from campaigns.printing import flyers, poster
from campaigns.printing.leaflet import Leaflet, leaflet_of, why_no_sheet

Draw = Callable[[Leaflet], bytes]


@require_safe
def print_poster(request: PersonRequest, page_id: int) -> HttpResponseBase:
    return _sheet(request, page_id, channel="poster", draw=poster.pdf)


@require_safe
def print_flyers(request: PersonRequest, page_id: int) -> HttpResponseBase:
    return _sheet(request, page_id, channel="flyer", draw=flyers.pdf)


def _sheet(request: PersonRequest, page_id: int, *, channel: str, draw: Draw) -> HttpResponseBase:
    """The PDF, or the way back with a word why there is none."""
    page = get_object_or_404(CampaignPage, pk=page_id)
    site = page.get_site()
    if site is None or not page.permissions_for_user(request.user).can_edit():
        raise Http404
    if why_not := why_no_sheet(page, site):
        messages.warning(request, why_not)
        return redirect("campaign_links", page.pk)
    content = draw(leaflet_of(page, site, channel=channel))
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{channel}-{page.slug}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response
