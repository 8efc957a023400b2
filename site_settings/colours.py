"""Colours of a site, made readable.

Contrast is computed by WCAG 2.2 (relative luminance of sRGB, ratio 1 to 21). A brand colour that
cannot be read on its ground is moved towards black or white until it can; hue is kept as far as
mixing keeps it.
"""

import re
from dataclasses import dataclass

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
READABLE = 4.5
PAPER, INK = "#ffffff", "#1d1b18"
NIGHT_PAPER, NIGHT_INK = "#171614", "#f2efe9"

Rgb = tuple[float, float, float]


def parse(colour: str) -> Rgb:
    """«#rrggbb» as three numbers from 0 to 1. Raises ValueError for anything else."""
    if not HEX.match(colour):
        raise ValueError("not a #rrggbb colour")
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02x}" for part in rgb)


def mix(colour: str, other: str, share: float) -> str:
    """`share` of `other` (0 to 1) mixed into `colour`."""
    pairs = zip(parse(colour), parse(other), strict=True)
    return _hex(tuple(a + (b - a) * share for a, b in pairs))  # type: ignore[arg-type]


def luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in parse(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, *, at_least: float = READABLE) -> str:
    """`colour`, moved away from `ground` just so far that it can be read on it."""
    pole = "#000000" if luminance(ground) > 0.18 else "#ffffff"
    for step in range(41):
        moved = mix(colour, pole, step / 40)
        if contrast(moved, ground) >= at_least:
            return moved
    return pole


def on(ground: str) -> str:
    """Text colour for a filled ground: white where it can be read, else ink, else plain black."""
    return next((one for one in (PAPER, INK) if contrast(one, ground) >= READABLE), "#000000")


@dataclass(frozen=True)
class Palette:
    """What the theme needs of a site in one scheme (light or dark)."""

    accent: str
    on_accent: str
    accent_strong: str
    tint: str
    second: str
    on_second: str


def palette(accent: str, second: str, *, night: bool = False) -> Palette:
    paper, ink = (NIGHT_PAPER, NIGHT_INK) if night else (PAPER, INK)
    tint = mix(paper, accent, 0.16 if night else 0.09)
    # Text in the accent stands on the tint as well as on paper: the harder ground decides, the
    # lighter one for light text at night and the darker one for dark text by day.
    ground = (max if night else min)((paper, tint), key=luminance)
    main = readable(accent, ground)
    other = readable(second, ground)
    return Palette(
        accent=main,
        on_accent=on(main),
        accent_strong=mix(main, ink, 0.25),
        tint=tint,
        second=other,
        on_second=on(other),
    )


@dataclass(frozen=True)
class Shown:
    """A chosen colour in one scheme, as the site shows it."""

    chosen: str
    shown: str
    on_shown: str
    paper: str
    was: float
    now: float

    @property
    def adjusted(self) -> bool:
        return self.shown != self.chosen


def shown(accent: str, second: str, *, night: bool = False) -> tuple[Shown, Shown]:
    """What becomes of the two colours, so that the editor can be told."""
    paper, made = NIGHT_PAPER if night else PAPER, palette(accent, second, night=night)
    pairs = (
        (accent.lower(), made.accent, made.on_accent),
        (second.lower(), made.second, made.on_second),
    )
    one, other = (
        Shown(chosen, now, on_now, paper, contrast(chosen, paper), contrast(now, paper))
        for chosen, now, on_now in pairs
    )
    return one, other


def was_adjusted(accent: str) -> bool:
    """Whether the accent had to be changed to be readable, so that the editor can be told."""
    return shown(accent, accent)[0].adjusted
