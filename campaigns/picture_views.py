from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from campaigns.share_picture import card_as_it_stands, drawn, path_of
from tenancy.roots import roots_above

YEAR = 365 * 24 * 3600


@require_safe
def share_picture(request: HttpRequest, pk: int, digest: str) -> HttpResponseBase:
    """The picture a messenger shows beside the link to a page of this host.

    Yesterday's address, or a made-up one, draws nothing and leads to today's. Of a campaign shown
    by its link only it leads nowhere: by the number alone nobody is told of it.
    """
    site = Site.find_for_request(request)
    page = Page.objects.live().filter(pk=pk).first()
    if site is None or page is None or not _is_of(page, site):
        raise Http404
    page = page.specific
    if isinstance(page, UpdatePage) and not page.is_public:
        raise Http404
    card = card_as_it_stands(page, site)
    if digest != card.digest:
        if _is_by_link_only(page):
            raise Http404
        answer = redirect(path_of(page, card))
        answer["Cache-Control"] = "no-cache"
        return answer
    response = HttpResponse(drawn(page, card, site), content_type="image/jpeg")
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _is_by_link_only(page: Page) -> bool:
    campaign = page.campaign if isinstance(page, UpdatePage) else page
    return isinstance(campaign, CampaignPage) and campaign.by_link_only


def _is_of(page: Page, site: Site) -> bool:
    return any(root.site_id == site.pk for root in roots_above(page))
