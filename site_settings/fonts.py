"""Pairs of typefaces a site may wear: one for headings, one for text.

All are under the Open Font License, cut down to Latin and Cyrillic with the letters of Tatar,
Udmurt and Mari (PT Serif bears another name then, as its licence asks), and served by ourselves.
Only the chosen pair is loaded. Fallbacks are measured on Russian text, so that the swap moves
nothing: widths and heights in percent, of fonts with the metrics of Arial and Times.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.db import models
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

SANS = ("Roboto", "Arial", "Liberation Sans")
SANS_BOLD = ("Roboto Bold", "Arial Bold", "Liberation Sans Bold")
SERIF = ("Noto Serif", "Times New Roman", "Liberation Serif")
SERIF_BOLD = ("Noto Serif Bold", "Times New Roman Bold", "Liberation Serif Bold")


class Fonts(models.TextChoices):
    NEIGHBOUR = "neighbour", _("PT Serif and Golos: warm headings, plain text")
    PLAIN = "plain", _("Golos: plain and light")
    MODERN = "modern", _("Onest: round and modern")
    BOOK = "book", _("PT Serif: like a good book")


@dataclass(frozen=True)
class Face:
    """A file of a family, and how its stand-in is stretched while it is on its way."""

    family: str
    weight: int
    file: str
    stand_ins: tuple[str, ...]
    size: float
    ascent: float
    descent: float

    @property
    def url(self) -> str:
        return str(static(f"sonko_cms/fonts/{self.file}"))

    @property
    def path(self) -> str:
        """The file itself, for what is drawn or printed here."""
        found = finders.find(f"sonko_cms/fonts/{self.file}")
        if not isinstance(found, str):
            raise FileNotFoundError(self.file)
        return found

    def css(self) -> str:
        local = ", ".join(f'local("{name}")' for name in self.stand_ins)
        return (
            f'@font-face{{font-family:"{self.family}";font-weight:{self.weight};'
            f'font-display:swap;src:url("{self.url}") format("woff2")}}\n'
            f'@font-face{{font-family:"{self.family} Fallback";font-weight:{self.weight};'
            f"src:{local};size-adjust:{self.size}%;ascent-override:{self.ascent}%;"
            f"descent-override:{self.descent}%;line-gap-override:0%}}\n"
        )


GOLOS = Face("Golos Text", 400, "golos-text-400.woff2", SANS, 106, 92.5, 20.8)
GOLOS_BOLD = Face("Golos Text", 600, "golos-text-600.woff2", SANS_BOLD, 99.3, 98.7, 22.2)
ONEST = Face("Onest", 400, "onest-400.woff2", SANS, 103.6, 93.6, 29.4)
ONEST_BOLD = Face("Onest", 600, "onest-600.woff2", SANS_BOLD, 98.9, 98.1, 30.8)
ONEST_HEAVY = Face("Onest", 700, "onest-700.woff2", SANS_BOLD, 100, 97, 30.5)
PT_SERIF = Face("Sonko Serif", 400, "sonko-serif-400.woff2", SERIF, 109.9, 94.6, 26)
PT_SERIF_BOLD = Face("Sonko Serif", 700, "sonko-serif-700.woff2", SERIF_BOLD, 111.5, 93.2, 25.7)


@dataclass(frozen=True)
class Pair:
    """What the theme loads. The first two faces are what the first screen is set in."""

    text: Face
    display: Face
    more: tuple[Face, ...] = ()

    @property
    def faces(self) -> tuple[Face, ...]:
        return (self.text, self.display, *self.more)

    @property
    def first_urls(self) -> list[str]:
        return [self.text.url, self.display.url]

    def css(self) -> str:
        return "".join(face.css() for face in self.faces)

    def stacks(self) -> dict[str, Any]:
        def stack(face: Face) -> str:
            kind = "Georgia, serif" if face.stand_ins in (SERIF, SERIF_BOLD) else "sans-serif"
            return f'"{face.family}", "{face.family} Fallback", {kind}'

        return {
            "text": stack(self.text),
            "display": stack(self.display),
            "display_weight": self.display.weight,
        }


PAIRS: dict[str, Pair] = {
    Fonts.NEIGHBOUR: Pair(GOLOS, PT_SERIF_BOLD, (GOLOS_BOLD,)),
    Fonts.PLAIN: Pair(GOLOS, GOLOS_BOLD),
    Fonts.MODERN: Pair(ONEST, ONEST_HEAVY, (ONEST_BOLD,)),
    Fonts.BOOK: Pair(PT_SERIF, PT_SERIF_BOLD),
}
