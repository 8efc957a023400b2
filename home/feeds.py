from datetime import datetime, time
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest

from content.feeds import RobustFeed
from site_settings.models import Organisation

NOON, IN_FEED = time(12), 20


class NewsFeed(Feed):
    """The newest news of one site, for readers and for the sites of others."""

    feed_type = RobustFeed

    def __init__(self, page: Any) -> None:
        self.page, self.language = page, page.locale.language_code

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        organisation = Organisation.for_request(request)
        self.zone, self.owner = organisation.zone, organisation.short_name

    def title(self) -> str:
        return f"{self.page.title} — {self.owner}" if self.owner else str(self.page.title)

    def link(self) -> str:
        return str(self.page.full_url)

    def description(self) -> str:
        return str(self.page.search_description or self.page.lead)

    def items(self) -> list[Any]:
        return list(self.page.news()[:IN_FEED])

    def item_title(self, item: Any) -> str:
        return str(item.title)

    def item_description(self, item: Any) -> str:
        return str(item.lead)

    def item_link(self, item: Any) -> str:
        return str(item.full_url)

    def item_pubdate(self, item: Any) -> datetime:
        """A day has no hour; at noon it is the same day for all readers."""
        return datetime.combine(item.day, NOON, self.zone)
