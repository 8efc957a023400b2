"""What an accountant's screens show on the demo: monthly gifts, a refund, a statement, a letter.

Everything is given to the general fund, so that the campaigns keep the figures of their stories.
No line of the statement is counted: the first real money would drop the test gifts.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.giving import Gift, start_donation
from donations.actions.payments import refresh_donation
from donations.actions.refunds import refund_donation
from donations.actions.sandbox import decide
from donations.actions.statements import import_statement
from donations.actions.subscriptions import pause
from donations.actions.transfers import promise_transfer
from donations.models import Donation, Fund, Letter, SandboxPayment, Subscription
from site_settings.models import Organisation

MONTHLY = (("Тамара", 300), ("Олег", 500), ("", 1000))
REFUSED = "SMTPRecipientsRefused"


def fill_books(*, site: Site, by: User) -> None:
    """Fill the books of one demo site, as its accountant `by` would meet them on a usual day."""
    fund = Fund.objects.select_related("site").of_site(site).general().get()
    for number, (name, amount) in enumerate(MONTHLY):
        _give(fund, f"monthly{number}", amount, name=name, monthly=True)
    pause(subscription=Subscription.objects.of_site(site).order_by("pk")[1])
    twice = _give(fund, "twice", 700, name="Игорь")
    refund_donation(
        donation=twice, amount=Decimal("350.00"), reason="Оплатили два раза по ошибке", by=by
    )
    promised = [
        _promise(fund, f"transfer{number}", sum_) for number, sum_ in enumerate((800, 1500))
    ]
    import_statement(site=site, content=_statement(site, promised), by=by)
    Letter.objects.filter(site=site, sent_at=None).update(sent_at=timezone.now())
    Letter.objects.filter(donation=twice, kind="refund").update(
        sent_at=None,
        attempts=3,
        last_error=REFUSED,
        next_try_at=timezone.now() + timedelta(days=1),
    )


def _gift(key: str, amount: int, *, name: str = "", monthly: bool = False) -> Gift:
    return Gift(
        amount=Decimal(amount),
        email=f"{key}@veloput.example.org",
        key=f"demo:books:{key}",
        name=name,
        page_path="/",
        source="demo",
        monthly=monthly,
    )


def _give(fund: Fund, key: str, amount: int, *, name: str, monthly: bool = False) -> Donation:
    donation = start_donation(fund=fund, gift=_gift(key, amount, name=name, monthly=monthly))
    decide(payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True)
    return refresh_donation(donation, source="return")


def _promise(fund: Fund, key: str, amount: int) -> Donation:
    return promise_transfer(fund=fund, gift=_gift(key, amount))


def _statement(site: Site, promised: list[Donation]) -> bytes:
    """As the bank's office exports it: a promise kept, one of another sum, and no donation."""
    ours, today = Organisation.for_site(site).account_number, timezone.localdate()
    kept, another = promised
    lines = (
        (kept.amount, "Петрова Вера Ивановна", f"Пожертвование. Код {kept.code}"),
        (another.amount - 500, "Смирнов Олег Петрович", f"пожертвование код {another.code}"),
        (Decimal("2000.00"), "Фонд «Добрые соседи»", "Пожертвование на уставную деятельность"),
        (Decimal("640.00"), "ООО «Пример»", "Возврат за велокамеры по счёту 18"),
    )
    parts = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={ours}"]
    for number, (amount, payer, purpose) in enumerate(lines, start=101):
        parts += _document(number, today - timedelta(days=1), amount, payer, purpose, ours)
    return "\r\n".join([*parts, "КонецФайла", ""]).encode("cp1251")


def _document(
    number: int, day: date, amount: Decimal, payer: str, purpose: str, ours: str
) -> list[str]:
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={number}",
        f"Дата={day:%d.%m.%Y}",
        f"ДатаПоступило={day:%d.%m.%Y}",
        f"Сумма={amount:.2f}",
        "ПлательщикСчет=40817810500000000001",
        f"Плательщик={payer}",
        f"ПолучательСчет={ours}",
        f"НазначениеПлатежа={purpose}",
        "КонецДокумента",
    ]
