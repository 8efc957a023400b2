"""The centre's wooden house on a Vyatka street: blue snow, warm windows."""

import random

from .strokes import (
    birch,
    circle,
    ellipse,
    glow,
    gradient,
    hill,
    line,
    path,
    person_from_behind,
    polygon,
    rect,
    spruce,
    svg,
)

ACCENT, AMBER = "#47509a", "#e09a34"
LACE = "#f4f1ea"


def _window(x: float, y: float, w: float = 74, h: float = 118) -> str:
    """A window in its carved frame."""
    cx = x + w / 2
    teeth = "".join(
        f'<path d="M{x - 20 + i * 19.0:.0f},{y + h + 15} l9.5,16 l9.5,-16 Z" fill="{LACE}"/>'
        for i in range(6)
    )
    crown = path(
        f"M{x - 24},{y - 16} L{x - 24},{y - 34} Q{cx - 26},{y - 38} {cx},{y - 76} Q{cx + 26},{y - 38} {x + w + 24},{y - 34} L{x + w + 24},{y - 16} Z",
        LACE,
    )
    return "".join(
        (
            rect(x - 18, y - 18, w + 36, h + 34, LACE, 2),
            crown,
            circle(cx, y - 42, 9, ACCENT),
            path(
                f"M{x - 6},{y - 24} q{w / 4},-14 {w / 2},0 M{x + w + 6},{y - 24} q{-w / 4},-14 {-w / 2},0",
                "none",
                f'stroke="{ACCENT}" stroke-width="4"',
            ),
            circle(x - 11, y + 30, 4, ACCENT),
            circle(x - 11, y + h - 30, 4, ACCENT),
            circle(x + w + 11, y + 30, 4, ACCENT),
            circle(x + w + 11, y + h - 30, 4, ACCENT),
            rect(x, y, w, h, "url(#warm)"),
            rect(cx - 3, y, 6, h, LACE),
            rect(x, y + h * 0.3, w, 6, LACE),
            rect(x - 26, y + h + 8, w + 52, 11, LACE, 2),
            teeth,
            ellipse(cx, y + h + 8, w / 2 + 22, 6, "#ffffff"),
        )
    )


def _house() -> str:
    logs = "".join(
        rect(330, y, 840, 24, ("#8a5634", "#7e4d2e")[i % 2], 12)
        for i, y in enumerate(range(330, 600, 24))
    )
    corners = "".join(
        rect(x, 326, 26, 282, LACE, 2)
        + "".join(
            polygon(((x + 4, y), (x + 13, y - 16), (x + 22, y), (x + 13, y + 16)), ACCENT)
            for y in range(366, 600, 52)
        )
        for x in (322, 1152)
    )
    brick = (
        rect(330, 606, 840, 214, "#b9624a")
        + "".join(rect(330, y, 840, 3, "#a0503b", 0, 'opacity="0.7"') for y in range(624, 820, 18))
        + rect(318, 600, 864, 14, LACE, 2)
    )
    roof = polygon(((270, 330), (440, 190), (1060, 190), (1230, 330)), "#5a6a86") + path(
        "M262,332 Q320,268 440,182 Q750,168 1060,182 Q1180,268 1238,332 Q1180,318 1120,326 Q1040,300 960,318 Q860,296 770,316 Q660,296 560,318 Q470,300 400,322 Q330,312 262,332 Z",
        "#f2f6fb",
    )
    shade = path(
        "M900,176 L1060,182 Q1180,268 1238,332 Q1180,318 1120,326 Q1040,300 960,318 Q1000,250 900,176 Z",
        "#c6d4e8",
        'opacity="0.7"',
    )
    lace = "".join(
        f'<path d="M{x},330 h36 v8 q-18,34 -36,0 Z" fill="{LACE}"/><circle cx="{x + 18}" cy="340" r="4.5" fill="{ACCENT}"/>'
        for x in range(282, 1218, 36)
    )
    gable = (
        polygon(((620, 250), (750, 110), (880, 250)), "#7e4d2e")
        + line("M604,262 L750,104 L896,262", LACE, 20)
        + line("M598,250 L750,86 L902,250", "#f2f6fb", 18)
        + rect(714, 182, 72, 66, LACE, 3)
        + path("M722,248 v-30 a28,28 0 0 1 56,0 v30 Z", "url(#warm)")
        + rect(747, 190, 6, 58, LACE)
        + circle(750, 142, 13, LACE)
        + circle(750, 142, 6, ACCENT)
    )
    chimney = rect(1010, 120, 58, 84, "#a0503b") + rect(1004, 112, 70, 16, "#f2f6fb", 5)
    windows = "".join(_window(x, 428) for x in (408, 546, 713, 880, 1018))
    low = "".join(
        rect(x - 10, 664, 94, 110, LACE, 3)
        + path(f"M{x},764 v-62 a37,32 0 0 1 74,0 v62 Z", "url(#warm)")
        + rect(x + 34, 672, 6, 92, LACE)
        + rect(x - 16, 768, 106, 10, "#ffffff", 4)
        for x in (408, 546, 880, 1018)
    )
    door = (
        rect(690, 650, 120, 170, LACE, 3)
        + rect(704, 664, 92, 156, ACCENT, 2)
        + rect(747, 664, 6, 156, "#333b78")
        + rect(714, 680, 28, 52, "#ffe1a0", 2)
        + rect(758, 680, 28, 52, "#ffe1a0", 2)
        + circle(742, 750, 5, AMBER)
        + circle(758, 750, 5, AMBER)
    )
    canopy = polygon(((664, 650), (750, 606), (836, 650)), "#5a6a86") + line(
        "M656,652 L750,602 L844,652", "#f2f6fb", 15
    )
    step = rect(670, 812, 160, 14, "#dfe7f2", 4) + rect(650, 824, 200, 16, "#cfdaea", 4)
    return (
        chimney
        + brick
        + logs
        + windows
        + corners
        + lace
        + roof
        + shade
        + gable
        + low
        + door
        + canopy
        + step
    )


