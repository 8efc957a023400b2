from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.translation import gettext as _

from content.feeds import RobustFeed
from network.showcase import Card, newest


class ShowcaseFeed(Feed):
    """The campaigns that began last, for readers and for sites of others."""

    feed_type = RobustFeed

    def __init__(self, page: Any) -> None:
        self.page = page

    def title(self) -> str:
        return str(self.page.title)

    def link(self) -> str:
        return str(self.page.full_url)

    def description(self) -> str:
        return str(self.page.lead)

    def items(self) -> list[Card]:
        return newest()

    def item_title(self, item: Card) -> str:
        return f"{item.title} — {item.organisation}"

    def item_description(self, item: Card) -> str:
        sums = item.progress.raised_text
        if item.progress.goal_text:
            sums = _("%(raised)s of %(goal)s") % {"raised": sums, "goal": item.progress.goal_text}
        return f"{item.lead} {sums}. {item.progress.left_text or item.progress.supporters_text}"

    def item_link(self, item: Card) -> str:
        return item.url

    def item_pubdate(self, item: Card) -> datetime | None:
        return item.published_at

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        return None
