from typing import Any

from django import template
from django.utils.safestring import SafeString

from content.structured import as_json

register = template.Library()


@register.simple_tag(takes_context=True)
def structured_data(context: Any) -> SafeString | str:
    """The page in the words of schema.org, as JSON; «» for what is no published page."""
    page, request = context.get("page"), context.get("request")
    if page is None or request is None or not page.pk or getattr(request, "is_preview", False):
        return ""
    things = getattr(page, "structured_data", None)
    return as_json(things(request)) if things else ""
