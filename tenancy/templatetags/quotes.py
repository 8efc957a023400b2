from typing import Any

from django import template

register = template.Library()

INNER = str.maketrans("«»", "„“")


@register.filter
def inner_quotes(name: Any) -> str:
    """A name that stands between «» itself: РОО «Имя» → «РОО „Имя“»."""
    return str(name).translate(INNER)
