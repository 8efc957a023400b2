"""A children's choir in Udmurt costumes on a meadow at midsummer."""

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
    spruce,
    svg,
)

ACCENT, GOLD = "#a8242c", "#d9a03a"
WHITE, INK, GREEN = "#fffaf0", "#2b2226", "#3f7d4c"
SKIN = "#eec39c"


def _ornament(width: float, step: float, colour: str = ACCENT) -> str:
    """A row of rhombi with hooks: the plainest figure of the woven bands."""
    out = ""
    for i in range(int(width // step)):
        x = i * step + step / 2
        h = step / 2
        out += polygon(((x - h, 0), (x, -h), (x + h, 0), (x, h)), colour)
        out += polygon(((x - h / 2, 0), (x, -h / 2), (x + h / 2, 0), (x, h / 2)), WHITE)
        out += polygon(((x - h / 5, 0), (x, -h / 5), (x + h / 5, 0), (x, h / 5)), INK)
    return out


def _face(hair: str) -> str:
    """Closed singing eyes and an open mouth, nothing more."""
    return "".join(
        (
            circle(0, -246, 38, SKIN),
            line("M-20,-250 q7,-7 14,0 M6,-250 q7,-7 14,0", "#5a3b2a", 3.4),
            ellipse(-22, -238, 7, 5, "#e79a82", 'opacity="0.7"'),
            ellipse(22, -238, 7, 5, "#e79a82", 'opacity="0.7"'),
            ellipse(0, -228, 8, 9, "#8c2f2f"),
            path(
                "M-39,-248 Q-40,-290 0,-290 Q40,-290 39,-248 Q30,-272 0,-274 Q-30,-272 -39,-248 Z",
                hair,
            ),
        )
    )


def _girl(dress: str, apron: str, hair: str, headdress: str) -> str:
    check = "".join(
        rect(-100, y, 200, 5, "#000000", 0, 'opacity="0.13"') for y in range(-190, -20, 22)
    ) + "".join(rect(x, -200, 5, 190, "#ffffff", 0, 'opacity="0.22"') for x in range(-88, 90, 22))
    body = "M-40,-206 Q0,-218 40,-206 L52,-140 L86,-22 Q0,-6 -86,-22 L-52,-140 Z"
    clip = f"c{_number(dress + apron + hair)}"
    coins = "".join(
        circle(x, y, 7, "#e9e4d8", 'stroke="#b9b1a0" stroke-width="1.5"')
        for x, y in (
            (-24, -190),
            (-12, -180),
            (0, -176),
            (12, -180),
            (24, -190),
            (-14, -163),
            (0, -158),
            (14, -163),
        )
    )
    beads = line("M-28,-204 Q0,-180 28,-204", GOLD, 6)
    braid = (
        line("M-34,-236 Q-46,-190 -40,-150", hair, 13)
        + line("M34,-236 Q46,-190 40,-150", hair, 13)
        + circle(-40, -146, 8, ACCENT)
        + circle(40, -146, 8, ACCENT)
    )
    takya = (
        path("M-40,-262 Q-42,-306 0,-308 Q42,-306 40,-262 Q0,-278 -40,-262 Z", headdress)
        + "".join(
            circle(x, -272 - (1 - (x / 34) ** 2) * 5, 5.5, "#f1ead9") for x in range(-30, 31, 12)
        )
        + circle(0, -308, 6, GOLD)
    )
    return "".join(
        (
            ellipse(0, 0, 76, 9, "#1f2d1a", 'opacity="0.25"'),
            rect(-26, -30, 17, 28, WHITE),
            rect(9, -30, 17, 28, WHITE),
            rect(-32, -10, 26, 12, "#8a6238", 6),
            rect(6, -10, 26, 12, "#8a6238", 6),
            line("M-42,-192 Q-70,-160 -58,-122", dress, 26),
            line("M42,-192 Q70,-160 58,-122", dress, 26),
            line("M-60,-130 L-57,-116", WHITE, 26),
            line("M60,-130 L57,-116", WHITE, 26),
            circle(-52, -106, 10, SKIN),
            circle(52, -106, 10, SKIN),
            f'<defs><clipPath id="{clip}"><path d="{body}"/></clipPath></defs>',
            path(body, dress),
            f'<g clip-path="url(#{clip})">{check}{rect(-100, -44, 200, 9, WHITE)}{rect(-100, -30, 200, 6, GOLD)}</g>',
            path("M-32,-150 L32,-150 L48,-40 Q0,-30 -48,-40 Z", apron),
            path("M-30,-206 L30,-206 L32,-150 L-32,-150 Z", apron),
            rect(-37, -154, 74, 9, ACCENT if apron == WHITE else GOLD, 3),
            group(_ornament(80, 20), x=-40, y=-62),
            path("M-46,-46 Q0,-36 46,-46 l2,8 Q0,-28 -48,-38 Z", INK),
            rect(-9, -220, 18, 20, SKIN),
            braid,
            coins,
            beads,
            _face(hair),
            takya,
        )
    )


def _number(text: str) -> int:
    """A stable small number: Python's own hash differs from run to run."""
    return sum(ord(letter) * (i + 1) for i, letter in enumerate(text))


def _boy(shirt: str, trousers: str, hair: str) -> str:
    return "".join(
        (
            ellipse(0, 0, 60, 9, "#1f2d1a", 'opacity="0.25"'),
            rect(-34, -98, 30, 88, trousers, 6),
            rect(4, -98, 30, 88, trousers, 6),
            rect(-38, -34, 37, 30, "#d8bf94", 5),
            rect(1, -34, 37, 30, "#d8bf94", 5),
            rect(-42, -12, 36, 14, "#8a6238", 6),
            rect(6, -12, 36, 14, "#8a6238", 6),
            line("M-42,-190 Q-68,-158 -58,-118", shirt, 27),
            line("M42,-190 Q68,-158 58,-118", shirt, 27),
            line("M-60,-124 L-58,-114", ACCENT, 27),
            line("M60,-124 L58,-114", ACCENT, 27),
            circle(-54, -100, 10, SKIN),
            circle(54, -100, 10, SKIN),
            path("M-42,-204 Q0,-216 42,-204 L54,-82 Q0,-74 -54,-82 Z", shirt),
            path("M-54,-96 Q0,-86 54,-96 L55,-82 Q0,-74 -55,-82 Z", ACCENT),
            rect(-14, -210, 28, 60, ACCENT, 2),
            group(_ornament(20, 20, INK), x=-10, y=-186),
            group(_ornament(20, 20, INK), x=-10, y=-164),
            path("M-47,-138 Q0,-130 47,-138 L48,-124 Q0,-116 -48,-124 Z", INK),
            line("M-34,-128 L-38,-86", ACCENT, 8),
            line("M-26,-127 L-26,-92", GOLD, 6),
            rect(-10, -220, 20, 18, SKIN),
            _face(hair),
        )
    )


def _flower(x: float, y: float, r: float) -> str:
    petals = "".join(
        f'<path d="M0,0 Q{-r * 0.5},{-r * 0.7} {-r * 0.34},{-r} L0,{-r * 0.86} L{r * 0.34},{-r} Q{r * 0.5},{-r * 0.7} 0,0" fill="#d8476b" transform="rotate({a})"/>'
        for a in range(0, 360, 72)
    )
    return line(f"M{x},{y} q4,{r * 1.6} -2,{r * 3}", "#4d7d43", 3) + group(
        petals, circle(0, 0, r * 0.24, "#fbe3c0"), x=x, y=y
    )


def scene() -> str:
    rng = random.Random(14)
    back = (
        (300, _boy(WHITE, "#3c4358", "#5b3a25")),
        (500, _girl("#b3262e", INK, "#7a4b28", WHITE)),
        (700, _girl(GREEN, WHITE, "#3a2820", ACCENT)),
        (900, _boy("#f4ead2", "#4a3b34", "#b98a4e")),
        (1100, _girl("#c8452f", WHITE, "#4b2f20", WHITE)),
        (1300, _boy(WHITE, "#39415a", "#35241c")),
    )
    front = (
        (190, _girl(ACCENT, WHITE, "#a8713a", WHITE)),
        (402, _girl("#f4ead2", ACCENT, "#4b2f20", ACCENT)),
        (604, _boy(WHITE, "#4a3b34", "#7a4b28")),
        (802, _girl(ACCENT, WHITE, "#35241c", WHITE)),
        (1004, _girl("#2f6d56", INK, "#b98a4e", ACCENT)),
        (1206, _girl("#c8342f", WHITE, "#5b3a25", WHITE)),
        (1410, _boy("#f4ead2", "#39415a", "#4b2f20")),
    )
    return svg(
        gradient("sky", (0, "#9fd0e0"), (0.7, "#fdebc6"), (1, "#fbdca0")),
        gradient("meadow", (0, "#a5c26b"), (1, "#5d8d45")),
        glow("light", "#fff4c8"),
        rect(0, 0, 1600, 1000, "url(#sky)"),
        circle(800, 230, 480, "url(#light)"),
        circle(800, 230, 92, "#fff1b8"),
        cloud(250, 160, 1, "#ffffff", 0.8),
        cloud(1370, 130, 1.1, "#ffffff", 0.8),
        hill([(-10, 470), (250, 410), (600, 450), (980, 400), (1300, 440), (1610, 390)], "#9dbf95"),
        "".join(
            spruce(x, y, h, "#5f966a", "#4c8058")
            for x, y, h in (
                (40, 560, 260),
                (120, 552, 190),
                (210, 548, 230),
                (1390, 540, 230),
                (1480, 548, 180),
                (1560, 556, 270),
                (310, 540, 150),
                (1310, 536, 150),
            )
        ),
        hill([(-10, 540), (400, 510), (900, 530), (1610, 500)], "url(#meadow)"),
        rect(150, 690, 1300, 24, "#c99457", 4)
        + rect(150, 712, 1300, 60, "#a5713d")
        + "".join(rect(x, 712, 4, 60, "#8a5a2e") for x in range(230, 1440, 80)),
        *(group(child, x=x, y=698, scale=1.0) for x, child in back),
        hill([(-10, 760), (500, 752), (1100, 756), (1610, 748)], "#85b058"),
        hill([(-10, 830), (700, 800), (1610, 826)], "#6d9c4b"),
        *(group(child, x=x, y=880, scale=1.12) for x, child in front),
        grass([(rng.randint(0, 1600), rng.randint(915, 940)) for _ in range(44)], "#4d7d3a"),
        "".join(
            _flower(rng.randint(10, 1590), rng.randint(892, 925), rng.randint(11, 17))
            for _ in range(34)
        ),
        rect(0, 944, 1600, 56, WHITE),
        rect(0, 944, 1600, 5, INK),
        rect(0, 952, 1600, 4, ACCENT),
        group(_ornament(1610, 40), x=0, y=977),
    )


def logo() -> str:
    """An eight-pointed star, as on the breast of the old festive dress, with a flower in it."""
    star = "".join(
        f'<polygon points="256,26 316,160 256,256 196,160" fill="{c}" transform="rotate({a} 256 256)"/>'
        for a, c in zip(
            (45, 135, 225, 315, 0, 90, 180, 270), (INK,) * 4 + (ACCENT,) * 4, strict=True
        )
    )
    return svg(
        star,
        circle(256, 256, 84, "#ffffff"),
        "".join(
            f'<ellipse cx="256" cy="218" rx="22" ry="36" fill="{ACCENT}" transform="rotate({a} 256 256)"/>'
            for a in range(0, 360, 60)
        ),
        circle(256, 256, 22, GOLD),
        width=512,
        height=512,
    )
