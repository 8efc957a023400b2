"""A road above the sea at sunrise, a loaded bicycle, the rock of Gibraltar ahead."""

import random

from .strokes import (
    circle,
    cloud,
    ellipse,
    glow,
    gradient,
    grass,
    group,
    hill,
    line,
    path,
    polygon,
    rect,
    ribbon,
    svg,
)

ACCENT, SUN = "#0f6e84", "#e8a531"


def _wheel(x: float) -> str:
    spokes = "".join(
        f'<path d="M0,-70 L0,70" transform="rotate({angle})" stroke="#c9d3d3" stroke-width="1.6"/>'
        for angle in range(0, 180, 18)
    )
    return group(
        spokes,
        circle(0, 0, 74, "none", 'stroke="#23343a" stroke-width="10"'),
        circle(0, 0, 67, "none", 'stroke="#8fa3a6" stroke-width="3"'),
        circle(0, 0, 8, "#23343a"),
        x=x,
    )


def _bicycle() -> str:
    frame = "M-122,0 L-22,6 L96,-112 L-52,-112 L-22,6 M-52,-112 L-122,0 M88,-132 Q104,-60 128,0"
    return "".join(
        (
            _wheel(-122),
            _wheel(128),
            line(frame, ACCENT, 11),
            line("M-52,-112 L-58,-140", "#23343a", 8),
            line("M-84,-143 Q-56,-152 -30,-142", "#23343a", 13),
            line("M88,-132 L84,-150 Q108,-160 118,-146", "#23343a", 8),
            circle(-22, 6, 20, "none", 'stroke="#23343a" stroke-width="6"'),
        )
    )


def _bags() -> str:
    return "".join(
        (
            line("M-170,-86 L-62,-86", "#23343a", 6),
            rect(-178, -88, 82, 84, "#c8552f", 14),
            rect(-178, -88, 82, 24, "#a8431f", 12),
            rect(-142, -76, 9, 40, "#f3d9a4", 3),
            rect(-174, -128, 92, 40, "#e8a531", 20),
            circle(-156, -108, 18, "#c98a1f"),
            circle(-156, -108, 9, "#e8a531"),
            rect(96, -96, 44, 58, "#c8552f", 10),
            rect(96, -96, 44, 17, "#a8431f", 8),
            line("M-176,-120 L-176,-250", "#f5f1e6", 4),
            path(
                "M-176,-250 Q-206,-262 -232,-246 Q-214,-232 -234,-214 Q-206,-226 -176,-212 Z",
                "#fff3d6",
            ),
        )
    )


def _rider() -> str:
    far_leg = line("M-54,-146 L-2,-86 L-32,-12", "#2c4a57", 25) + line(
        "M-34,-8 L-8,-6", "#1c2b30", 14
    )
    near_leg = line("M-54,-146 L24,-104 L-8,20", "#355c6c", 29) + line(
        "M-12,28 L20,30", "#1c2b30", 16
    )
    torso = path(
        "M-84,-158 Q-70,-240 2,-284 Q34,-296 44,-270 Q42,-238 -2,-200 Q-22,-176 -30,-142 Z",
        "#f0e7d3",
    )
    stripe = path("M-76,-190 Q-60,-236 -26,-264 L-2,-244 Q-34,-216 -46,-176 Z", "#e8a531")
    arm = line("M20,-256 L52,-196 L104,-158", "#e5dac2", 22) + circle(108, -155, 12, "#d9a47c")
    head = "".join(
        (
            line("M36,-276 L48,-292", "#d9a47c", 20),
            ellipse(62, -312, 27, 29, "#d9a47c"),
            path("M26,-316 Q28,-356 66,-352 Q100,-348 100,-318 Q62,-328 26,-316 Z", "#c8552f"),
            path("M44,-347 Q64,-356 88,-342 L90,-334 Q66,-346 42,-338 Z", "#e88a5e"),
            line("M46,-318 Q48,-298 56,-286", "#23343a", 4),
        )
    )
    return far_leg + _bicycle() + _bags() + near_leg + torso + stripe + head + arm


def _sea() -> str:
    rng = random.Random(21)
    glitter = "".join(
        rect(
            round(1010 + rng.gauss(0, 30 + (y - 430) * 0.9), 1),
            y,
            rng.randint(18, 70),
            3,
            "#fff1cf",
            1.5,
            f'opacity="{rng.uniform(0.35, 0.9):.2f}"',
        )
        for y in range(436, 640, 7)
        for _ in range(4)
    )
    waves = "".join(
        rect(rng.randint(0, 1500), y, rng.randint(60, 160), 3, "#bfe3e2", 1.5, 'opacity="0.4"')
        for y in range(450, 640, 16)
        for _ in range(2)
    )
    return rect(0, 430, 1600, 300, "url(#sea)") + waves + glitter


