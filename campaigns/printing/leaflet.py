"""What a printed sheet says of a campaign: all of it from the page's own data."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import idna
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Site

from campaigns.links import link_for
from campaigns.models import CampaignPage, CampaignState
from campaigns.progress import Progress, format_count
from campaigns.share_picture import fund_of, language_of
from content.models import Picture
from donations.money import NARROW_SPACE, NO_BREAK_SPACE, format_roubles
from donations.ways import Ways
from site_settings.colours import Palette
from site_settings.fonts import PAIRS, Pair
from site_settings.models import Appearance, Organisation
from site_settings.recipients import receiver_of

# As wide as the sheet at 250 dots an inch.
PHOTO, PHOTO_RATIO = "fill-1800x1080|format-jpeg|jpegquality-85", 5 / 3
LOGO = "max-400x400|format-png"


@dataclass(frozen=True)
class Leaflet:
    """`url` is what the code leads to, `address` the same for people who type it."""

    title: str
    lead: str
    ask: str
    stands: str
    url: str
    address: str
    organisation: str
    small_print: str
    notice: str
    language: str
    palette: Palette
    pair: Pair
    photo: bytes | None = None
    photo_alt: str = ""
    logo: bytes | None = None


def leaflet_of(page: CampaignPage, site: Site, *, channel: str) -> Leaflet:
    """The words in the page's language, as they stand today; the link of this channel."""
    organisation, look = Organisation.for_site(site), Appearance.for_site(site)
    progress = page.progress_with(fund_of(page, site), Ways(organisation))
    url, language = link_for(page, channel).url, language_of(page)
    with translation.override(language):
        return Leaflet(
            title=page.title,
            lead=page.lead,
            ask=_ask(page, progress),
            stands=_stands(progress),
            url=url,
            address=readable(url),
            organisation=organisation.short_name or organisation.name,
            small_print=_small_print(organisation),
            notice=organisation.foreign_agent_notice,
            language=language,
            palette=look.palette(),
            pair=PAIRS[look.fonts],
            photo=_file(page.picture, PHOTO),
            photo_alt=page.picture.alt_text if page.picture else "",
            logo=_file(look.logo, LOGO),
        )


def why_no_sheet(page: CampaignPage, site: Site) -> str:
    """A sheet hangs for weeks and must lead to a page that takes gifts. Empty when it does."""
    ways = Ways(Organisation.for_site(site))
    progress = page.progress_with(fund_of(page, site), ways)
    state = page.state_of(progress)
    if state == CampaignState.DRAFT:
        return _("Publish the campaign first: a sheet leads to its page.")
    if state in (CampaignState.FINISHED, CampaignState.REPORTED):
        return _("This collection is over: a sheet would ask for nothing.")
    if not progress.can_give:
        return _("Nothing can be given on its page now: a sheet would ask in vain.")
    return ""


def _ask(page: CampaignPage, progress: Progress) -> str:
    """«Нужно 42 000 ₽ до 1 июня: 12 крыш по 3 500 ₽»."""
    words = {"goal": _firm(progress.goal_text)}
    if progress.deadline:
        words["date"] = _day(progress.deadline, "j E Y")
    if progress.goal and progress.deadline:
        ask = _("We need %(goal)s by %(date)s") % words
    elif progress.goal:
        ask = _("We need %(goal)s") % words
    elif progress.deadline:
        ask = _("We collect until %(date)s") % words
    else:
        ask = _("Any sum will help")
    if units := page.plan.units:
        price = format_roubles(units.price, space=NO_BREAK_SPACE)
        counted = {"n": format_count(units.count), "noun": units.noun, "price": price}
        ask = f"{ask}: " + _("%(n)s %(noun)s at %(price)s") % counted
    return ask


def _stands(progress: Progress) -> str:
    """A sheet hangs for weeks: what has been collected is said with its day, or not at all."""
    if progress.is_quiet or progress.zero:
        return ""
    told = {"day": _day(progress.today, "j E"), "sum": _firm(progress.raised_text)}
    return _("%(sum)s raised by %(day)s") % told


def _small_print(organisation: Organisation) -> str:
    """Who receives the money, with the numbers it is found by."""
    receiver = receiver_of(organisation)
    if receiver is None:
        return ""
    name = receiver.full_name or receiver.name
    if receiver.pk != organisation.pk:
        name = _("Donations are received by %(name)s") % {"name": name}
    numbers = ((_("INN"), receiver.inn), (_("OGRN"), receiver.ogrn))
    told = [f"{label}{NO_BREAK_SPACE}{number}" for label, number in numbers if number]
    return ", ".join([name, *told])


def readable(url: str) -> str:
    """«добро.рф/-/k7m2»: as a person types it."""
    parts = urlsplit(url)
    host = parts.netloc
    with suppress(idna.IDNAError, UnicodeError):  # a port, in development
        host = idna.decode(host)
    return f"{host}{parts.path}"


def _day(day: date, form: str) -> str:
    """On one line: «23 декабря» is not parted from its year."""
    return date_format(day, form).replace(" ", NO_BREAK_SPACE)


def _firm(text: str) -> str:
    return text.replace(NARROW_SPACE, NO_BREAK_SPACE)


def _file(picture: Picture | None, spec: str) -> bytes | None:
    """None also for a picture whose file is gone."""
    if picture is None:
        return None
    try:
        with picture.get_rendition(spec).file.open() as file:
            return bytes(file.read())
    except OSError:
        return None
