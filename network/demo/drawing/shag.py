"""A small library with steps, and a ramp beside them."""

import random

from .strokes import (
    circle,
    cloud,
    ellipse,
    glow,
    gradient,
    grass,
    group,
    line,
    path,
    person_from_behind,
    polygon,
    rect,
    svg,
    tree,
)

ACCENT, WARM = "#2a5ea3", "#e08a3c"
GROUND, PORCH = 800, 690


def _window(x: float, y: float, w: int = 84, h: int = 170) -> str:
    return "".join(
        (
            rect(x - 12, y - 12, w + 24, h + 24, "#fffaf0", 3),
            rect(x, y, w, h, "#6f9cc0"),
            polygon(((x, y), (x + w * 0.6, y), (x, y + h * 0.55)), "#9cc0d8"),
            rect(x + w / 2 - 4, y, 8, h, "#fffaf0"),
            rect(x, y + h * 0.34, w, 7, "#fffaf0"),
            rect(x + 8, y + h - 44, 14, 44, "#b5483a"),
            rect(x + 24, y + h - 54, 12, 54, "#e0b04a"),
            rect(x + 52, y + h - 48, 13, 48, "#4c7d5b"),
            rect(x + 67, y + h - 38, 10, 38, "#8a5a8a"),
            rect(x - 20, y + h + 12, w + 40, 12, "#dcc9a8", 2),
        )
    )


def _building() -> str:
    wall = (
        rect(260, 330, 1010, GROUND - 330, "url(#wall)")
        + rect(260, 700, 1010, 100, "#b79a7c")
        + rect(260, 694, 1010, 10, "#9c8065")
    )
    roof = polygon(((216, 330), (312, 236), (1218, 236), (1314, 330)), "#8d4a3a") + rect(
        216, 322, 1098, 20, "#fffaf0", 2
    )
    portico = "".join(
        (
            polygon(((520, 292), (765, 156), (1010, 292)), "#fffaf0"),
            polygon(((574, 278), (765, 174), (956, 278)), "#f1dcae"),
            circle(765, 240, 26, WARM),
            path(
                "M745,240 q10,-12 20,0 q10,-12 20,0 v14 q-10,-10 -20,0 q-10,-10 -20,0 Z", "#fffaf0"
            ),
            rect(520, 288, 490, 64, "#fffaf0"),
            f'<text x="765" y="334" font-family="DejaVu Sans" font-weight="bold" font-size="38" letter-spacing="9" text-anchor="middle" fill="{ACCENT}">БИБЛИОТЕКА</text>',
        )
    )
    columns = "".join(
        rect(x, 352, 40, PORCH - 352, "#fffaf0", 2)
        + rect(x + 27, 352, 13, PORCH - 352, "#e3d3b5", 2)
        + rect(x - 9, 352, 58, 14, "#fffaf0")
        + rect(x - 9, PORCH - 14, 58, 14, "#fffaf0")
        for x in (536, 954)
    )
    door = "".join(
        (
            rect(668, 410, 194, PORCH - 410, "#fffaf0", 3),
            rect(682, 424, 166, PORCH - 424, ACCENT),
            rect(762, 424, 6, PORCH - 424, "#1d4377"),
            rect(696, 442, 54, 120, "#ffe3a0", 2),
            rect(780, 442, 54, 120, "#ffe3a0", 2),
            circle(752, 590, 6, "#ffe3a0"),
            circle(778, 590, 6, "#ffe3a0"),
        )
    )
    windows = "".join(_window(x, 430) for x in (296, 414, 1030, 1152))
    return wall + windows + roof + portico + door + columns


def _steps() -> str:
    porch = rect(500, PORCH, 530, 26, "#e6dccb", 2) + rect(500, PORCH + 22, 530, 90, "#c9bba4")
    steps = "".join(
        rect(548 - i * 16, PORCH + 18 + i * 24, 300 + i * 10, 25, ("#efe6d6", "#dccfb9")[i % 2], 2)
        for i in range(5)
    )
    edges = "".join(
        rect(548 - i * 16, PORCH + 38 + i * 24, 300 + i * 10, 4, "#a99a80") for i in range(5)
    )
    return porch + steps + edges


def _ramp() -> tuple[str, str]:
    """The deck, down from the porch to the right, and the handrails in the site's colour."""
    deck = polygon(
        ((900, PORCH), (1030, PORCH), (1500, 822), (1500, 846), (880, 846), (880, PORCH + 20)),
        "#bfa27b",
    )
    top = polygon(
        (
            (880, PORCH),
            (1030, PORCH),
            (1510, 826),
            (1510, 846),
            (1010, PORCH + 28),
            (880, PORCH + 28),
        ),
        "#ecd3a2",
    )
    planks = "".join(
        line(f"M{1030 + i * 24},{PORCH + i * 6.8 + 2:.1f} l-5,20", "#c9a66d", 2) for i in range(20)
    )
    rails = "".join(
        line(f"M890,{PORCH - h} L1030,{PORCH - h} L1500,{822 - h}", ACCENT, w)
        for h, w in ((104, 12), (62, 8))
    )
    posts = "".join(
        rect(x, y - 104, 9, 108, ACCENT, 4)
        for x, y in (
            (888, PORCH),
            (1026, PORCH),
            (1142, 722),
            (1260, 756),
            (1378, 789),
            (1494, 822),
        )
    )
    return deck + top + planks, posts + rails


