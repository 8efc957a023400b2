"""RSS that a stray character pasted into a title cannot silence."""

from typing import Any

from django.utils.feedgenerator import Rss201rev2Feed

from content.texts import printable


class RobustFeed(Rss201rev2Feed):
    """What XML cannot hold is left out; Django's own feed would answer with an error."""

    def __init__(self, title: str, link: str, description: str, **more: Any) -> None:
        super().__init__(printable(title), link, printable(description), **more)

    def add_item(self, title: str, link: str, description: str, *args: Any, **more: Any) -> None:
        super().add_item(printable(title), link, printable(description), *args, **more)
