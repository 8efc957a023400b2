from dataclasses import dataclass
from typing import Any

from django import template
from wagtail.models import Site

from campaigns.models import CampaignPage
from campaigns.share_picture import alt_of, card_of, path_of
from content.card import HEIGHT, WIDTH
from site_settings.models import Appearance, Organisation

register = template.Library()


@dataclass(frozen=True)
class SharePicture:
    url: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


@register.simple_tag(takes_context=True)
def share_picture(context: dict[str, Any]) -> SharePicture | None:
    """The picture of the page for messengers: of a campaign, and of a page without a picture of
    its own. None where nobody can share: in a preview, on a page that is not live.
    """
    page, request = context["page"], context["request"]
    site = Site.find_for_request(request)
    if site is None or not page.live or getattr(request, "is_preview", False):
        return None
    is_campaign = isinstance(page, CampaignPage)
    if not is_campaign and getattr(page, "picture", None):
        return None
    card = card_of(
        page,
        Organisation.for_request(request),
        Appearance.for_request(request),
        context.get("progress") if is_campaign else None,
    )
    return SharePicture(f"{site.root_url}{path_of(page, card)}", alt_of(card))
