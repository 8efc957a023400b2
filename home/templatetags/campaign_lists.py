from typing import Any

from django import template
from wagtail.models import Site

from campaigns.models import CampaignIndexPage, CampaignPage, with_progress
from home.search import home_of

register = template.Library()
A_FEW = 3


@register.simple_tag(takes_context=True)
def campaigns_link(context: Any) -> CampaignIndexPage | None:
    """The list of the site's campaigns, when it is published."""
    site = _site(context)
    if site is None:
        return None
    return CampaignIndexPage.objects.live().child_of(home_of(site)).first()


@register.simple_tag(takes_context=True)
def a_few_campaigns(context: Any) -> list[CampaignPage]:
    """The newest campaigns that take donations, for a page that has nothing else to show."""
    request, site = context.get("request"), _site(context)
    if site is None:
        return []
    going_on = CampaignPage.objects.shown_on(home_of(site)).filter(is_finished=False)
    pages = list(going_on[: 2 * A_FEW])
    return [page for page in with_progress(pages, request) if page.progress.can_give][:A_FEW]


def _site(context: Any) -> Site | None:
    request = context.get("request")
    return Site.find_for_request(request) if request else None
