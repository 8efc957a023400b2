"""What a site invites people to, and what was held: the poster of events."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page, PageQuerySet
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField, TranslatableField

from campaigns.models import CampaignPage
from content import structured
from content.blocks import CONTENT_BLOCKS
from content.fields import StreamField
from content.models import RENDITIONS, BasePage
from content.paging import part_of
from home.calendars import calendar_of
from site_settings.models import Organisation

CALENDAR, ON_A_PAGE = "calendar", 12


def _as_cards(model: type[Page]) -> PageQuerySet:
    pages: PageQuerySet = model._default_manager.select_related("picture", "locale")
    return pages.prefetch_related(RENDITIONS)


class EventsIndexPage(BasePage):
    """What is coming, the soonest first; then what was, events held by campaigns included."""

    lead = models.CharField(_("lead"), max_length=250, blank=True)

    parent_page_types: ClassVar = ["home.HomePage"]
    subpage_types: ClassVar = ["home.EventPage"]
    max_count_per_parent = 1
    in_menu_when_empty: ClassVar[bool] = False
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead")]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]
    search_fields: ClassVar = [*Page.search_fields, index.AutocompleteField("lead")]

    class Meta:
        verbose_name = _("list of events")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        if not self.pk:
            return context
        today = timezone.localdate(timezone=Organisation.for_request(request).zone)
        events = _as_cards(EventPage).live().child_of(self)
        ahead = events.filter(models.Q(last_day__gte=today) | models.Q(day__gte=today))
        part = part_of(self._held(today), request, ON_A_PAGE)
        # Of a long list of what was, only the first page says what is coming.
        context["coming"] = list(ahead.order_by("day", "begins", "pk")) if part.number == 1 else []
        held: dict[type[Page], dict[int, Any]] = {
            model: _as_cards(model).in_bulk([pk for _day, found, pk in part if found is model])
            for model in (EventPage, CampaignPage)
        }
        context["held"] = [held[model][pk] for _day, model, pk in part]
        context["part"] = part
        return context

    def _held(self, today: date) -> list[tuple[date, type[Page], int]]:
        """(day, whose page, its id), the latest first: by two queries, without the pages."""
        own = EventPage.objects.live().child_of(self).filter(day__lt=today)
        own = own.exclude(last_day__gte=today)
        by_campaigns = CampaignPage.objects.listed().descendant_of(self.get_parent())
        by_campaigns = by_campaigns.filter(event_on__lt=today)
        return sorted(
            [
                *((day, EventPage, pk) for day, pk in own.values_list("day", "pk")),
                *(
                    (day, CampaignPage, pk)
                    for day, pk in by_campaigns.values_list("event_on", "pk")
                ),
            ],
            key=lambda found: (found[0], found[2]),
            reverse=True,
        )


class EventPage(BasePage):
    """An event people can come to. Its hours are those of the clock on the wall there."""

    day = models.DateField(_("day"))
    begins = models.TimeField(_("begins at"), null=True, blank=True)
    last_day = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("If it lasts longer than a day")
    )
    ends = models.TimeField(_("ends at"), null=True, blank=True)
    place = models.CharField(
        _("where"), max_length=200, help_text=_("Town, street, house: so that people find it")
    )
    lead = models.CharField(_("in a sentence or two"), max_length=300, blank=True)
    is_called_off = models.BooleanField(
        _("called off"),
        default=False,
        help_text=_("The page stays and says so: people may have it in their calendars"),
    )
    picture = models.ForeignKey(
        "content.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("picture"),
    )
    body = StreamField(CONTENT_BLOCKS, blank=True, verbose_name=_("text"))

    parent_page_types: ClassVar = ["home.EventsIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldRowPanel(["day", "begins"]),
                FieldRowPanel(["last_day", "ends"]),
                "place",
                "is_called_off",
            ],
            heading=_("When and where"),
        ),
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        *(
            SynchronizedField(name, overridable=False)
            for name in ("day", "begins", "last_day", "ends", "is_called_off")
        ),
        SynchronizedField("picture"),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.AutocompleteField("place"),
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        verbose_name = _("event")

    def clean(self) -> None:
        super().clean()
        if self.last_day and self.day and self.last_day < self.day:
            raise ValidationError({"last_day": _("It cannot end before it begins.")})
        one_day = not self.last_day or self.last_day == self.day
        if one_day and self.begins and self.ends and self.ends <= self.begins:
            raise ValidationError({"ends": _("It cannot end before it begins.")})

    def starts_at(self, organisation: Organisation) -> date | datetime:
        """The moment with the site's zone, or the day alone when the hour is not known."""
        return self._moment(self.day, self.begins, organisation)

    def ends_at(self, organisation: Organisation) -> date | datetime | None:
        if self.ends and not self.begins:
            return self.last_day
        if self.ends:
            return self._moment(self.last_day or self.day, self.ends, organisation)
        return self.last_day

    def _moment(self, day: date, hour: time | None, organisation: Organisation) -> date | datetime:
        return datetime.combine(day, hour, organisation.zone) if hour else day

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if path_components == [CALENDAR] and self.live:
            return RouteResult(self, kwargs={"as_calendar": True})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs.pop("as_calendar", False):
            response = HttpResponse(calendar_of(self, request), content_type="text/calendar")
            response["Content-Disposition"] = f'attachment; filename="{self.slug}.ics"'
            return response
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        today = timezone.localdate(timezone=Organisation.for_request(request).zone)
        context["is_over"] = bool(self.day) and (self.last_day or self.day) < today
        return context

    def structured_data(self, request: HttpRequest) -> list[structured.Thing]:
        organisation = Organisation.for_request(request)
        end = self.ends_at(organisation)
        state = "EventCancelled" if self.is_called_off else "EventScheduled"
        event = {
            "@type": "Event",
            "name": self.title,
            "description": self.search_description or self.lead,
            "startDate": self.starts_at(organisation).isoformat(),
            "endDate": end.isoformat() if end else "",
            "eventStatus": f"https://schema.org/{state}",
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "location": {"@type": "Place", "name": self.place, "address": self.place},
            "image": structured.picture_of(self, request),
            "organizer": structured.owner_id(request),
            "url": self.full_url,
        }
        return [*super().structured_data(request), structured.said(event)]
