"""Lists that leave as a file: a Russian Excel opens them well, and nothing in them acts."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.timezone import is_naive, localtime
from wagtail.admin.views.mixins import Echo, SpreadsheetExportMixin

BOM = "\ufeff".encode()
ACTS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # one of these ends a file of Excel
AT_ONCE = 1000


def harmless(value: Any) -> Any:
    """A stranger's words that a spreadsheet would take for a formula, marked as text."""
    if not isinstance(value, str):
        return value
    text = UNWRITABLE.sub("", value)
    return f"'{text}" if text.startswith(ACTS_AS_FORMULA) else text


def _here(value: datetime) -> datetime:
    # The registers' zone, not the reader's: two people's files of one list are the same.
    zone = ZoneInfo(settings.TIME_ZONE)
    return value if is_naive(value) else localtime(value, zone).replace(tzinfo=None)


class _InParts:
    """The rows of a query, some at a time: ten thousand gifts need no memory of their own."""

    def __init__(self, rows: QuerySet) -> None:
        self.rows, self.model = rows, rows.model

    def __iter__(self) -> Iterator[Model]:
        return iter(self.rows.iterator(chunk_size=AT_ONCE))


class SafeSheets(SpreadsheetExportMixin):
    """Stands before a list view of Wagtail's. The answer carries `site_ids`: whose rows leave."""

    custom_value_preprocess: ClassVar[dict[Any, Any]] = {
        **SpreadsheetExportMixin.custom_value_preprocess,
        datetime: {"xlsx": _here, "csv": lambda value: f"{_here(value):%d.%m.%Y %H:%M}"},
        Decimal: {"csv": lambda value: str(value).replace(".", ",")},
    }

    def site_ids_of(self, rows: QuerySet) -> list[int]:
        return list(rows.order_by().values_list("site_id", flat=True).distinct())

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Filters with a mistake in them let nothing out, and not everything."""
        if self.is_export and self.filters and not self.filters.is_valid():
            return queryset.none()
        return super().filter_queryset(queryset)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Wagtail would count the rows for its page first: by reading all of them."""
        if self.is_export:
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str) -> Any:
        response = super().as_spreadsheet(_InParts(queryset), spreadsheet_format)
        response.site_ids = self.site_ids_of(queryset)
        return response

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        shown = super().preprocess_field_value(field, value, export_format)
        return shown if isinstance(value, Decimal) else harmless(shown)

    def stream_csv(self, queryset: Any) -> Iterator[bytes]:
        writer = csv.DictWriter(Echo(), fieldnames=self.list_export, delimiter=";")
        yield BOM
        headings = {name: self.get_heading(queryset, name) for name in self.list_export}
        yield writer.writerow({name: harmless(heading) for name, heading in headings.items()})
        for item in queryset:
            yield self.write_csv_row(writer, self.to_row_dict(item))