def _wheelchair() -> str:
    spokes = "".join(
        f'<path d="M0,-46 L0,46" transform="rotate({a})" stroke="#9fb0bd" stroke-width="2"/>'
        for a in range(0, 180, 30)
    )
    return "".join(
        (
            line("M34,-96 Q50,-60 34,-52 L-44,-52", "#2c3a49", 9),
            line("M40,-116 L62,-122", "#2c3a49", 8),
            line("M-44,-52 L-66,-8 L-92,-8", "#2c3a49", 8),
            circle(-62, -12, 14, "none", 'stroke="#2c3a49" stroke-width="7"'),
            line("M18,-66 L-48,-66 L-72,-18", "#3f5170", 28),
            line("M-74,-12 L-94,-12", "#33241c", 15),
            path("M-2,-62 Q-8,-128 10,-152 Q34,-162 44,-140 Q50,-96 40,-58 Z", WARM),
            line("M20,-138 Q-2,-104 -26,-88", "#c9722a", 19),
            circle(-28, -86, 10, "#dba57f"),
            rect(10, -168, 15, 20, "#dba57f", 5),
            circle(14, -186, 24, "#dba57f"),
            path(
                "M-8,-194 Q-6,-214 18,-214 Q44,-212 42,-180 Q40,-164 28,-160 Q32,-184 20,-196 Q6,-190 -8,-194 Z",
                "#4b3226",
            ),
            group(
                spokes,
                circle(0, 0, 50, "none", 'stroke="#22303d" stroke-width="9"'),
                circle(0, 0, 40, "none", 'stroke="#9fb0bd" stroke-width="3"'),
                circle(0, 0, 7, "#22303d"),
                x=20,
                y=-50,
            ),
            rect(40, -150, 30, 56, "#7a4b6b", 8),
            path("M42,-146 q14,-18 26,0", "none", 'stroke="#5c3650" stroke-width="5"'),
        )
    )


def scene() -> str:
    rng = random.Random(3)
    deck, rails = _ramp()
    bed = "".join(
        circle(
            rng.randint(290, 490),
            rng.randint(790, 816),
            rng.randint(7, 12),
            rng.choice(("#e0574f", "#f2b84b", "#f7efe0")),
        )
        for _ in range(40)
    )
    return svg(
        gradient("sky", (0, "#8fc1e3"), (1, "#f5ecd2")),
        gradient("wall", (0, "#f3d9a2"), (1, "#e8c588")),
        gradient("lawn", (0, "#94b566"), (1, "#5d8a4a")),
        glow("light", "#fff6d6"),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        circle(1370, 190, 300, "url(#light)"),
        circle(1370, 190, 60, "#fff2c2"),
        cloud(240, 150, 1.1, "#ffffff", 0.9),
        cloud(1120, 110, 0.8, "#ffffff", 0.8),
        cloud(600, 90, 0.6, "#ffffff", 0.7),
        "".join(
            tree(x, 806, h, "#a8c777", "#82aa5c", "#638d4c")
            for x, h in ((60, 430), (180, 330), (1360, 380), (1500, 470))
        ),
        rect(0, 790, 1600, 220, "url(#lawn)"),
        ellipse(380, 812, 130, 24, "#4f7a41"),
        _building(),
        ellipse(390, 806, 120, 26, "#4f7a41"),
        bed,
        polygon(((500, 812), (860, 812), (1040, 1000), (420, 1000)), "#dcd0ba"),
        polygon(
            ((860, 846), (1600, 826), (1600, 930), (880, 1000), (700, 1000), (820, 900)), "#d3c5ab"
        ),
        _steps(),
        deck,
        group(_wheelchair(), x=1252, y=752, scale=1.02, turn=15.5),
        rails,
        person_from_behind(620, 930, 210, "#5b7d5e", "#41424f", "#8a5a34"),
        person_from_behind(716, 950, 150, "#d9534a", "#3c5a86", "#4b3226", WARM),
        grass(
            [
                (rng.choice((rng.randint(0, 400), rng.randint(1040, 1600))), rng.randint(940, 995))
                for _ in range(40)
            ],
            "#86ad58",
        ),
    )


def logo() -> str:
    return svg(
        path(
            "M36,432 L36,372 L100,372 L100,312 L164,312 L164,252 L240,252 L480,432 Z",
            ACCENT,
            f'stroke="{ACCENT}" stroke-width="24" stroke-linejoin="round"',
        ),
        circle(368, 214, 78, "none", f'stroke="{WARM}" stroke-width="34"'),
        circle(368, 214, 22, WARM),
        width=512,
        height=512,
    )
