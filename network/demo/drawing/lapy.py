"""A row of dog pens: some already under a roof, some still under the rain."""

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
    mirrored,
    path,
    polygon,
    rect,
    spruce,
    svg,
)

ACCENT, MOSS = "#a9501f", "#3f6b4a"
PEN, LEFT, FLOOR, TOP = 300, 50, 790, 430


def _dog(coat: str, dark: str, belly: str, ear_up: bool = False) -> str:
    ear = (
        path("M-2,-166 L-8,-206 L22,-178 Z", dark)
        if ear_up
        else path("M-4,-168 Q-34,-164 -30,-122 Q-14,-116 2,-140 Z", dark)
    )
    return "".join(
        (
            ellipse(-6, 2, 74, 9, "#000000", 'opacity="0.16"'),
            line("M-58,-14 Q-96,-16 -92,-58", coat, 15),
            path(
                "M-58,0 C-86,-10 -82,-66 -44,-84 C-28,-104 -20,-120 -14,-140 L34,-140 C44,-110 44,-70 40,-42 L42,-8 Q54,-6 54,0 L22,0 L16,-46 Q6,-14 10,0 Z",
                coat,
            ),
            path("M34,-136 C44,-110 44,-70 40,-42 L36,-20 Q20,-70 16,-128 Z", belly),
            path(
                "M-58,0 C-80,-14 -70,-58 -34,-56 C-6,-54 -4,-20 -16,-8 L4,-8 Q14,-6 12,0 Z",
                dark,
                'opacity="0.55"',
            ),
            circle(14, -154, 33, coat),
            path("M18,-168 Q62,-166 72,-152 Q76,-132 52,-128 Q28,-124 14,-130 Z", belly),
            ellipse(69, -153, 9, 7, "#2b211c"),
            circle(28, -162, 4.6, "#2b211c"),
            line("M54,-136 Q46,-130 38,-134", "#6d5038", 3),
            ear,
            path("M-16,-132 Q12,-112 40,-126 L36,-114 Q10,-102 -16,-120 Z", "#c2352b"),
        )
    )


DOGS = (
    ("#c98f55", "#8a5a30", "#f2e2c8", False),
    ("#8a8f94", "#5c6166", "#eceae4", True),
    ("#e6d3b0", "#b98a52", "#fbf3e2", False),
    ("#54443b", "#352a25", "#c99a68", True),
    ("#b5733d", "#7d4a22", "#f0dcbf", True),
)


def _mesh(x: float, top: float) -> str:
    lines = "".join(f"M{x + i},{top} L{x + i},{FLOOR} " for i in range(18, PEN, 24))
    lines += "".join(f"M{x},{y} L{x + PEN},{y} " for y in range(int(top) + 18, FLOOR, 24))
    return f'<path d="{lines}" stroke="#d5dadb" stroke-width="2" fill="none" opacity="0.5"/>'


def _pen(index: int, roofed: bool) -> str:
    x = LEFT + index * PEN
    coat = DOGS[index]
    back = rect(x, TOP + 30, PEN, FLOOR - TOP - 30, "#8a6b4c" if roofed else "#7d7468")
    boards = "".join(
        rect(x + i, TOP + 30, 3, FLOOR - TOP - 30, "#000000", 0, 'opacity="0.12"')
        for i in range(0, PEN, 38)
    )
    shade = rect(x, TOP + 30, PEN, 110, "#2e2019", 0, 'opacity="0.28"') if roofed else ""
    kennel = "".join(
        (
            rect(x + 24, FLOOR - 150, 120, 140, "#c08a52" if roofed else "#9b8467", 4),
            polygon(
                ((x + 10, FLOOR - 144), (x + 84, FLOOR - 204), (x + 158, FLOOR - 144)),
                MOSS if roofed else "#5d6a60",
            ),
            path(f"M{x + 56},{FLOOR - 10} v-62 a28,28 0 0 1 56,0 v62 Z", "#3a2a20"),
        )
    )
    floor = rect(x, FLOOR - 12, PEN, 16, "#d9c6a0" if roofed else "#9c978c")
    puddle = "" if roofed else ellipse(x + 210, FLOOR + 1, 74, 8, "#a9c0cc")
    dog = group(_dog(*coat), x=x + 208, y=FLOOR - 8, scale=1.06)
    if index in (1, 4):
        dog = mirrored(_dog(*coat), x=x + 214, y=FLOOR - 8, scale=1.02)
    posts = "".join(rect(px - 8, TOP + 6, 16, FLOOR - TOP, "#6d4c31", 2) for px in (x, x + PEN))
    beam = rect(x - 8, TOP + 20, PEN + 16, 16, "#6d4c31", 2) + rect(
        x - 8, FLOOR - 92, PEN + 16, 10, "#6d4c31", 2
    )
    number = rect(x + PEN / 2 - 28, TOP + 44, 56, 42, "#f6ecd8", 6) + (
        f'<text x="{x + PEN / 2}" y="{TOP + 76}" font-family="DejaVu Sans" font-weight="bold" font-size="30" text-anchor="middle" fill="#4a3423">{index + 5}</text>'
    )
    return (
        back
        + boards
        + shade
        + kennel
        + floor
        + puddle
        + dog
        + _mesh(x, TOP + 36)
        + posts
        + beam
        + number
    )


