from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import TranslatableField

from content.models import BasePage
from network.feeds import ShowcaseFeed
from network.showcase import Wanted, showcase
from tenancy.scope import is_centre

SHOWS = ("", "urgent", "near", "done")
FEED = "rss"
LONGEST = 100


class ShowcasePage(BasePage):
    """All campaigns of the network that asked to be shown. Only on the centre's own site."""

    lead = models.CharField(_("lead"), max_length=400, blank=True)

    is_creatable = settings.NETWORK
    parent_page_types: ClassVar = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    max_count_per_parent = 1
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead")]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]

    class Meta:
        verbose_name = _("showcase of the network")

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        return bool(is_centre(parent.get_site()) and super().can_create_at(parent))

    @classmethod
    def can_exist_under(cls, parent: Page) -> bool:
        return bool(settings.NETWORK and super().can_exist_under(parent))

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if path_components == [FEED] and self.live:
            return RouteResult(self, kwargs={"as_feed": True})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_centre(Site.find_for_request(request)):
            raise Http404
        if kwargs.pop("as_feed", False):
            return ShowcaseFeed(self)(request)
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        asked = {
            name: request.GET.get(name, "").strip()[:LONGEST] for name in ("topic", "district")
        }
        show = request.GET.get("show", "")
        wanted = Wanted(
            words=request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST],
            topic=asked["topic"].replace("\x00", ""),
            district=asked["district"].replace("\x00", ""),
            show=show if show in SHOWS else "",
        )
        context["wanted"] = wanted
        context["showcase"] = showcase(wanted, number=request.GET.get("page", 1))
        context["shows"] = [
            ("", _("All open")),
            ("urgent", _("Help is needed now")),
            ("near", _("Nearly there")),
            ("done", _("Finished")),
        ]
        return context
