"""Baby carriages in a row under birches: the hire of the club."""

import random

from .strokes import (
    birch,
    circle,
    ellipse,
    glow,
    gradient,
    grass,
    group,
    hill,
    line,
    path,
    person_from_behind,
    polygon,
    rect,
    svg,
)

ACCENT, PINK = "#3b7a4b", "#f0a58c"


def _wheel(x: float, r: float) -> str:
    spokes = "".join(
        f'<path d="M0,{-r + 6} L0,{r - 6}" transform="rotate({a})" stroke="#cfd6d2" stroke-width="4"/>'
        for a in range(0, 180, 36)
    )
    return group(
        circle(0, 0, r, "#2e3a38"),
        circle(0, 0, r - 9, "#e9eeea"),
        spokes,
        circle(0, 0, r - 9, "none", 'stroke="#b4beb9" stroke-width="3"'),
        circle(0, 0, 9, "#2e3a38"),
        x=x,
        y=-r,
    )


def _carriage(colour: str, dark: str, light: str, number: int) -> str:
    """About 330 wide and 340 high; the hood to the left, the handle to the right."""
    return "".join(
        (
            ellipse(0, 2, 170, 14, "#1f3324", 'opacity="0.22"'),
            line("M-96,-56 L78,-150 M96,-56 L-70,-150", "#7d8a86", 11),
            line("M104,-190 L176,-268 L206,-268", "#7d8a86", 11),
            line("M184,-268 L212,-268", "#3b2f2a", 17),
            path("M-140,-232 L140,-232 Q138,-132 58,-126 L-58,-126 Q-138,-132 -140,-232 Z", colour),
            path("M-140,-232 L140,-232 Q139,-212 134,-196 L-134,-196 Q-139,-212 -140,-232 Z", dark),
            path(
                "M20,-126 L58,-126 Q138,-132 140,-232 L104,-232 Q104,-140 20,-126 Z",
                dark,
                'opacity="0.45"',
            ),
            path("M-146,-230 C-158,-330 -72,-384 8,-368 L-6,-230 Z", colour),
            path(
                "M-146,-230 C-150,-300 -100,-352 -52,-368 C-82,-330 -92,-280 -90,-230 Z",
                light,
                'opacity="0.75"',
            ),
            path(
                "M-52,-368 C-30,-374 -10,-372 8,-368 L-6,-230 L-38,-230 C-40,-290 -40,-330 -52,-368 Z",
                dark,
                'opacity="0.4"',
            ),
            line("M8,-368 L-6,-230", dark, 8),
            path("M-4,-232 Q20,-262 60,-254 Q104,-262 128,-232 Z", "#fffaf0"),
            path("M30,-232 Q60,-246 128,-232 L128,-226 L30,-226 Z", light),
            rect(-150, -240, 300, 15, "#fffaf0", 7),
            circle(0, -166, 25, "#fffaf0"),
            f'<text x="0" y="-155" font-family="DejaVu Sans" font-weight="bold" font-size="30" text-anchor="middle" fill="{dark}">{number}</text>',
            path("M-62,-106 h124 l-10,34 h-104 Z", "#5d5148"),
            line("M-62,-106 L62,-106", "#7d8a86", 8),
            _wheel(-100, 54),
            _wheel(100, 54),
        )
    )


COLOURS = (
    ("#d9694f", "#a8452f", "#f2a78f"),
    (ACCENT, "#27573a", "#7fb58b"),
    ("#e8b13e", "#b98322", "#f7d98c"),
    ("#4a7fb0", "#315a82", "#93bcdd"),
)


def _bench(x: float, y: float) -> str:
    return group(
        "".join(
            (
                rect(-120, -112, 240, 15, "#b9834e", 4),
                rect(-120, -86, 240, 15, "#a97342", 4),
                rect(-130, -52, 260, 17, "#c89257", 4),
                rect(-104, -112, 11, 114, "#4d5a55", 3),
                rect(94, -112, 11, 114, "#4d5a55", 3),
            )
        ),
        x=x,
        y=y,
    )


def scene() -> str:
    rng = random.Random(8)
    flowers = "".join(
        circle(
            rng.randint(0, 1600),
            rng.randint(930, 995),
            rng.randint(5, 8),
            rng.choice(("#fffaf0", PINK, "#f6d67a")),
        )
        for _ in range(46)
    )
    leaves = "".join(
        ellipse(
            rng.randint(0, 1600),
            rng.randint(0, 70),
            rng.randint(30, 66),
            rng.randint(16, 34),
            rng.choice(("#8cbf6c", "#79b05f", "#a9d182")),
            f'opacity="{rng.uniform(0.6, 0.95):.2f}"',
        )
        for _ in range(80)
    )
    row = "".join(
        group(_carriage(*colour, i + 1), x=205 + i * 352, y=878 + (i % 2) * 4, scale=0.93)
        for i, colour in enumerate(COLOURS)
    )
    return svg(
        gradient("sky", (0, "#cdeaf0"), (1, "#fdf3dc")),
        gradient("lawn", (0, "#b9d482"), (1, "#7fae5c")),
        gradient("path", (0, "#ead9b8"), (1, "#d6bf97")),
        glow("light", "#fff6cf"),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        circle(1180, 230, 420, "url(#light)"),
        hill([(-10, 480), (240, 430), (560, 476), (900, 420), (1260, 470), (1610, 410)], "#b8d7b4"),
        hill([(-10, 540), (300, 500), (700, 548), (1100, 500), (1610, 540)], "#9cc792"),
        rect(0, 590, 1600, 420, "url(#lawn)"),
        hill([(-10, 600), (400, 580), (900, 604), (1610, 570)], "url(#lawn)"),
        polygon(((620, 590), (760, 590), (960, 780), (400, 780)), "#e7d6b2"),
        "".join(
            birch(x, y, h, "#8cbf6c", "#b5d98c")
            for x, y, h in (
                (250, 640, 420),
                (520, 622, 330),
                (900, 624, 330),
                (1090, 640, 420),
                (1350, 650, 470),
                (90, 668, 560),
                (1530, 676, 600),
            )
        ),
        _bench(1200, 700),
        person_from_behind(706, 652, 128, "#c96f5a", "#3f4f6b", "#6b4630"),
        person_from_behind(658, 654, 86, "#f6efe0", "#5a7a9a", "#8a5a34", "#e8b13e"),
        leaves,
        path("M-10,800 Q800,756 1610,800 L1610,930 Q800,960 -10,930 Z", "url(#path)"),
        row,
        grass([(rng.randint(0, 1600), rng.randint(955, 998)) for _ in range(60)], "#5f934a"),
        flowers,
    )


def logo() -> str:
    return svg(
        path("M92,236 L420,236 Q420,380 330,388 L182,388 Q92,380 92,236 Z", ACCENT),
        path("M92,212 C84,110 170,50 268,64 L252,212 Z", PINK),
        line("M420,236 L470,150", ACCENT, 30),
        circle(176, 432, 44, ACCENT),
        circle(336, 432, 44, ACCENT),
        circle(176, 432, 16, "#ffffff"),
        circle(336, 432, 16, "#ffffff"),
        path(
            "M256,352 C196,316 206,266 236,266 Q252,266 256,284 Q260,266 276,266 C306,266 316,316 256,352 Z",
            "#ffffff",
        ),
        width=512,
        height=512,
    )
