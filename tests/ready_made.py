"""A site is opened once for each run; later tests of the same run get its rows put back.

Opening a site takes 0.15 s and most tests want one. What the action wrote (all rows added or
changed, in all tables) is kept and written again: the same rows, without the work.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from wagtail.models import Collection, Page, Site

Key = tuple[Any, ...]
Rows = dict[str, dict[Any, tuple[Any, ...]]]
# What a search index is made of: triggers keep these.
DERIVED = "_fts"

Steps = list[tuple[str, list[Key]]]
_kept: dict[Key, tuple[Steps, list[Any]]] = {}


def put(labels: list[str], open_one: Callable[[str], Any]) -> list[Any]:
    """Open these sites, or write again what that wrote the last time; what each opening gave."""
    before = _state(labels)
    if before in _kept:
        steps, given = _kept[before]
        _write(steps)
        return given
    rows = _all_rows()
    given = [open_one(label) for label in labels]
    _kept[before] = _difference(rows, _all_rows()), given
    return given


def _state(labels: list[str]) -> Key:
    """What the rows depend on. After a test with real commits Wagtail's roots have other ids."""
    return (
        tuple(labels),
        tuple(Page.objects.filter(depth=1).values_list("pk", "numchild")),
        tuple(Collection.objects.filter(depth=1).values_list("pk", "numchild")),
        tuple(Site.objects.order_by("pk").values_list("pk", "hostname")),
    )


def _all_rows() -> Rows:
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if DERIVED not in table:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
                found[table] = {row[0]: row for row in cursor.fetchall()}
    return found


def _difference(before: Rows, after: Rows) -> Steps:
    steps: Steps = []
    for table, rows in after.items():
        known = before[table]
        changed = [row for key, row in rows.items() if known.get(key) != row]
        if changed:
            name = connection.ops.quote_name(table)
            gone = [(row[0],) for row in changed if row[0] in known]
            places = ", ".join(["%s"] * len(changed[0]))
            if gone:
                steps.append((f"DELETE FROM {name} WHERE id = %s", gone))  # noqa: S608
            steps.append((f"INSERT INTO {name} VALUES ({places})", changed))  # noqa: S608
    return steps


def _write(steps: Steps) -> None:
    with connection.cursor() as cursor:
        for statement, rows in steps:
            cursor.executemany(statement, rows)
