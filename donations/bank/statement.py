"""A bank statement as accounting programs exchange it: a text file, `1CClientBankExchange`.

Only what came in to our own account is read. Nothing is guessed: a file that cannot be understood
to the last line is refused whole, in words for the accountant.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from donations.money import from_kopecks, to_kopecks

HEADING = "1CClientBankExchange"
LARGEST_FILE = 5 * 1024 * 1024
MOST_DOCUMENTS = 20_000
LONGEST_LINE = 5_000
SUM = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?\Z")
DOCUMENT, DOCUMENT_END = "СекцияДокумент", "КонецДокумента"
Document = dict[str, str]


class BadStatement(Exception):
    """The file was not taken; the text says why, in words for a person."""


@dataclass(frozen=True)
class Incoming:
    """A line of money that came in. `key` is the same however often the bank exports the line."""

    key: str
    day: date
    number: str
    amount: Decimal
    payer: str
    payer_inn: str
    purpose: str


def read(content: bytes, *, account: str) -> list[Incoming]:
    """What came in to `account`, in the order of the file. Raises BadStatement."""
    lines = _lines(content)
    own_accounts, documents = _sections(lines)
    incoming = [one for one in documents if _is_incoming(one, account)]
    if not incoming and account not in own_accounts and not _is_about(documents, account):
        raise BadStatement(
            _("This is a statement of another account. Ours ends with %(digits)s.")
            % {"digits": account[-4:]}
        )
    rows = [_row(document, account) for document in incoming]
    return list({row.key: row for row in rows}.values())


def _lines(content: bytes) -> list[str]:
    if not content.strip():
        raise BadStatement(_("The file is empty."))
    if len(content) > LARGEST_FILE:
        raise BadStatement(_("The file is too large: a statement takes up to 5 MB."))
    text = _decode(content)
    lines = re.split(r"\r\n|\r|\n", text)
    if lines[0].strip() != HEADING:
        raise BadStatement(
            _(
                "This is no statement for exchange. In the bank's office choose the export "
                "«1C» (a text file that begins with 1CClientBankExchange)."
            )
        )
    if any(len(line) > LONGEST_LINE for line in lines):
        raise BadStatement(_("There is a line of impossible length in the file."))
    return [line.strip() for line in lines[1:] if line.strip()]


def _decode(content: bytes) -> str:
    """UTF-8 when it is that, else what the file says: Windows or DOS."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise BadStatement(
            _("The file is in an encoding we do not read. Export it as Windows or UTF-8.")
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_dos = re.search(rb"(?m)^\S{1,20}=DOS\s*$", content[:500])
        return content.decode("cp866" if is_dos else "cp1251", errors="replace")


def _sections(lines: list[str]) -> tuple[set[str], list[Document]]:
    """(the file's own accounts, its documents). Sections are never inside each other."""
    own_accounts: set[str] = set()
    documents: list[Document] = []
    document: Document | None = None
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if name == DOCUMENT and equals:
            if document is not None:
                raise _broken_off(document)
            document = {}
        elif name == DOCUMENT_END:
            if document is None:
                raise BadStatement(_("The file is damaged: a document ends that never began."))
            documents.append(document)
            document = None
        elif document is not None and equals:
            document.setdefault(name, value)
        elif name == "РасчСчет" and equals:
            own_accounts.add(value)
    if document is not None:
        raise _broken_off(document)
    if len(documents) > MOST_DOCUMENTS:
        raise BadStatement(_("There are too many documents in the file: take a shorter time."))
    return own_accounts, documents


def _broken_off(document: Document) -> BadStatement:
    number = document.get("Номер", "?")
    return BadStatement(
        _("The file breaks off inside document № %(number)s. Download it anew.")
        % {"number": number}
    )


def _is_incoming(document: Document, account: str) -> bool:
    return account in _accounts(document, "Получатель") and account not in _accounts(
        document, "Плательщик"
    )


def _is_about(documents: list[Document], account: str) -> bool:
    return any(account in _accounts(one, "Плательщик") for one in documents)


def _accounts(document: Document, side: str) -> tuple[str, ...]:
    """Banks write a side's account under either name, some under both."""
    return (document.get(f"{side}Счет", ""), document.get(f"{side}РасчСчет", ""))


def _row(document: Document, account: str) -> Incoming:
    number = document.get("Номер", "")
    day = _day(document.get("ДатаПоступило") or document.get("Дата", ""), number)
    amount = _amount(document.get("Сумма", ""), number)
    payer_account = next(filter(None, _accounts(document, "Плательщик")), "")
    purpose = _purpose(document)[:500]
    # One number of the bank's transit account may pay for many people: only the purpose tells them
    # apart. Its letters and digits alone, because encodings differ in quotation marks and dashes.
    told = re.sub(r"\W", "", purpose).casefold()
    return Incoming(
        key=_digest(account, day.isoformat(), number, str(to_kopecks(amount)), payer_account, told),
        day=day,
        number=number[:40],
        amount=amount,
        payer=_payer(document)[:200],
        payer_inn=document.get("ПлательщикИНН", "")[:12],
        purpose=purpose,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _day(text: str, number: str) -> date:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise BadStatement(
            _("Document № %(number)s has no date that can be read.") % {"number": number}
        ) from None


def _amount(text: str, number: str) -> Decimal:
    found = SUM.match(text)
    kopecks = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0
    if not kopecks:
        raise BadStatement(
            _("Document № %(number)s has no sum that can be read.") % {"number": number}
        )
    return from_kopecks(kopecks)


def _payer(document: Document) -> str:
    named = document.get("Плательщик1") or document.get("Плательщик", "")
    return " ".join(re.sub(r"^ИНН\s+\d+\s+", "", named).split())


def _purpose(document: Document) -> str:
    """The purpose on one line; some banks give it in parts numbered 1 to 6."""
    whole = document.get("НазначениеПлатежа", "")
    if not whole:
        parts = (document.get(f"НазначениеПлатежа{number}", "") for number in range(1, 7))
        whole = " ".join(part for part in parts if part)
    return " ".join(whole.split())
