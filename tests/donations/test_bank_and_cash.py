"""The accountant's «Bank and cash»: what came in is counted once, and only where it belongs."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.by_hand import (
    AlreadyEntered,
    CannotCorrect,
    OfflineGift,
    OtherCorrection,
    correct,
    enter_gift,
)
from donations.actions.funds import check_totals
from donations.actions.giving import Gift
from donations.actions.letters import send_owed_letters
from donations.actions.refunds import CannotRefund, refund_donation
from donations.actions.statements import (
    Fit,
    Imported,
    LineIsTaken,
    NoAccount,
    attach_line,
    confirm_ready,
    count_what_came,
    import_statement,
    propose,
    set_line_aside,
)
from donations.actions.transfers import bank_account, expire_promises, promise_transfer
from donations.models import (
    AccountKind,
    Correction,
    Donation,
    DonationEvent,
    DonationState,
    Fund,
    Letter,
    StatementLine,
)
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.bank import OURS, document, give_requisites, statement
from tests.donations.screen import words_of

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
OTHERS = "40703810500000000003"


@pytest.fixture(autouse=True)
def requisites(site: Site) -> None:
    give_requisites(site)


@pytest.fixture
def accountant(make_person: MakePerson, site: Site) -> User:
    return make_person(Role.ACCOUNTANT, site)


@pytest.fixture
def books(accountant: User, admin_as: Callable[[User], SiteClient]) -> SiteClient:
    return admin_as(accountant)


@pytest.fixture
def promise(fund: Fund) -> Donation:
    gift = Gift(
        amount=Decimal("500.25"),
        email="anna@example.org",
        key="nonce:bank1",
        name="Анна",
        show_name=True,
        message="Держитесь",
    )
    return promise_transfer(fund=fund, gift=gift)


def paying(promise: Donation, **changes: Any) -> str:
    purpose = f"Пожертвование. Код {promise.code}"
    return document(**{"Сумма": "500.25", "НазначениеПлатежа": purpose, **changes})


def bring(site: Site, by: User, *documents: str) -> Imported:
    return import_statement(site=site, content=statement(*documents), by=by)


def line(**fields: Any) -> StatementLine:
    return StatementLine.objects.select_related("site").get(**fields)


def totals(fund: Fund) -> tuple[Decimal, Decimal, int]:
    fund.refresh_from_db()
    return fund.raised, fund.refunded, fund.count


# --- statements ----------------------------------------------------------------


def test_reading_in_counts_nothing_until_a_person_confirms(
    site: Site, accountant: User, promise: Donation, fund: Fund
) -> None:
    assert bring(site, accountant, paying(promise)) == Imported(found=1, new=1)
    promise.refresh_from_db()
    assert promise.state == DonationState.PENDING
    assert totals(fund) == (Decimal("0.00"), Decimal("0.00"), 0)
    assert [one.fit for one in propose([line()])] == [Fit.READY]


def test_line_with_the_code_and_the_sum_keeps_the_promise(
    site: Site, accountant: User, promise: Donation, fund: Fund
) -> None:
    bring(site, accountant, paying(promise))

    confirm_ready(site=site, by=accountant)

    promise.refresh_from_db()
    assert promise.state == DonationState.SUCCEEDED
    assert promise.external_id == line().key
    assert promise.paid_at is not None
    assert promise.paid_at.isoformat() == "2026-11-24T09:00:00+00:00"  # noon of Kirov
    assert line().donation == promise
    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)
    event = promise.events.last()
    assert event is not None
    assert (event.source, event.by, event.to_state) == ("statement", accountant, "succeeded")
    assert check_totals() == []
    assert send_owed_letters() == 1
    assert mail.outbox[0].to == ["anna@example.org"]


def test_statement_read_in_twice_counts_once(
    site: Site, accountant: User, promise: Donation, fund: Fund
) -> None:
    for _time in range(2):
        bring(site, accountant, paying(promise), document(Номер="18"))
        confirm_ready(site=site, by=accountant)
    assert bring(site, accountant, paying(promise)) == Imported(found=1, new=0)
    assert StatementLine.objects.count() == 2
    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)
    assert Letter.objects.count() == 1


def test_one_line_stands_once_in_the_database(
    site: Site, accountant: User, promise: Donation
) -> None:
    bring(site, accountant, paying(promise))
    twin = line()
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize("amount", ["500.00", "1000.00"])
def test_another_sum_waits_for_a_person_and_then_counts_as_it_came(
    site: Site, accountant: User, promise: Donation, fund: Fund, amount: str
) -> None:
    bring(site, accountant, paying(promise, Сумма=amount))
    assert confirm_ready(site=site, by=accountant) == []
    assert propose([line()])[0].fit == Fit.OTHER_SUM
    assert totals(fund)[0] == Decimal("0.00")

    gift = count_what_came(line=line(), by=accountant)

    promise.refresh_from_db()
    assert (promise.state, promise.reason) == ("canceled", "another_sum_came")
    assert gift.pk != promise.pk
    assert (gift.email, gift.name, gift.show_name, gift.message) == (
        "anna@example.org",
        "Анна",
        True,
        "Держитесь",
    )
    assert totals(fund) == (Decimal(amount), Decimal("0.00"), 1)
    assert check_totals() == []


def test_late_money_counts_by_its_code_as_a_gift_of_its_own(
    site: Site, accountant: User, promise: Donation, fund: Fund
) -> None:
    Donation.objects.update(created_at=timezone.now() - timedelta(days=46))
    expire_promises()
    Fund.objects.filter(pk=fund.pk).update(purpose="Другая цель")
    bring(site, accountant, paying(promise))

    counted = confirm_ready(site=site, by=accountant)

    promise.refresh_from_db()
    assert (promise.state, promise.reason) == ("canceled", "arrived_late")
    assert counted[0].purpose == promise.purpose == "Уставная деятельность"
    assert [gift.amount for gift in counted] == [Decimal("500.25")]
    assert counted[0].email == "anna@example.org"
    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)


def test_second_money_with_one_code_waits_for_a_person(
    site: Site, accountant: User, promise: Donation, fund: Fund
) -> None:
    bring(site, accountant, paying(promise), paying(promise, Номер="18"))
    assert len(confirm_ready(site=site, by=accountant)) == 1
    assert confirm_ready(site=site, by=accountant) == []
    second = line(donation=None)
    assert propose([second])[0].fit == Fit.PAID_ALREADY
    count_what_came(line=second, by=accountant)
    assert totals(fund) == (Decimal("1000.50"), Decimal("0.00"), 2)
    assert check_totals() == []


def test_line_without_a_code_becomes_a_gift_to_the_fund_that_is_chosen(
    site: Site, accountant: User, fund: Fund
) -> None:
    bring(site, accountant, document())
    gift = attach_line(line=line(), fund=fund, by=accountant)
    assert (gift.amount, gift.email, gift.external_id) == (Decimal("500.00"), "", line().key)
    assert totals(fund) == (Decimal("500.00"), Decimal("0.00"), 1)
    with pytest.raises(LineIsTaken):
        attach_line(line=line(), fund=fund, by=accountant)
    with pytest.raises(LineIsTaken):
        set_line_aside(line=line(), by=accountant)
    assert totals(fund)[2] == 1


def test_line_put_aside_asks_no_more(site: Site, accountant: User, promise: Donation) -> None:
    bring(site, accountant, paying(promise))
    set_line_aside(line=line(), by=accountant)
    assert StatementLine.objects.waiting().count() == 0
    assert confirm_ready(site=site, by=accountant) == []
    assert AuditEntry.objects.filter(what="statement line set aside", by=accountant).count() == 1


def test_code_of_another_site_is_no_code_here(
    site: Site, other_site: Site, accountant: User, make_person: MakePerson
) -> None:
    give_requisites(other_site, account_number=OTHERS)
    theirs = promise_transfer(
        fund=Fund.objects.of_site(other_site).general().get(),
        gift=Gift(amount=Decimal("500.25"), email="boris@example.org", key="nonce:theirs"),
    )
    bring(site, accountant, paying(theirs))
    assert propose([line()])[0].fit == Fit.NONE
    assert confirm_ready(site=site, by=accountant) == []
    theirs.refresh_from_db()
    assert theirs.state == DonationState.PENDING


def test_statement_needs_an_account_to_compare_with(site: Site, accountant: User) -> None:
    give_requisites(site, account_number="")
    with pytest.raises(NoAccount):
        bring(site, accountant, document())


def test_first_real_money_ends_the_count_of_test_gifts(
    site: Site, accountant: User, promise: Donation, fund: Fund, give: Give
) -> None:
    give(fund, "100.00", pay=True)
    assert totals(fund)[0] == Decimal("100.00")
    bring(site, accountant, paying(promise))
    confirm_ready(site=site, by=accountant)
    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)
    give(fund, "100.00", pay=True)
    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)
    assert check_totals() == []


def test_lines_are_matched_in_the_same_number_of_queries(
    site: Site,
    accountant: User,
    fund: Fund,
    django_assert_num_queries: Any,
) -> None:
    for number in range(3):
        gift = Gift(amount=Decimal("500.25"), email="a@example.org", key=f"nonce:{number}")
        one = promise_transfer(fund=fund, gift=gift)
        bring(site, accountant, paying(one, Номер=str(number)))
    lines = list(StatementLine.objects.all())
    for some in (lines[:1], lines):
        with django_assert_num_queries(2):
            assert [one.fit for one in propose(some)] == [Fit.READY] * len(some)


# --- by hand -------------------------------------------------------------------


def by_hand(fund: Fund, by: User, **changes: Any) -> Donation:
    fields: dict[str, Any] = {
        "kind": AccountKind.CASH,
        "amount": Decimal("1500.50"),
        "day": date(2026, 11, 20),
        "document": "12",
    }
    return enter_gift(site=fund.site, fund=fund, gift=OfflineGift(**{**fields, **changes}), by=by)


def test_cash_is_counted_by_its_document_once(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant, name="Борис", email="boris@example.org")
    assert (gift.state, gift.external_id, gift.account.kind) == ("succeeded", "2026/12", "cash")
    assert totals(fund) == (Decimal("1500.50"), Decimal("0.00"), 1)
    with pytest.raises(AlreadyEntered):
        by_hand(fund, accountant, amount=Decimal("1.00"))
    assert totals(fund) == (Decimal("1500.50"), Decimal("0.00"), 1)
    assert AuditEntry.objects.filter(what="gift entered by hand", by=accountant).count() == 1
    assert {event.source for event in gift.events.all()} == {"person"}
    assert send_owed_letters() == 1
    assert check_totals() == []


def test_number_of_a_cash_document_begins_anew_next_year(fund: Fund, accountant: User) -> None:
    by_hand(fund, accountant, day=date(2025, 12, 30))
    by_hand(fund, accountant, day=date(2026, 1, 9))
    assert totals(fund)[2] == 2


def test_bank_gift_entered_by_hand_is_known_again_in_the_statement(
    site: Site, fund: Fund, accountant: User
) -> None:
    day = date(2026, 11, 24)
    gift = by_hand(
        fund,
        accountant,
        kind=AccountKind.BANK,
        amount=Decimal("500.00"),
        day=day,
        document="17",
    )
    bring(site, accountant, document())
    assert propose([line()])[0].fit == Fit.ENTERED
    confirm_ready(site=site, by=accountant)
    assert line().donation == gift
    assert totals(fund) == (Decimal("500.00"), Decimal("0.00"), 1)


def test_bank_gift_whose_line_is_in_the_statement_is_not_entered_again(
    site: Site, fund: Fund, accountant: User
) -> None:
    bring(site, accountant, document())
    with pytest.raises(AlreadyEntered):
        by_hand(
            fund,
            accountant,
            kind=AccountKind.BANK,
            amount=Decimal("500.00"),
            day=date(2026, 11, 24),
            document="17",
        )
    assert Donation.objects.count() == 0


def test_cash_is_not_given_back_by_a_provider(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant)
    with pytest.raises(CannotRefund):
        refund_donation(donation=gift, amount=Decimal("1.00"), reason="—", by=accountant)


# --- corrections ---------------------------------------------------------------


def mend(fund: Fund, by: User, amount: str, donation: Donation | None = None, **more: Any) -> Any:
    fields: dict[str, Any] = {"reason": "Ошибка в сумме", "document": "Акт 3", "key": uuid4()}
    return correct(
        fund=fund, donation=donation, amount=Decimal(amount), by=by, **{**fields, **more}
    )


def test_correction_is_an_entry_and_the_gift_stays_as_it_was(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant)
    mend(fund, accountant, "-1000.50", gift)
    gift.refresh_from_db()
    assert (gift.amount, gift.corrected, gift.left) == (
        Decimal("1500.50"),
        Decimal("-1000.50"),
        Decimal("500.00"),
    )
    assert totals(fund) == (Decimal("500.00"), Decimal("0.00"), 1)
    assert AuditEntry.objects.filter(what="correction", by=accountant).count() == 1
    assert check_totals() == []


def test_gift_corrected_to_nothing_is_nobodys_support(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant)
    mend(fund, accountant, "-1500.50", gift)
    assert totals(fund) == (Decimal("0.00"), Decimal("0.00"), 0)
    mend(fund, accountant, "500.00", gift)
    assert totals(fund) == (Decimal("500.00"), Decimal("0.00"), 1)
    assert check_totals() == []


def test_correction_sent_twice_is_one(fund: Fund, accountant: User) -> None:
    gift, key = by_hand(fund, accountant), uuid4()
    for _time in range(2):
        mend(fund, accountant, "-0.50", gift, key=key)
    assert totals(fund)[0] == Decimal("1500.00")
    assert Correction.objects.count() == 1
    for other in [("-0.60", gift), ("-0.50", None)]:
        with pytest.raises(OtherCorrection):
            mend(fund, accountant, *other, key=key)


def test_nothing_falls_below_nothing(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant)
    by_hand(fund, accountant, document="13", amount=Decimal("5000.00"))
    with pytest.raises(CannotCorrect):
        mend(fund, accountant, "-1500.51", gift)
    with pytest.raises(CannotCorrect):
        mend(fund, accountant, "-6500.51")
    assert totals(fund) == (Decimal("6500.50"), Decimal("0.00"), 2)
    assert Correction.objects.count() == 0


def test_fund_as_a_whole_is_corrected(fund: Fund, accountant: User) -> None:
    by_hand(fund, accountant)
    mend(fund, accountant, "-0.50")
    mend(fund, accountant, "100.00")
    assert totals(fund) == (Decimal("1600.00"), Decimal("0.00"), 1)
    assert check_totals() == []


def test_test_gift_and_unpaid_gift_are_not_corrected(
    fund: Fund, accountant: User, give: Give, promise: Donation
) -> None:
    for gift in (give(fund, "100.00", pay=True), promise):
        with pytest.raises(CannotCorrect):
            mend(fund, accountant, "-1.00", gift)


def test_lost_correction_is_noticed(fund: Fund, accountant: User) -> None:
    gift = by_hand(fund, accountant)
    mend(fund, accountant, "-0.50", gift)
    Correction.objects.all()._raw_delete("default")
    assert [one.fund for one in check_totals()] == [fund]


# --- screens -------------------------------------------------------------------


def upload(books: SiteClient, site: Site, content: bytes) -> Any:
    file = SimpleUploadedFile("kl_to_1c.txt", content, content_type="text/plain")
    return books.post(f"/admin/bank/{site.pk}/", {"statement": file})


def test_accountant_reads_a_statement_in_looks_and_confirms(
    books: SiteClient, site: Site, promise: Donation, fund: Fund
) -> None:
    assert books.get("/admin/bank/")["Location"] == f"/admin/bank/{site.pk}/"
    answer = upload(books, site, statement(paying(promise), document(Номер="18")))
    assert answer["Location"] == f"/admin/bank/{site.pk}/"
    shown = words_of(books.get(answer["Location"]))
    assert "Поступлений в выписке: 2, новых: 2." in shown
    assert "Узнаны по коду, сумма сходится" in shown
    assert "Без кода" in shown
    assert str(promise.code) in shown
    assert totals(fund)[2] == 0

    books.post(f"/admin/bank/{site.pk}/confirm/")

    assert totals(fund) == (Decimal("500.25"), Decimal("0.00"), 1)
    other = line(donation=None)
    books.post(
        f"/admin/bank/{site.pk}/lines/{other.pk}/",
        {"decision": "gift", f"{other.pk}-fund": fund.pk},
    )
    assert totals(fund) == (Decimal("1000.25"), Decimal("0.00"), 2)
    again = words_of(books.get(f"/admin/bank/{site.pk}/"))
    assert "Без кода" not in again


def test_line_is_counted_as_it_came_or_put_aside_on_the_screen(
    books: SiteClient, site: Site, promise: Donation, fund: Fund
) -> None:
    upload(books, site, statement(paying(promise, Сумма="400.00"), document(Номер="18")))
    shown = words_of(books.get(f"/admin/bank/{site.pk}/"))
    assert "Узнаны по коду, посмотрите на них" in shown
    doubtful, plain = line(amount=Decimal("400.00")), line(number="18")
    url = f"/admin/bank/{site.pk}/lines"
    books.post(f"{url}/{doubtful.pk}/", {"decision": "count"})
    books.post(f"{url}/{plain.pk}/", {"decision": "aside"})
    books.post(f"{url}/{plain.pk}/", {"decision": "gift", f"{plain.pk}-fund": fund.pk})
    assert totals(fund) == (Decimal("400.00"), Decimal("0.00"), 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Файл пустой."),
        (b"<html><body>404</body></html>", "Это не выписка для обмена."),
        (statement(document()).decode("cp1251").encode("utf-16"), "Файл в кодировке"),
        (b"1CClientBankExchange\n" + b"x=1\n" * 13_000_000, "Файл слишком большой"),
        (statement(account=OTHERS), "Это выписка другого счёта. Наш заканчивается на 0002."),
    ],
    ids=["empty", "html", "utf-16", "50 MB", "another account"],
)
def test_bad_file_is_refused_at_the_field(
    books: SiteClient, site: Site, content: bytes, words: str
) -> None:
    answer = upload(books, site, content)
    assert answer.status_code == 200
    assert words in words_of(answer)
    assert StatementLine.objects.count() == 0


def test_no_file_is_refused_at_the_field(books: SiteClient, site: Site) -> None:
    answer = books.post(f"/admin/bank/{site.pk}/", {})
    assert "Требуется заполнить это поле." in words_of(answer)
    assert StatementLine.objects.count() == 0


def hand_form(chosen: Fund, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "cash",
        "amount": "1 500,50",
        "day": "2026-11-20",
        "fund": chosen.pk,
        "document": "12",
        "name": "",
        "email": "",
        **changes,
    }


def test_accountant_enters_cash_and_corrects_it(
    books: SiteClient, site: Site, fund: Fund, accountant: User
) -> None:
    url = f"/admin/bank/{site.pk}/enter/"
    assert books.get(url).status_code == 200
    answer = books.post(url, hand_form(fund))
    gift = Donation.objects.get()
    assert answer["Location"] == f"/admin/donations/{gift.pk}/"
    assert totals(fund) == (Decimal("1500.50"), Decimal("0.00"), 1)
    again = books.post(url, hand_form(fund))
    assert "Этот документ уже внесён" in words_of(again)

    form = {
        "direction": "take",
        "amount": "1000,50",
        "reason": "Лишний ноль",
        "document": "Акт 3",
        "key": str(uuid4()),
    }
    page = f"/admin/donations/{gift.pk}/correct/"
    assert books.get(page).status_code == 200
    too_much = books.post(page, {**form, "amount": "1500,51"})
    assert "Столько там нет: сумма стала бы меньше нуля." in words_of(too_much)
    for _time in range(2):
        books.post(page, form)
    assert totals(fund) == (Decimal("500.00"), Decimal("0.00"), 1)
    shown = words_of(books.get(f"/admin/donations/{gift.pk}/"))
    assert "Лишний ноль" in shown
    assert "Вернуть" not in shown

    whole = {**form, "fund": fund.pk, "direction": "add", "key": str(uuid4())}
    books.post(f"/admin/bank/{site.pk}/corrections/", whole)
    assert totals(fund)[0] == Decimal("1500.50")
    assert check_totals() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "1e3"},
        {"amount": "10,555"},
        {"day": "2026-02-31"},
        {"day": (timezone.now() + timedelta(days=3)).date().isoformat()},
        {"document": " "},
        {"document": "1" * 41},
        {"email": "anna@"},
        {"kind": "bitcoin"},
        {"kind": "sandbox"},
        {"fund": "0"},
        {"name": "А\x00"},
    ],
)
def test_bad_entry_is_refused_and_nothing_is_written(
    books: SiteClient, site: Site, fund: Fund, changes: dict[str, Any]
) -> None:
    answer = books.post(f"/admin/bank/{site.pk}/enter/", hand_form(fund, **changes))
    assert answer.status_code == 200
    assert Donation.objects.count() == 0
    assert DonationEvent.objects.count() == 0


# --- walls ---------------------------------------------------------------------


@pytest.fixture
def theirs(other_site: Site, make_person: MakePerson) -> tuple[Donation, StatementLine, Fund]:
    """The neighbour's books: a promise, a line that keeps it, a gift in cash, a correction."""
    give_requisites(other_site, account_number=OTHERS)
    fund = Fund.objects.of_site(other_site).general().get()
    keeper = make_person(Role.ACCOUNTANT, other_site)
    promise = promise_transfer(
        fund=fund,
        gift=Gift(amount=Decimal("500.25"), email="secret@example.org", key="nonce:theirs"),
    )
    content = statement(
        paying(promise, Плательщик="Тайный Даритель", ПолучательСчет=OTHERS), account=OTHERS
    )
    import_statement(site=other_site, content=content, by=keeper)
    gift = by_hand(fund, keeper)
    mend(fund, keeper, "-0.50", gift)
    return gift, StatementLine.objects.get(site=other_site), fund


