"""The announcement for a board at the entrance: strips with the address hang below, to tear off."""

from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import qr
from campaigns.printing.leaflet import Leaflet
from campaigns.printing.poster import GAP, PAGE, SOFT, draw_foot, draw_invitation, draw_story
from content.sheet import HEIGHT, WIDTH, Box, Sheet, draw_code

STRIPS = 7
# Printers leave some millimetres white all round.
UNPRINTED = 6.0
STRIP_WIDTH, STRIP_HEIGHT = (WIDTH - 2 * UNPRINTED) / STRIPS, 88.0
STRIP_CODE = 22.0
CODE = 36.0
HALVES = [half / 2 for half in range(26, 11, -1)]


def pdf(leaflet: Leaflet) -> bytes:
    with translation.override(leaflet.language):
        sheet = Sheet(leaflet.pair, title=leaflet.title, language=leaflet.language)
        cut = HEIGHT - STRIP_HEIGHT
        upper = Box(PAGE.left, PAGE.top - 3, PAGE.width, cut - 6 - PAGE.top)
        foot = draw_foot(sheet, leaflet, upper)
        code_top = foot - GAP - CODE
        draw_invitation(sheet, leaflet, Box(PAGE.left, code_top, PAGE.width, CODE))
        story = Box(upper.left, upper.top, upper.width, code_top - 1.5 * GAP - upper.top)
        draw_story(sheet, leaflet, story, photo=66, largest=38, readable=24)
        _cuts(sheet, cut)
        for number in range(STRIPS):
            _strip(sheet, leaflet, _place(number))
        return sheet.finished()


def _place(number: int) -> Box:
    left = UNPRINTED + number * STRIP_WIDTH
    return Box(left, HEIGHT - STRIP_HEIGHT, STRIP_WIDTH, STRIP_HEIGHT)


def _cuts(sheet: Sheet, top: float) -> None:
    """Where scissors go: between the strips; they hang together above."""
    sheet.set_draw_color(120)
    sheet.set_line_width(0.25)
    sheet.set_dash_pattern(dash=1.6, gap=1.4)
    for number in range(1, STRIPS):
        left = _place(number).left
        sheet.line(left, top, left, HEIGHT)
    sheet.set_dash_pattern()
    label = Box(PAGE.left, top - 4.5, PAGE.width, 4)
    sheet.words(_("Cut along the dashes"), label, sizes=(7,), colour=SOFT, align="R")
    sheet.line(0, top, WIDTH, top)


def _strip(sheet: Sheet, leaflet: Leaflet, strip: Box) -> None:
    """What somebody takes home: what for, the code, the address. The words run upwards."""
    side = (STRIP_WIDTH - STRIP_CODE) / 2
    code = Box(strip.left + side, strip.top + side, STRIP_CODE, STRIP_CODE)
    draw_code(sheet, qr.matrix(leaflet.url), code)
    foot, length = strip.bottom - UNPRINTED, strip.bottom - UNPRINTED - code.bottom - side
    with sheet.rotation(90, strip.left, foot):
        # Turned, the strip lies on its side: its left edge is above.
        words = Box(strip.left, foot + 3, length, STRIP_WIDTH - 6)
        title = Box(words.left, words.top, words.width, 11.5)
        end = sheet.words(leaflet.title, title, sizes=HALVES, face="display", leading=1.15)
        address = Box(words.left, max(end + 1, words.top + 8), words.width, 5.5)
        end = sheet.words(leaflet.address, address, sizes=HALVES, face="display")
        sheet.words(leaflet.organisation, words.below(end + 0.5), sizes=(8, 7, 6), colour=SOFT)
