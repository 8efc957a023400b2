from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem


@hooks.register("construct_page_action_menu")
def publish_first(items: list[ActionMenuItem], request: HttpRequest, context: Any) -> None:
    """On a page that is live already, «publish» is what a change is meant for.

    A draft keeps «save the draft» as the big button: nobody publishes a first page by accident.
    """
    page = context.get("page")
    publish = next((item for item in items if item.name == "action-publish"), None)
    if publish is not None and page is not None and page.live:
        items.remove(publish)
        items.insert(0, publish)
