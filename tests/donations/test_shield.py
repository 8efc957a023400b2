"""Card testing meets a challenge and then a wall; honest donors meet neither."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.actions.shield import Verdict, count_start
from donations.models import Donation, Fund, PaymentAccount, SandboxPayment
from donations.tokens import page_token
from tenancy.counters import forget_old_counts
from tenancy.models import AuditEntry, Counter, Role
from tests.conftest import OpenSite, SiteClient
from tests.donations.conftest import wordings_of
from tests.emulator import YooKassaEmulator

TOO_MANY = 429


def form(fund: Fund, number: int, **more: Any) -> dict[str, Any]:
    return {
        "fund": str(fund.public_id),
        "token": page_token(fund),
        "nonce": f"0123456789abcdef{number:04d}",
        "amount": "50",
        "email": f"donor{number}@example.org",
        "consent": "on",
        "texts": wordings_of(fund.site),
        **more,
    }


def start(visitor: SiteClient, fund: Fund, number: int, **headers: Any) -> int:
    return visitor.send_form("/donations/start/", form(fund, number), **headers).status_code


def finish(pay: bool) -> None:
    donation = Donation.objects.select_related("account", "site", "fund").latest("pk")
    decide(payment=SandboxPayment.objects.latest("pk"), pay=pay)
    refresh_donation(donation, source="return")


def test_sixth_unfinished_start_of_a_minute_is_asked_to_confirm(
    visitor: SiteClient, fund: Fund
) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        answers = [start(visitor, fund, number) for number in range(6)]
    assert answers == [303] * 5 + [TOO_MANY]
    assert Donation.objects.count() == 5


@pytest.mark.bad_input("xff_rotating")
def test_rotating_forwarded_addresses_change_nothing(visitor: SiteClient, fund: Fund) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        answers = [
            start(visitor, fund, number, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
            for number in range(6)
        ]
    assert answers[-1] == TOO_MANY


def test_challenged_donor_confirms_and_gives(visitor: SiteClient, fund: Fund) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False) as clock:
        for number in range(5):
            start(visitor, fund, number)
        page = visitor.send_form("/donations/start/", form(fund, 5))
        fields = dict(page.context["fields"])
        clock.shift(3)
        answer = visitor.send_form("/donations/start/", fields)
    assert answer.status_code == 303
    assert Donation.objects.count() == 6


def test_burst_of_paid_gifts_behind_one_address_passes(visitor: SiteClient, fund: Fund) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        for number in range(40):
            assert start(visitor, fund, number) == 303
            finish(pay=True)
    fund.refresh_from_db()
    assert fund.count == 40


def test_hour_of_unfinished_starts_ends_at_the_wall(visitor: SiteClient, fund: Fund) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        Counter.objects.all().delete()
        for _number in range(60):
            count_start(address="127.0.0.1", email="x@example.org", fund=fund)
        answer = visitor.send_form("/donations/start/", form(fund, 1))
    assert answer.status_code == TOO_MANY
    assert int(answer["Retry-After"]) > 0
    assert Donation.objects.count() == 0


def test_repeat_of_the_same_gift_is_no_new_start(visitor: SiteClient, fund: Fund) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        answers = [start(visitor, fund, 1) for _again in range(8)]
    assert answers == [303] * 8
    assert {row.number for row in Counter.objects.all()} == {1}


@pytest.mark.bad_input("card_testing_pattern")
def test_mostly_declined_gifts_make_their_fund_strict_and_no_other(
    visitor: SiteClient, fund: Fund, open_a_site: OpenSite
) -> None:
    other = open_a_site("lapy")
    other_fund = Fund.objects.of_site(other.site).general().get()
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False) as clock:
        for number in range(30):
            Counter.objects.all().delete()  # 30 addresses
            status = start(visitor, fund, number)
            if status == 303:
                finish(pay=number % 5 == 0)
            clock.shift(15)
        fund.refresh_from_db()
        assert fund.strict_until is not None
        assert start(visitor, fund, 100) == TOO_MANY
        assert start(SiteClient(other.site.hostname), other_fund, 101) == 303
        assert AuditEntry.objects.filter(what="card testing suspected").count() == 1
        clock.shift(timedelta(hours=1, seconds=1))
        assert start(visitor, fund, 102) == 303


def test_no_address_and_no_email_is_kept(visitor: SiteClient, fund: Fund) -> None:
    start(visitor, fund, 1)
    kept = " ".join(Counter.objects.values_list("key", flat=True))
    assert "127.0.0.1" not in kept
    assert "example.org" not in kept


def test_old_counts_are_forgotten(fund: Fund) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        count_start(address="1.2.3.4", email="a@example.org", fund=fund)
    count_start(address="1.2.3.4", email="a@example.org", fund=fund)
    assert forget_old_counts() == 4
    assert Counter.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_counting_at_once_loses_nothing(open_a_site: Callable[..., Any]) -> None:
    fund = Fund.objects.of_site(open_a_site("veloput").site).general().get()
    verdicts: list[Verdict] = []

    def count(number: int) -> None:
        # One limit only can be met: of two, different starts could be the sixth.
        email = f"donor{number}@example.org"
        verdicts.append(count_start(address="1.2.3.4", email=email, fund=fund).verdict)
        connection.close()

    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        threads = [threading.Thread(target=count, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(row.number for row in Counter.objects.all()) == [1] * 16 + [16] * 3
    assert verdicts.count(Verdict.PASS) == 5


def test_test_gifts_to_one_mailbox_are_limited_though_they_are_paid(
    visitor: SiteClient, fund: Fund
) -> None:
    """A sandbox gift costs nothing: without this its letters could be sent to anybody for ever."""
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False):
        answers = []
        for number in range(6):
            answer = visitor.send_form(
                "/donations/start/", form(fund, number, email="victim@example.org")
            )
            answers.append(answer.status_code)
            if answer.status_code == 303:
                finish(pay=True)
    assert answers == [303] * 5 + [TOO_MANY]


@pytest.mark.bad_input("card_testing_pattern")
def test_staff_are_written_to_once_for_each_episode(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Callable[..., Donation],
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
) -> None:
    for role in (Role.EDITOR, Role.ACCOUNTANT):
        make_person(role, site)
    make_person(Role.EDITOR, other_site)
    staff = {f"{role.value}@{site.hostname}.example.org" for role in (Role.EDITOR, Role.ACCOUNTANT)}

    def storm() -> None:
        for number in range(22):
            gift = give(fund, "500.00", email=f"d{number}@example.org")
            emulator.decline(str(gift.external_id), "fraud_suspected")
            refresh_donation(gift, source="notification")

    storm()
    send_owed_letters()
    send_owed_letters()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(staff)
    assert "кто-то проверяет чужие карты" in mail.outbox[0].subject

    Fund.objects.update(strict_until=timezone.now() - timedelta(minutes=1))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        storm()
        send_owed_letters()
    assert len(mail.outbox) == 4
