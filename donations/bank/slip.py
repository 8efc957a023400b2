"""The slip PD-4 that a bank's cashier takes: a notice and a receipt on one sheet, the QR beside."""

from functools import cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from content.sheet import Box, draw_code
from donations.bank import qr
from donations.bank.payee import Transfer
from donations.money import to_kopecks

FONTS = Path(__file__).parent / "fonts"
LEFT, TOP, WIDTH, HEIGHT = 12.0, 12.0, 186.0, 108.0  # millimetres
STUB = 56.0  # the left column: what the part is, the QR, the cashier
BLANK = "_" * 44


def roubles_and_kopecks(transfer: Transfer) -> tuple[str, str]:
    roubles, kopecks = divmod(to_kopecks(transfer.amount), 100)
    return f"{roubles:,}".replace(",", "\u00a0"), f"{kopecks:02d}"


def pdf(transfer: Transfer, *, payer: str = "") -> bytes:
    """One A4 page. `payer` is written where it is known; else the donor writes it by hand."""
    sheet = FPDF(format="A4")
    sheet.set_margin(0)
    sheet.set_auto_page_break(auto=False)
    sheet.set_title("Извещение и квитанция ПД-4")
    sheet.set_lang("ru")
    sheet.add_font("Golos", "", _font(400))
    sheet.add_font("Golos", "B", _font(600))
    sheet.add_page()
    for part, (top, heading) in enumerate(((TOP, "Извещение"), (TOP + HEIGHT, "Квитанция"))):
        _part(sheet, transfer, top=top, heading=heading, payer=payer, with_code=part == 0)
    return bytes(sheet.output())


@cache
def _font(weight: int) -> Path:
    return FONTS / f"golos-text-{weight}.ttf"


def _part(
    sheet: FPDF, transfer: Transfer, *, top: float, heading: str, payer: str, with_code: bool
) -> None:
    sheet.set_line_width(0.3)
    sheet.rect(LEFT, top, WIDTH, HEIGHT)
    sheet.line(LEFT + STUB, top, LEFT + STUB, top + HEIGHT)
    sheet.set_xy(LEFT, top + 4)
    sheet.set_font("Golos", "B", 11)
    sheet.cell(STUB, 6, heading, align="C")
    if with_code:
        _code(sheet, transfer, left=LEFT + 6, top=top + 14, size=STUB - 12)
        sheet.set_font("Golos", "", 7)
        sheet.set_xy(LEFT, top + 14 + STUB - 12 + 1)
        sheet.cell(STUB, 4, "Оплата по коду в приложении банка", align="C")
    sheet.set_font("Golos", "", 9)
    sheet.set_xy(LEFT, top + HEIGHT - 10)
    sheet.cell(STUB, 6, "Кассир", align="C")
    _lines(sheet, transfer, left=LEFT + STUB + 3, top=top + 3, payer=payer)


def _code(sheet: FPDF, transfer: Transfer, *, left: float, top: float, size: float) -> None:
    try:
        rows = qr.matrix(qr.payload(transfer))
    except qr.CannotDraw:
        return
    draw_code(sheet, rows, Box(left, top, size, size))


def _lines(sheet: FPDF, transfer: Transfer, *, left: float, top: float, payer: str) -> None:
    payee = transfer.payee
    roubles, kopecks = roubles_and_kopecks(transfer)
    sheet.set_left_margin(left)
    sheet.set_xy(left, top)
    numbers = f"ИНН {payee.inn}" if payee.inn else ""
    if payee.kpp:
        numbers = f"{numbers}  КПП {payee.kpp}".strip()
    _said(sheet, "Получатель платежа", payee.name or payee.short_name, strong=True)
    _said(sheet, "", f"{numbers}  счёт № {payee.account}".strip())
    _said(sheet, "Банк получателя", payee.bank)
    account = f"БИК {payee.bic}"
    if payee.correspondent:
        account += f"  кор. счёт № {payee.correspondent}"
    _said(sheet, "", account)
    _said(sheet, "Назначение платежа", transfer.purpose, strong=True)
    _said(sheet, "Плательщик (Ф. И. О.)", payer or BLANK)
    _said(sheet, "Адрес плательщика", BLANK)
    _said(sheet, "Сумма платежа", f"{roubles} руб. {kopecks} коп.", strong=True)
    _said(
        sheet, "Плата за услуги банка", "________ руб. ____ коп.    Итого ________ руб. ____ коп."
    )
    _said(sheet, "Дата", "«____» ______________ 20___ г.    Подпись ________________")


def _said(sheet: FPDF, label: str, text: str, *, strong: bool = False) -> None:
    width = WIDTH - STUB - 6
    size = 8.5 if len(text) < 150 else 7.0
    if label:
        sheet.set_font("Golos", "", 6.5)
        sheet.cell(width, 3.2, label, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.set_font("Golos", "B" if strong else "", size)
    sheet.multi_cell(
        width, size * 0.43, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, padding=(0, 0, 1)
    )
