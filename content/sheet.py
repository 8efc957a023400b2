"""A printed A4 sheet in a site's own typefaces. Places are millimetres, letters points."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from fpdf import FPDF
from fpdf.fonts import TTFFont

from content.lettering import Measure, drawable, fit, lines_of
from site_settings.colours import INK, parse
from site_settings.fonts import Pair

WIDTH, HEIGHT = 210.0, 297.0
POINT = 0.352778  # millimetres
MEASURED_AT = 100
Align = Literal["L", "R"]


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def below(self, top: float) -> "Box":
        """What is left of it from there on."""
        return Box(self.left, top, self.width, max(self.bottom - top, 0.0))


def draw_code(sheet: FPDF, rows: Sequence[Sequence[bool]], box: Box) -> None:
    """A QR code as black rectangles, without a quiet zone: the paper round it must be white."""
    module = box.width / len(rows)
    sheet.set_fill_color(0)
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = next((end for end in range(x, len(row)) if not row[end]), len(row)) - x
            if run:
                # One rectangle a run; a hair higher, so that no white line shows between the rows.
                left, top = box.left + x * module, box.top + y * module
                sheet.rect(left, top, run * module, module * 1.02, style="F")
            x += max(run, 1)


class Sheet(FPDF):
    def __init__(self, pair: Pair, *, title: str, language: str) -> None:
        super().__init__(format="A4")
        self.set_margin(0)
        self.set_auto_page_break(auto=False)
        self.set_title(title)
        self.set_lang(language)
        self._widths: dict[tuple[str, str], float] = {}
        self.faces = {"text": pair.text, "display": pair.display}
        for name, face in self.faces.items():
            self.add_font(name, "", face.path)
        self.add_page()

    def finished(self) -> bytes:
        """The PDF. The typefaces' files are closed: nothing can be written any more."""
        content = bytes(self.output())
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()
        return content

    def words(
        self,
        text: str,
        box: Box,
        *,
        sizes: Iterable[float],
        face: Literal["text", "display"] = "text",
        leading: float = 1.25,
        colour: str = INK,
        align: Align = "L",
    ) -> float:
        """Writes the text into the box as large as it can be. Returns where it ends."""
        known = drawable(text, self.faces[face].path)
        if not known or box.height <= 0:
            return box.top
        step = leading * POINT
        size, lines = fit(known, sizes, (box.width, box.height), step, self._measure(face))
        self.set_font(face, size=size)
        self.set_text_color(*(round(part * 255) for part in parse(colour)))
        for number, line in enumerate(lines):
            self.set_xy(box.left, box.top + number * size * step)
            self.cell(box.width, size * step, line, align=align)
        return box.top + len(lines) * size * step

    def height_of(
        self, text: str, width: float, *, size: float, face: str, leading: float
    ) -> float:
        """How high the text stands at this size; endless when a word of it would be torn."""
        known, measure = drawable(text, self.faces[face].path), self._measure(face)
        if any(measure(word, size) > width for word in known.split()):
            return math.inf
        return len(lines_of(known, size, width, measure)) * size * leading * POINT

    def photo(self, picture: bytes, box: Box, *, ratio: float, alt: str) -> None:
        """Covers the box; `ratio` is the picture's width to its height. What is too much is cut,
        more of the sky than of the ground."""
        height = box.width / ratio
        with self.rect_clip(box.left, box.top, box.width, box.height):
            top = box.top - (height - box.height) * 0.6
            self.image(BytesIO(picture), box.left, top, box.width, height, alt_text=alt or None)

    def block(self, box: Box, colour: str) -> None:
        self.set_fill_color(*(round(part * 255) for part in parse(colour)))
        self.rect(box.left, box.top, box.width, box.height, style="F")

    def _measure(self, face: str) -> Measure:
        """Widths grow evenly with the size, so each text is measured once."""

        def width_of(text: str, size: float) -> float:
            if (face, text) not in self._widths:
                self.set_font(face, size=MEASURED_AT)
                self._widths[face, text] = float(self.get_string_width(text)) / MEASURED_AT
            return self._widths[face, text] * size

        return width_of
