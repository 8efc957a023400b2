"""A row as a line of JSON, and back. No database engine has a say in it.

Sums are texts in roubles with kopecks, moments are texts with their zone. Rows keep their
numbers; content types and permissions, which every installation numbers for itself, are named by
words, in the text of revisions too.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from wagtail.blocks import StreamValue

Row = dict[str, Any]
Fields = list[models.Field[Any, Any]]
BATCH = 500


def fields_of(model: type[models.Model]) -> Fields:
    """The columns of the model's own table, not of its parent's."""
    return list(model._meta.local_concrete_fields)


def plain(value: Any, field: models.Field[Any, Any]) -> Any:
    """A value of a query as JSON has it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, StreamValue):
        return field.get_prep_value(value)
    if isinstance(field, models.JSONField) and isinstance(value, dict | list):
        return value
    raise TypeError(f"{field}: nobody has said how to write a {type(value).__name__}")


class Names:
    """Content types and permissions by words and by number."""

    def __init__(self) -> None:
        kinds = {kind.pk: f"{kind.app_label}.{kind.model}" for kind in ContentType.objects.all()}
        rights = {
            pk: f"{kinds[kind]}.{codename}"
            for pk, kind, codename in Permission.objects.values_list(
                "pk", "content_type_id", "codename"
            )
        }
        self._words = {"contenttypes.ContentType": kinds, "auth.Permission": rights}
        self._numbers = {
            label: {words: number for number, words in table.items()}
            for label, table in self._words.items()
        }

    def words(self, label: str, number: int | None) -> str | None:
        """None for a number that means nothing any more: old texts keep such."""
        return None if number is None else self._words[label].get(number)

    def number(self, label: str, words: str | None) -> int | None:
        """Raises LookupError for what this installation does not have."""
        return None if words is None else self._numbers[label][words]


def target_of(field: models.Field[Any, Any]) -> str:
    """The label of the model a foreign key points at, or «»."""
    related = field.related_model
    return related._meta.label if isinstance(related, type) else ""


def renamed(content: Any, model: type[models.Model] | None, change: Any) -> Any:
    """The text of a revision with its content types, children's included, put through `change`."""
    if model is None or not isinstance(content, dict):
        return content
    changed = dict(content)
    for field in model._meta.concrete_fields:
        if target_of(field) == "contenttypes.ContentType" and field.name in changed:
            changed[field.name] = change("contenttypes.ContentType", changed[field.name])
    return changed


def model_named(words: str | None) -> type[models.Model] | None:
    """The model of a content type written «app.model»; None when there is none."""
    try:
        return apps.get_model(words) if words else None
    except (LookupError, ValueError):
        return None


def write(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def build(model: type[models.Model], row: Row, fields: Fields) -> models.Model:
    """The row as an object ready for `insert`. Raises ValidationError, KeyError, TypeError."""
    values = {}
    for field in fields:
        value = row[field.name]
        if isinstance(field, models.JSONField):
            values[field.attname] = value
        elif isinstance(field, models.ForeignKey):
            values[field.attname] = field.target_field.to_python(value)
        else:
            values[field.attname] = field.to_python(value)
    if len(row) != len(fields):
        raise KeyError("a column that is not known here")
    return model(**values)


def insert(model: type[models.Model], objects: Iterable[models.Model]) -> Iterator[int]:
    """Write the rows as they are: no signal, no `auto_now`, no look at other tables.

    Yields how many are written so far.
    """
    fields = fields_of(model)
    size = max(1, min(BATCH, connection.ops.bulk_batch_size(fields, [None] * BATCH)))
    batch: list[models.Model] = []
    done = 0
    for each in objects:
        batch.append(each)
        if len(batch) == size:
            done += _insert(model, fields, batch)
            batch = []
            yield done
    if batch:
        yield done + _insert(model, fields, batch)


def _insert(model: type[models.Model], fields: Fields, batch: list[models.Model]) -> int:
    # What `save(raw)` and `bulk_create` stand on; neither of them takes many rows as they are.
    model._base_manager._insert(batch, fields=fields, using=connection.alias, raw=True)  # type: ignore[attr-defined]
    return len(batch)


def highest_number(model: type[models.Model]) -> int:
    """The highest ever given: texts may name rows that are gone."""
    if connection.vendor == "postgresql":
        asked = "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)"
        names = [f'"{model._meta.db_table}"', model._meta.pk.column]
    else:
        asked, names = "SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(asked, names)
        (given,) = cursor.fetchone() or (None,)
    return int(given or 0)
