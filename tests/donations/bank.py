"""A bank for tests: requisites that pass their checks, statements as banks write them."""

from datetime import date
from typing import Any

from wagtail.models import Site

from site_settings.models import Organisation

OURS = "40703810200000000002"
REQUISITES = {
    "full_name": "РОО «Вятский велопуть»",
    "short_name": "Велопуть",
    "inn": "7707083893",
    "kpp": "773601001",
    "bank_name": "АО «Пример-Банк» г. Киров",
    "bic": "040000999",
    "account_number": OURS,
    "correspondent_account": "30101810500000000999",
}


def give_requisites(site: Site, **changes: str) -> None:
    Organisation.objects.update_or_create(site=site, defaults={**REQUISITES, **changes})


def document(**changes: Any) -> str:
    """A section of a statement: document(Сумма="500.00"); None leaves a line out."""
    lines = {
        "Номер": "17",
        "Дата": "24.11.2026",
        "Сумма": "500.00",
        "ПлательщикСчет": "40817810500000000001",
        "Плательщик": "Иванов Иван Иванович",
        "ПлательщикИНН": "",
        "ПолучательСчет": OURS,
        "ДатаПоступило": "24.11.2026",
        "Получатель": "РОО «Вятский велопуть»",
        "НазначениеПлатежа": "Пожертвование",
        **changes,
    }
    body = [f"{name}={value}" for name, value in lines.items() if value is not None]
    return "\r\n".join(["СекцияДокумент=Платежное поручение", *body, "КонецДокумента"])


def statement(*documents: str, account: str = OURS, encoding: str = "cp1251") -> bytes:
    head = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        f"ДатаСоздания={date(2026, 11, 24):%d.%m.%Y}",
        f"РасчСчет={account}",
        "СекцияРасчСчет",
        f"РасчСчет={account}",
        "НачальныйОстаток=0.00",
        "КонецРасчСчет",
    ]
    return "\r\n".join([*head, *documents, "КонецФайла", ""]).encode(encoding)
