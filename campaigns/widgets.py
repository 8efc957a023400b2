"""Widgets: a campaign, or the organisation itself, shown on a page of another site.

A widget is named by its fund: a page may be renamed or moved and the code on the other site holds.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import (
    get_language,
    get_language_from_path,
    override,
    pgettext_lazy,
)
from wagtail.models import Page, Site

from campaigns.channels import WIDGET
from campaigns.models import CampaignPage
from campaigns.progress import Progress, progress_of
from donations.blocks import sums_of
from donations.giving_form import form_context
from donations.models import Fund
from donations.ways import Ways
from site_settings.models import Channels, Organisation

FROM_WIDGET = f"?utm_source={WIDGET}"
GENERAL = "general"


class Kind(models.TextChoices):
    CARD = "card", pgettext_lazy("widget", "Card")
    BUTTON = "button", pgettext_lazy("widget", "Button")
    FORM = "form", pgettext_lazy("widget", "Form")

    @property
    def height(self) -> int:
        """Pixels that hold it on a phone; with script the frame is as high as what is in it."""
        return {Kind.CARD: 640, Kind.BUTTON: 96, Kind.FORM: 1250}[self]


@dataclass(frozen=True)
class Subject:
    """What a widget shows. `page` is None for the organisation itself, and for a campaign whose
    page is not shown to everybody now."""

    site: Site
    fund: Fund
    page: CampaignPage | None

    @property
    def is_general(self) -> bool:
        return self.fund.key is None

    @property
    def name(self) -> str:
        """As the code on the other site says it."""
        return GENERAL if self.is_general else str(self.fund.public_id)

    @property
    def page_path(self) -> str:
        """Where a person gets from the widget to read on."""
        parts = self.page.get_url_parts() if self.page is not None else None
        return str(parts[2]) if parts else reverse("wagtail_serve", args=[""])

    @property
    def give_path(self) -> str:
        """Where the whole form is. The page's own has the story beside it."""
        if self.is_general:
            return f"{reverse('donation_give')}{FROM_WIDGET}"
        return f"{self.page_path}{FROM_WIDGET}#give"

    @property
    def is_gone(self) -> bool:
        """Of a campaign nobody may read now, nothing is told either."""
        return self.page is None and not self.is_general

    @property
    def title(self) -> str:
        if self.page is not None:
            return self.page.title
        return Organisation.for_site(self.site).name

    def progress(self, ways: Ways) -> Progress:
        if self.page is not None:
            return self.page.progress_with(self.fund, ways)
        asked = self.is_general and ways.exist
        return progress_of(self.fund, zone=ways.organisation.time_zone, is_asked_for=asked)

    def form(self, request: HttpRequest) -> dict[str, Any]:
        """The form as the page has it; thanks lead back to the page, not to the frame."""
        body = self.page.body if self.page is not None else ()
        give = next((block for block in body if block.block_type == "donation"), None)
        sums = sums_of(give.value) if give is not None else []
        context = form_context(request, fund=self.fund, sums=sums)
        context["form"].initial["channel"] = WIDGET
        return {**context, "page_path": self.page_path}


def subject_of(site: Site, name: str) -> Subject | None:
    """What the code names: «general» or the fund of a campaign. None for what the site has not."""
    funds = Fund.objects.of_site(site)
    if name == GENERAL:
        fund = funds.general().first()
        return Subject(site, fund, None) if fund is not None else None
    try:
        fund = funds.filter(public_id=UUID(name), key__isnull=False).first()
    except ValueError:
        return None
    if fund is None or fund.key is None:
        return None
    return Subject(site, fund, _page_of(fund.key, site))


def subject_for(site: Site, page: Page) -> Subject | None:
    """For the screen of this page: a campaign's own, any other's the organisation. None for a
    campaign that has never been published."""
    if not isinstance(page, CampaignPage):
        return subject_of(site, GENERAL)
    fund = Fund.objects.of_site(site).filter(key=page.fund_key).first()
    return Subject(site, fund, page) if fund is not None else None


def subject_at(site: Site, url: str) -> Subject | None:
    """The campaign whose page has this whole address. None for anything else."""
    try:
        parts = urlsplit(url)
        is_here = parts.scheme in ("http", "https") and parts.username is None
        is_here = is_here and parts.hostname == site.hostname and parts.port in (None, site.port)
    except ValueError:
        return None
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    if not is_here or not (path.isascii() and path.isprintable()):
        return None
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        for page in shown_campaigns(site).filter(slug=path.split("/")[-2]):
            if (page.get_url_parts() or ("",) * 3)[2] == path:
                return subject_for(site, page)
    return None


def shown_campaigns(site: Site) -> QuerySet[CampaignPage]:
    """Campaigns of the site that everybody may read, in the language of the request."""
    home = site.root_page
    if get_language() != settings.LANGUAGE_CODE:
        home = home.localized
    return (
        CampaignPage.objects.live()
        .public()
        .descendant_of(home)
        .select_related("picture", "locale", "alias_of")
    )


def _page_of(key: UUID, site: Site) -> CampaignPage | None:
    """The page in the language of the request, or else in the site's own."""
    page = shown_campaigns(site).filter(translation_key=key, alias_of=None).first()
    if page is None and get_language() != settings.LANGUAGE_CODE:
        with override(settings.LANGUAGE_CODE):
            return _page_of(key, site)
    return page


def parents_of(site: Site) -> list[str]:
    """Origins that may frame the site's widgets: the addresses the NGO has named, and the admin,
    where the preview is."""
    admin = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    return [f"{admin.scheme}://{admin.netloc}", *Channels.for_site(site).widget_origins]


@dataclass(frozen=True)
class Code:
    """What is copied into another site's page, in the language of the page shown."""

    subject: Subject
    kind: Kind

    @property
    def language(self) -> str:
        page = self.subject.page
        return page.locale.language_code if page is not None else settings.LANGUAGE_CODE

    @property
    def url(self) -> str:
        with override(self.language):
            path = reverse("widget", args=[self.subject.name, self.kind.value])
        return f"{self.subject.site.root_url}{path}"

    def frame(self, *, width: str = "100%", height: int | None = None) -> str:
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}" frameborder="0" loading="lazy">'
            "</iframe>",
            self.url,
            self.subject.title,
            width,
            height or self.kind.height,
        )

    def script(self) -> str:
        root, other = self.subject.site.root_url, self.language != settings.LANGUAGE_CODE
        with override(self.language):
            way = f"{root}{self.subject.give_path}"
        return format_html(
            '<script src="{}/embed.js" data-campaign="{}" data-kind="{}"{} async></script>'
            '<noscript><a href="{}">{}</a></noscript>',
            root,
            self.subject.name,
            self.kind.value,
            format_html(' data-lang="{}"', self.language) if other else "",
            way,
            self.subject.title,
        )
