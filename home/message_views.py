"""What visitors have written, on the editor's screen."""

from collections import OrderedDict
from typing import Any

from wagtail.contrib.forms.views import SubmissionsListView

from tenancy.sheets import SafeSheets


class MessagesView(SafeSheets, SubmissionsListView):
    """Wagtail's list; its files open well in a Russian Excel, and act as nothing but text."""

    results_template_name = "home/admin/messages.html"

    def site_ids_of(self, rows: Any) -> list[int]:
        return [self.form_page.get_site().pk]

    def to_row_dict(self, item: Any) -> OrderedDict[str, Any]:
        data = item.get_data()
        return OrderedDict((name, data.get(name, "")) for name in self.list_export)
