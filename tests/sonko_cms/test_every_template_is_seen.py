"""A new public page is looked at by axe too: whoever adds a template names the journey here."""

import re
from pathlib import Path

from django.conf import settings

# tests/journeys: the journey that opens a page with the template and asks axe about it.
SEEN_BY = {
    "test_no_public_page_stops_anybody": """
        404.html campaigns/campaign_index_page.html campaigns/campaign_page.html
        campaigns/news.html campaigns/update_page.html campaigns/widgets/button.html
        campaigns/widgets/card.html campaigns/widgets/form.html donations/give.html
        home/contacts_page.html home/event_page.html home/events_index_page.html
        home/form_page.html home/home_page.html home/news_index_page.html home/news_page.html
        home/search.html home/standard_page.html network/showcase_page.html
        site_settings/legal_text.html
    """,
    "test_no_step_of_a_gift_stops_anybody": "donations/sandbox.html donations/status.html",
    "test_the_page_of_a_monthly_gift_stops_nobody": "donations/monthly.html",
    "test_the_page_of_a_transfer_stops_nobody": "donations/transfer.html",
    "test_no_rare_page_stops_anybody": """
        500.html campaigns/widgets/absent.html donations/confirm.html donations/follow.html
        donations/follow_asked.html donations/forbidden.html donations/news.html
        donations/news_gone.html donations/too_many.html home/form_forbidden.html
        home/form_sent.html tenancy/unknown_host.html
    """,
}
BASES = {"base.html", "campaigns/widgets/base.html"}
IS_PAGE = re.compile(
    r'{%\s*extends "(?:base|campaigns/widgets/base)\.html"|<!doctype', re.IGNORECASE
)


def test_every_public_template_is_looked_at_by_a_journey() -> None:
    found = set()
    for path in settings.BASE_DIR.glob("*/templates/**/*.html"):
        name = str(path).partition("/templates/")[2]
        if "/letters/" not in name and IS_PAGE.search(path.read_text()):
            found.add(name)
    named = [name for names in SEEN_BY.values() for name in names.split()]
    assert sorted(named) == sorted(found - BASES)
    journeys = "".join(
        one.read_text() for one in Path(settings.BASE_DIR, "tests/journeys").glob("test_*.py")
    )
    assert [test for test in SEEN_BY if f"def {test}(" not in journeys] == []
