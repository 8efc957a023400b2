"""The picture beside a link to a page: drawn with the sum as it stands now.

Its address ends with a digest of all that is drawn. So a messenger may keep a picture for ever, and
asks for a new one when something changed; and there is one valid address per page at any moment,
so nobody can make the server draw more than there is.
"""

from threading import Lock
from typing import Any

from django.core.cache import caches
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from PIL import Image
from wagtail.models import Page, Site

from campaigns.models import CampaignPage
from campaigns.progress import Progress
from content.card import ART, HEIGHT, Card, draw
from content.models import Picture
from donations.models import Fund
from donations.ways import Ways
from site_settings.models import Appearance, Organisation
from tenancy.roots import roots_above

# One at a time in a process: many new links at once must not take all memory.
_drawing = Lock()


def card_of(
    page: Page, organisation: Organisation, appearance: Appearance, progress: Progress | None
) -> Card:
    """What is drawn for the page, in the page's own language."""
    palette = appearance.palette()
    with translation.override(language_of(page)):
        stands = _standing(page, progress) if progress else {"fact": appearance.tagline}
    name = organisation.short_name or organisation.name
    return Card(
        title=page.title,
        organisation=name if name != page.title else "",
        accent=palette.accent,
        tint=palette.tint,
        second=palette.second,
        fonts=appearance.fonts,
        picture=_key(getattr(page, "picture", None)),
        logo=_key(appearance.logo),
        **stands,
    )


def language_of(page: Page) -> str:
    """Its home knows it already; the page itself would ask."""
    roots = roots_above(page)
    return str(roots[0].language_code if roots else page.locale.language_code)


def _standing(page: Page, progress: Progress) -> dict[str, Any]:
    """The words and the bar of a campaign; while its figures are kept back, none of them."""
    told: dict[str, Any] = {"fact": _fact(page, progress)}
    if progress.is_quiet:
        return told
    if progress.goal_text:
        told["sum_text"] = progress.raised_text
        told["of_text"] = pgettext("after a sum", "of %(goal)s") % {"goal": progress.goal_text}
        told["bar"] = progress.goal_mark if progress.over else progress.bar
        told["goal_at"] = progress.goal_mark
    elif not progress.zero:
        told["sum_text"] = progress.raised_text
        told["of_text"] = pgettext("after a sum", "raised")
    return told


def _fact(page: Page, progress: Progress) -> str:
    if getattr(page, "has_report", False):
        return _("Done: see the report")
    if not progress.is_open:
        return progress.closed_text
    if progress.is_quiet:
        facts = [_("The campaign is just beginning"), progress.deadline_text]
    else:
        facts = [progress.units_text, progress.deadline_text or progress.left_text]
    return " · ".join(fact for fact in facts if fact)


def _key(picture: Picture | None) -> str:
    """Names the file and the part of it that must be seen."""
    if picture is None:
        return ""
    focus = (
        picture.focal_point_x,
        picture.focal_point_y,
        picture.focal_point_width,
        picture.focal_point_height,
    )
    return f"{picture.file.name} {focus if any(focus) else ''}"


def alt_of(card: Card) -> str:
    """The same for those who do not see it."""
    sums = f"{card.sum_text} {card.of_text}".strip()
    return ". ".join(part for part in (card.title, sums, card.fact) if part)


def card_as_it_stands(page: Page, site: Site) -> Card:
    """The card of a live page (specific), its sums fresh from the books."""
    organisation, progress = Organisation.for_site(site), None
    if isinstance(page, CampaignPage):
        progress = page.progress_with(fund_of(page, site), Ways(organisation))
    return card_of(page, organisation, Appearance.for_site(site), progress)


def fund_of(page: CampaignPage, site: Site) -> Fund | None:
    return Fund.objects.of_site(site).filter(key=page.fund_key).first()


def path_of(page: Page, card: Card) -> str:
    return reverse("share_picture", args=[page.pk, card.digest])


def drawn(page: Page, card: Card, site: Site) -> bytes:
    """The picture of the card (JPEG): kept from the last time, or drawn now."""
    kept, key = caches["drawn"], f"card:{card.digest}"
    found = kept.get(key)
    if found is None:
        with _drawing:
            found = kept.get(key)  # somebody may have been waiting for the same
            if found is None:
                found = draw(
                    card,
                    picture=_points(getattr(page, "picture", None), f"fill-{ART}x{HEIGHT}"),
                    logo=_points(Appearance.for_site(site).logo, "max-400x144"),
                )
                kept.set(key, found)
    return bytes(found)


def _points(picture: Picture | None, size: str) -> Image.Image | None:
    """None also for a picture whose file is gone: the link still gets its card."""
    if picture is None:
        return None
    try:
        rendition = picture.get_rendition(f"{size}|format-png")
        with rendition.file.open() as file, Image.open(file) as image:
            image.load()
            return image.copy()
    except OSError:
        return None
