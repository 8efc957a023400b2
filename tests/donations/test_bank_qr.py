"""The QR and the slip: bytes by the standard, read back by another program."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from donations.bank import qr, slip
from donations.bank.codes import CODE, codes_in, new_code
from donations.bank.payee import Payee, Transfer

PAYEE = Payee(
    name="РОО «Вятский велопуть»",
    short_name="Велопуть",
    inn="7707083893",
    kpp="773601001",
    account="40703810200000000002",
    bank="АО «Пример-Банк» г. Киров",
    bic="040000999",
    correspondent="30101810500000000999",
)
TRANSFER = Transfer(PAYEE, Decimal("12345.67"), "Пожертвование. Код К7М2-48. До моря")


def fields(content: bytes) -> dict[str, str]:
    text = content.decode({b"1": "cp1251", b"2": "utf-8"}[content[6:7]])
    return dict(part.split("=", 1) for part in text[8:].split(text[7]))


def named(name: str, short_name: str = "Велопуть") -> Transfer:
    return replace(TRANSFER, payee=replace(PAYEE, name=name, short_name=short_name))


def test_payload_is_the_standards_to_the_byte() -> None:
    assert qr.payload(TRANSFER).decode() == (
        "ST00012|Name=РОО «Вятский велопуть»|PersonalAcc=40703810200000000002"
        "|BankName=АО «Пример-Банк» г. Киров|BIC=040000999|CorrespAcc=30101810500000000999"
        "|PayeeINN=7707083893|KPP=773601001|Purpose=Пожертвование. Код К7М2-48. До моря"
        "|Sum=1234567"
    )


@pytest.mark.parametrize(
    ("amount", "kopecks"), [("10.00", "1000"), ("0.01", "1"), ("350000.99", "35000099")]
)
def test_sum_is_whole_kopecks(amount: str, kopecks: str) -> None:
    content = qr.payload(replace(TRANSFER, amount=Decimal(amount)))
    assert fields(content)["Sum"] == kopecks


def required_block(content: bytes) -> bytes:
    return content[: content.index(b"|PayeeINN=")]


def test_utf8_holds_to_exactly_300_bytes_and_gives_way_to_windows_1251_at_301() -> None:
    bare = len(required_block(qr.payload(named("Я"))))
    free = 300 - bare
    fits = named("Я" * (1 + free // 2) + "i" * (free % 2))
    over = named("Я" * (1 + free // 2) + "i" * (free % 2 + 1))
    assert len(required_block(qr.payload(fits))) == 300
    assert qr.payload(fits)[:7] == b"ST00012"
    assert qr.payload(over)[:7] == b"ST00011"
    assert fields(qr.payload(over))["Name"] == over.payee.name


def test_name_too_long_for_both_gives_way_to_the_short_one() -> None:
    long_ones = named("Я" * 161)
    assert fields(qr.payload(long_ones))["Name"] == "Велопуть"
    letters_of_no_codepage = named("Ӵ" * 120)
    assert fields(qr.payload(letters_of_no_codepage))["Name"] == "Велопуть"
    with pytest.raises(qr.CannotDraw):
        qr.payload(named("Я" * 161, ""))


@pytest.mark.bad_input("purpose_pipe")
def test_separator_never_stands_in_a_value() -> None:
    tricky = replace(TRANSFER, purpose="Пожертвование|Sum=1")
    content = qr.payload(tricky)
    assert content[7:8] == b"~"
    assert fields(content)["Purpose"] == "Пожертвование|Sum=1"
    assert fields(content)["Sum"] == "1234567"
    with pytest.raises(qr.CannotDraw):
        qr.payload(replace(TRANSFER, purpose=qr.SEPARATORS))


def test_separator_is_looked_for_in_all_values_for_the_block_as_well() -> None:
    content = qr.payload(replace(TRANSFER, purpose="а|б"))
    assert b"|Name=" not in content
    assert content.startswith(b"ST00012~Name=")


def test_bank_without_a_correspondent_account_has_a_nought_there() -> None:
    content = qr.payload(replace(TRANSFER, payee=replace(PAYEE, correspondent="", kpp="")))
    assert fields(content)["CorrespAcc"] == "0"
    assert "KPP" not in fields(content)


@pytest.mark.bad_input("purpose_1000")
def test_long_texts_are_cut_to_the_standards_lengths() -> None:
    long_one = replace(
        TRANSFER, purpose="Код К7М2-48 " + "щ" * 300, payee=replace(PAYEE, bank="Б" * 90)
    )
    found = fields(qr.payload(long_one))
    assert (len(found["Purpose"]), len(found["BankName"])) == (210, 45)


@pytest.mark.parametrize("name", ["РОО «Вятский велопуть»", "Р" * 110])
def test_code_is_read_back_by_another_program(name: str) -> None:
    content = qr.payload(named(name))
    rows = qr.matrix(content)
    image = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    image = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    kept = Image.open(BytesIO(qr.png(content))).convert("L")
    for picture in (image, kept):
        found = zxingcpp.read_barcodes(picture)
        assert [bytes(one.bytes) for one in found] == [content]


def test_picture_is_a_drawing_without_script_or_style() -> None:
    picture = qr.svg(qr.payload(TRANSFER)).decode()
    assert picture.startswith("<svg ")
    assert "viewBox" in picture
    assert "<script" not in picture
    assert "style=" not in picture


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("12345.67", "12 345 руб. 67 коп."),
        ("500.00", "500 руб. 00 коп."),
        ("0.05", "0 руб. 05 коп."),
    ],
)
def test_slip_names_the_sum_to_the_kopeck_twice(amount: str, words: str) -> None:
    text = text_of(slip.pdf(replace(TRANSFER, amount=Decimal(amount))))
    assert text.count(words) == 2


def test_slip_names_everything_a_cashier_types() -> None:
    text = text_of(slip.pdf(TRANSFER, payer="Анна Петрова"))
    for words in (
        "Извещение",
        "Квитанция",
        PAYEE.name,
        "ИНН 7707083893",
        "КПП 773601001",
        PAYEE.account,
        PAYEE.bank,
        "БИК 040000999",
        PAYEE.correspondent,
        TRANSFER.purpose,
        "Анна Петрова",
    ):
        assert words in text, words


def test_slip_of_the_longest_texts_stays_inside_its_frame() -> None:
    longest = Transfer(
        payee=replace(PAYEE, name="Общественная " * 19, bank="Банк России " * 12),
        amount=Decimal("350000.99"),
        purpose=("Пожертвование. Код К7М2-48. " + "Очень длинное назначение " * 9)[:210],
    )
    found: list[float] = []
    page = PdfReader(BytesIO(slip.pdf(longest, payer="Щ" * 100))).pages[0]

    def note(text: str, _cm: object, matrix: list[float], _font: object, _size: object) -> None:
        if text.strip():
            found.append(matrix[5])

    page.extract_text(visitor_text=note)
    bottom = float(page.mediabox.height) - (slip.TOP + 2 * slip.HEIGHT) * 72 / 25.4
    assert min(found) > bottom
    assert "350 000 руб. 99 коп." in text_of(slip.pdf(longest))


def test_code_is_read_from_either_keyboard_and_in_any_dress() -> None:
    for text in (
        "Пожертвование. Код К7М2-48. До моря",
        "ПОЖЕРТВОВАНИЕ КОД K7M2-48",  # Latin letters
        "код:к7м2 48;",
        "K7M248",
        "Код К7М2–48, спасибо",
    ):
        assert codes_in(text) == ["К7М2-48"], text
    assert codes_in("Договор 7М2-48, АК7М2-485, 40703810") == []
    assert codes_in("К7М2-48 и К7М2-48 и Т4Х6-29") == ["К7М2-48", "Т4Х6-29"]


def test_new_code_is_one_that_is_read_back() -> None:
    for _try in range(200):
        code = new_code()
        assert CODE.fullmatch(code)
        assert codes_in(f"Пожертвование. Код {code}. До моря") == [code]
