"""News and events of the demo, in ``news.toml``: a table for each organisation that has some.

    [[<label>.news]]    slug, days_ago and a page
    [[<label>.events]]  slug, in_days (from today, may be below zero), begins and ends, place, a page

Found by the organisation's short name, because a stand-alone demo has no label.
"""

import tomllib
from dataclasses import dataclass
from datetime import time
from typing import Any

from network.demo.pages import PAGE_KEYS, DemoPage, read_page
from network.demo.sites import DemoSite
from network.demo.tables import FOLDER, Table, check_keys


@dataclass(frozen=True)
class DemoItem:
    slug: str
    days_ago: int
    page: DemoPage


@dataclass(frozen=True)
class DemoEvent:
    slug: str
    in_days: int
    begins: time
    ends: time
    place: str
    page: DemoPage


@dataclass(frozen=True)
class DemoNews:
    news: tuple[DemoItem, ...] = ()
    events: tuple[DemoEvent, ...] = ()


def news_of(site: DemoSite) -> DemoNews:
    """Nothing for an organisation that has no table of its own."""
    tables = tomllib.loads((FOLDER / "news.toml").read_text(encoding="utf-8"))
    table: dict[str, Any] = next(
        (one for one in tables.values() if one["of"] == site.organisation.short_name), {}
    )
    return DemoNews(
        tuple(
            DemoItem(one["slug"], one["days_ago"], _page_of(one, "slug days_ago"))
            for one in table.get("news", ())
        ),
        tuple(
            DemoEvent(
                page=_page_of(one, "slug in_days begins ends place"),
                **{key: one[key] for key in ("slug", "in_days", "begins", "ends", "place")},
            )
            for one in table.get("events", ())
        ),
    )


def _page_of(table: Table, more: str) -> DemoPage:
    check_keys(table, table.get("slug", ""), f"title lead body {more}", "picture translations")
    return read_page({key: table[key] for key in PAGE_KEYS if key in table}, table["slug"])
