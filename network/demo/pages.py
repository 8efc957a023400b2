"""Pages of the demo and their translations."""

from collections.abc import Mapping
from dataclasses import dataclass

from network.demo.blocks import Block, Picture, read_body, read_picture
from network.demo.tables import Table, check_keys

PAGE_KEYS = ("title", "lead", "picture", "body", "translations")


@dataclass(frozen=True)
class Translation:
    title: str
    lead: str
    body: tuple[Block, ...]
    stages: tuple[str, ...]
    if_less: str
    if_more: str


@dataclass(frozen=True)
class DemoPage:
    title: str
    lead: str
    picture: Picture | None
    body: tuple[Block, ...]
    translations: Mapping[str, Translation]


def read_page(table: Table, where: str) -> DemoPage:
    check_keys(table, where, "title lead", "picture body translations")
    translations = table.get("translations", {})
    for code, each in translations.items():
        check_keys(each, f"{where} in {code}", "title lead", "body stages if_less if_more")
    return DemoPage(
        title=table["title"],
        lead=table["lead"],
        picture=read_picture(table["picture"], where) if "picture" in table else None,
        body=read_body(table, where),
        translations={
            code: Translation(
                each["title"],
                each["lead"],
                read_body(each, f"{where} in {code}"),
                tuple(each.get("stages", ())),
                each.get("if_less", ""),
                each.get("if_more", ""),
            )
            for code, each in translations.items()
        },
    )
