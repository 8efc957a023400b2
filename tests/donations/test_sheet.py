"""The accountant's file: whose gifts, which of them, and what a spreadsheet makes of it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site
from wagtail.users.models import UserProfile

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.by_hand import correct
from donations.actions.payments import refresh_donation
from donations.actions.refunds import refund_donation
from donations.models import Donation, Fund, PaymentAccount
from donations.viewsets import DonationIndexView
from tenancy.models import AuditEntry, Role, RoleGroup
from tests.conftest import OpenSite, SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
Row = dict[str, str]
LIST = "/admin/donations/"
HEADINGS = [
    *("Оплачено", "Номер пожертвования", "Сайт", "Фонд", "Назначение в тот день", "Сумма"),
    *("Исправлено на", "Возвращено", "Осталось", "Комиссия платёжной системы", "Способ оплаты"),
    *("Номер у платёжной системы, в банке или документа", "Состояние", "Плательщик"),
    *("Электронная почта", "Получатель"),
]


@pytest.fixture
def person(make_person: Callable[..., User], site: Site) -> User:
    return make_person(Role.ACCOUNTANT, site)


@pytest.fixture
def accountant(person: User, admin_as: Callable[[User], SiteClient]) -> SiteClient:
    return admin_as(person)


@pytest.fixture
def paid(shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give) -> Give:
    """A gift paid through the emulator on 1 March 2027, at half past twelve in Moscow."""

    def pay(amount: str = "500.00", **fields: Any) -> Donation:
        with time_machine.travel("2027-03-01T09:30:00Z", tick=False):
            gift = give(fund, amount, **fields)
            emulator.pay(str(gift.external_id))
            gift = refresh_donation(gift, source="return")
        Donation.objects.filter(pk=gift.pk).update(paid_at=datetime(2027, 3, 1, 9, 30, tzinfo=UTC))
        return gift

    return pay


def rows_of(browser: SiteClient, question: str = "") -> list[Row]:
    answer: Any = browser.get(f"{LIST}?export=csv{question}")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_file_says_what_the_books_say(
    paid: Give, accountant: SiteClient, person: User, site: Site, fund: Fund
) -> None:
    gift = paid(name="=1+1", email="-a@example.org")
    refund_donation(donation=gift, amount=Decimal("40.50"), reason="Просьба", by=person)
    [row] = rows_of(accountant)
    assert list(row) == HEADINGS
    assert list(row.values()) == [
        *("01.03.2027 12:30", str(gift.public_id), site.site_name, fund.purpose, fund.purpose),
        *("500,00", "0,00", "40,50", "459,50", "17,50", "ЮKassa · банковская карта"),
        *(gift.external_id, "возвращено частично · тест", "'=1+1", "'-a@example.org"),
        "НКО veloput",
    ]


def test_workbook_has_numbers_for_sums_and_no_formula(
    paid: Give, accountant: SiteClient, person: User
) -> None:
    # Hours are those of the registers, wherever the reader sits.
    UserProfile.objects.create(user=person, current_time_zone="Asia/Vladivostok")
    paid(name="=1+1")
    paid("0010.50", name="+7 912")
    answer: Any = accountant.get(f"{LIST}?export=xlsx")
    assert answer["Content-Disposition"].startswith('attachment; filename="donations-')
    book: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    heads, *rows = [list(row) for row in book.active.iter_rows()]
    assert [cell.value for cell in heads] == HEADINGS
    sums = HEADINGS.index("Сумма")
    assert sorted(row[sums].value for row in rows) == [10.5, 500]
    assert {row[sums].data_type for row in rows} == {"n"}
    assert rows[0][0].value == datetime(2027, 3, 1, 12, 30)  # noqa: DTZ001 (Excel knows no zones)
    payers = [row[HEADINGS.index("Плательщик")] for row in rows]
    assert sorted(cell.value for cell in payers) == ["'+7 912", "'=1+1"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}


def test_what_remains_adds_up_to_the_total_of_the_site(
    paid: Give, give: Give, fund: Fund, accountant: SiteClient, person: User, shop: PaymentAccount
) -> None:
    refund_donation(donation=paid(), amount=Decimal("100.00"), reason="Просьба", by=person)
    paid("70.00")
    give(fund, "900.00")  # never paid
    correct(fund=fund, donation=None, amount=Decimal("50.00"), reason="Ошибка в акте",
            document="Акт 1", key=uuid4(), by=person)  # fmt: skip
    fund.refresh_from_db()
    remains = [Decimal(row["Осталось"].replace(",", ".")) for row in rows_of(accountant)]
    assert sorted(remains) == [Decimal("70.00"), Decimal("400.00")]
    assert sum(remains) + Decimal("50.00") == fund.total


def test_test_payments_are_left_out_once_the_money_is_real(
    paid: Give, emulator: YooKassaEmulator, site: Site, accountant: SiteClient
) -> None:
    paid()
    assert len(rows_of(accountant)) == 1
    emulator.add_shop("900900", "live_secret", test=False)
    use_account(site=site, kind="yookassa", shop_id="900900", secret_key="live_secret", by=None)
    assert rows_of(accountant) == []
    paid("70.00")
    assert [row["Состояние"] for row in rows_of(accountant)] == ["оплачено"]


def test_filters_of_the_list_are_those_of_the_file(
    paid: Give, fund: Fund, accountant: SiteClient
) -> None:
    paid()
    assert len(rows_of(accountant, f"&fund={fund.pk}&paid_at_from=2027-03-01")) == 1
    assert len(rows_of(accountant, "&paid_at_to=2027-03-01")) == 1
    assert rows_of(accountant, "&paid_at_to=2027-02-28") == []
    assert rows_of(accountant, "&paid_at_from=2027-03-02") == []
    assert rows_of(accountant, "&paid_at_from=soon") == []
    assert rows_of(accountant, "&fund=999999") == []


def test_neighbours_gifts_are_in_no_file_and_editors_get_none(
    site: Site,
    other_site: Site,
    give: Give,
    fund: Fund,
    person: User,
    accountant: SiteClient,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    give(fund, pay=True, email="own@example.org")
    theirs = Fund.objects.of_site(other_site).general().get()
    give(theirs, pay=True, email="zzneighbour@example.org", name="Zz", show_name=True)
    # One who keeps the books of one site and writes the pages of another takes the first's only.
    person.groups.add(RoleGroup.objects.get(site=other_site, role=Role.EDITOR).group)
    for question in ("", f"&fund={theirs.pk}", "&q=zzneighbour"):
        assert "zz" not in str(rows_of(accountant, question)).lower()
    assert [row["Электронная почта"] for row in rows_of(accountant)] == ["own@example.org"]
    editor = admin_as(make_person(Role.EDITOR, site))
    for question in ("?export=xlsx", "?export=csv", "results/?export=csv"):
        assert editor.get(LIST + question).status_code == 404
    assert "export=xlsx" not in editor.get(LIST).content.decode()
    assert "export=xlsx" in accountant.get(LIST).content.decode()


@pytest.mark.bad_input("audit")
def test_file_is_written_down_at_the_sites_whose_gifts_left(
    site: Site,
    give: Give,
    fund: Fund,
    person: User,
    accountant: SiteClient,
    open_a_site: OpenSite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = open_a_site("second").site
    open_a_site("third")
    person.groups.add(RoleGroup.objects.get(site=second, role=Role.ACCOUNTANT).group)
    give(Fund.objects.of_site(second).general().get(), pay=True)
    give(fund, pay=True)
    written = AuditEntry.objects.filter(what="list exported")

    answer: Any = accountant.get(f"{LIST}?export=csv")
    assert not written.exists()  # nothing has left yet
    next(answer._iterator)
    answer._iterator.close()  # the line broke: a part has left
    assert {row.site_id for row in written} == {site.pk, second.pk}
    assert {(row.by, row.details["screen"]) for row in written} == {(person, "donations:index")}
    assert accountant.get(f"{LIST}?export=xlsx").getvalue()

    def broken(*_args: Any) -> None:
        raise OSError("no room")

    before = written.count()
    monkeypatch.setattr(DonationIndexView, "write_xlsx", broken)
    with pytest.raises(OSError, match="no room"):
        accountant.get(f"{LIST}?export=xlsx")
    assert written.count() == before


def test_file_asks_who_is_there_after_a_quarter_of_an_hour(
    give: Give, fund: Fund, accountant: SiteClient
) -> None:
    give(fund, pay=True)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        answer = accountant.get(f"{LIST}?export=xlsx")
    assert answer["Location"].startswith("/admin/proof/")
    assert not AuditEntry.objects.filter(what="list exported").exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_three_gifts_ask_no_more_than_one(
    give: Give, fund: Fund, accountant: SiteClient, form: str
) -> None:
    accountant.get(LIST)
    counts = []
    for number in range(3):
        give(fund, pay=True, email=f"a{number}@example.org")
        with CaptureQueriesContext(connection) as asked:
            b"".join(accountant.get(f"{LIST}?export={form}").streaming_content)  # type: ignore[attr-defined]
        counts.append(len(asked))
    assert counts[0] == counts[2]