def scene() -> str:
    road = [
        (-60, 822, 58),
        (300, 790, 57),
        (700, 784, 55),
        (1010, 794, 51),
        (1270, 786, 44),
        (1396, 744, 33),
        (1330, 704, 25),
        (1180, 682, 19),
        (1108, 660, 14),
        (1170, 641, 10),
        (1290, 626, 8),
        (1400, 606, 6),
        (1490, 586, 4.5),
        (1560, 566, 3.5),
        (1640, 545, 3),
    ]
    middle = "M-20,816 C300,784 700,778 1010,794 C1200,800 1330,790 1376,752"
    rng = random.Random(4)
    tufts = [(rng.randint(0, 1600), rng.randint(905, 990)) for _ in range(46)]
    flowers = "".join(
        circle(
            rng.randint(0, 1600),
            rng.randint(890, 990),
            rng.randint(5, 8),
            rng.choice(("#f6d98a", "#f7efe0", "#e98f5c")),
        )
        for _ in range(60)
    )
    land = [
        (-10, 640),
        (190, 600),
        (420, 640),
        (700, 668),
        (960, 616),
        (1180, 572),
        (1400, 560),
        (1610, 520),
    ]
    rock = [
        (1160, 432),
        (1230, 396),
        (1290, 300),
        (1336, 262),
        (1392, 286),
        (1450, 340),
        (1540, 388),
        (1610, 432),
    ]
    return svg(
        gradient("sky", (0, "#5fb0bd"), (0.5, "#f6d6a4"), (1, "#f3a868")),
        gradient("sea", (0, "#7cc3c4"), (0.5, "#3d99a6"), (1, "#1f7688")),
        gradient("rock", (0, "#9a86a0"), (1, "#c7a79c")),
        gradient("meadow", (0, "#8fa65a"), (1, "#54793f")),
        glow("light", "#fff2cc"),
        rect(0, 0, 1600, 440, "url(#sky)"),
        circle(1010, 392, 330, "url(#light)"),
        circle(1010, 392, 62, "#fff4d2"),
        cloud(300, 170, 1.1, "#fff3dc", 0.75),
        cloud(700, 100, 0.7, "#fff3dc", 0.6),
        cloud(1430, 150, 0.8, "#fff3dc", 0.65),
        hill(rock, "url(#rock)", 434),
        path(
            "M1336,262 L1392,286 L1450,340 L1540,388 L1610,432 L1380,432 L1360,360 Z",
            "#84708c",
            'opacity="0.55"',
        ),
        _sea(),
        group(
            path("M-30,0 L30,0 L20,12 L-20,12 Z", "#f7efe0"),
            path("M0,-4 L0,-58 L30,-6 Z", "#ffffff"),
            path("M-4,-4 L-4,-46 L-22,-6 Z", "#f3dcb4"),
            x=150,
            y=484,
        ),
        hill(land, "#7d9a55"),
        hill(
            [(-10, 700), (260, 668), (560, 700), (860, 706), (1120, 660), (1380, 628), (1610, 600)],
            "url(#meadow)",
        ),
        "".join(
            group(
                ellipse(0, -34, 15, 36, "#3f6a44"),
                ellipse(-5, -40, 7, 26, "#5a8852"),
                x=x,
                y=y,
                scale=s,
            )
            for x, y, s in (
                (120, 690, 1.5),
                (168, 696, 1.2),
                (250, 682, 1),
                (1500, 640, 1.3),
                (1548, 640, 1),
                (1330, 622, 0.7),
                (880, 690, 0.6),
                (910, 692, 0.5),
            )
        ),
        ribbon(road, "#d8c7a0"),
        ribbon(road, "#8d8a86", 0.84),
        ribbon(road, "#98958f", 0.62),
        line(middle, "#f7efe0", 5, 'stroke-dasharray="46 40"'),
        line("M-20,728 C300,696 640,694 900,706", "#6b5a45", 6),
        "".join(
            rect(x, 694 - abs(x - 440) * -0.03, 10, 44, "#6b5a45", 4) for x in range(20, 900, 110)
        ),
        ellipse(560, 830, 240, 13, "#3b3a38", 'opacity="0.28"'),
        group(_rider(), x=560, y=754, scale=1.02),
        hill(
            [(-10, 900), (240, 884), (620, 900), (1000, 892), (1300, 880), (1610, 850)], "#47703a"
        ),
        grass(tufts, "#7fa257"),
        flowers,
        group(
            polygon(((-34, 0), (-34, -96), (0, -116), (34, -96), (34, 0)), "#f4eee0"),
            polygon(((-34, -84), (-34, -96), (0, -116), (34, -96), (34, -84)), "#c8552f"),
            '<text x="0" y="-42" font-family="DejaVu Sans" font-weight="bold" font-size="30" text-anchor="middle" fill="#23343a">900</text>',
            rect(-20, -30, 40, 5, "#23343a"),
            x=1290,
            y=914,
            scale=1.25,
        ),
    )


def logo() -> str:
    spokes = "".join(
        f'<path d="M256,256 L256,92" transform="rotate({a} 256 256)" stroke="{ACCENT}" stroke-width="9"/>'
        for a in range(-80, 81, 40)
    )
    return svg(
        '<defs><clipPath id="top"><rect x="0" y="0" width="512" height="300"/></clipPath></defs>',
        f'<g clip-path="url(#top)">{circle(256, 270, 190, "none", f"stroke={chr(34)}{ACCENT}{chr(34)} stroke-width={chr(34)}34{chr(34)}")}</g>',
        f'<g transform="translate(0 14)">{spokes}</g>',
        circle(256, 270, 62, SUN),
        line("M44,336 q53,-44 106,0 t106,0 t106,0 t106,0", ACCENT, 32),
        line("M96,408 q53,-44 106,0 t106,0 t106,0", SUN, 28),
        width=512,
        height=512,
    )
