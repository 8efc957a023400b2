"""Blocks of a page: what a visitor reads, what an editor may write, what a draft may lack."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import wagtail.admin
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail import blocks
from wagtail.models import Site

from accounts.models import User
from campaigns.site_blocks import PAGE_BLOCKS
from content.blocks import CONTENT_BLOCKS
from content.blocks.columns import ColumnBlock
from content.blocks.contacts import map_of
from home.models import StandardPage
from tenancy.models import Role
from tests.conftest import SiteClient

BLOCKS = dict(CONTENT_BLOCKS)
ICONS = Path(wagtail.admin.__file__).parent / "templates/wagtailadmin/icons"
TABLE = {
    "caption": "Что сделано",
    "columns": [{"type": "words", "heading": "Дело"}, {"type": "number", "heading": "Сколько"}],
    "rows": [{"values": ["Пандусы", "7"]}, {"values": ["Двери <b>", "1 019"]}],
}


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


def drawn(kind: str, value: Any) -> BeautifulSoup:
    block = BLOCKS[kind]
    return BeautifulSoup(block.render(block.to_python(value)), "html.parser")


def text_of(soup: Any) -> str:
    return " ".join(soup.get_text(" ").split())


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (
            "people",
            {"people": [{"name": "Ольга", "role": "ведёт приют", "about": "Знает всех."}]},
            "Кто это делает О Ольга ведёт приют Знает всех.",
        ),
        (
            "testimonials",
            {"heading": "Спасибо", "words": [{"words": "Сухо.", "who": "Граф", "about": "пёс"}]},
            "Спасибо Сухо. Г Граф пёс",
        ),
        (
            "partners",
            {"partners": [{"name": "Завод", "link": "https://example.org/"}, {"name": "Дом"}]},
            "Партнёры Завод Дом",
        ),
        ("table", TABLE, "Что сделано Дело Сколько Пандусы 7 Двери <b> 1 019"),
        (
            "columns",
            {
                "left": [{"type": "text", "value": "<p>Днём</p>"}],
                "right": [{"type": "quote", "value": {"text": "Вечером", "who": ""}}],
            },
            "Днём Вечером",
        ),
        (
            "contacts",
            {
                "address": "Киров, Лесная, 40",
                "phones": [{"number": "8 (8332) 00-00-33", "note": "Ольга"}],
                "email": "a@example.org",
                "hours": "Сб с 11\nВс с 12",
            },
            "Как нас найти Адрес Киров, Лесная, 40 Телефон 8 (8332) 00-00-33 Ольга "
            "Электронная почта a@example.org Когда мы на месте Сб с 11 Вс с 12 "
            "На карте Открыть карту: Яндекс Карты",
        ),
        (
            "faq",
            {"heading": "Как забрать", "items": [{"question": "Шаг", "answer": "<p>Звонок</p>"}]},
            "Как забрать Шаг Звонок",
        ),
        (
            "faq",  # as it was saved before there was a heading
            {"items": [{"question": "Когда?", "answer": "<p>В мае.</p>"}]},
            "Вопросы и ответы Когда? В мае.",
        ),
    ],
)
def test_visitor_reads(kind: str, value: Any, text: str) -> None:
    assert text_of(drawn(kind, value)) == text


def test_table_names_its_columns_and_rows_for_those_who_listen() -> None:
    soup = drawn("table", TABLE)
    found = [(th["scope"], th.get_text(), th.get("class")) for th in soup.select("th")]
    assert found == [
        ("col", "Дело", None),
        ("col", "Сколько", ["number"]),
        ("row", "Пандусы", None),
        ("row", "Двери <b>", None),
    ]
    region = soup.select_one(".table")
    assert region is not None
    assert (region["role"], region["aria-label"], region["tabindex"]) == (
        "region",
        "Что сделано",
        "0",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"caption": " "}, "Напишите над таблицей, о чём она."),
        ({"rows": []}, "В таблице нужна хотя бы одна колонка и одна строка."),
        ({"columns": [{"type": "words", "heading": " "}]}, "Назовите каждую колонку."),
    ],
)
def test_table_without_names_is_refused_and_kept_as_a_draft(
    change: dict[str, Any], message: str
) -> None:
    block = BLOCKS["table"]
    value = block.to_python({**TABLE, **change})
    with pytest.raises(ValidationError) as refused:
        block.clean(value)
    assert list(refused.value.non_block_errors) == [message]  # type: ignore[attr-defined]
    block.defer_required_validation()
    try:
        block.clean(value)
    finally:
        block.restore_deferred_validation()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"t-caption": "x", "t-column-count": "x"},
        {"t-caption": "x", "t-column-count": "9999999", "t-row-count": "1"},
        {
            "t-caption": "x",
            "t-column-count": "1",
            "t-column-0-type": "script",
            "t-column-0-order": "0",
            "t-column-0-heading": "x",
            "t-column-0-deleted": "",
            "t-row-count": "0",
        },
    ],
)
def test_broken_form_of_a_table_is_an_empty_table(form: dict[str, str]) -> None:
    value = BLOCKS["table"].value_from_datadict(form, {}, "t")
    assert (value.caption, value.columns, value.row_data) == ("", [], [])


def test_words_of_a_table_are_translated_where_they_stand() -> None:
    block: Any = BLOCKS["table"]
    value = block.to_python(TABLE)
    segments = block.get_translatable_segments(value)
    assert [(one.path, one.string.data) for one in segments] == [
        ("caption", "Что сделано"),
        ("column.0", "Дело"),
        ("column.1", "Сколько"),
        ("cell.0.0", "Пандусы"),
        ("cell.0.1", "7"),
        ("cell.1.0", "Двери &lt;b&gt;"),
        ("cell.1.1", "1 019"),
    ]
    for one in segments:
        one.string.data = one.string.data.upper()
    assert block.get_prep_value(block.restore_translated_segments(value, segments)) == {
        "caption": "ЧТО СДЕЛАНО",
        "columns": [{"type": "words", "heading": "ДЕЛО"}, {"type": "number", "heading": "СКОЛЬКО"}],
        "rows": [{"values": ["ПАНДУСЫ", "7"]}, {"values": ["ДВЕРИ <B>", "1 019"]}],
    }


@pytest.mark.parametrize(
    ("number", "tel"),
    [
        ("+7 8332 12-34-56", "+78332123456"),
        ("8 (8332) 12-34-56", "+78332123456"),
        ("8\u2013800\u20132000\u2013600", "+78002000600"),
        ("12-34-56", "123456"),
        ("112345", "112345"),
    ],
)
def test_phone_is_dialled_as_it_is_said(number: str, tel: str) -> None:
    block = BLOCKS["contacts"]
    cleaned = block.clean(block.to_python(contacts(phones=[{"number": number, "note": ""}])))
    soup = BeautifulSoup(block.render(cleaned), "html.parser")
    link = soup.select_one('a[href^="tel:"]')
    assert link is not None
    assert (link["href"], link.get_text()) == (f"tel:{tel}", number)


@pytest.mark.parametrize(
    "number", ["позвоните", "+7", "8332\u0661\u0662\u0663456", "+7 8332 1234 доб. 5", "1\n23456"]
)
def test_other_words_are_no_phone(number: str) -> None:
    refused(contacts(phones=[{"number": number, "note": ""}]))


def contacts(**more: Any) -> dict[str, Any]:
    empty = {"heading": "", "address": "", "phones": [], "email": "", "hours": "", "caption": ""}
    return {**empty, "picture": None, "link": "", **more}


def refused(value: dict[str, Any]) -> None:
    block = BLOCKS["contacts"]
    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))


def test_contacts_without_contacts_are_refused() -> None:
    refused(contacts(heading="Приходите"))


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://yandex.ru/maps/-/CDabc", "Яндекс Карты"),
        ("https://2gis.ru/kirov/geo/1", "2ГИС"),
        ("https://go.2gis.com/abc", "2ГИС"),
        ("https://www.openstreetmap.org/#map=17/58/49", "OpenStreetMap"),
        ("https://yandex.ru@evil.ru/maps", ""),
        ("https://evil.ru@yandex.ru/maps", ""),
        ("https://yandex.ru.evil.ru/maps", ""),
        ("https://yandex.ru:8443/maps", ""),
        ("https://[::1/", ""),
        ("javascript:alert(1)//yandex.ru", ""),
        ("", ""),
    ],
)
def test_map_is_of_a_map_service(link: str, name: str) -> None:
    assert map_of(link) == name
    if link and not name:
        refused(contacts(link=link))
    elif link:
        soup = drawn("contacts", contacts(link=link))
        assert [a["href"] for a in soup.select("dd a")] == [link]


def test_address_alone_leads_to_its_map() -> None:
    soup = drawn("contacts", contacts(address='Киров & "Ко", 1'))
    assert [a["href"] for a in soup.select("dd a")] == [
        "https://yandex.ru/maps/?text=%D0%9A%D0%B8%D1%80%D0%BE%D0%B2%20%26%20%22%D0%9A%D0%BE%22%2C%201"
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org/", "/o-nas/", "слово"])
def test_partner_is_at_an_address_of_the_web(link: str) -> None:
    block = BLOCKS["partners"]
    partner = {"name": "Завод", "logo": None, "link": link}
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"heading": "", "partners": [partner]}))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("gallery", {"heading": "Суббота", "pictures": [{"picture": None, "caption": "x"}]}),
        ("documents", {"heading": "Бумаги", "documents": [{"document": None, "title": "x"}]}),
        ("table", None),
    ],
)
def test_nothing_is_drawn_of_what_a_draft_has_not_chosen_yet(kind: str, value: Any) -> None:
    assert text_of(drawn(kind, value)) == ""


def test_columns_hold_neither_columns_nor_forms() -> None:
    assert list(ColumnBlock().child_blocks) == ["text", "picture", "video", "quote", "documents"]


@pytest.mark.parametrize(("kind", "block"), PAGE_BLOCKS, ids=[kind for kind, _ in PAGE_BLOCKS])
def test_block_says_in_the_chooser_what_it_is_for(kind: str, block: blocks.Block) -> None:
    said = [str(block.label), str(block.meta.group), str(block.get_description())]
    for text in said:
        assert any("а" <= letter <= "я" for letter in text.lower()), (kind, said)
    assert (ICONS / f"{block.meta.icon}.svg").exists(), block.meta.icon


PREVIEWED = [kind for kind, block in CONTENT_BLOCKS if hasattr(block.meta, "preview_value")]


@pytest.mark.parametrize("kind", PREVIEWED)
def test_example_in_the_chooser_is_drawn_and_is_right(kind: str) -> None:
    block = BLOCKS[kind]
    assert block.is_previewable
    value = block.get_preview_value()
    assert text_of(BeautifulSoup(block.render(value), "html.parser"))
    if kind in ("text", "quote", "faq", "table", "contacts"):
        block.clean(value)


def test_editor_sees_the_example_in_the_look_of_the_sites(
    site: Site, make_person: Callable[..., User], admin_as: Callable[..., SiteClient]
) -> None:
    editor = admin_as(make_person(Role.EDITOR, site))
    table = StandardPage._meta.get_field("body").stream_block.child_blocks["table"]
    answer = editor.get("/admin/block-preview/", {"id": table.definition_prefix})
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.content.decode(), "html.parser")
    assert [link["href"] for link in soup.select("link")] == ["/static/sonko_cms/theme.css"]
    assert text_of(soup.select_one("table")) == (
        "Что сделано за год Дело Сколько Пандусы 7 Двери 19"
    )