def _roof(first: int, last: int) -> str:
    """One stretch of corrugated roof over pens first..last-1."""
    if first == last:
        return ""
    x0, x1 = LEFT + first * PEN - 34, LEFT + last * PEN + 34
    slope = polygon(
        ((x0 + 40, TOP - 96), (x1 - 40, TOP - 96), (x1, TOP + 14), (x0, TOP + 14)), "url(#roof)"
    )
    count = (last - first) * 12
    ribs = "".join(
        line(
            f"M{x0 + 40 + (x1 - x0 - 80) * i / count:.1f},{TOP - 94} L{x0 + (x1 - x0) * i / count:.1f},{TOP + 12}",
            "#7c3713",
            2.4,
            'opacity="0.6"',
        )
        for i in range(1, count)
    )
    edge = rect(x0, TOP + 10, x1 - x0, 13, "#7c3713", 3)
    return slope + ribs + edge


def scene(roofs: int = 3) -> str:
    """``roofs`` of the five pens in view are covered: 0 is before, 5 is after."""
    rng = random.Random(12)
    wet = roofs < 5
    edge = LEFT + roofs * PEN
    sky = gradient(
        "sky",
        (0, "#cfe6ea" if roofs else "#9fb0b8"),
        (0.55, "#e9efe2" if roofs else "#b3bfc4"),
        (1, "#8d9ca6" if wet else "#f6e7c8"),
        across=True,
    )
    rain = (
        "".join(
            line(f"M{x},{y} l-9,34", "#e8f1f5", 3, 'opacity="0.6"')
            for x, y in (
                (rng.randint(edge + 40, 1640), rng.randint(190, 760))
                for _ in range(100 if roofs else 190)
            )
        )
        if wet
        else ""
    )
    grey = (
        "".join(
            cloud(x, y, s, "#6f7f8a", 0.85)
            for x, y, s in ((1120, 190, 1.2), (1330, 130, 1.6), (1530, 210, 1.3))
        )
        if wet
        else ""
    )
    if not roofs:
        grey += "".join(
            cloud(x, y, s, "#74848e", 0.8)
            for x, y, s in ((160, 150, 1.5), (520, 190, 1.4), (840, 120, 1.7))
        )
    sun = (
        (
            glow("light", "#fff3c9")
            + circle(230, 190, 260, "url(#light)")
            + circle(230, 190, 66, "#fff0b8")
            + cloud(560, 170, 0.9, "#ffffff", 0.85)
        )
        if roofs
        else ""
    )
    ladder = (
        "".join(
            (
                line(
                    f"M{edge + 84},{FLOOR + 60} L{edge + 30},{TOP - 60} M{edge + 150},{FLOOR + 60} L{edge + 92},{TOP - 60}",
                    "#d9a860",
                    11,
                ),
                "".join(
                    line(f"M{edge + 83 - i * 6.1},{FLOOR + 30 - i * 50} l63,0", "#d9a860", 9)
                    for i in range(9)
                ),
                group(
                    "".join(
                        rect(i * 5, -i * 20, 290, 16, ("#e0b673", "#cfa05c")[i % 2], 3)
                        for i in range(5)
                    ),
                    x=edge + 200,
                    y=930,
                ),
                group(
                    rect(0, -60, 260, 12, "#b3561f", 3),
                    rect(8, -44, 260, 12, ACCENT, 3),
                    rect(-4, -28, 260, 12, "#b3561f", 3),
                    x=edge - 250,
                    y=960,
                ),
            )
        )
        if 0 < roofs < 5
        else ""
    )
    return svg(
        sky,
        gradient("roof", (0, "#d2763c"), (1, ACCENT)),
        gradient(
            "yard", (0, "#b9b184" if roofs else "#8f9484"), (1, "#8d935f" if roofs else "#6f7868")
        ),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        sun,
        grey,
        "".join(
            spruce(x, 560, h, "#5f8a68" if roofs else "#61776b", "#4b7355" if roofs else "#4f655a")
            for x, h in (
                (40, 300),
                (150, 250),
                (270, 330),
                (390, 270),
                (520, 310),
                (660, 250),
                (790, 320),
                (930, 280),
                (1060, 330),
                (1190, 260),
                (1310, 310),
                (1430, 270),
                (1550, 330),
            )
        ),
        rect(0, 540, 1600, 460, "url(#yard)"),
        polygon(
            ((0, FLOOR + 4), (1600, FLOOR + 4), (1600, 880), (0, 900)),
            "#cdbd93" if roofs else "#8b8a7c",
        ),
        "".join(_pen(i, i < roofs) for i in range(5)),
        _roof(0, roofs),
        rain,
        ladder,
        grass([(rng.randint(0, 1600), rng.randint(925, 995)) for _ in range(50)], "#6f8550", 1.1),
    )


def logo() -> str:
    toes = "".join(
        ellipse(x, y, 33, 45, "#ffffff", f'transform="rotate({a} {x} {y})"')
        for x, y, a in ((150, 268, -24), (216, 206, -8), (296, 206, 8), (362, 268, 24))
    )
    pad = path(
        "M256,282 C306,282 352,336 346,380 C340,418 296,408 256,408 C216,408 172,418 166,380 C160,336 206,282 256,282 Z",
        "#ffffff",
    )
    return svg(
        path(
            "M256,34 L486,214 L446,214 L446,446 Q446,478 414,478 L98,478 Q66,478 66,446 L66,214 L26,214 Z",
            ACCENT,
            f'stroke="{ACCENT}" stroke-width="20" stroke-linejoin="round"',
        ),
        toes,
        pad,
        width=512,
        height=512,
    )
