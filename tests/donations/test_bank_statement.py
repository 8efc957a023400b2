"""A statement is read whole or refused in words."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from donations.bank.statement import BadStatement, Incoming, read
from tests.donations.bank import OURS, document, statement

TITLE = "СекцияДокумент=Платежное поручение"


def refusal(content: bytes) -> str:
    with translation.override("ru"), pytest.raises(BadStatement) as refused:
        read(content, account=OURS)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig"])
def test_line_is_read_in_every_encoding_banks_use(encoding: str) -> None:
    content = statement(
        document(НазначениеПлатежа="Пожертвование. Код К7М2-48", Сумма="1234.5"), encoding=encoding
    )
    rows = read(content, account=OURS)
    assert rows == [
        Incoming(
            key=rows[0].key,
            day=date(2026, 11, 24),
            number="17",
            amount=Decimal("1234.50"),
            payer="Иванов Иван Иванович",
            payer_inn="",
            purpose="Пожертвование. Код К7М2-48",
        )
    ]


def test_dos_encoding_is_read_when_the_file_says_so() -> None:
    text = statement(document()).decode("cp1251").replace("=Windows", "=DOS")
    text = text.replace("«", '"').replace("»", '"')
    assert read(text.encode("cp866"), account=OURS)[0].payer == "Иванов Иван Иванович"


def test_key_does_not_depend_on_encoding_line_ends_or_order() -> None:
    first, second = document(), document(Номер="18", Сумма="700.00")
    crlf = read(statement(first, second), account=OURS)
    text = statement(second, first, encoding="utf-8").replace(b"\r\n", b"\n")
    assert {row.key for row in crlf} == {row.key for row in read(text, account=OURS)}
    assert len({row.key for row in crlf}) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"Номер": "18"},
        {"Сумма": "500.01"},
        {"ДатаПоступило": "25.11.2026"},
        {"ПлательщикСчет": "40817810500000000002"},
    ],
)
def test_key_tells_lines_apart(changes: dict[str, str]) -> None:
    one, other = read(statement(document()), account=OURS), document(**changes)
    assert one[0].key != read(statement(other), account=OURS)[0].key


def test_same_line_twice_is_one_and_another_purpose_makes_another() -> None:
    first = document(НазначениеПлатежа="Пожертвование А")
    second = document(НазначениеПлатежа="Пожертвование Б")
    rows = read(statement(first, first, second), account=OURS)
    assert [row.purpose for row in rows] == ["Пожертвование А", "Пожертвование Б"]
    assert len({row.key for row in rows}) == 2
    (earlier,) = read(statement(second), account=OURS)  # a file of noon, before the first came
    assert earlier.key == rows[1].key


def test_only_what_came_in_to_our_account_is_read() -> None:
    out = document(ПлательщикСчет=OURS, ПолучательСчет="40702810500000000009")
    to_itself = document(ПлательщикСчет=OURS)
    foreign = document(ПолучательСчет="40702810500000000009")
    incoming = document(ПолучательСчет=None, ПолучательРасчСчет=OURS)
    rows = read(statement(out, to_itself, foreign, incoming), account=OURS)
    assert len(rows) == 1


def test_payer_and_purpose_are_put_together_from_their_parts() -> None:
    parts = document(
        Плательщик="ИНН 434500000013 Петрова Анна",
        НазначениеПлатежа=None,
        НазначениеПлатежа1="Пожертвование.",
        НазначениеПлатежа2="Код К7М2-48",
        ДатаПоступило="",
    )
    row = read(statement(parts), account=OURS)[0]
    assert row.payer == "Петрова Анна"
    assert row.purpose == "Пожертвование. Код К7М2-48"
    assert row.day == date(2026, 11, 24)


def test_statement_without_incoming_lines_is_empty_but_good() -> None:
    assert read(statement(), account=OURS) == []


def test_statement_of_another_account_is_refused_by_name() -> None:
    foreign = statement(account="40703810500000000003")
    assert refusal(foreign) == "Это выписка другого счёта. Наш заканчивается на 0002."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Файл пустой."),
        (b"  \r\n ", "Файл пустой."),
        (
            "<!doctype html><html><body>Войдите в систему</body></html>".encode(),
            "Это не выписка для обмена.",
        ),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "Это не выписка для обмена."),
        (statement(document()).decode("cp1251").encode("utf-16"), "Файл в кодировке"),
        (b"PK\x03\x04\x00\x00", "Файл в кодировке"),
        (b"1CClientBankExchange\n" + b"\x98" * 6000, "В файле есть строка невозможной длины."),
        (
            statement(document()).replace("КонецДокумента".encode("cp1251"), b""),
            "Файл обрывается на документе № 17. Выгрузите его заново.",
        ),
        (statement(document())[:-60], "Файл обрывается на документе № 17."),
        (
            statement("КонецДокумента"),
            "Файл повреждён: документ закончился, не начавшись.",
        ),
        (statement(document(Сумма="")), "В документе № 17 нет суммы"),
        (statement(document(Сумма="1e3")), "В документе № 17 нет суммы"),
        (statement(document(Сумма="-500.00")), "В документе № 17 нет суммы"),
        (statement(document(Сумма="0.00")), "В документе № 17 нет суммы"),
        (statement(document(Сумма="500.005")), "В документе № 17 нет суммы"),
        (statement(document(ДатаПоступило="2026-11-24")), "В документе № 17 нет даты"),
        (statement(document(ДатаПоступило="31.02.2026")), "В документе № 17 нет даты"),
        (b"1CClientBankExchange\n" + b"a=b\n" * 1_400_000, "Файл слишком большой"),
    ],
)
def test_bad_file_is_refused_in_words(content: bytes, words: str) -> None:
    assert refusal(content).startswith(words)


def test_documents_inside_each_other_are_a_broken_file() -> None:
    torn = document().replace("\r\nКонецДокумента", "")
    assert refusal(statement(torn, document(Номер="18"))) == (
        "Файл обрывается на документе № 17. Выгрузите его заново."
    )
    assert TITLE in torn
