"""What a person sees on an answer: the fields of its forms and the words beside them."""

import re
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.utils import translation
from django.utils.translation import gettext


class _Fields(HTMLParser):
    """Names and values a browser would send: hidden, typed, chosen and ticked ones."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if not name:
            return
        if tag == "textarea":
            self._textarea = name
            self.found[name] = ""
        elif tag == "input":
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            default = "on" if given.get("type") == "checkbox" else ""
            self.found[name] = given.get("value") or default

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.found[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None


def fields_of(answer: Any) -> dict[str, str]:
    reader = _Fields()
    # Each page has a search form besides, below its own words.
    reader.feed(answer.content.decode().partition("<main")[2].partition("</main>")[0])
    return reader.found


def error_at(answer: Any, field: str) -> str:
    """The words beside the field, or «»."""
    found = re.search(
        rf'<p class="error" id="give-{field}-error">(.*?)</p>', answer.content.decode(), re.DOTALL
    )
    return unescape(found.group(1)).strip() if found else ""


def fields_with_errors(answer: Any) -> set[str]:
    return set(re.findall(r'id="give-([a-z_]+)-error"', answer.content.decode()))


def in_russian(text: str, **values: Any) -> str:
    with translation.override("ru"):
        translated = gettext(text)
    return translated % values if values else translated


def words_of(answer: Any) -> str:
    """The page's text without its tags, spaces folded."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def without(data: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in set(names)}
