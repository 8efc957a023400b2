"""What a visitor's browser asks: where a short link leads, and «I have seen the page»."""

from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from campaigns import visits
from campaigns.channels import normalised
from campaigns.links import list_of, page_of
from campaigns.spreading import CameBy, ShortLink
from donations.requests import body_length, is_same_origin, site_of

LARGEST_BEACON = 500


@never_cache
@require_safe
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """On to the campaign; to the list of campaigns when it is not there any more."""
    site = site_of(request)
    link = get_object_or_404(ShortLink.objects.filter(site=site), code=code.lower())
    link.site = site
    if request.method == "GET" and visits.is_person(request):
        visits.count(site_id=site.pk, key=link.key, channel=link.channel, kind=CameBy.LINK)
    page = page_of(link, language=translation.get_language() or "")
    if page is not None:
        return redirect(f"{page.get_url(request)}?{urlencode({'utm_source': link.channel})}")
    instead = list_of(site)
    if instead is None:
        raise Http404
    return redirect(instead.get_url(request))


@csrf_exempt  # no cookie, no session; all it can do is to add one to a count
@never_cache
@require_POST
def visit(request: HttpRequest) -> HttpResponse:
    """A page of this host was seen. What makes no sense is not counted, and nobody is told."""
    site = site_of(request)
    is_ours = body_length(request) <= LARGEST_BEACON and is_same_origin(request)
    if is_ours and visits.is_person(request):
        with suppress(ValueError):
            visits.count(
                site_id=site.pk,
                key=UUID(request.POST.get("campaign", "")),
                channel=normalised(request.POST.get("channel", "")),
                kind=CameBy.VISIT,
            )
    return HttpResponse(status=204)
