"""The face of a site as one style sheet: colours, the chosen pair of typefaces, the layouts.

The sheet's address names all it is made of and ends with a digest of the whole, so a browser can
keep it for ever, and the admin can draw a face that nobody has saved yet.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from django.db import models
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from site_settings.colours import HEX, Palette, palette
from site_settings.fonts import PAIRS, Fonts, Pair


class Header(models.TextChoices):
    LINE = "line", _("Logo and menu in one line")
    CENTRE = "centre", _("Logo in the middle, menu under it")
    BAND = "band", _("A band in the main colour")


class HomeLayout(models.TextChoices):
    BESIDE = "beside", _("Picture beside the words")
    COVER = "cover", _("Large picture, the words over it")
    WORDS = "words", _("Words first, large, on a quiet ground")


@dataclass(frozen=True)
class Face:
    """What a site chose. Colours are «#rrggbb» in lower case."""

    accent: str
    second: str
    fonts: str
    header: str
    home: str

    def palette(self, *, night: bool = False) -> Palette:
        return palette(self.accent, self.second, night=night)

    @property
    def pair(self) -> Pair:
        return PAIRS[self.fonts]

    @property
    def slug(self) -> str:
        colours = (self.accent.removeprefix("#"), self.second.removeprefix("#"))
        digest = hashlib.sha256(css_of(self).encode()).hexdigest()[:12]
        return "-".join((*colours, self.fonts, self.header, self.home, digest))


def face_of_slug(slug: str) -> Face | None:
    """The face an address names, whatever its digest; None for anything else."""
    parts = slug.split("-")
    if len(parts) != 6:
        return None
    face = Face(f"#{parts[0]}", f"#{parts[1]}", *parts[2:5])
    known = face.fonts in Fonts and face.header in Header and face.home in HomeLayout
    return face if known and HEX.match(face.accent) and HEX.match(face.second) else None


@lru_cache(maxsize=1024)
def css_of(face: Face) -> str:
    context = {
        "face": face,
        "day": face.palette(),
        "night": face.palette(night=True),
        "fonts_css": face.pair.css(),
        "fonts": face.pair.stacks(),
    }
    return render_to_string("site_settings/theme.css", context)
