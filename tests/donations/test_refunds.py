"""Giving back: by an accountant here, or found at the provider; the totals fall once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.by_hand import correct
from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.refunds import CannotRefund, finish_refunds, refund_donation, sync_refunds
from donations.models import Donation, Fund, Letter, PaymentAccount, Refund, RefundState
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
MakePerson = Callable[..., User]


@pytest.fixture
def accountant(make_person: MakePerson, site: Site) -> User:
    return make_person(Role.ACCOUNTANT, site)


@pytest.fixture
def paid(shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give) -> Donation:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    donation = refresh_donation(donation, source="return")
    Letter.objects.all().delete()
    return donation


def a_minute_later() -> int:
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        return finish_refunds()


def test_partial_refund_lowers_the_total_and_tells_the_donor(
    paid: Donation, fund: Fund, accountant: User
) -> None:
    refund = refund_donation(
        donation=paid, amount=Decimal("200.00"), reason="Ошибка в сумме", by=accountant
    )
    fund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert (fund.raised, fund.refunded, fund.count) == (Decimal("500.00"), Decimal("200.00"), 1)
    assert fund.total == Decimal("300.00")
    assert send_owed_letters() == 1
    assert "Ошибка в сумме" in str(mail.outbox[0].body)
    assert check_totals() == []


def test_whole_refund_takes_the_donor_out_of_the_count(
    paid: Donation, fund: Fund, accountant: User
) -> None:
    for amount in ("200.00", "300.00"):
        refund_donation(donation=paid, amount=Decimal(amount), reason="Просьба", by=accountant)
    fund.refresh_from_db()
    assert (fund.total, fund.count) == (Decimal("0.00"), 0)
    assert Letter.objects.filter(kind="refund").count() == 2
    assert check_totals() == []


@pytest.mark.bad_input("refund_exceeds")
def test_no_more_is_given_back_than_was_given(
    paid: Donation, emulator: YooKassaEmulator, accountant: User
) -> None:
    refund_donation(donation=paid, amount=Decimal("400.00"), reason="Просьба", by=accountant)
    with pytest.raises(CannotRefund):
        refund_donation(donation=paid, amount=Decimal("100.01"), reason="Ещё", by=accountant)
    assert len(emulator.refunds()) == 1


def test_unpaid_gift_cannot_be_given_back(fund: Fund, give: Give, accountant: User) -> None:
    with pytest.raises(CannotRefund):
        refund_donation(
            donation=give(fund, "500.00"), amount=Decimal("1.00"), reason="—", by=accountant
        )


def test_lost_answer_is_finished_by_the_sweeper_once(
    paid: Donation, emulator: YooKassaEmulator, fund: Fund, accountant: User
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/refunds")
    refund = refund_donation(
        donation=paid, amount=Decimal("200.00"), reason="Просьба", by=accountant
    )
    assert refund.state == RefundState.CREATED

    assert finish_refunds() == 0  # the request that began it may still be at work
    assert a_minute_later() == 1

    fund.refresh_from_db()
    assert fund.refunded == Decimal("200.00")
    assert len(emulator.refunds()) == 1
    assert Refund.objects.count() == 1


def test_two_of_one_sum_whose_numbers_were_exchanged_are_both_booked(
    paid: Donation, emulator: YooKassaEmulator, fund: Fund, accountant: User
) -> None:
    """A notification of the first was taken for the second, before the first had an answer."""
    emulator.fault("drop", when="after", method="POST", path="/refunds", times=2)
    for _one in range(2):
        refund_donation(donation=paid, amount=Decimal("100.00"), reason="Просьба", by=accountant)
    numbers = [row["id"] for row in emulator.refunds()]
    second = Refund.objects.order_by("pk")[1]
    Refund.objects.filter(pk=second.pk).update(external_id=numbers[0])

    a_minute_later()
    sync_refunds(paid, source="notification")

    assert set(Refund.objects.values_list("external_id", "state")) == {
        (number, "succeeded") for number in numbers
    }
    fund.refresh_from_db()
    assert fund.refunded == Decimal("200.00")


def test_a_refused_repeat_does_not_undo_a_refund_whose_answer_was_lost(
    paid: Donation, emulator: YooKassaEmulator, fund: Fund, accountant: User
) -> None:
    """The key of the shop was issued anew in between."""
    emulator.fault("drop", when="after", method="POST", path="/refunds")
    ask = partial(refund_donation, donation=paid, reason="Просьба", by=accountant)
    refund = ask(amount=Decimal("200.00"))
    emulator.fault("unauthorized", times=None)

    assert a_minute_later() == 0

    refund.refresh_from_db()
    assert refund.state == RefundState.CREATED
    with pytest.raises(CannotRefund):
        ask(amount=Decimal("300.01"))
    emulator.clear_faults()
    emulator.fault("forbidden", method="POST", path="/refunds", times=None)
    Refund.objects.update(checked_at=None)
    assert a_minute_later() == 1
    fund.refresh_from_db()
    assert (fund.refunded, len(emulator.refunds())) == (Decimal("200.00"), 1)


def test_a_refund_refused_when_repeated_and_not_in_the_list_frees_its_sum(
    paid: Donation, emulator: YooKassaEmulator, accountant: User
) -> None:
    emulator.fault("drop", when="before", method="POST", path="/refunds")
    refund = refund_donation(
        donation=paid, amount=Decimal("500.00"), reason="Просьба", by=accountant
    )
    emulator.fault("forbidden", method="POST", path="/refunds")
    assert a_minute_later() == 1
    refund.refresh_from_db()
    assert (refund.state, refund.refusal) == (RefundState.CANCELED, "forbidden")


def test_refund_that_takes_time_lowers_the_total_when_it_is_done(
    paid: Donation, emulator: YooKassaEmulator, fund: Fund, accountant: User
) -> None:
    emulator.ledger.refund_outcome = "pending"
    refund = refund_donation(
        donation=paid, amount=Decimal("200.00"), reason="Просьба", by=accountant
    )
    fund.refresh_from_db()
    assert (refund.state, fund.refunded) == (RefundState.PENDING, Decimal("0.00"))
    emulator.finish_refund(str(refund.external_id))

    sync_refunds(paid, source="notification")

    fund.refresh_from_db()
    assert fund.refunded == Decimal("200.00")


def test_refused_refund_changes_nothing_and_says_so(
    paid: Donation, emulator: YooKassaEmulator, fund: Fund, accountant: User
) -> None:
    emulator.ledger.refund_outcome = "insufficient_funds"
    refund = refund_donation(
        donation=paid, amount=Decimal("200.00"), reason="Просьба", by=accountant
    )
    fund.refresh_from_db()
    assert (refund.state, refund.refusal) == (RefundState.CANCELED, "insufficient_funds")
    assert (fund.refunded, Letter.objects.filter(kind="refund").count()) == (Decimal("0.00"), 0)


def test_every_change_of_a_refund_leaves_an_event_with_the_answer(
    paid: Donation,
    emulator: YooKassaEmulator,
    accountant: User,
    admin_as: Callable[[User], SiteClient],
) -> None:
    begin = partial(
        refund_donation, donation=paid, amount=Decimal("10.00"), reason="Просьба", by=accountant
    )
    done = begin()
    emulator.ledger.refund_outcome = "insufficient_funds"
    declined = begin()
    emulator.ledger.refund_outcome = "pending"
    slow = begin()
    emulator.fault("forbidden", method="POST", path="/refunds")
    refused = begin()
    emulator.finish_refund(str(slow.external_id))
    emulator.ledger.refund_outcome = "succeeded"
    in_cabinet = emulator.refund(str(paid.external_id), "10.00")["id"]
    for _time in range(2):
        sync_refunds(paid, source="sweeper")

    def told(refund: Refund) -> list[tuple[str, str, str | None]]:
        events = refund.events.all()
        befores = [event.from_state for event in events]
        assert befores == ["", *[event.to_state for event in events][:-1]]
        return [(event.source, event.to_state, event.answer.get("status")) for event in events]

    begun = ("staff", "refund_created", None)
    assert told(done) == [begun, ("provider", "refund_succeeded", "succeeded")]
    assert told(declined) == [begun, ("provider", "refund_canceled", "canceled")]
    assert told(slow) == [
        begun,
        ("provider", "refund_pending", "pending"),
        ("sweeper", "refund_succeeded", "succeeded"),
    ]
    assert told(Refund.objects.get(external_id=in_cabinet)) == [
        ("sweeper", "refund_pending", "succeeded"),
        ("sweeper", "refund_succeeded", "succeeded"),
    ]
    assert [event.by for event in refused.events.all()] == [accountant, None]
    assert refused.events.get(to_state="refund_canceled").answer["type"] == "error"
    page = admin_as(accountant).get(f"/admin/donations/{paid.pk}/").content.decode()
    assert page.replace("\xa0", " ").count("возврат 10 ₽: возвращено") == 3


def test_a_refund_of_another_payment_is_not_booked(
    paid: Donation, emulator: YooKassaEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    refund = emulator.refund(str(paid.external_id), "40.00")
    emulator.alter(refund["id"], payment_id="22222222-000f-5000-9000-000000000000")
    sync_refunds(paid, source="notification")
    paid.refresh_from_db()
    assert (paid.refunded, Refund.objects.count()) == (Decimal("0.00"), 0)
    assert f"{refund['id']} needs a person: it is of another payment" in caplog.text


@pytest.mark.bad_input("event_refund")
def test_refund_made_in_the_cabinet_is_learnt_by_notification_once(
    paid: Donation,
    emulator: YooKassaEmulator,
    fund: Fund,
    shop: PaymentAccount,
    visitor: SiteClient,
) -> None:
    refund = emulator.refund(str(paid.external_id), "40.00")
    body = emulator.notification(refund["id"])
    for _time in range(3):
        answer = visitor.post(
            f"/donations/yookassa/{shop.token}/", body, content_type="application/json"
        )
        assert answer.status_code == 200
    fund.refresh_from_db()
    assert fund.refunded == Decimal("40.00")
    assert Refund.objects.get().by is None
    assert Letter.objects.filter(kind="refund").count() == 1
    assert check_totals() == []


def test_accountant_gives_back_on_the_screen_and_an_editor_has_no_such_screen(
    paid: Donation,
    site: Site,
    accountant: User,
    make_person: MakePerson,
    admin_as: Callable[[User], SiteClient],
) -> None:
    address = f"/admin/donations/{paid.pk}/"
    assert admin_as(make_person(Role.EDITOR, site)).get(address).status_code == 404
    browser = admin_as(accountant)
    wrong = browser.post(address, {"amount": "500,01", "reason": "", "key": uuid4()})
    assert wrong.context["form"].errors.keys() == {"amount", "reason"}

    key = wrong.context["form"]["key"].value()
    browser.post(address, {"amount": "120,50", "reason": "Дважды нажали", "key": key})

    assert Refund.objects.get().amount == Decimal("120.50")
    assert "120,50" in browser.get(address).content.decode()


def test_accountant_of_another_site_finds_nothing(
    paid: Donation,
    other_site: Site,
    make_person: MakePerson,
    admin_as: Callable[[User], SiteClient],
) -> None:
    browser = admin_as(make_person(Role.ACCOUNTANT, other_site))
    address = f"/admin/donations/{paid.pk}/"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"amount": "1", "reason": "x"}).status_code == 404
    assert Refund.objects.count() == 0


def test_a_double_click_gives_a_part_back_once(
    paid: Donation,
    emulator: YooKassaEmulator,
    accountant: User,
    admin_as: Callable[[User], SiteClient],
) -> None:
    browser, address = admin_as(accountant), f"/admin/donations/{paid.pk}/"
    key = browser.get(address).context["form"]["key"].value()
    for _click in range(2):
        browser.post(address, {"amount": "100", "reason": "Ошибка", "key": key})
    other = browser.post(address, {"amount": "90", "reason": "Ошибка", "key": key}, follow=True)
    assert "Эта форма уже отправлена" in other.content.decode()
    assert len(emulator.refunds()) == 1
    another = browser.get(address).context["form"]["key"].value()
    browser.post(address, {"amount": "100", "reason": "Ошибка", "key": another})
    assert len(emulator.refunds()) == 2


def test_refund_the_provider_never_heard_of_ends_when_its_key_is_dead(
    paid: Donation, emulator: YooKassaEmulator, accountant: User
) -> None:
    emulator.fault("drop", when="before", method="POST", path="/refunds")
    refund = refund_donation(
        donation=paid, amount=Decimal("500.00"), reason="Просьба", by=accountant
    )
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=30))

    assert a_minute_later() == 1

    refund.refresh_from_db()
    assert (refund.state, refund.refusal) == (RefundState.CANCELED, "not_found")
    again = refund_donation(
        donation=paid, amount=Decimal("500.00"), reason="Просьба", by=accountant
    )
    assert again.state == RefundState.SUCCEEDED


@pytest.mark.bad_input("refund_exceeds")
def test_more_given_back_than_the_books_count_waits_for_a_person_and_holds_up_nobody(
    shop: PaymentAccount, emulator: YooKassaEmulator, paid: Donation, accountant: User, give: Give
) -> None:
    """The accountant had corrected the gift to nothing; then it was given back in the cabinet."""
    Donation.objects.filter(pk=paid.pk).update(corrected=Decimal("-500.00"))
    emulator.refund(str(paid.external_id), "500.00")
    sync_refunds(paid, source="notification")
    assert Refund.objects.get().state == RefundState.PENDING
    other = give(paid.fund, "300.00", key="another")
    emulator.pay(str(other.external_id))
    other = refresh_donation(other, source="return")
    emulator.fault("drop", when="after", method="POST", path="/refunds")
    refund_donation(donation=other, amount=Decimal("300.00"), reason="Просьба", by=accountant)

    assert a_minute_later() == 1

    Donation.objects.filter(pk=paid.pk).update(corrected=Decimal("0.00"))
    Refund.objects.update(checked_at=None)
    assert a_minute_later() == 1
    paid.refresh_from_db()
    assert paid.refunded == Decimal("500.00")


def test_a_refund_from_a_fund_corrected_to_nothing_waits_for_a_person_and_is_listed(
    paid: Donation,
    emulator: YooKassaEmulator,
    fund: Fund,
    shop: PaymentAccount,
    accountant: User,
    visitor: SiteClient,
) -> None:
    mend = partial(
        correct, fund=fund, donation=None, reason="Ошибка", document="Акт 7", by=accountant
    )
    mend(amount=Decimal("-500.00"), key=uuid4())
    refund = emulator.refund(str(paid.external_id), "40.00")
    notice = visitor.post(
        f"/donations/yookassa/{shop.token}/",
        emulator.notification(refund["id"]),
        content_type="application/json",
    )
    now = timezone.now()
    report = reconcile(account=shop, since=now - timedelta(days=1), until=now + timedelta(hours=1))

    assert notice.status_code == 200
    assert [row["external_id"] for row in report.open_differences] == [paid.external_id]
    assert Refund.objects.get().state == RefundState.PENDING
    mend(amount=Decimal("40.00"), key=uuid4())
    assert a_minute_later() == 1
    fund.refresh_from_db()
    assert (fund.refunded, fund.total) == (Decimal("40.00"), Decimal("0.00"))
