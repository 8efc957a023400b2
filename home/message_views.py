"""What visitors have written, on the editor's screen."""

import csv
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from wagtail.admin.views.mixins import Echo
from wagtail.contrib.forms.views import SubmissionsListView

BOM = "\ufeff".encode()
ACTS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """A stranger's words that a spreadsheet would take for a formula, marked as text."""
    text = str(value)
    return f"'{text}" if text.startswith(ACTS_AS_FORMULA) else value


class MessagesView(SubmissionsListView):
    """Wagtail's list; its files open well in a Russian Excel, and act as nothing but text."""

    def to_row_dict(self, item: Any) -> OrderedDict[str, Any]:
        data = item.get_data()
        return OrderedDict((name, harmless(data.get(name, ""))) for name in self.list_export)

    def stream_csv(self, queryset: Any) -> Iterator[bytes]:
        writer = csv.DictWriter(Echo(), fieldnames=self.list_export, delimiter=";")
        yield BOM
        yield writer.writerow(
            {name: harmless(self.get_heading(queryset, name)) for name in self.list_export}
        )
        for item in queryset:
            yield self.write_csv_row(writer, self.to_row_dict(item))
