"""The poster: one A4 sheet that is read from three steps away."""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image

from campaigns import qr
from campaigns.printing.leaflet import PHOTO_RATIO, Leaflet
from content.sheet import HEIGHT, WIDTH, Box, Sheet, draw_code
from site_settings.colours import INK

MARGIN = 14.0
PAGE = Box(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
SOFT = "#575349"
CODE = 58.0
GAP = 6.0
BAR = 7.0  # the mark beside what is asked for, with the space after it


def pdf(leaflet: Leaflet) -> bytes:
    with translation.override(leaflet.language):
        sheet = Sheet(leaflet.pair, title=leaflet.title, language=leaflet.language)
        foot = draw_foot(sheet, leaflet, PAGE)
        code_top = foot - GAP - CODE
        draw_invitation(sheet, leaflet, Box(PAGE.left, code_top, PAGE.width, CODE))
        story = Box(PAGE.left, PAGE.top, PAGE.width, code_top - 2 * GAP - PAGE.top)
        draw_story(sheet, leaflet, story, photo=PAGE.width / PHOTO_RATIO, largest=54, readable=32)
        return sheet.finished()


@dataclass(frozen=True)
class Voice:
    """How loud a part of the story speaks: its letters beside those of the title."""

    face: Literal["text", "display"]
    share: float
    smallest: float
    largest: float
    leading: float
    colour: str = INK

    def size(self, title: float) -> float:
        return min(max(round(title * self.share, 1), self.smallest), self.largest)


TITLE = Voice("display", 1, 14, 110, 1.12)
LEAD = Voice("text", 0.46, 11, 24, 1.3, SOFT)
ASK = Voice("display", 0.72, 12, 44, 1.15)
STANDS = Voice("text", 0.42, 11, 18, 1.3)


def draw_story(
    sheet: Sheet, leaflet: Leaflet, box: Box, *, photo: float, largest: int, readable: int
) -> None:
    """The picture, what is asked for and why. Without a picture the words take its place; where
    they need more room than it leaves, the picture gives some."""
    if leaflet.photo is None:
        sheet.block(Box(box.left, box.top, box.width, 4), leaflet.palette.accent)
        words = box.below(box.top + 4 + 2 * GAP)
        _words(sheet, leaflet, words, _largest(sheet, leaflet, words, range(110, 13, -1)))
        return
    for height in (photo * share for share in (1, 0.92, 0.84, 0.76, 0.68, 0.6)):
        words = box.below(box.top + height + GAP)
        size = _largest(sheet, leaflet, words, range(largest, 13, -1))
        if size >= readable:
            break
    place = Box(box.left, box.top, box.width, height)
    sheet.photo(leaflet.photo, place, ratio=PHOTO_RATIO, alt=leaflet.photo_alt)
    _words(sheet, leaflet, words, size)


def _largest(sheet: Sheet, leaflet: Leaflet, box: Box, sizes: range) -> int:
    """The size of the title at which all the words stand in the box."""
    size = sizes.start
    for size in sizes:
        if _story_height(sheet, leaflet, box.width, size) <= box.height:
            break
    return size


def _story_height(sheet: Sheet, leaflet: Leaflet, width: float, size: int) -> float:
    parts = [(TITLE, leaflet.title, width), (LEAD, leaflet.lead, width)]
    parts += [(ASK, leaflet.ask, width - BAR), (STANDS, leaflet.stands, width - BAR)]
    heights = [
        sheet.height_of(text, room, size=voice.size(size), face=voice.face, leading=voice.leading)
        for voice, text, room in parts
        if text
    ]
    return sum(heights) + 1.8 * GAP


def _words(sheet: Sheet, leaflet: Leaflet, box: Box, size: int) -> None:
    """Title and lead stand above; what is asked for stands at the foot of the box."""

    def say(voice: Voice, text: str, place: Box) -> float:
        sizes = (voice.size(size),)
        return sheet.words(
            text, place, sizes=sizes, face=voice.face, leading=voice.leading, colour=voice.colour
        )

    height = sum(
        sheet.height_of(
            text, box.width - BAR, size=voice.size(size), face=voice.face, leading=voice.leading
        )
        for voice, text in ((ASK, leaflet.ask), (STANDS, leaflet.stands))
        if text
    )
    ask = Box(box.left + BAR, box.bottom - height, box.width - BAR, height + 0.1)
    sheet.block(Box(box.left, ask.top, 2.5, height), leaflet.palette.accent)
    say(STANDS, leaflet.stands, ask.below(say(ASK, leaflet.ask, ask)))
    above = Box(box.left, box.top, box.width, ask.top - GAP - box.top)
    say(LEAD, leaflet.lead, above.below(say(TITLE, leaflet.title, above) + GAP * 0.6))


def draw_invitation(sheet: Sheet, leaflet: Leaflet, box: Box) -> None:
    """The code, and beside it the same for people who type."""
    draw_code(sheet, qr.matrix(leaflet.url), Box(box.left, box.top, box.height, box.height))
    left = box.left + box.height + 2 * GAP
    beside = Box(left, box.top, box.right - left, box.height)
    end = sheet.words(
        _("Point your phone's camera here"),
        Box(beside.left, beside.top, beside.width, 20),
        sizes=range(24, 11, -1),
        face="display",
    )
    end = sheet.words(
        _("The page will open: choose a sum and give in a minute. Or type the address:"),
        Box(beside.left, end + 2, beside.width, beside.height * 0.4),
        sizes=range(14, 8, -1),
        colour=SOFT,
    )
    sheet.words(
        leaflet.address,
        beside.below(end + 2),
        sizes=range(26, 8, -1),
        face="display",
    )


def draw_foot(sheet: Sheet, leaflet: Leaflet, box: Box) -> float:
    """Whose sheet it is, from below upwards. Returns where the foot begins."""
    height = 16.0 + (14.0 if leaflet.notice else 0)
    top = box.bottom - height
    sheet.block(Box(box.left, top, box.width, 0.4), "#bbb6b0")
    left = box.left
    if leaflet.logo:
        left += _logo(sheet, leaflet.logo, Box(box.left, top + 3, 30, 13)) + 4
    words = Box(left, top + 3, box.right - left, 13)
    end = sheet.words(
        leaflet.organisation,
        Box(words.left, words.top, words.width, 6),
        sizes=range(13, 7, -1),
        face="display",
    )
    sheet.words(leaflet.small_print, words.below(end), sizes=(9, 8.5, 8, 7.5, 7), colour=SOFT)
    if leaflet.notice:
        notice = Box(box.left, top + 17.5, box.width, box.bottom - top - 15.5)
        sheet.words(leaflet.notice, notice, sizes=(10, 9, 8, 7, 6, 5.5), colour=INK)
    return top


def _logo(sheet: Sheet, logo: bytes, box: Box) -> float:
    """As large as it goes in the box, its shape kept. Returns its width."""
    with Image.open(BytesIO(logo)) as image:
        scale = min(box.width / image.width, box.height / image.height)
        width, height = image.width * scale, image.height * scale
    sheet.image(BytesIO(logo), box.left, box.top + (box.height - height) / 2, width, height)
    return width
