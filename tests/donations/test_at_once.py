"""The same thing at the same moment: ten notifications, two clicks, two shops."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.giving import Gift, start_donation
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.refunds import CannotRefund, finish_refunds, refund_donation
from donations.actions.statements import (
    LineIsTaken,
    attach_line,
    confirm_ready,
    import_statement,
)
from donations.actions.sweeping import claim, settle
from donations.actions.transfers import promise_transfer
from donations.models import (
    Donation,
    DonationState,
    Fund,
    Letter,
    PaymentAccount,
    Refund,
    StatementLine,
    StrayNotice,
)
from donations.providers.base import Credentials, Order
from donations.providers.yookassa import YooKassa
from tenancy.models import Role
from tenancy.scope import unrestricted
from tests.conftest import SiteClient
from tests.donations.bank import document, give_requisites, statement
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
T = TypeVar("T")
on_both_engines = pytest.mark.django_db(transaction=True)


def at_once(number: int, work: Callable[[int], T]) -> list[T]:
    """Run `work(0…number-1)` in threads that begin together; each has a connection of its own."""
    gate = threading.Barrier(number)

    def run(index: int) -> T:
        gate.wait()
        try:
            with unrestricted("a thread of the test"):
                return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def somebody_waits() -> bool:
    """For a lock, in PostgreSQL."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else all looks are the first
        cursor.execute(f"{asked} AND datname = current_database()")
        return bool(cursor.fetchone()[0])


