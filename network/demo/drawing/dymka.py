"""A summer evening in the yard: a small stage, paints, a string of lamps, prizes on the table."""

import random

from .strokes import (
    circle,
    ellipse,
    glow,
    gradient,
    group,
    line,
    path,
    person_from_behind,
    polygon,
    rect,
    svg,
    tree,
)

ACCENT, SUN = "#b3265a", "#f2b632"
BLUE, GREEN, ORANGE = "#2f7fb5", "#4c9a5b", "#e8732e"


def _house(x: float, width: int, top: float, wall: str, shade: str) -> str:
    rng = random.Random(width)
    windows = ""
    for row in range(int((700 - top) // 92)):
        for column in range(width // 84):
            wx, wy = x + 26 + column * 84, top + 34 + row * 92
            lit = rng.random() < 0.42
            windows += rect(wx, wy, 46, 56, "#fff6e6", 2) + rect(
                wx + 4, wy + 4, 38, 48, "#ffd889" if lit else "#7f93a8", 1
            )
            windows += rect(wx + 21, wy + 4, 3, 48, "#fff6e6") + rect(wx - 3, wy + 56, 52, 5, shade)
    seams = "".join(
        rect(x, y, width, 3, shade, 0, 'opacity="0.6"') for y in range(int(top) + 18, 700, 92)
    )
    return (
        rect(x, top, width, 720 - top, wall)
        + rect(x - 8, top - 14, width + 16, 18, shade, 2)
        + seams
        + windows
    )


def _rosette(x: float, y: float, r: float, outer: str, middle: str, core: str) -> str:
    dots = "".join(
        f'<circle cx="0" cy="{-r * 0.77:.1f}" r="{r * 0.1:.1f}" fill="#fffaf0" transform="rotate({a})"/>'
        for a in range(0, 360, 30)
    )
    return group(
        circle(0, 0, r, outer),
        dots,
        circle(0, 0, r * 0.55, "#fffaf0"),
        circle(0, 0, r * 0.44, middle),
        circle(0, 0, r * 0.18, core),
        x=x,
        y=y,
    )


def _stage() -> str:
    backdrop = rect(470, 300, 660, 366, "#fffaf0", 4)
    paint = "".join(
        (
            _rosette(640, 432, 84, ACCENT, SUN, BLUE),
            _rosette(800, 540, 64, BLUE, ORANGE, "#fffaf0"),
            _rosette(962, 420, 88, ORANGE, GREEN, SUN),
            _rosette(560, 580, 46, GREEN, SUN, ACCENT),
            _rosette(1048, 586, 48, SUN, ACCENT, "#fffaf0"),
            _rosette(800, 374, 44, SUN, GREEN, ACCENT),
            "".join(
                circle(x, y, 8, c)
                for x, y, c in (
                    (728, 500, ACCENT),
                    (880, 492, GREEN),
                    (716, 350, BLUE),
                    (878, 340, ACCENT),
                    (690, 600, ORANGE),
                    (920, 606, ACCENT),
                    (524, 500, ORANGE),
                    (1082, 500, BLUE),
                    (560, 350, SUN),
                    (1066, 340, GREEN),
                )
            ),
            "".join(
                f'<path d="M{x},646 q16,-22 32,0" stroke="{c}" stroke-width="7" fill="none"/>'
                for x, c in zip(range(484, 1110, 40), (ACCENT, SUN, BLUE, GREEN) * 4, strict=True)
            ),
        )
    )
    posts = "".join(
        rect(x, 256, 24, 470, "#9a6b40", 3) + rect(x + 15, 256, 9, 470, "#7d5430", 3)
        for x in (446, 1130)
    )
    roof = polygon(((400, 280), (470, 206), (1130, 206), (1200, 280)), ACCENT) + "".join(
        f'<path d="M{x},280 h50 v26 a25,25 0 0 1 -50,0 Z" fill="{(ACCENT, "#fff3df")[i % 2]}"/>'
        for i, x in enumerate(range(400, 1200, 50))
    )
    boards = polygon(((430, 666), (1170, 666), (1240, 742), (360, 742)), "#d9a566") + "".join(
        line(f"M{430 + 740 * i / 12:.0f},668 L{360 + 880 * i / 12:.0f},740", "#b98447", 3)
        for i in range(1, 12)
    )
    front = rect(360, 742, 880, 62, "#a9713e") + "".join(
        rect(x, 742, 4, 62, "#8d5b30") for x in range(430, 1240, 74)
    )
    steps = rect(1080, 768, 150, 20, "#d9a566", 3) + rect(1066, 792, 178, 22, "#c48f52", 3)
    return backdrop + paint + posts + roof + boards + front + steps


def _lamps(d_points: list[tuple[float, float, float, float]]) -> str:
    out = ""
    for x0, y0, x1, y1 in d_points:
        mx, my = (x0 + x1) / 2, max(y0, y1) + 60
        out += line(f"M{x0},{y0} Q{mx},{my} {x1},{y1}", "#4f3b4a", 3)
        for i in range(1, 10):
            t = i / 10
            x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * mx + t * t * x1
            y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * my + t * t * y1
            out += circle(x, y + 9, 26, "url(#bulb)") + circle(x, y + 9, 8, "#fff2b8")
    return out


def _table() -> str:
    jars = "".join(
        rect(x, -44, 34, 44, "#fffaf0", 5) + rect(x, -30, 34, 30, c, 5)
        for x, c in ((-150, ACCENT), (-104, SUN), (-58, BLUE), (-12, GREEN))
    )
    brushes = line("M-134,-42 L-146,-86 M-130,-42 L-120,-92 M-42,-42 L-30,-84", "#8d5b30", 6)
    prizes = "".join(
        (
            rect(52, -58, 62, 58, BLUE, 4),
            rect(78, -58, 10, 58, "#fffaf0"),
            path("M83,-58 q-26,-28 -30,-6 q6,10 30,6 q26,-28 30,-6 q-6,10 -30,6 Z", "#fffaf0"),
            rect(126, -40, 56, 40, ORANGE, 4),
            rect(150, -40, 9, 40, "#fffaf0"),
            rect(64, -94, 44, 0, SUN),
            circle(156, -58, 18, SUN),
            path("M148,-58 h16 M156,-66 v16", "none", 'stroke="#fffaf0" stroke-width="4"'),
        )
    )
    cloth = path(
        "M-190,0 L210,0 L222,62 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 q-22,22 -42,0 L-202,62 Z",
        "#fffaf0",
    )
    dots = "".join(
        circle(x, 32, 9, c)
        for x, c in zip(range(-170, 210, 42), (ACCENT, BLUE, SUN, GREEN, ORANGE) * 2, strict=True)
    )
    legs = rect(-176, 60, 14, 110, "#8d5b30") + rect(182, 60, 14, 110, "#8d5b30")
    return (
        ellipse(10, 172, 230, 14, "#3d2a2f", 'opacity="0.22"')
        + legs
        + cloth
        + dots
        + jars
        + brushes
        + prizes
    )


def _performer(x: float, coat: str, legs: str, hair: str, arm: str) -> str:
    """A child on the stage with one arm up, seen from behind the scenes' side: no face."""
    return group(
        person_from_behind(0, 0, 206, coat, legs, hair), line(arm, coat, 17), x=x, y=726, scale=0.78
    )


def scene() -> str:
    crowd = (
        (150, 960, 190, ORANGE, "#39506b", "#5b3a25", ""),
        (290, 986, 170, "#f6efe0", BLUE, "#2f241f", ""),
        (560, 962, 205, BLUE, "#4a4350", "#7a4b28", ""),
        (690, 990, 168, SUN, GREEN, "#3a2820", ACCENT),
        (820, 968, 240, "#6a4f7d", "#3b3b4d", "#c49a5c", ""),
        (925, 992, 160, "#e88fa6", "#5c4a7a", "#54321f", ""),
        (1060, 972, 200, GREEN, "#5a4437", "#2a211e", ""),
    )
    bunting = "".join(
        polygon(((x, y), (x + 40, y), (x + 20, y + 40)), c)
        for x, y, c in (
            (20, 214, ACCENT),
            (84, 232, SUN),
            (148, 244, BLUE),
            (212, 250, GREEN),
            (276, 250, ORANGE),
            (340, 244, ACCENT),
            (1220, 244, BLUE),
            (1284, 250, SUN),
            (1348, 250, ACCENT),
            (1412, 244, GREEN),
            (1476, 232, ORANGE),
            (1540, 216, BLUE),
        )
    )
    return svg(
        gradient("sky", (0, "#6d7fb5"), (0.5, "#e7a9a0"), (1, "#fbd9a0")),
        gradient("ground", (0, "#c9b088"), (1, "#a88a66")),
        glow("bulb", "#ffe08a", 0.75),
        glow("stagelight", "#fff0bd", 0.7),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        _house(-30, 430, 96, "#d9b9a8", "#b9917f"),
        _house(1210, 430, 130, "#cdb4b5", "#a98b90"),
        tree(330, 724, 330, "#8fb36a", "#6d9a55", "#4f7d47"),
        tree(1290, 724, 350, "#8fb36a", "#6d9a55", "#4f7d47"),
        tree(60, 730, 250, "#83a862", "#5f8c4d", "#477240"),
        rect(0, 712, 1600, 290, "url(#ground)"),
        ellipse(800, 860, 760, 120, "#e0c596", 'opacity="0.55"'),
        _stage(),
        circle(800, 560, 420, "url(#stagelight)"),
        _performer(700, SUN, BLUE, "#5b3a25", "M-30,-138 Q-54,-170 -52,-206"),
        _performer(880, ACCENT, "#3b3b4d", "#2f241f", "M30,-138 Q54,-170 56,-204"),
        line("M0,196 Q210,300 446,236 M1154,236 Q1400,300 1600,196", "#4f3b4a", 3),
        bunting,
        _lamps([(0, 96, 458, 262), (458, 262, 1142, 262), (1142, 262, 1600, 96)]),
        group(_table(), x=1390, y=790, scale=0.95),
        *(
            person_from_behind(x, y, h, coat, legs, hair, hat)
            for x, y, h, coat, legs, hair, hat in crowd
        ),
        person_from_behind(1222, 984, 185, "#fffaf0", BLUE, "#8a5a2e"),
    )


def logo() -> str:
    petals = "".join(
        f'<g transform="rotate({a} 256 256)">{circle(256, 106, 82, c)}{circle(256, 88, 32, "#ffffff")}</g>'
        for a, c in zip(range(0, 360, 60), (ACCENT, SUN, BLUE, ACCENT, SUN, BLUE), strict=True)
    )
    return svg(
        petals,
        circle(256, 256, 118, "#ffffff"),
        circle(256, 256, 102, ACCENT),
        circle(256, 256, 62, "#ffffff"),
        circle(256, 256, 38, SUN),
        width=512,
        height=512,
    )