def test_neighbours_accountant_finds_nothing_here(
    books: SiteClient, site: Site, fund: Fund, theirs: tuple[Donation, StatementLine, Fund]
) -> None:
    gift, their_line, their_fund = theirs
    before = totals(their_fund)
    base = f"/admin/bank/{their_fund.site_id}"
    form = {"decision": "gift", f"{their_line.pk}-fund": fund.pk}
    correction = {
        "direction": "take",
        "amount": "1",
        "reason": "x",
        "document": "x",
        "key": str(uuid4()),
        "fund": their_fund.pk,
    }
    for path in (f"{base}/", f"{base}/enter/", f"{base}/corrections/"):
        assert books.get(path).status_code == 404
        assert books.post(path, correction).status_code == 404
    assert books.get(f"/admin/donations/{gift.pk}/correct/").status_code == 404
    assert books.post(f"/admin/donations/{gift.pk}/correct/", correction).status_code == 404
    assert books.post(f"{base}/confirm/").status_code == 404
    assert books.post(f"{base}/lines/{their_line.pk}/", form).status_code == 404
    # Their line under our own address.
    assert books.post(f"/admin/bank/{site.pk}/lines/{their_line.pk}/", form).status_code == 404
    # Their fund in our own forms.
    books.post(f"/admin/bank/{site.pk}/enter/", hand_form(their_fund))
    books.post(f"/admin/bank/{site.pk}/corrections/", correction)
    books.post(f"/admin/bank/{site.pk}/confirm/")
    assert totals(their_fund) == before
    assert Donation.objects.of_site(site).count() == 0
    for path in ("", "enter/", "corrections/"):
        shown = books.get(f"/admin/bank/{site.pk}/{path}").content.decode()
        assert "Тайный Даритель" not in shown
        assert "Ошибка в сумме" not in shown
        assert f'value="{their_fund.pk}"' not in shown


def test_editor_keeps_no_books(
    site: Site,
    fund: Fund,
    accountant: User,
    make_person: MakePerson,
    admin_as: Callable[[User], SiteClient],
) -> None:
    gift = by_hand(fund, accountant)
    editor = admin_as(make_person(Role.EDITOR, site))
    for path in (
        "bank/",
        f"bank/{site.pk}/",
        f"bank/{site.pk}/enter/",
        f"bank/{site.pk}/corrections/",
        f"donations/{gift.pk}/correct/",
    ):
        assert editor.get(f"/admin/{path}").status_code == 404, path
    assert editor.post(f"/admin/bank/{site.pk}/confirm/").status_code == 404


def test_statement_is_kept_under_the_account_it_is_about(site: Site, accountant: User) -> None:
    bring(site, accountant, document())
    assert line().account == bank_account(site=site, number=OURS)
    assert (line().payer, line().by) == ("Иванов Иван Иванович", accountant)