@on_both_engines
@pytest.mark.bad_input("duplicate_x10")
def test_ten_notifications_at_once_are_one_event_and_one_letter(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    body = json.dumps(emulator.notification(str(donation.external_id)))
    path = f"/donations/yookassa/{shop.token}/"

    def post(_index: int) -> int:
        client = SiteClient("veloput.localhost")
        return int(client.post(path, body, content_type="application/json").status_code)

    assert at_once(10, post) == [200] * 10
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert donation.events.filter(to_state="succeeded").count() == 1
    assert Letter.objects.count() == 1
    assert check_totals() == []


@on_both_engines
@pytest.mark.bad_input("concurrent_with_webhook")
def test_notification_return_and_sweeper_at_once_count_once(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    gifts = [give(fund, "100.00") for _number in range(5)]
    for gift in gifts:
        emulator.pay(str(gift.external_id))
        at_once(
            3,
            lambda index, gift=gift: refresh_donation(gift, source=f"source {index}"),  # type: ignore[misc]
        )
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 5)
    assert Letter.objects.count() == 5
    assert check_totals() == []


@on_both_engines
def test_gifts_of_one_person_counted_at_once_are_one_person(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    # A live shop: test gifts lock their fund for a reason of their own.
    emulator.add_shop("900900", "live_secret", test=False)
    use_account(
        site=shop.site, kind="yookassa", shop_id="900900", secret_key="live_secret", by=None
    )
    gifts = [give(fund, "100.00", email="anna@example.org") for _number in range(6)]
    for gift in gifts:
        emulator.pay(str(gift.external_id))
    at_once(6, lambda index: refresh_donation(gifts[index], source="notification"))
    fund.refresh_from_db()
    assert (fund.count, fund.people) == (6, 1)
    assert check_totals() == []


@pytest.mark.parametrize("key", ["nonce:1", "nonce:{}"], ids=["clicks", "tabs"])
@on_both_engines
def test_clicks_and_tabs_at_once_are_one_gift_and_one_payment(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, key: str
) -> None:
    gift = Gift(amount=Decimal("500.00"), email="a@b.ru", key="", typed_digest="500 of a@b.ru")
    found = at_once(
        4, lambda index: start_donation(fund=fund, gift=replace(gift, key=key.format(index)))
    )
    assert len({donation.pk for donation in found}) == 1
    assert Donation.objects.count() == len(emulator.payments()) == 1
    assert Donation.objects.get().state == DonationState.PENDING


@on_both_engines
@pytest.mark.bad_input("flood_1000_unknown_ids")
def test_a_flood_at_once_is_ten_calls(shop: PaymentAccount, emulator: YooKassaEmulator) -> None:
    path = f"/donations/yookassa/{shop.token}/"

    def post(index: int) -> int:
        thing = {"id": f"flood-{index}", "status": "succeeded"}
        body = {"type": "notification", "event": "payment.succeeded", "object": thing}
        client = SiteClient("veloput.localhost")
        return int(client.post(path, json.dumps(body), "application/json").status_code)

    assert Counter(at_once(16, post)) == {200: 10, 429: 6}
    assert len(emulator.requests) == StrayNotice.objects.count() == 10


@on_both_engines
def test_two_workers_send_a_letter_once(fund: Fund, give: Give, mailoutbox: list[Any]) -> None:
    give(fund, "500.00", pay=True)
    give(fund, "700.00", pay=True, email="boris@example.org")
    assert sum(at_once(3, lambda _index: send_owed_letters())) == 2
    assert sorted(letter.to[0] for letter in mailoutbox) == [
        "anna@example.org",
        "boris@example.org",
    ]


@pytest.mark.postgres
@on_both_engines
def test_a_test_gift_counted_while_the_site_goes_live_does_not_stay(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    """Without the lock on the fund one of the two would read what the other has not yet written."""
    assert connection.vendor == "postgresql"
    emulator.add_shop("900900", "live_secret", test=False)
    for number in range(10):
        gift = give(fund, "100.00")
        emulator.pay(str(gift.external_id))

        def work(index: int, gift: Donation = gift, number: int = number) -> None:
            if index == 0:
                refresh_donation(gift, source="notification")
            else:
                use_account(
                    site=shop.site,
                    kind="yookassa",
                    shop_id=str(900900 + number),
                    secret_key="live_secret",
                    by=None,
                )

        at_once(2, work)
        fund.refresh_from_db()
        assert (fund.raised, fund.count) == (Decimal("0.00"), 0), number
        assert check_totals() == []
        PaymentAccount.objects.exclude(pk=shop.pk).delete()
        PaymentAccount.objects.filter(pk=shop.pk).update(is_active=True)


@pytest.mark.parametrize("shops", [2, 5])
def test_no_payment_reaches_the_shop_of_another(emulator: YooKassaEmulator, shops: int) -> None:
    """Eight threads; with the SDK's own global configuration a part would go astray."""
    provider = YooKassa()
    owners = [Credentials(str(100500 + n), f"test_secret_{n}") for n in range(shops)]
    for owner in owners:
        emulator.add_shop(owner.shop_id, owner.secret_key)

    def create(index: int) -> None:
        for number in range(15):
            owner = owners[(index + number) % shops]
            body = provider.request_body(
                Order(
                    reference=owner.shop_id,
                    fund="",
                    amount=Decimal("500.00"),
                    description="Пожертвование",
                    return_url="http://a.localhost/",
                )
            )
            payment = provider.create(owner, body, f"{index}-{number}")
            assert payment.shop_id == owner.shop_id
            assert provider.fetch(owner, payment.external_id) == payment

    at_once(8, create)
    payments = emulator.payments()
    assert len(payments) == 120
    assert all(one["recipient"]["account_id"] == one["metadata"]["donation"] for one in payments)


@on_both_engines
def test_two_sweepers_at_once_ask_about_each_payment_once(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    for gift in [give(fund, "100.00") for _number in range(8)]:
        emulator.pay(str(gift.external_id))
    Donation.objects.update(created_at=F("created_at") - timedelta(minutes=5))
    emulator.requests.clear()
    done = at_once(2, lambda _index: settle())
    assert sum(one.asked for one in done) == sum(one.finished for one in done) == 8
    assert Counter(call.method for call in emulator.requests) == {"GET": 8}
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("800.00"), 8)


@on_both_engines
def test_two_sweepers_at_once_go_on_with_each_refund_once(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    accountants: list[User],
) -> None:
    for gift in [give(fund, "100.00") for _number in range(6)]:
        emulator.pay(str(gift.external_id))
        gift = refresh_donation(gift, source="return")
        emulator.fault("drop", when="after", method="POST", path="/refunds")
        refund_donation(donation=gift, amount=gift.amount, reason="просит", by=accountants[0])
    Refund.objects.update(created_at=F("created_at") - timedelta(minutes=5))
    emulator.requests.clear()
    assert sum(at_once(2, lambda _index: finish_refunds())) == 6
    assert Counter(call.method for call in emulator.requests) == {"POST": 6}


@pytest.mark.postgres
@on_both_engines
def test_a_sweeper_that_waited_for_the_others_claim_comes_too_late(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    gift = give(fund, "100.00")
    now = timezone.now()

    late: list[bool] = []
    other = threading.Thread(
        target=lambda: late.extend(at_once(1, lambda _index: claim(gift, now)))
    )
    with transaction.atomic():
        assert claim(gift, now)
        other.start()
        while other.is_alive() and not somebody_waits():
            pass
    other.join()
    assert late == [False]


# --- two people of the books at the same moment


@pytest.fixture
def accountants(site: Site, make_person: Callable[..., User]) -> list[User]:
    return [
        make_person(Role.ACCOUNTANT, site, email=f"accountant{number}@example.org")
        for number in range(2)
    ]


@on_both_engines
def test_one_statement_read_in_and_confirmed_by_two_at_once_counts_once(
    site: Site, fund: Fund, accountants: list[User]
) -> None:
    give_requisites(site)
    gift = Gift(amount=Decimal("500.00"), email="a@b.ru", key="nonce:1")
    promise = promise_transfer(fund=fund, gift=gift)
    content = statement(document(Сумма="500.00", НазначениеПлатежа=f"Код {promise.code}"))

    def work(index: int) -> tuple[int, int]:
        read = import_statement(site=site, content=content, by=accountants[index])
        return read.new, len(confirm_ready(site=site, by=accountants[index]))

    done = at_once(2, work)
    assert sum(new for new, _counted in done) == 1
    assert sum(counted for _new, counted in done) == 1
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert check_totals() == []


@pytest.mark.postgres
@on_both_engines
def test_without_the_lock_of_lines_two_accountants_do_count_twice_or_fail(
    site: Site, fund: Fund, accountants: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the race above, on PostgreSQL: SQLite writes one after the other."""
    give_requisites(site)
    content = statement(
        *(
            document(Номер=str(number), Сумма="500.00", НазначениеПлатежа="Пожертвование")
            for number in range(20)
        )
    )
    import_statement(site=site, content=content, by=accountants[0])
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_a, **_k: rows.all())
    lines = list(StatementLine.objects.order_by("pk"))

    def work(index: int) -> int:
        harmed = 0
        for line in lines:
            try:
                attach_line(line=line, fund=fund, by=accountants[index])
            except LineIsTaken:
                continue
            except IntegrityError:  # the last guard: one gift per line's key
                harmed += 1
        return harmed

    assert sum(at_once(2, work)) > 0


@on_both_engines
def test_two_refunds_of_the_whole_gift_at_once_give_back_once(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    accountants: list[User],
) -> None:
    gift = give(fund, "500.00")
    emulator.pay(str(gift.external_id))
    gift = refresh_donation(gift, source="return")

    def work(index: int) -> bool:
        try:
            refund_donation(
                donation=gift, amount=Decimal("500.00"), reason="просит", by=accountants[index]
            )
        except CannotRefund:
            return False
        return True

    assert sorted(at_once(2, work)) == [False, True]
    fund.refresh_from_db()
    assert (fund.raised, fund.refunded, fund.count) == (Decimal("500.00"), Decimal("500.00"), 0)
    assert Refund.objects.count() == len(emulator.refunds()) == 1
    assert check_totals() == []
