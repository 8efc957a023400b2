"""A table that can be read aloud: it has a name, its columns have, and its rows begin with theirs.

Its cells are Wagtail's own (no foreign script). What Wagtail leaves open: names may be left out,
a broken form answers 500, and wagtail-localize sees no words in it.
"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import (
    TypedTable,
    TypedTableBlock,
    TypedTableBlockValidationError,
)
from wagtail_localize.segments import StringSegmentValue

from content.blocks.sections import WORDS


class TableBlock(TypedTableBlock):
    words = blocks.CharBlock(label=_("Words"), required=False, max_length=500)
    number = blocks.CharBlock(label=_("Number or sum"), required=False, max_length=50)

    class Meta:
        label = _("Table")
        icon = "table"
        group = WORDS
        description = _("Prices, timetable, figures by the year")
        help_text = _(
            "Name the table and each column: who listens to the page finds the way by them. "
            "The first column names the row"
        )
        template = "content/blocks/table.html"
        preview_value: ClassVar = {
            "caption": "Что сделано за год",
            "columns": [
                {"type": "words", "heading": "Дело"},
                {"type": "number", "heading": "Сколько"},
            ],
            "rows": [{"values": ["Пандусы", "7"]}, {"values": ["Двери", "19"]}],
        }

    def value_from_datadict(self, data: Any, files: Any, prefix: str) -> Any:
        try:
            return super().value_from_datadict(data, files, prefix)
        except (KeyError, ValueError, TypeError):
            return self.normalize(None)  # refused as empty

    def clean(self, value: TypedTable) -> TypedTable:
        cleaned = super().clean(value)
        missing = [] if self.is_deferred_validation else self._missing(cleaned)
        if missing:
            raise TypedTableBlockValidationError(non_block_errors=missing)
        return cleaned

    def _missing(self, table: TypedTable) -> list[ValidationError]:
        found = []
        if not table.caption.strip():
            found.append(_("Write what the table is about, above it."))
        if not table.columns or not table.row_data:
            found.append(_("The table needs at least one column and one row."))
        elif not all((column["heading"] or "").strip() for column in table.columns):
            found.append(_("Name each column."))
        return [ValidationError(message) for message in found]

    def get_translatable_segments(self, value: TypedTable) -> list[StringSegmentValue]:
        words = [("caption", value.caption)]
        words += [(f"column.{x}", one["heading"]) for x, one in enumerate(value.columns)]
        words += [
            (f"cell.{y}.{x}", cell)
            for y, row in enumerate(value.row_data)
            for x, cell in enumerate(row["values"])
        ]
        return [StringSegmentValue(path, text) for path, text in words if text]

    def restore_translated_segments(self, value: TypedTable, segments: Any) -> TypedTable:
        for segment in segments:
            kind, *place = segment.path.split(".")
            text = segment.render_text()
            if kind == "caption":
                value.caption = text
            elif kind == "column":
                value.columns[int(place[0])]["heading"] = text
            else:
                value.row_data[int(place[0])]["values"][int(place[1])] = text
        return value
