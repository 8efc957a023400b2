"""News of a site: a list by date with a feed, and a page for each."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField, TranslatableField

from content import structured
from content.blocks import CONTENT_BLOCKS
from content.fields import StreamField
from content.models import RENDITIONS, BasePage
from content.paging import part_of
from home.feeds import NewsFeed

FEED, ON_A_PAGE = "rss", 12


def today() -> date:
    return timezone.localdate()


class NewsIndexPage(BasePage):
    """All news, the newest first; at rss/ below its address the same for readers."""

    lead = models.CharField(_("lead"), max_length=250, blank=True)

    parent_page_types: ClassVar = ["home.HomePage"]
    subpage_types: ClassVar = ["home.NewsPage"]
    max_count_per_parent = 1
    in_menu_when_empty: ClassVar[bool] = False
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead")]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]
    search_fields: ClassVar = [*Page.search_fields, index.AutocompleteField("lead")]

    class Meta:
        verbose_name = _("list of news")

    def news(self) -> models.QuerySet["NewsPage"]:
        """Published pages below this one, the newest first."""
        pages = NewsPage.objects.live().child_of(self).order_by("-day", "-pk")
        return pages.select_related("picture", "locale").prefetch_related(RENDITIONS)

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if path_components == [FEED] and self.live:
            return RouteResult(self, kwargs={"as_feed": True})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs.pop("as_feed", False):
            return NewsFeed(self)(request)
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["part"] = part_of(self.news() if self.pk else [], request, ON_A_PAGE)
        return context


class NewsPage(BasePage):
    """What has happened."""

    day = models.DateField(_("date"), default=today)
    lead = models.CharField(
        _("in a sentence or two"),
        max_length=300,
        blank=True,
        help_text=_("Stands in the list of news and under the title"),
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

    parent_page_types: ClassVar = ["home.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("day"),
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        SynchronizedField("picture"),
        SynchronizedField("day", overridable=False),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        verbose_name = pgettext_lazy("one piece", "news")

    def structured_data(self, request: HttpRequest) -> list[structured.Thing]:
        return [*super().structured_data(request), structured.article(self, self.day, request)]
