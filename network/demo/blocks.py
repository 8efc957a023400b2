"""The bodies of the demo's pages: blocks, their pictures, and long texts with three marks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from network.demo.tables import PICTURES, DemoDataError, Table, check_keys, read_plain


@dataclass(frozen=True)
class Picture:
    file: str
    alt: str

    @property
    def path(self) -> Path:
        return PICTURES / self.file


@dataclass(frozen=True)
class Preset:
    amount: Decimal
    meaning: str


@dataclass(frozen=True)
class FaqItem:
    question: str
    answer: str  # HTML


@dataclass(frozen=True)
class TextBlock:
    html: str
    type: str = field(default="text", init=False)


@dataclass(frozen=True)
class PictureBlock:
    picture: Picture
    caption: str
    type: str = field(default="picture", init=False)


@dataclass(frozen=True)
class VideoBlock:
    title: str
    url: str
    site_name: str
    poster: Picture
    type: str = field(default="video", init=False)


@dataclass(frozen=True)
class QuoteBlock:
    text: str
    who: str
    type: str = field(default="quote", init=False)


@dataclass(frozen=True)
class FaqBlock:
    items: tuple[FaqItem, ...]
    type: str = field(default="faq", init=False)


@dataclass(frozen=True)
class DonationBlock:
    heading: str
    intro: str
    presets: tuple[Preset, ...]
    type: str = field(default="donation", init=False)


@dataclass(frozen=True)
class StoredBlock:
    """A block whose value is written down as the page keeps it; pictures are pictures still."""

    type: str
    value: Any


Block = TextBlock | PictureBlock | VideoBlock | QuoteBlock | FaqBlock | DonationBlock | StoredBlock


def rich_text(text: str) -> str:
    """HTML of a long text with the three marks named above."""
    return "".join(_paragraph(part) for part in text.strip().split("\n\n"))


def _paragraph(part: str) -> str:
    lines = [escape(line.strip(), quote=False) for line in part.strip().splitlines()]
    if lines[0].startswith("## "):
        return f"<h2>{lines[0][3:]}</h2>" + (_paragraph("\n".join(lines[1:])) if lines[1:] else "")
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>"
    return f"<p>{' '.join(lines)}</p>"


def read_picture(table: Table, where: str) -> Picture:
    return read_plain(Picture, table, f"{where} picture")


def read_body(table: Table, where: str) -> tuple[Block, ...]:
    return tuple(read_block(block, where) for block in table.get("body", ()))


def read_block(table: Table, where: str) -> Block:
    kind = table.get("type", "")
    if kind not in BLOCKS:
        raise DemoDataError(f"{where}: unknown block type {kind!r}")
    keys, build = BLOCKS[kind]
    check_keys(table, f"{where}, block {kind}", f"type {keys}")
    return build(table)


def _faq(table: Table) -> FaqBlock:
    for item in table["items"]:
        check_keys(item, "faq item", "question answer")
    return FaqBlock(
        tuple(FaqItem(item["question"], rich_text(item["answer"])) for item in table["items"])
    )


def _donation_block(table: Table) -> DonationBlock:
    for preset in table["presets"]:
        check_keys(preset, "preset", "amount meaning")
    presets = tuple(Preset(Decimal(each["amount"]), each["meaning"]) for each in table["presets"])
    return DonationBlock(table["heading"], table["intro"], presets)


BLOCKS: dict[str, tuple[str, Callable[[Table], Block]]] = {
    "text": ("text", lambda table: TextBlock(rich_text(table["text"]))),
    "picture": (
        "picture caption",
        lambda table: PictureBlock(read_picture(table["picture"], "body"), table["caption"]),
    ),
    "video": (
        "title url site_name poster",
        lambda table: VideoBlock(
            table["title"], table["url"], table["site_name"], read_picture(table["poster"], "video")
        ),
    ),
    "quote": ("text who", lambda table: QuoteBlock(table["text"], table["who"])),
    "faq": ("items", _faq),
    "donation": ("heading intro presets", _donation_block),
}


def _stored(value: Any) -> Any:
    if isinstance(value, list):
        return [_stored(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if "file" in value:
        return read_picture(value, "body")
    return {key: _stored(each) for key, each in value.items()}


# Items of their lists are tables here; a table's columns are pairs of type and heading.
AS_STORED = {
    "campaigns": "heading show topic order most",
    "people": "heading people",
    "testimonials": "heading words",
    "partners": "heading partners",
    "table": "caption columns rows",
    "gallery": "heading pictures",
    "contacts": "heading address phones email hours picture caption link",
    "totals": "heading",
    "wall": "heading",
}
BLOCKS |= {
    kind: (
        keys,
        lambda table: StoredBlock(
            table["type"], {key: _stored(table[key]) for key in table if key != "type"}
        ),
    )
    for kind, keys in AS_STORED.items()
}
