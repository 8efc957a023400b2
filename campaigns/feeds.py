from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from content.feeds import RobustFeed

if TYPE_CHECKING:
    from campaigns.news import UpdatePage

MOST = 20


class NewsFeed(Feed):
    """The news of one campaign, for readers."""

    feed_type = RobustFeed

    def __init__(self, campaign: Any) -> None:
        self.campaign = campaign

    def title(self) -> str:
        return _("News: %(campaign)s") % {"campaign": self.campaign.title}

    def link(self) -> str:
        return str(self.campaign.full_url)

    def description(self) -> str:
        return str(self.campaign.lead)

    def items(self) -> list[UpdatePage]:
        return list(self.campaign.news()[:MOST])

    def item_title(self, item: UpdatePage) -> str:
        return str(item.title)

    def item_description(self, item: UpdatePage) -> str:
        return item.excerpt

    def item_link(self, item: UpdatePage) -> str:
        return str(item.full_url)

    def item_pubdate(self, item: UpdatePage) -> datetime:
        return timezone.make_aware(datetime.combine(item.date, time(12)))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        return None
