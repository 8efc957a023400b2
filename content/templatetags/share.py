"""Ways to tell others of a page: plain links, nothing is loaded from anywhere."""

from typing import Any, TypedDict
from urllib.parse import quote

from django import template
from django.utils.translation import gettext as _

register = template.Library()


class ShareLink(TypedDict):
    name: str
    url: str


@register.inclusion_tag("content/share.html")
def share_row(url: str, title: str) -> dict[str, Any]:
    """The row of links for this address (absolute) and title."""
    return {"url": url, "title": title, "links": share_links(url, title)}


def share_links(url: str, title: str) -> list[ShareLink]:
    """Where people of the region are, most visited first. MAX has no address to share to: the
    phone's own sheet leads there."""
    address, words = quote(url, safe=""), quote(title, safe="")
    both = quote(f"{title} {url}", safe="")
    return [
        {"name": _("VK"), "url": f"https://vk.com/share.php?url={address}"},
        {
            "name": _("Odnoklassniki"),
            "url": f"https://connect.ok.ru/offer?url={address}&title={words}",
        },
        {"name": _("Telegram"), "url": f"https://t.me/share/url?url={address}&text={words}"},
        {"name": "WhatsApp", "url": f"https://wa.me/?text={both}"},
        {"name": _("By e-mail"), "url": f"mailto:?subject={words}&body={both}"},
    ]
