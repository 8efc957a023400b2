"""What the dashboard says about gifts."""

from typing import Any

from wagtail.admin.site_summary import SummaryItem

from accounts.requests import PersonRequest


class WordsSummary(SummaryItem):
    """How many words of donors wait for the person. Drawn only when there are some."""

    order = 400
    template_name = "donations/admin/words_summary.html"

    def __init__(self, request: PersonRequest, waiting: int) -> None:
        super().__init__(request)
        self.waiting = waiting

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"waiting": self.waiting}
