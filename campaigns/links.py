"""Short links: made once per channel, and where they lead."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from accounts.models import User
from campaigns.channels import OTHER, READY, WIDGET, channel_of
from campaigns.models import CampaignIndexPage, CampaignPage
from campaigns.spreading import ShortLink
from donations.channels import is_of_a_donor

MOST = 30
TRIES = 20


class CannotAdd(Exception):
    """The name gives no channel, there is one already, or there are too many."""


def link_for(page: CampaignPage, channel: str, *, by: User | None = None) -> ShortLink:
    """The link of the page's campaign for this channel, made if there is none yet.

    `link.url` is the whole address; it leads to the page's own language. `channel` is one of
    `channels.READY` or one an editor added. Raises LookupError for a page of no site.
    """
    site = page.get_site()
    if site is None:
        raise LookupError("The page belongs to no site.")
    key = page.fund_key
    link = ShortLink.objects.filter(site=site, key=key, channel=channel).first()
    if link is None:
        link = _make(site, key, channel, by=by)
    link.site = site
    if page.locale_id != site.root_page.locale_id:
        link.language = page.locale.language_code
    return link


def _make(
    site: Site, key: UUID, channel: str, *, name: str = "", by: User | None = None
) -> ShortLink:
    for _try in range(TRIES):
        link = ShortLink(site=site, key=key, channel=channel, name=name, created_by=by)
        try:
            with transaction.atomic():
                link.save(force_insert=True)
        except IntegrityError:
            # The code is taken, or somebody made the same link in this very moment.
            same = ShortLink.objects.filter(site=site, key=key, channel=channel).first()
            if same is not None:
                return same
        else:
            return link
    raise RuntimeError("no free code for a short link")


def open_ready_links(*, site: Site, key: UUID, by: User | None = None) -> None:
    """A link for every usual channel. Quiet for those that are there."""
    links = ShortLink.objects.filter(site=site, key=key)
    for _try in range(TRIES):  # again only when a new code was taken already
        known = set(links.values_list("channel", flat=True))
        missing = [channel for channel in READY if channel not in known]
        if not missing:
            return
        ShortLink.objects.bulk_create(
            (ShortLink(site=site, key=key, channel=channel, created_by=by) for channel in missing),
            ignore_conflicts=True,
        )


def add_channel(*, site: Site, key: UUID, name: str, by: User) -> ShortLink:
    """A channel of the editor's own. Raises CannotAdd with a reason in words."""
    channel = channel_of(name)
    if not channel:
        raise CannotAdd(_("Write a name with letters or digits in it."))
    links = ShortLink.objects.filter(site=site, key=key)
    is_kept = channel in (*READY, OTHER, WIDGET) or is_of_a_donor(channel)
    if is_kept or links.filter(channel=channel).exists():
        raise CannotAdd(_("There is such a channel already: choose another name."))
    if links.count() >= MOST:
        raise CannotAdd(_("More channels than one can look through. Use one of those you have."))
    return _make(site, key, channel, name=name, by=by)


def page_of(link: ShortLink, *, language: str = "") -> Page | None:
    """The live page the link leads to: in this language, else in the site's main one."""
    live = CampaignPage.objects.live().filter(translation_key=link.key)
    site = link.site
    pages = [page for page in live.select_related("locale") if site_id_of(page) == site.pk]
    main = site.root_page.locale_id
    pages.sort(key=lambda page: (page.locale.language_code != language, page.locale_id != main))
    return pages[0] if pages else None


def list_of(site: Site) -> Page | None:
    """The site's list of campaigns, where somebody goes whose campaign is not there any more."""
    return CampaignIndexPage.objects.live().descendant_of(site.root_page).order_by("path").first()


def site_id_of(page: Page) -> int | None:
    """The site the page lies in, without a query when it was asked before."""
    parts = page.get_url_parts()
    return parts[0] if parts else None
