"""Strokes that several scenes share: sky, hills, trees, people seen without faces.

Every function returns SVG markup. Coordinates are those of a 1600 x 1000 scene; ``x, y`` is where
the thing stands on the ground.
"""

from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 1600, 1000
Point = tuple[float, float]


def svg(*parts: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def gradient(name: str, *stops: tuple[float, str], across: bool = False) -> str:
    direction = 'x1="0" y1="0" x2="1" y2="0"' if across else 'x1="0" y1="0" x2="0" y2="1"'
    inner = "".join(f'<stop offset="{at}" stop-color="{colour}"/>' for at, colour in stops)
    return f'<defs><linearGradient id="{name}" {direction}>{inner}</linearGradient></defs>'


def glow(name: str, colour: str, strength: float = 0.9) -> str:
    return (
        f'<defs><radialGradient id="{name}"><stop offset="0" stop-color="{colour}" '
        f'stop-opacity="{strength}"/><stop offset="1" stop-color="{colour}" stop-opacity="0"/>'
        "</radialGradient></defs>"
    )


def rect(x: float, y: float, w: float, h: float, fill: str, rx: float = 0, more: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{rx}" fill="{fill}" {more}/>'


def circle(x: float, y: float, r: float, fill: str, more: str = "") -> str:
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {more}/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, more: str = "") -> str:
    return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}" {more}/>'


def path(d: str, fill: str = "none", more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}" {more}/>'


def line(d: str, colour: str, width: float, more: str = "") -> str:
    return path(
        d,
        "none",
        f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" '
        f'stroke-linejoin="round" {more}',
    )


def polygon(points: Iterable[Point], fill: str, more: str = "") -> str:
    inner = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{inner}" fill="{fill}" {more}/>'


def group(
    *parts: str, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, more: str = ""
) -> str:
    move = f"translate({x} {y}) rotate({turn}) scale({scale})"
    return f'<g transform="{move}" {more}>{"".join(parts)}</g>'


def mirrored(*parts: str, x: float = 0, y: float = 0, scale: float = 1) -> str:
    return f'<g transform="translate({x} {y}) scale({-scale} {scale})">{"".join(parts)}</g>'


def smooth(points: Sequence[Point]) -> str:
    """A Catmull-Rom curve through the points, as the beginning of an SVG path."""
    padded = [points[0], *points, points[-1]]
    parts = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        parts.append(
            f"C{first[0]:.1f},{first[1]:.1f} {second[0]:.1f},{second[1]:.1f} "
            f"{end[0]:.1f},{end[1]:.1f}"
        )
    return " ".join(parts)


def hill(points: Sequence[Point], fill: str, bottom: float = HEIGHT) -> str:
    return path(f"{smooth(points)} L{points[-1][0]},{bottom} L{points[0][0]},{bottom} Z", fill)


def cloud(x: float, y: float, scale: float, fill: str, opacity: float = 1) -> str:
    shape = (
        "M-120,20 a42,42 0 0 1 30,-72 a66,66 0 0 1 118,-22 a52,52 0 0 1 82,46 a26,26 0 0 1 4,48 Z"
    )
    return group(path(shape, fill), x=x, y=y, scale=scale, more=f'opacity="{opacity}"')


def spruce(x: float, y: float, height: float, light: str, dark: str) -> str:
    parts = [rect(-5, -18, 10, 20, "#5b4636")]
    for level in range(4):
        top, base = -200 + level * 36, -116 + level * 34
        half = 28 + level * 13
        parts.append(
            f'<path d="M0,{top} L{half},{base} Q0,{base + 14} {-half},{base} Z" fill="{light}"/>'
        )
        parts.append(
            f'<path d="M0,{top} L{half},{base} Q{half / 2},{base + 10} 4,{base + 7} Z" fill="{dark}"/>'
        )
    return group(*parts, x=x, y=y, scale=height / 200)


def tree(x: float, y: float, height: float, light: str, leaf: str, dark: str) -> str:
    crown = [
        circle(-42, -120, 52, dark),
        circle(46, -118, 50, dark),
        circle(4, -150, 66, leaf),
        circle(-38, -138, 46, leaf),
        circle(40, -150, 40, leaf),
        circle(-16, -176, 38, light),
        circle(-48, -150, 26, light),
    ]
    trunk = path("M-10,2 Q-4,-50 -6,-100 L8,-100 Q6,-50 12,2 Z", "#6b4f3a")
    branch = line("M2,-70 L30,-104", "#6b4f3a", 6)
    return group(trunk, branch, *crown, x=x, y=y, scale=height / 216)


