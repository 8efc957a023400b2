"""The drawing a page without a picture has (`content/placeholder.html`), as points."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from site_settings.colours import PAPER, mix

Point = tuple[float, float]
# The same hills as in the template, on its sheet of 800 × 500: beginning, then cubic curves.
FAR = ((0, 300), (120, 215, 230, 210, 330, 262), (430, 180, 560, 190, 640, 252),
       (700, 225, 750, 228, 800, 246))  # fmt: skip
MID = ((0, 372), (150, 300, 300, 312, 430, 352), (560, 318, 690, 322, 800, 362))
NEAR = ((0, 440), (180, 372, 420, 380, 800, 452))
WALL = [(214, 350), (214, 280), (260, 240), (306, 280), (306, 350)]
ROOF = [(200, 286), (260, 234), (320, 286), (311, 296), (260, 252), (209, 296)]
WINDOW = [(246, 296), (274, 296), (274, 322), (246, 322)]
LARGER = 2  # drawn so much larger and then made small: edges without steps


def landscape(size: tuple[int, int], accent: str, tint: str, second: str) -> Image.Image:
    """Covers `size`. Of what is too much the sides are cut; the house and the sun stay."""
    width, height = size[0] * LARGER, size[1] * LARGER
    scale = max(width / 800, height / 500)
    left = min(max(400 * scale - width / 2, 0), 160 * scale)
    sheet = Image.new("RGB", (width, height), tint)
    pen = ImageDraw.Draw(sheet)

    def fill(points: Sequence[Point], colour: str) -> None:
        pen.polygon([(x * scale - left, y * scale) for x, y in points], colour)

    x, y, r = min(590 * scale - left, width - 100 * scale), 150 * scale, 62 * scale
    pen.ellipse((x - r, y - r, x + r, y + r), second)
    fill(_hill(FAR), mix(tint, accent, 0.35))
    fill(_hill(MID), mix(tint, accent, 0.65))
    fill(WALL, PAPER)
    fill(ROOF, accent)
    fill(WINDOW, second)
    fill(_hill(NEAR), accent)
    return sheet.resize(size, Image.Resampling.LANCZOS)


def _hill(shape: tuple[tuple[float, ...], ...]) -> list[Point]:
    x0, y0 = shape[0]
    points = [(x0, y0)]
    for x1, y1, x2, y2, x3, y3 in shape[1:]:
        for step in range(1, 25):
            t, u = step / 24, 1 - step / 24
            points.append(
                (
                    u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                    u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3,
                )
            )
        x0, y0 = x3, y3
    return [*points, (800, 500), (0, 500)]
