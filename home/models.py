"""A site's own pages. What a campaign is, campaigns knows."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, Site
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from campaigns.models import AT_MOST, CampaignPage, with_progress
from campaigns.site_blocks import PAGE_BLOCKS
from content import structured
from content.fields import StreamField
from content.models import BasePage
from donations.closed import why_group_is_closed
from home.contact import FormField, FormMessage, FormPage
from home.events import EventPage, EventsIndexPage
from home.news import NewsIndexPage, NewsPage
from site_settings.models import Organisation
from site_settings.recipients import takes_for

__all__ = (
    "ContactsPage",
    "EventPage",
    "EventsIndexPage",
    "FormField",
    "FormMessage",
    "FormPage",
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "StandardPage",
)

CAMPAIGNS_ON_HOME = 6
DEEPEST = 6  # pages below one another
SHOW_CAMPAIGNS = ("campaigns", "cards")


class HomePage(BasePage):
    """The first page of a site.

    Higher floors may add a section under its first words: the hook `home_page_sections` gets the
    request and the page and returns safe HTML or nothing.
    """

    lead = models.CharField(_("what we do, in a sentence or two"), max_length=400, blank=True)
    picture = models.ForeignKey(
        "content.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("picture"),
    )
    body = StreamField(PAGE_BLOCKS, block_counts=AT_MOST, blank=True, verbose_name=_("blocks"))

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = [
        "home.StandardPage",
        "home.ContactsPage",
        "home.NewsIndexPage",
        "home.EventsIndexPage",
        "home.FormPage",
        "campaigns.CampaignIndexPage",
    ]
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        SynchronizedField("picture"),
    ]

    search_fields: ClassVar = [
        *Page.search_fields,
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        verbose_name = _("home page")

    def structured_data(self, request: HttpRequest) -> list[structured.Thing]:
        return [*super().structured_data(request), structured.website(self, request)]

    @property
    def localized(self) -> Any:
        """Wagtail asks the database twice each time, even for the language it is in."""
        language = get_language()
        if self.locale.language_code == language:
            return self
        found = self.__dict__.setdefault("_in_languages", {})
        if language not in found:
            live = type(self).objects.live().filter(translation_key=self.translation_key)
            spoken = live.filter(locale__language_code=language).select_related("locale")
            found[language] = spoken.first() or self
        return found[language]

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        """Wagtail's way, with one question for all pages on it instead of two for each."""
        if not path_components:  # the host's home comes with what all pages share
            self.refresh_from_db(fields=self.get_deferred_fields())
        if not 1 < len(path_components) <= DEEPEST:
            return super().route(request, path_components)
        steps = range(1, len(path_components) + 1)
        urls = [f"{self.url_path}{'/'.join(path_components[:step])}/" for step in steps]
        below = Page.objects.descendant_of(self)
        pages = below.filter(url_path__in=urls).select_related("campaignpage__picture")
        way = {page.url_path: page for page in pages}
        if len(way) < len(urls):  # the last words may be an address within a page
            return super().route(request, path_components)
        structured.passed(request).extend([self, *(way[url] for url in urls[:-1])])
        last = way[urls[-1]]
        page = getattr(last, "campaignpage", None) or last.specific
        return page.route(request, [])

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        site = Site.find_for_request(request)
        if site is not None and self.pk:
            shown = next((one for one in self.body if one.block_type in SHOW_CAMPAIGNS), None)
            if shown is not None:  # once on a page, where and how the editor wants them
                campaigns = shown.block.found(shown.value, context)
                context |= {"campaigns": [], "shown_in": shown}
            else:
                pages = list(CampaignPage.objects.shown_on(self)[:CAMPAIGNS_ON_HOME])
                context["campaigns"] = campaigns = with_progress(pages, request)
                context |= {} if pages else _before_giving(Organisation.for_request(request))
            context["can_give"] = any(page.progress.can_give for page in campaigns)
            context["sections"] = [
                section
                for draw in hooks.get_hooks("home_page_sections")
                if (section := draw(request, self))
            ]
        return context


def _before_giving(organisation: Organisation) -> dict[str, Any]:
    """A group without a campaign says who will receive the money, or why nobody does."""
    if not organisation.is_group:
        return {}
    receiver = takes_for(organisation)
    closed = "" if receiver else why_group_is_closed(organisation)
    return {"before_giving": {"group": organisation, "receiver": receiver, "closed": closed}}


class StandardPage(BasePage):
    """«About us» and whatever else a site wants to tell."""

    lead = models.CharField(_("lead"), max_length=400, blank=True)
    body = StreamField(PAGE_BLOCKS, block_counts=AT_MOST, blank=True, verbose_name=_("blocks"))

    parent_page_types: ClassVar = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar = ["home.StandardPage", "home.FormPage"]
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        verbose_name = _("page")


class ContactsPage(BasePage):
    """Address, phone and channels; they are taken from the settings of the site."""

    lead = models.CharField(_("lead"), max_length=400, blank=True)
    body = StreamField(PAGE_BLOCKS, block_counts=AT_MOST, blank=True, verbose_name=_("blocks"))

    parent_page_types: ClassVar = ["home.HomePage"]
    subpage_types: ClassVar = ["home.FormPage"]
    max_count_per_parent = 1
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        verbose_name = _("contacts")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["forms"] = FormPage.objects.live().child_of(self) if self.pk else []
        return context
