from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem

from tenancy.admin_gate import Screens
from tenancy.panels import own_pages


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


@hooks.register("register_open_screens")
def screens_of_messages() -> Screens:
    """Wagtail's own, of one's own forms: the gate looks at the page in their address."""
    names = ("index", "index_results", "list_submissions", "list_submissions_results")
    return dict.fromkeys([f"wagtailforms:{name}" for name in (*names, "delete_submissions")], ())


@hooks.register("filter_form_submissions_for_user")
def own_forms_only(user: Any, forms: QuerySet) -> QuerySet:
    return forms.filter(own_pages())
