from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from icalendar import Calendar, Event

from site_settings.models import Organisation

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


def calendar_of(page: Any, request: HttpRequest) -> bytes:
    """The event as a file that phones put into their calendars."""
    organisation = Organisation.for_request(request)
    event = Event()
    event.add("uid", f"{page.translation_key}@{organisation.site.hostname}")
    event.add("dtstamp", page.last_published_at or page.latest_revision_created_at)
    event.add("summary", page.title)
    event.add("location", page.place)
    event.add("description", page.lead)
    event.add("url", page.full_url)
    event.add("status", "CANCELLED" if page.is_called_off else "CONFIRMED")
    start, end = page.starts_at(organisation), page.ends_at(organisation)
    event.add("dtstart", _in_utc(start))
    if end is not None and not isinstance(end, datetime):
        # A last day is inclusive for people, and is not in the file's way of telling.
        end += DAY
        if isinstance(start, datetime):  # an hour of the beginning wants one of the end
            end = datetime.combine(end, time.min, start.tzinfo)
    if end is not None:
        event.add("dtend", _in_utc(end))
    calendar = Calendar()
    calendar.add("prodid", "-//Sonko CMS//events//RU")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _in_utc(moment: date | datetime) -> date | datetime:
    """So no table of zones need go along."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
