"""The QR code of a short link, for posters and flyers."""

from io import BytesIO

import segno

QUIET_ZONE = 4
# A printed square of 8 cm at 300 dots an inch.
SMALLEST_PNG = 960


def svg(url: str) -> bytes:
    """A drawing of any size, its quiet zone included."""
    out = BytesIO()
    _code(url).save(
        out, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return out.getvalue()


def png(url: str) -> bytes:
    """Black on white, whole pixels to a module, so that no edge is blurred."""
    code, out = _code(url), BytesIO()
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    code.save(out, kind="png", border=QUIET_ZONE, scale=-(-SMALLEST_PNG // modules))
    return out.getvalue()


def matrix(url: str) -> list[list[bool]]:
    """Rows of modules for a printed sheet, without the quiet zone round them."""
    return [[bool(module) for module in row] for row in _code(url).matrix]


def _code(url: str) -> segno.QRCode:
    """A quarter of it may be dirty or torn: it hangs in the rain."""
    return segno.make(url, error="q", micro=False, boost_error=False)
