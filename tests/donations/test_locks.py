"""A fund is locked before its gifts, by everybody: in two orders two people meet in a deadlock."""

import re
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from wagtail.models import Site

from accounts.models import User
from donations.actions import refunds
from donations.actions.accounts import use_account
from donations.actions.by_hand import OfflineGift, correct, enter_gift
from donations.actions.flags import decide_flag
from donations.actions.funds import check_totals, lock_funds
from donations.actions.giving import Gift, start_donation
from donations.actions.letters import correct_email
from donations.actions.messages import decide_messages, take_name_off
from donations.actions.payments import refresh_donation
from donations.actions.refunds import refund_donation
from donations.actions.statements import confirm_ready, import_statement
from donations.actions.transfers import promise_transfer
from donations.models import (
    AccountKind,
    Donation,
    FlagVerdict,
    Fund,
    MessageState,
    PaymentAccount,
    Refund,
)
from tenancy.models import Role
from tests.donations.bank import document, give_requisites, statement
from tests.donations.test_at_once import at_once, somebody_waits
from tests.emulator import YooKassaEmulator

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Give = Callable[..., Donation]
LOCK = re.compile(r'(?:FROM|^UPDATE) "donations_(fund|donation)"')


@pytest.fixture
def accountant(site: Site, make_person: Callable[..., User]) -> User:
    return make_person(Role.ACCOUNTANT, site)


def go_live(site: Site) -> None:
    use_account(site=site, kind="yookassa", shop_id="900900", secret_key="live_secret", by=None)


def test_a_gift_is_given_back_while_the_site_goes_live(
    fund: Fund, give: Give, accountant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift = give(fund, "500.00", pay=True)
    subtract = refunds._subtract
    rival = threading.Thread(target=lambda: at_once(1, lambda _index: go_live(fund.site)))

    def meet(*args: Any) -> None:
        rival.start()
        while rival.is_alive() and not somebody_waits():
            pass
        subtract(*args)

    monkeypatch.setattr(refunds, "_subtract", meet)
    refund_donation(donation=gift, amount=Decimal("200.00"), reason="Просьба", by=accountant)
    rival.join()
    fund.refresh_from_db()
    assert (Refund.objects.get().state, fund.raised, fund.count) == ("succeeded", Decimal(0), 0)
    assert check_totals() == []


def test_every_action_locks_the_fund_before_its_gifts(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    accountant: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    locks: list[list[str]] = [[]]  # of each transaction
    commit = connections["default"].commit

    def end() -> None:
        locks.append([])
        commit()

    def note(execute: Any, sql: str, *args: Any) -> Any:
        found = LOCK.search(sql)
        if found and connection.in_atomic_block and ("FOR NO KEY" in sql or sql[0] == "U"):
            locks[-1].append(found[1])
        return execute(sql, *args)

    monkeypatch.setattr(connections["default"], "commit", end)
    site = fund.site
    give_requisites(site)
    gifts = [give(fund, "500.00", message="Держитесь", show_name=True) for _gift in range(3)]
    promise = promise_transfer(
        fund=fund, gift=Gift(amount=Decimal("500.00"), email="a@b.ru", key="nonce:1")
    )
    content = statement(document(Сумма="500.00", НазначениеПлатежа=f"Код {promise.code}"))
    import_statement(site=site, content=content, by=accountant)
    emulator.pay(str(gifts[0].external_id))
    emulator.decline(str(gifts[1].external_id))
    emulator.alter(str(gifts[2].external_id), metadata={})
    with connection.execute_wrapper(note):
        for gift in gifts:
            refresh_donation(gift, source="return")
        refund_donation(donation=gifts[0], amount=Decimal(100), reason="Просьба", by=accountant)
        decide_messages(gifts=Donation.objects.all(), state=MessageState.SHOWN, by=accountant)
        take_name_off(donation=gifts[0], by=accountant)
        correct_email(donation=gifts[0], email="b@b.ru", by=accountant)
        decide_flag(
            donation=gifts[2], verdict=FlagVerdict.NOT, reason="Чужой", number=1, by=accountant
        )
        go_live(site)
        confirm_ready(site=site, by=accountant)
        cash = OfflineGift(AccountKind.CASH, Decimal(300), date(2026, 11, 2), "17")
        entered = enter_gift(site=site, fund=fund, gift=cash, by=accountant)
        correct(
            fund=fund,
            donation=entered,
            amount=Decimal(-100),
            reason="Ошибка",
            document="1",
            key=uuid4(),
            by=accountant,
        )
    assert [one for one in locks if "fund" in one and one[0] != "fund"] == []
    assert sum("fund" in one for one in locks) == 11
    assert check_totals() == []


def test_a_gift_is_begun_while_its_fund_is_locked(fund: Fund) -> None:
    """Its row only points at the fund."""

    def begin(_index: int) -> Donation:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        gift = Gift(amount=Decimal("500.00"), email="a@b.ru", key="nonce:1")
        return start_donation(fund=fund, gift=gift)

    with transaction.atomic():
        lock_funds([fund.pk])
        (begun,) = at_once(1, begin)
    assert begun.state == "pending"
