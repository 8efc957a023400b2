"""Ways to tell others of a page: plain links, nothing is loaded from anywhere."""

from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from django import template
from django.utils.translation import gettext as _

register = template.Library()


class ShareLink(TypedDict):
    name: str
    url: str


@register.inclusion_tag("content/share.html")
def share_row(url: str, title: str, description: str = "", image: str = "") -> dict[str, Any]:
    """The row of links for this address (absolute) and title."""
    links = share_links(url, title, description, image)
    return {"url": url, "title": title, "links": links}


def share_links(url: str, title: str, description: str = "", image: str = "") -> list[ShareLink]:
    """Where people of the region are, most visited first. MAX, the second of them, has no address
    to share to: the phone's own sheet leads there."""
    told = {"url": url, "title": title, "description": description, "imageUrl": image}
    letter = _asked(subject=title, body=f"{title} {url}")
    return [
        {"name": _("VK"), "url": f"https://vk.com/share.php?{_asked(url=url)}"},
        {"name": _("Odnoklassniki"), "url": f"https://connect.ok.ru/offer?{_asked(**told)}"},
        {"name": _("Telegram"), "url": f"https://t.me/share/url?{_asked(url=url, text=title)}"},
        {"name": _("By e-mail"), "url": f"mailto:?{letter}"},
    ]


def _asked(**values: str) -> str:
    """A letter takes a plus for a plus, so a space is %20."""
    return urlencode({name: one for name, one in values.items() if one}, quote_via=quote, safe="")
