"""People who came to the demo's campaigns: by which channel, and how many on each day."""

from datetime import date, timedelta
from itertools import product

from campaigns.models import CampaignPage
from campaigns.spreading import CameBy, VisitCount

# By which link every tenth gift came; «» for none.
CHANNELS = ("vk", "telegram", "vk", "", "poster", "vk", "max", "email", "", "flyer")
# Looks at the page on an ordinary day, and openings of the short link among them.
ON_A_DAY = {
    "vk": (14, 9),
    "": (9, 0),
    "telegram": (6, 4),
    "max": (4, 3),
    "email": (3, 3),
    "poster": (3, 3),
    "flyer": (1, 1),
}
DAYS = 21


def channel_of_gift(number: int) -> str:
    return CHANNELS[number % len(CHANNELS)]


def fill_visits(page: CampaignPage, today: date) -> None:
    """Three weeks, more at weekends and after a post every fifth day."""
    last = min(today, page.deadline or today)
    campaign = {"site": page.get_site(), "key": page.fund_key}
    rows = []
    for back, channel in product(range(DAYS), ON_A_DAY):
        day = last - timedelta(days=back)
        more = 2 if day.weekday() >= 5 or back % 5 == 0 else 1
        for kind, number in zip((CameBy.VISIT, CameBy.LINK), ON_A_DAY[channel], strict=True):
            if number:
                counted = {"channel": channel, "day": day, "kind": kind, "number": number * more}
                rows.append(VisitCount(**campaign, **counted))
    VisitCount.objects.bulk_create(rows)
