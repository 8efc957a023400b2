"""News of a campaign: pages below it, and letters that carry each once to every follower."""

from __future__ import annotations

from collections.abc import Iterable
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Left, Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.models import Page, PageManager, PageQuerySet, Site
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField, TranslatableField

from campaigns.feeds import NewsFeed
from campaigns.panels import MailingPanel
from content.blocks import PictureBlock, QuoteBlock, TextBlock, VideoBlock
from content.fields import StreamField
from content.forms import SitePageForm
from content.models import RENDITIONS, BasePage
from donations.follow_forms import follow_context
from donations.models import Follower, Fund
from donations.ways import ways_for
from tenancy.managers import ScopedManager, ScopedModel
from tenancy.outbox import Owed

if TYPE_CHECKING:
    from campaigns.models import CampaignPage

NEWS_BLOCKS = [
    ("text", TextBlock()),
    ("picture", PictureBlock()),
    ("video", VideoBlock()),
    ("quote", QuoteBlock()),
]
NEWS_PATH, FEED_PATH = "news", "rss"  # below the address of the campaign
SHOWN_AT_ONCE, PER_PAGE = 3, 10
EXCERPT = 220


class UpdateForm(SitePageForm):
    fallback_slug = "news-1"

    def clean_slug(self) -> str:
        slug = super().clean_slug()
        if slug == NEWS_PATH:
            raise ValidationError(_("The system itself uses this address. Choose another one."))
        return slug


class UpdateQuerySet(PageQuerySet):
    def shown_below(self, campaign: Page) -> UpdateQuerySet:
        """Live news of the campaign in the page's language, newest first, ready for cards."""
        newest_first = (
            self.live().child_of(campaign).order_by("-date", "-first_published_at", "-pk")
        )
        return newest_first.select_related("picture", "locale").prefetch_related(RENDITIONS)

    def public(self) -> UpdateQuerySet:
        """Live news below a campaign that is live itself."""
        above = Left(OuterRef("path"), Length(OuterRef("path")) - Page.steplen)
        return self.live().filter(Exists(Page.objects.live().filter(path=above)))


class UpdatePage(BasePage):
    """What has happened: a day, a few words, a picture."""

    date = models.DateField(gettext_lazy("day"), default=timezone.localdate)
    picture = models.ForeignKey(
        "content.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("picture"),
        help_text=gettext_lazy("What has changed, to be seen. It stands in the letter too"),
    )
    body = StreamField(NEWS_BLOCKS, blank=True, verbose_name=gettext_lazy("words"))
    by_mail = models.BooleanField(
        gettext_lazy("send to those who follow the campaign"),
        default=True,
        help_text=gettext_lazy(
            "Goes out once, when the news is published. Later changes are not sent"
        ),
    )

    objects = PageManager.from_queryset(UpdateQuerySet)()
    base_form_class = UpdateForm

    parent_page_types: ClassVar = ["campaigns.CampaignPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("date"),
        FieldPanel("picture"),
        FieldPanel("body"),
        MultiFieldPanel(
            [MailingPanel(), FieldPanel("by_mail")],
            heading=gettext_lazy("Letters to those who follow"),
        ),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=gettext_lazy("News")),
            ObjectList(BasePage.promote_panels, heading=gettext_lazy("For search")),
            ObjectList(Page.settings_panels, heading=gettext_lazy("When to publish")),
        ]
    )
    override_translatable_fields: ClassVar = [
        TranslatableField("slug"),
        SynchronizedField("picture"),
        SynchronizedField("date", overridable=False),
        # Only the page in the main language tells whether and when letters go.
        SynchronizedField("by_mail", overridable=False),
    ]

    class Meta:
        verbose_name = gettext_lazy("news of a campaign")
        verbose_name_plural = gettext_lazy("news of campaigns")

    @cached_property
    def campaign(self) -> CampaignPage:
        return cast("CampaignPage", self.get_parent().specific)

    @property
    def excerpt(self) -> str:
        """The first words as plain text. The raw data: no picture is fetched for it."""
        texts = (block["value"] for block in self.body.raw_data if block["type"] == "text")
        return excerpt_of(texts, EXCERPT)

    @property
    def lead(self) -> str:
        """For search engines and links."""
        return self.excerpt

    def is_in_main_language(self, site: Site) -> bool:
        return self.locale_id == site.root_page.locale_id and self.alias_of_id is None

    @property
    def is_public(self) -> bool:
        """News are hidden with their campaign, and come back with it."""
        return self.live and self.campaign.live

    def shown_versions(self) -> models.QuerySet:
        return super().shown_versions().filter(pk__in=UpdatePage.objects.public().values("pk"))

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        if not self.is_public:
            raise Http404
        return super().route(request, path_components)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        campaign = context["campaign"] = self.campaign
        site = Site.find_for_request(request)
        if site is not None:
            fund = Fund.objects.of_site(site).filter(key=campaign.fund_key).first()
            context["progress"] = campaign.progress_with(fund, ways_for(request))
        return context


