"""The picture that messengers show beside a link: whose page it is, what for, how it stands."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from content.lettering import Measure, drawable, fit
from content.placeholder import landscape
from site_settings.colours import INK, PAPER
from site_settings.fonts import PAIRS, Face, Pair

WIDTH, HEIGHT = 1200, 630
ART = 500  # the picture's part, on the right
MARGIN = 60
SOFT, LINE = "#575349", "#e1deda"
LARGEST = 150_000  # bytes: some messengers leave larger ones out
EDITION = 1  # raised when the drawing changes, so that messengers fetch it anew


@dataclass(frozen=True)
class Card:
    """All that is drawn, as values: two equal cards are the same picture.

    `picture` and `logo` name the files, whose points are given apart. `bar` is how much of the bar
    is filled, `goal_at` where on it the goal stands once it is reached (both percent).
    """

    title: str
    organisation: str
    accent: str
    tint: str
    second: str
    fonts: str
    picture: str = ""
    logo: str = ""
    sum_text: str = ""
    of_text: str = ""
    bar: int | None = None
    goal_at: int | None = None
    fact: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{EDITION} {self!r}".encode()).hexdigest()[:16]

    @property
    def pair(self) -> Pair:
        return PAIRS[self.fonts]


def draw(card: Card, *, picture: Image.Image | None, logo: Image.Image | None) -> bytes:
    """JPEG, no larger than messengers take."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    art = picture or landscape((ART, HEIGHT), card.accent, card.tint, card.second)
    sheet.paste(art.convert("RGB").resize((ART, HEIGHT)), (WIDTH - ART, 0))
    pen = ImageDraw.Draw(sheet)
    top = _head(sheet, pen, card, logo)
    bottom = _foot(sheet, pen, card)
    _title(pen, card, top, bottom)
    return _packed(sheet)


def _head(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, logo: Image.Image | None
) -> int:
    """Whose page it is. Returns where the head ends."""
    left = MARGIN
    if logo is not None:
        small = logo.convert("RGBA")
        small.thumbnail((200, 72))
        sheet.paste(small, (left, MARGIN - 8 + (72 - small.height) // 2), small)
        left += small.width + 20
    face = card.pair.text
    name = drawable(card.organisation, face.path)
    box = (WIDTH - ART - MARGIN // 2 - left, 72)
    size, lines = fit(name, (32, 30, 28, 26, 24), box, 1.2, _measure(face))
    _lines(pen, lines, face, size, (left, MARGIN + 28), SOFT, leading=1.2, middle=True)
    return MARGIN + 84


def _foot(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card) -> int:
    """How it stands, from below upwards. Returns where the foot begins."""
    width, y = WIDTH - ART - 2 * MARGIN, HEIGHT - MARGIN
    text, strong = card.pair.text, card.pair.display
    if fact := drawable(card.fact, text.path):
        size, lines = fit(fact, range(36, 25, -2), (width, 80), 1.2, _measure(text))
        y -= round(len(lines) * size * 1.2)
        _lines(pen, lines, text, size, (MARGIN, y), INK, leading=1.2)
        y -= 18
    if card.bar is not None:
        y -= 26
        _bar(sheet, card, (MARGIN, y), (width, 26))
        y -= 18
    if card.sum_text:
        y -= 56
        _sums(pen, card, strong, text, y, width)
    return y - 20


def _sums(
    pen: ImageDraw.ImageDraw, card: Card, strong: Face, text: Face, y: int, width: int
) -> None:
    """«24 800 ₽ из 38 000 ₽»: the first large, the rest beside it, both smaller when long."""
    first, rest = drawable(card.sum_text, strong.path), drawable(card.of_text, text.path)
    for size in range(54, 25, -2):
        gap = size * 0.25
        both = _measure(strong)(first, size) + gap + _measure(text)(rest, size * 0.66)
        if both <= width:
            break
    baseline = y + 48
    pen.text((MARGIN, baseline), first, INK, _font(strong.path, size), anchor="ls")
    left = MARGIN + _measure(strong)(first, size) + gap
    pen.text((left, baseline), rest, SOFT, _font(text.path, round(size * 0.66)), anchor="ls")


def _bar(sheet: Image.Image, card: Card, at: tuple[int, int], size: tuple[int, int]) -> None:
    """Drawn larger and made small, so that its ends are round without steps."""
    width, height = size[0] * 4, size[1] * 4
    bar = Image.new("RGB", (width, height), LINE if card.goal_at is None else card.second)
    pen = ImageDraw.Draw(bar)
    # Nothing yet shows a beginning: a round dot.
    end = max(width * (card.bar or 0) // 100, height)
    if card.goal_at is None:
        pen.rounded_rectangle((0, 0, end, height), height // 2 - 1, card.accent)
    else:
        mark = width * card.goal_at // 100
        pen.rectangle((0, 0, end, height), card.accent)
        pen.rectangle((mark - 12, 0, mark + 12, height), PAPER)
    shape = Image.new("L", (width, height))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, width, height), height // 2 - 1, 255)
    sheet.paste(bar.reduce(4), at, shape.reduce(4))


def _title(pen: ImageDraw.ImageDraw, card: Card, top: int, bottom: int) -> None:
    face = card.pair.display
    title = drawable(card.title, face.path) or drawable(card.organisation, face.path)
    box = (WIDTH - ART - 2 * MARGIN, bottom - top)
    size, lines = fit(title, range(88, 33, -2), box, 1.12, _measure(face))
    middle = (top + bottom) // 2
    _lines(pen, lines, face, size, (MARGIN, middle), INK, leading=1.12, middle=True)


def _lines(
    pen: ImageDraw.ImageDraw,
    lines: list[str],
    face: Face,
    size: float,
    at: tuple[int, int],
    colour: str,
    *,
    leading: float,
    middle: bool = False,
) -> None:
    left, y = at
    step = size * leading
    if middle:
        y -= round(len(lines) * step / 2)
    font = _font(face.path, round(size))
    for number, line in enumerate(lines):
        pen.text((left, y + (number + 0.5) * step), line, colour, font, anchor="lm")


def _measure(face: Face) -> Measure:
    return lambda text, size: _font(face.path, round(size)).getlength(text)


@lru_cache(maxsize=128)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _packed(sheet: Image.Image) -> bytes:
    out = BytesIO()
    for quality in (88, 80, 70, 55, 40):
        out = BytesIO()
        # Without thinned-out colours the letters stay sharp.
        sheet.save(out, "JPEG", quality=quality, subsampling=0, optimize=True, progressive=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()