def scene() -> str:
    rng = random.Random(5)
    snow = "".join(
        circle(
            rng.randint(0, 1600),
            rng.randint(0, 960),
            rng.choice((2, 3, 3, 4)),
            "#ffffff",
            f'opacity="{rng.uniform(0.5, 0.95):.2f}"',
        )
        for _ in range(150)
    )
    smoke = path(
        "M1036,108 C1020,70 1074,58 1052,16 C1046,-6 1070,-20 1066,-40 L1098,-40 C1094,-10 1080,6 1090,24 C1110,66 1058,76 1052,108 Z",
        "#dfe4f2",
        'opacity="0.45"',
    )
    lamp = (
        circle(250, 560, 190, "url(#lamp)")
        + rect(244, 560, 11, 306, "#2f365c", 4)
        + polygon(((226, 540), (272, 540), (264, 590), (234, 590)), "#fff0bf")
        + polygon(((220, 540), (249, 516), (278, 540)), "#2f365c")
    )
    light = "".join(
        polygon(
            ((x, 838), (x + 74, 838), (x + 120, 930), (x - 46, 930)), "#ffdf9a", 'opacity="0.35"'
        )
        for x in (408, 546, 880, 1018)
    ) + polygon(((700, 840), (800, 840), (880, 990), (620, 990)), "#ffdf9a", 'opacity="0.45"')
    neighbours = "".join(
        (
            rect(-60, 470, 300, 360, "#6d5f78"),
            polygon(((-90, 470), (90, 350), (280, 470)), "#dbe4f2"),
            *(rect(x, 540, 46, 66, "#ffd98c", 3) for x in (30, 120)),
            rect(30, 680, 46, 66, "#565a80", 3),
            rect(120, 680, 46, 66, "#ffd98c", 3),
            rect(1330, 500, 330, 340, "#655c7a"),
            polygon(((1296, 500), (1480, 380), (1690, 500)), "#dbe4f2"),
            rect(1380, 570, 46, 66, "#ffd98c", 3),
            rect(1480, 570, 46, 66, "#565a80", 3),
            rect(1380, 700, 46, 66, "#565a80", 3),
            rect(1480, 700, 46, 66, "#ffd98c", 3),
        )
    )
    fence = "".join(
        rect(x, 740, 20, 104, "#5d5578", 4) + ellipse(x + 10, 740, 12, 6, "#ffffff")
        for x in range(1176, 1340, 30)
    ) + rect(1176, 770, 160, 10, "#4d4668")
    return svg(
        gradient("sky", (0, "#39427f"), (0.55, "#8f86b8"), (1, "#f0b8a0")),
        gradient("warm", (0, "#ffe9ae"), (1, "#f9bf5c")),
        gradient("snow", (0, "#e9eff9"), (1, "#b9c8e4")),
        glow("lamp", "#ffdf9a", 0.85),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        path("M1392,86 A46,46 0 1 1 1356,146 A38,38 0 0 0 1392,86 Z", "#fdf3dc"),
        "".join(
            circle(rng.randint(0, 1600), rng.randint(0, 260), 2.2, "#ffffff", 'opacity="0.8"')
            for _ in range(40)
        ),
        hill([(-10, 560), (300, 500), (700, 540), (1100, 490), (1610, 540)], "#7c7cae"),
        "".join(
            spruce(x, 640, h, "#56649a", "#47548a")
            for x, h in ((270, 300), (1250, 330), (1330, 250), (320, 220))
        ),
        neighbours,
        rect(0, 800, 1600, 200, "url(#snow)"),
        smoke,
        birch(1262, 846, 560, "#9aa2cc", "#c3c9e6"),
        _house(),
        fence,
        hill(
            [(-10, 850), (300, 832), (620, 842), (980, 838), (1300, 846), (1610, 826)], "url(#snow)"
        ),
        light,
        lamp,
        ellipse(250, 868, 60, 10, "#ffffff"),
        ellipse(470, 842, 130, 18, "#ffffff"),
        ellipse(1030, 842, 150, 18, "#ffffff"),
        person_from_behind(700, 950, 185, "#a8483f", "#2f365c", "#4b3226", AMBER),
        person_from_behind(790, 962, 180, "#3f6b5a", "#3b3550", "#35241c", "#f4f1ea"),
        person_from_behind(1010, 968, 176, ACCENT, "#2b2f4a", "#6b4630", "#b3563f"),
        person_from_behind(1072, 972, 112, "#d99a3a", "#3b4a6b", "#6b4630", "#c2453a"),
        snow,
    )


def logo() -> str:
    """One roof, seven lights under it: the sites of the network."""
    lights = "".join(
        circle(x, y, 30, AMBER)
        for x, y in (
            (170, 290),
            (256, 290),
            (342, 290),
            (170, 380),
            (256, 380),
            (342, 380),
            (256, 190),
        )
    )
    return svg(
        path(
            "M256,50 L470,232 L420,232 L420,456 L92,456 L92,232 L42,232 Z",
            ACCENT,
            f'stroke="{ACCENT}" stroke-width="32" stroke-linejoin="round"',
        ),
        lights,
        width=512,
        height=512,
    )