def excerpt_of(texts: Iterable[str], length: int) -> str:
    """Rich text as plain words, cut at a word."""
    words = " ".join(
        strip_tags(str(text).replace("</p>", " ").replace("<br/>", " ").replace("</li>", " "))
        for text in texts
    )
    plain = " ".join(unescape(words).split())
    if len(plain) <= length:
        return plain
    cut = Truncator(plain).chars(length, truncate="…")
    head, space, _rest = cut.rpartition(" ")
    return f"{head.rstrip(' ,.;:—')}…" if space else cut


class UpdateMailing(ScopedModel):
    """A piece of news has been given to the post: once, whatever becomes of its page."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True, help_text="translation_key of the page")
    page = models.ForeignKey(
        UpdatePage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    def __str__(self) -> str:
        return f"{self.key} · {self.at:%Y-%m-%d}"


class UpdateLetter(Owed):
    """A piece of news that is owed to a follower; sent when `sent_at` is set."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    mailing = models.ForeignKey(UpdateMailing, on_delete=models.CASCADE, related_name="letters")
    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="+")

    objects = ScopedManager()

    class Meta:
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="update_letter_owed"),)
        constraints = (
            models.UniqueConstraint(
                fields=("mailing", "follower"), name="one_letter_per_follower_and_news"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mailing_id} · {self.follower_id}"


def mailing_of(page: UpdatePage) -> UpdateMailing | None:
    return UpdateMailing.objects.filter(key=page.translation_key).first()


class WithNews(models.Model):
    """The part of a campaign page that shows its news: the newest ones, all of them, as a feed."""

    has_report: bool
    live: bool
    numchild: int

    class Meta:
        abstract = True

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        shown = "/".join(path_components)
        if shown in (NEWS_PATH, f"{NEWS_PATH}/{FEED_PATH}") and self.live:
            return RouteResult(self, kwargs={"shown": shown})
        return super().route(request, path_components)  # type: ignore[misc]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = kwargs.pop("shown", "")
        if shown == NEWS_PATH:
            return render(request, "campaigns/news.html", self._all_news(request))
        if shown:
            return NewsFeed(self)(request)
        return super().serve(request, *args, **kwargs)  # type: ignore[misc]

    def news(self) -> UpdateQuerySet:
        return UpdatePage.objects.shown_below(self)

    def _all_news(self, request: HttpRequest) -> dict[str, Any]:
        news = Paginator(self.news(), PER_PAGE)
        return {"page": self, "self": self, "updates": news.get_page(request.GET.get("page"))}

    def newest_news(self, request: HttpRequest, fund: Fund | None) -> dict[str, Any]:
        """Context of campaigns/newest.html."""
        # Only news stand below a campaign: one that has none is asked nothing.
        updates = (
            list(self.news().prefetch_related(None)[: SHOWN_AT_ONCE + 1]) if self.numchild else []
        )
        # Whoever has reported has kept the promise: nothing more is promised to new followers.
        follow = {} if self.has_report else follow_context(request, fund=fund)
        return {
            "updates": updates[:SHOWN_AT_ONCE],
            "more_news": len(updates) > SHOWN_AT_ONCE,
            **follow,
        }
