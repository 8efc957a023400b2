"""A payment that does not agree counts only by a person's word, and the word can be followed by
another one."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.flags import CannotDecide, decide_flag
from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.refunds import refund_donation
from donations.models import (
    Donation,
    DonationState,
    FlagDecision,
    FlagVerdict,
    Follower,
    Fund,
    Letter,
    PaymentAccount,
)
from donations.money import format_roubles
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
LIST = "/admin/doubtful/"


@pytest.fixture
def live_shop(emulator: YooKassaEmulator, site: Site) -> PaymentAccount:
    emulator.add_shop("100500", "live_secret_of_veloput", test=False)
    return use_account(
        site=site, kind="yookassa", shop_id="100500", secret_key="live_secret_of_veloput", by=None
    )


@pytest.fixture
def accountant(make_person: MakePerson, site: Site) -> User:
    return make_person(Role.ACCOUNTANT, site)


@pytest.fixture
def flagged(
    live_shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> Donation:
    """Asked for 500 ₽; the provider took 700 ₽."""
    gift = give(fund, "500.00")
    take_another_sum(emulator, gift, "700.00")
    gift = refresh_donation(gift, source="notification")
    assert gift.flag == "another sum or currency"
    return gift


def take_another_sum(emulator: YooKassaEmulator, gift: Donation, amount: str) -> None:
    with emulator.ledger.entry():
        emulator.ledger.payments[str(gift.external_id)].amount = Decimal(amount)
    emulator.pay(str(gift.external_id))


def decide(
    gift: Donation, verdict: FlagVerdict, by: User, *, number: int = 1, reason: str = "по выписке"
) -> FlagDecision:
    return decide_flag(donation=gift, verdict=verdict, reason=reason, number=number, by=by)


def totals(fund: Fund) -> tuple[Decimal, int]:
    fund.refresh_from_db()
    assert check_totals() == []
    return fund.raised, fund.count


def test_nothing_counts_before_a_decision(flagged: Donation, fund: Fund) -> None:
    assert totals(fund) == (Decimal("0.00"), 0)
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    ("verdict", "raised", "count"),
    [
        (FlagVerdict.THEIRS, "700.00", 1),
        (FlagVerdict.OURS, "500.00", 1),
        (FlagVerdict.NOT, "0.00", 0),
    ],
)
def test_a_decision_counts_the_chosen_sum(
    flagged: Donation, fund: Fund, accountant: User, verdict: FlagVerdict, raised: str, count: int
) -> None:
    decision = decide(flagged, verdict, accountant)
    assert totals(fund) == (Decimal(raised), count)
    assert decision.counts == Decimal(raised)
    event = flagged.events.last()
    assert event is not None
    assert (event.note, event.by) == (f"decided: {verdict.value}", accountant)
    entry = AuditEntry.objects.get(what="flagged donation decided")
    assert (entry.by, entry.details["verdict"]) == (accountant, verdict.value)


def test_the_letter_tells_the_sum_that_counts_once(flagged: Donation, accountant: User) -> None:
    decide(flagged, FlagVerdict.THEIRS, accountant)
    decide(flagged, FlagVerdict.NOT, accountant, number=2)
    decide(flagged, FlagVerdict.THEIRS, accountant, number=3)
    assert send_owed_letters() == 1
    assert "700 ₽" in mail.outbox[0].body.replace("\xa0", " ")


def test_every_decision_can_be_followed_by_every_other(
    flagged: Donation, fund: Fund, accountant: User
) -> None:
    words = [FlagVerdict.THEIRS, FlagVerdict.OURS, FlagVerdict.NOT, FlagVerdict.THEIRS]
    sums = ["700.00", "500.00", "0.00", "700.00"]
    for number, (verdict, raised) in enumerate(zip(words, sums, strict=True), start=1):
        decide(flagged, verdict, accountant, number=number)
        assert totals(fund) == (Decimal(raised), int(raised != "0.00"))
    assert list(flagged.decisions.values_list("counts", flat=True)) == [Decimal(s) for s in sums]
    assert flagged.events.filter(to_state="succeeded", from_state="pending").count() == 1


def test_of_two_decisions_made_on_the_same_page_one_stands(
    flagged: Donation, fund: Fund, accountant: User
) -> None:
    decide(flagged, FlagVerdict.THEIRS, accountant)
    with pytest.raises(CannotDecide, match="decided"):
        decide(flagged, FlagVerdict.NOT, accountant)
    assert totals(fund) == (Decimal("700.00"), 1)


def test_money_that_never_came_cannot_be_counted(
    live_shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, accountant: User
) -> None:
    gift = give(fund, "500.00")
    emulator.fault("wrong_amount", method="GET")
    gift = refresh_donation(gift, source="notification")
    assert gift.flag != ""
    with pytest.raises(CannotDecide, match="not_paid"):
        decide(gift, FlagVerdict.OURS, accountant)
    assert totals(fund) == (Decimal("0.00"), 0)


def test_a_gift_not_flagged_cannot_be_decided(fund: Fund, give: Give, accountant: User) -> None:
    with pytest.raises(CannotDecide):
        decide(give(fund, "500.00"), FlagVerdict.NOT, accountant)


def test_after_money_went_back_the_decision_stands(
    flagged: Donation, fund: Fund, accountant: User
) -> None:
    decide(flagged, FlagVerdict.THEIRS, accountant)
    flagged.refresh_from_db()
    refund_donation(donation=flagged, amount=Decimal("700.00"), reason="просит", by=accountant)
    with pytest.raises(CannotDecide, match="refunded"):
        decide(flagged, FlagVerdict.NOT, accountant, number=2)
    fund.refresh_from_db()
    assert (fund.total, fund.count, check_totals()) == (Decimal("0.00"), 0, [])


def test_what_is_decided_is_no_difference_of_the_night(
    flagged: Donation, live_shop: PaymentAccount, accountant: User
) -> None:
    since = flagged.created_at - timedelta(hours=1)
    until = flagged.created_at + timedelta(hours=1)
    first = reconcile(account=live_shop, since=since, until=until)
    assert len(first.open_differences) == 1
    decide(flagged, FlagVerdict.THEIRS, accountant)
    assert reconcile(account=live_shop, since=since, until=until).open_differences == []


# --- the screens


def test_the_screen_shows_both_sides_and_takes_the_decision(
    flagged: Donation, fund: Fund, accountant: User, admin_as: Callable[[User], SiteClient]
) -> None:
    client = admin_as(accountant)
    page = client.get(LIST).content.decode()
    assert "пришла другая сумма или валюта" in page
    assert format_roubles(Decimal("700.00")) in page
    path = f"{LIST}{flagged.pk}/"
    assert "ждёт вас" in page
    answer = client.post(path, {"verdict": "theirs", "reason": "", "number": "1"})
    assert answer.status_code == 200
    assert totals(fund) == (Decimal("0.00"), 0)
    client.post(path, {"verdict": "theirs", "reason": "по выписке", "number": "1"})
    assert totals(fund) == (Decimal("700.00"), 1)
    again = client.post(path, {"verdict": "not", "reason": "ещё раз", "number": "1"})
    assert "Тем временем решение уже принято" in again.content.decode()
    assert totals(fund) == (Decimal("700.00"), 1)


def test_neighbours_and_editors_see_and_decide_nothing(
    flagged: Donation,
    fund: Fund,
    site: Site,
    other_site: Site,
    make_person: MakePerson,
    admin_as: Callable[[User], SiteClient],
) -> None:
    path = f"{LIST}{flagged.pk}/"
    form = {"verdict": "theirs", "reason": "моё", "number": "1"}
    neighbour = admin_as(make_person(Role.ACCOUNTANT, other_site))
    editor = admin_as(make_person(Role.EDITOR, site))
    assert format_roubles(Decimal("700.00")) not in neighbour.get(LIST).content.decode()
    assert editor.get(LIST).status_code == 404
    for client in (neighbour, editor):
        assert client.get(path).status_code == 404
        assert client.post(path, form).status_code == 404
    assert FlagDecision.objects.count() == 0
    assert totals(fund) == (Decimal("0.00"), 0)


def test_a_longer_list_asks_no_more_questions(
    flagged: Donation,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    accountant: User,
    admin_as: Callable[[User], SiteClient],
) -> None:
    client = admin_as(accountant)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _number in range(2):
        gift = give(fund, "300.00")
        take_another_sum(emulator, gift, "100.00")
        refresh_donation(gift, source="notification")
    with CaptureQueriesContext(connection) as three:
        client.get(LIST)
    assert len(three) == len(one)
    assert Donation.objects.filter(state=DonationState.SUCCEEDED).count() == 0


def test_money_of_a_gift_that_ended_unpaid_counts_as_the_same_donors_own_gift(
    live_shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    accountant: User,
) -> None:
    gift = give(fund, "500.00", name="Анна", email="anna@example.org", news=True)
    emulator.pay(str(gift.external_id))
    Donation.objects.filter(pk=gift.pk).update(state="canceled", reason="not_found")
    since, until = gift.created_at - timedelta(hours=1), gift.created_at + timedelta(hours=1)
    assert len(reconcile(account=live_shop, since=since, until=until).open_differences) == 1
    gift.refresh_from_db()
    assert gift.flag == "provider says succeeded"

    decide(gift, FlagVerdict.OURS, accountant)

    paid = Donation.objects.paid().get()
    assert (paid.name, paid.email, paid.external_id) == (
        "Анна",
        "anna@example.org",
        gift.external_id,
    )
    assert totals(fund) == (Decimal("500.00"), 1)
    gift.refresh_from_db()
    assert (gift.state, gift.external_id, gift.flag) == ("canceled", None, "")
    with pytest.raises(CannotDecide, match="decided"):
        decide(gift, FlagVerdict.OURS, accountant)
    assert reconcile(account=live_shop, since=since, until=until).open_differences == []
    assert Letter.objects.get().donation == paid
    assert Follower.objects.get().email == "anna@example.org"
    decide(paid, FlagVerdict.NOT, accountant, number=2)
    assert totals(fund) == (Decimal("0.00"), 0)
    decide(paid, FlagVerdict.THEIRS, accountant, number=3)
    refund_donation(donation=paid, amount=Decimal("500.00"), reason="просит", by=accountant)
    fund.refresh_from_db()
    assert (fund.total, fund.count, check_totals()) == (Decimal("0.00"), 0, [])