def birch(x: float, y: float, height: float, leaf: str, light: str) -> str:
    trunk = path("M-9,0 Q-5,-150 -2,-300 L3,-300 Q6,-150 9,0 Z", "#f1ede4")
    shade = path("M2,0 Q4,-150 2,-300 L3,-300 Q6,-150 9,0 Z", "#d6d0c4")
    marks = "".join(rect(-7 + (i % 2) * 6, -24 - i * 34, 7, 4, "#4a443d", 2) for i in range(8))
    crown = "".join(
        ellipse(dx, dy, rx, ry, colour, 'opacity="0.93"')
        for dx, dy, rx, ry, colour in (
            (-40, -190, 34, 60, leaf),
            (42, -200, 34, 66, leaf),
            (-22, -250, 40, 64, leaf),
            (24, -264, 38, 66, leaf),
            (0, -310, 36, 60, leaf),
            (-26, -270, 20, 40, light),
            (14, -316, 18, 38, light),
            (30, -230, 14, 34, light),
        )
    )
    return group(trunk, shade, marks, crown, x=x, y=y, scale=height / 370)


def grass(spots: Iterable[Point], colour: str, scale: float = 1) -> str:
    return "".join(
        group(
            line("M-8,0 Q-9,-14 -15,-22 M0,0 Q0,-18 2,-30 M8,0 Q9,-12 16,-20", colour, 4),
            x=x,
            y=y,
            scale=scale,
        )
        for x, y in spots
    )


def person_from_behind(
    x: float, y: float, height: float, coat: str, legs: str, hair: str, hat: str = ""
) -> str:
    """A standing person of about 200 units, seen from behind: no face to get wrong."""
    parts = [
        ellipse(4, 0, 50, 9, "#000000", 'opacity="0.14"'),
        rect(-24, -84, 21, 82, legs, 8),
        rect(3, -84, 21, 82, legs, 8),
        line("M-29,-136 Q-42,-104 -38,-78", coat, 17),
        line("M29,-136 Q42,-104 38,-78", coat, 17),
        path("M-32,-138 Q-28,-156 0,-156 Q28,-156 32,-138 L36,-66 Q0,-58 -36,-66 Z", coat),
        rect(-8, -166, 16, 16, "#e0b08c"),
        circle(0, -182, 22, hair),
    ]
    if hat:
        parts.append(path("M-24,-180 Q-24,-210 0,-210 Q24,-210 24,-180 Q0,-174 -24,-180 Z", hat))
        parts.append(circle(0, -212, 7, hat))
    return group(*parts, x=x, y=y, scale=height / 206)


def _between(points: Sequence[tuple[float, ...]], steps: int) -> list[tuple[float, ...]]:
    """Catmull-Rom samples of points with any number of coordinates."""
    padded = [points[0], *points, points[-1]]
    samples = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            samples.append(
                tuple(
                    0.5
                    * (
                        2 * q
                        + (r - p) * t
                        + (2 * p - 5 * q + 4 * r - s) * t**2
                        + (3 * q - p - 3 * r + s) * t**3
                    )
                    for p, q, r, s in zip(a, b, c, d, strict=True)
                )
            )
    return [*samples, tuple(points[-1])]


def ribbon(points: Sequence[tuple[float, float, float]], fill: str, share: float = 1) -> str:
    """A road: ``(x, y, half width)`` along its middle; ``share`` makes a narrower one on top."""
    samples = _between(points, 10)
    left, right = [], []
    for before, here, after in zip(
        [samples[0], *samples], samples, [*samples[1:], samples[-1]], strict=False
    ):
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = (dx * dx + dy * dy) ** 0.5 or 1
        across = (-dy / length * here[2] * share, dx / length * here[2] * share)
        left.append((here[0] + across[0], here[1] + across[1]))
        right.append((here[0] - across[0], here[1] - across[1]))
    return polygon([*left, *reversed(right)], fill)
