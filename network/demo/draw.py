"""Draws the demo's pictures: ``python -m network.demo.draw [name ...]``.

The scenes are SVG made by code (``drawing/``), the browser makes pixels of them, Pillow packs
these. The results are committed, so the demo itself needs neither a browser nor this module.
"""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from network.demo.drawing import centre, dymka, invozho, ladushki, lapy, lapy_map, shag, veloput

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
LARGEST = 120_000

SCENES: dict[str, Callable[[], str]] = {
    "veloput": veloput.scene,
    "lapy": lapy.scene,
    "lapy-before": lambda: lapy.scene(roofs=0),
    "lapy-after": lambda: lapy.scene(roofs=5),
    "lapy-map": lapy_map.scene,
    "dymka": dymka.scene,
    "shag": shag.scene,
    "ladushki": ladushki.scene,
    "invozho": invozho.scene,
    "centre": centre.scene,
}
LOGOS: dict[str, Callable[[], str]] = {
    "veloput": veloput.logo,
    "lapy": lapy.logo,
    "dymka": dymka.logo,
    "shag": shag.logo,
    "ladushki": ladushki.logo,
    "invozho": invozho.logo,
    "centre": centre.logo,
}


def _pixels(browser_page: Page, markup: str, width: int, height: int) -> Image.Image:
    browser_page.set_viewport_size({"width": width, "height": height})
    browser_page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{markup}")
    return Image.open(io.BytesIO(browser_page.screenshot(omit_background=True)))


def _save_scene(image: Image.Image, target: Path) -> None:
    """The best JPEG quality that fits the limit."""
    for quality in range(88, 40, -4):
        packed = io.BytesIO()
        image.convert("RGB").save(packed, "JPEG", quality=quality, optimize=True, progressive=True)
        if packed.tell() <= LARGEST:
            target.write_bytes(packed.getvalue())
            return
    raise ValueError(f"{target.name} does not fit {LARGEST} bytes")


def _draw(browser_page: Page, names: list[str]) -> Iterator[Path]:
    for name, scene in SCENES.items():
        if not names or name in names:
            target = PICTURES / f"{name}.jpg"
            _save_scene(_pixels(browser_page, scene(), 1600, 1000), target)
            yield target
    for name, logo in LOGOS.items():
        if not names or name in names:
            target = PICTURES / f"{name}-logo.png"
            image = _pixels(browser_page, logo(), 512, 512)
            image.quantize(128, method=Image.Quantize.FASTOCTREE).save(target, optimize=True)
            yield target


def main(names: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for target in _draw(browser.new_page(), names):
            print(f"{target.name}: {target.stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
