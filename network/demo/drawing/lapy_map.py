"""The way to the shelter: from the stop over the brook and to the right."""

from .strokes import circle, line, polygon, rect, svg

LAND, ROAD, EDGE, WATER, WOOD, INK = (
    "#f4efe4",
    "#ffffff",
    "#d8cfbd",
    "#a9cfe0",
    "#c9dcb8",
    "#3b2d22",
)
WAY, GATE = "#a9501f", "#3f6b4a"


def _road(d: str, width: int) -> str:
    return line(d, EDGE, width + 10) + line(d, ROAD, width)


def _words(x: int, y: int, text: str, size: int = 62, more: str = "") -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="DejaVu Sans" font-size="{size}" fill="{INK}" '
        f"{more}>{text}</text>"
    )


def scene() -> str:
    return svg(
        rect(0, 0, 1600, 1000, LAND),
        polygon(((1080, 0), (1600, 0), (1600, 520), (1120, 540)), WOOD),
        polygon(((0, 60), (300, 0), (350, 330), (0, 420)), WOOD),
        line("M520,-40 C600,200 680,380 650,560 S720,860 820,1040", WATER, 54),
        _road("M-40,760 L1640,640", 74),
        _road("M940,690 L970,-40", 54),
        rect(1180, 760, 240, 110, EDGE, 8),
        rect(1020, 150, 220, 150, GATE, 10),
        line("M215,742 L938,690 L958,230 L1010,228", WAY, 18, 'stroke-dasharray="2 36"'),
        circle(215, 742, 34, WAY),
        circle(215, 742, 14, ROAD),
        _words(40, 880, "Остановка"),
        _words(40, 955, "«Кирпичная»"),
        _words(420, 640, "300 м", 56),
        _words(1265, 215, "Приют", 72),
        _words(1265, 285, "ворота", 56),
    )
