"""Words in a picture or on a printed sheet: what a typeface can draw, and how large they may be.

A browser borrows a sign its typeface lacks from another one. Here nobody lends: an emoji would be
an empty box, so what cannot be drawn is left out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from fontTools.ttLib import TTFont

NO_BREAK_SPACE, THIN_SPACE = "\u00a0", "\u202f"
# «в», «и», «на» and figures do not stay alone at the end of a line, nor «—» at the beginning.
SHORT_WORD = re.compile(r"(?<![^\s(«„])([^\W\d_]{1,2}|\d{1,6}) (?=\S)")
BEFORE_DASH = re.compile(r" (?=[—–] )")
ELLIPSIS = "…"

# How wide this text is at this size, in the units of the place it stands in.
Measure = Callable[[str, float], float]


@lru_cache(maxsize=16)
def _signs_of(path: str) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def drawable(text: str, font_path: str) -> str:
    """`text` on one line, without signs the typeface does not have."""
    known = _signs_of(font_path)
    composed = unicodedata.normalize("NFC", text).replace("\u2011", "-")
    kept = "".join(
        sign if ord(sign) in known else " " if sign.isspace() else "" for sign in composed
    )
    return re.sub(r" {2,}", " ", kept).strip(" ")


def lines_of(text: str, size: float, width: float, measure: Measure) -> list[str]:
    """The text in lines no wider than `width`; a word longer than that is cut."""
    kept = BEFORE_DASH.sub(NO_BREAK_SPACE, SHORT_WORD.sub(rf"\1{NO_BREAK_SPACE}", text))
    lines = [""]
    for word in kept.split(" "):
        longer = f"{lines[-1]} {word}".strip(" ")
        if measure(longer, size) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for sign in word:
            if lines[-1] and measure(lines[-1] + sign, size) > width:
                lines.append("")
            lines[-1] += sign
    return [line for line in lines if line]


def fit(
    text: str, sizes: Iterable[float], box: tuple[float, float], leading: float, measure: Measure
) -> tuple[float, list[str]]:
    """The largest of `sizes` (falling) at which the text stands in the box, and its lines.

    A line takes `size * leading` of the box's height. Lines are made as even as they go: a last one
    of a single word looks like a mistake. What does not fit at the smallest size either is cut with
    an ellipsis.
    """
    width, height = box
    size, lines = 0.0, [""]
    for size in sizes:
        lines = lines_of(text, size, width, measure)
        if len(lines) * size * leading <= height and not _is_torn(text, size, width, measure):
            return size, _even(text, lines, size, width, measure)
    most = max(int(height / (size * leading)), 1)
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and measure(lines[-1] + ELLIPSIS, size) > width:
            lines[-1] = lines[-1][:-1].rstrip()
        lines[-1] += ELLIPSIS
    return size, lines


def _is_torn(text: str, size: float, width: float, measure: Measure) -> bool:
    """A word broken in two is worse than smaller letters."""
    return any(measure(word, size) > width for word in text.split())


def _even(text: str, lines: list[str], size: float, width: float, measure: Measure) -> list[str]:
    narrowest = width * 0.6
    while width - narrowest > width * 0.02:
        middle = (narrowest + width) / 2
        tried = lines_of(text, size, middle, measure)
        if len(tried) > len(lines) or _is_torn(text, size, middle, measure):
            narrowest = middle
        else:
            width, lines = middle, tried
    return lines
