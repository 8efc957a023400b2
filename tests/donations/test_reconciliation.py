"""The provider's list beside ours: what is certain is mended, the rest is listed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions import reconciliation
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.payments import ProviderDown, refresh_donation
from donations.actions.reconciliation import reconcile, reconcile_nightly
from donations.actions.refunds import refresh_with_refunds, sync_refunds
from donations.models import (
    Acceptance,
    Donation,
    DonationEvent,
    DonationState,
    Fund,
    Letter,
    PaymentAccount,
    Reconciliation,
)
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]


def span() -> dict[str, datetime]:
    now = timezone.now()
    return {"since": now - timedelta(days=1), "until": now + timedelta(hours=1)}


@pytest.fixture
def paid(shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give) -> Donation:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))
    return refresh_donation(donation, source="return")


def test_when_everything_agrees_the_report_says_so(paid: Donation, shop: PaymentAccount) -> None:
    report = reconcile(account=shop, **span())
    assert (report.agreed, report.differences) == (1, [])
    assert report.their_sum == report.our_sum == Decimal("500.00")


def test_payment_nobody_told_us_of_is_counted(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.pay(str(donation.external_id))

    report = reconcile(account=shop, **span())

    fund.refresh_from_db()
    assert fund.raised == Decimal("500.00")
    assert [row["mended"] for row in report.differences] == [True]
    assert report.open_differences == []


def test_refund_nobody_told_us_of_lowers_the_total(
    paid: Donation, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund
) -> None:
    emulator.refund(str(paid.external_id), "40.00")
    report = reconcile(account=shop, **span())
    fund.refresh_from_db()
    assert fund.refunded == Decimal("40.00")
    assert report.open_differences == []


@pytest.fixture
def paid_a_year_ago(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> Donation:
    with time_machine.travel(timezone.now() - timedelta(days=365)):
        donation = give(fund, "500.00")
        emulator.pay(str(donation.external_id))
        return refresh_donation(donation, source="return")


def test_refunds_of_a_gift_of_a_year_ago_are_learnt_once(
    paid_a_year_ago: Donation,
    emulator: YooKassaEmulator,
    fund: Fund,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("donations.providers.yookassa.PAGE", 2)
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        made = [emulator.refund(str(paid_a_year_ago.external_id), "40.00") for _one in range(3)]
    emulator.requests.clear()

    (report,) = reconcile_nightly()

    pages = [call for call in emulator.requests if "created_at.gte" in call.query]
    assert [call.path for call in pages] == ["/payments", "/refunds", "/refunds"]
    assert {(row["kind"], row["refund"], row["mended"]) for row in report.differences} == {
        ("refund", refund["id"], True) for refund in made
    }
    Reconciliation.objects.all().delete()
    (again,) = reconcile_nightly()
    fund.refresh_from_db()
    assert (again.differences, fund.refunded) == ([], Decimal("120.00"))
    assert Letter.objects.filter(kind="refund").count() == 3
    assert check_totals() == []


def test_doubtful_refunds_of_old_gifts_are_listed_and_shown(
    paid_a_year_ago: Donation,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    ours = emulator.refund(str(paid_a_year_ago.external_id), "40.00")
    sync_refunds(paid_a_year_ago, source="notification")
    emulator.alter(ours["id"], amount={"value": "50.00", "currency": "RUB"})
    stranger = give(fund, "300.00")
    emulator.pay(str(stranger.external_id))
    strange = emulator.refund(str(stranger.external_id), "10.00")
    emulator.alter(strange["id"], payment_id="22222222-000f-5000-9000-000000000000")

    report = reconcile(account=shop, **span())

    listed = {row["refund"]: row["kind"] for row in report.open_differences if "refund" in row}
    assert listed == {ours["id"]: "refund", strange["id"]: "refund of an unknown payment"}
    fund.refresh_from_db()
    assert fund.refunded == Decimal("40.00")
    accountant = admin_as(make_person(Role.ACCOUNTANT, shop.site))
    page = accountant.get(f"/admin/reconciliations/{report.pk}/").content.decode()
    assert ours["id"] in page
    assert strange["id"] in page
    assert "возвращено 50 ₽" in page.replace("\xa0", " ")


def test_gift_lost_with_the_database_is_brought_back(
    paid: Donation, shop: PaymentAccount, fund: Fund
) -> None:
    public_id = paid.public_id
    for model in (Letter, Acceptance, DonationEvent):
        model.objects.filter(donation=paid).delete()
    Donation.objects.filter(pk=paid.pk).delete()
    Fund.objects.filter(pk=fund.pk).update(raised=Decimal("0.00"), count=0, people=0)

    report = reconcile(account=shop, **span())

    back = Donation.objects.get(public_id=public_id)
    fund.refresh_from_db()
    assert (back.state, back.amount, back.counted) == (
        DonationState.SUCCEEDED,
        Decimal("500.00"),
        True,
    )
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert [row["kind"] for row in report.differences] == ["missing here"]
    assert Letter.objects.count() == 0
    assert check_totals() == []


def test_a_lost_day_comes_back_to_its_own_day(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("donations.actions.shield.ENOUGH_STARTS", 3)
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=3), tick=False):
        gifts = [give(fund, "500.00", key=f"lost:{number}") for number in range(3)]
        for gift in gifts[:2]:
            emulator.decline(str(gift.external_id))
        emulator.pay(str(gifts[2].external_id))  # the newest: it comes back first
    for model in (Acceptance, DonationEvent):
        model.objects.all().delete()
    Donation.objects.all().delete()

    report = reconcile(account=shop, since=now - timedelta(days=4), until=now - timedelta(days=2))

    assert [row["mended"] for row in report.differences] == [True, True, True]
    assert report.our_sum == report.their_sum == Decimal("500.00")
    assert Fund.objects.get(pk=fund.pk).strict_until is None


def test_payment_without_our_metadata_is_listed_for_a_person(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    donation = give(fund, "500.00")
    emulator.alter(str(donation.external_id), metadata={})
    emulator.pay(str(donation.external_id))
    Donation.objects.filter(pk=donation.pk).update(external_id=None)

    report = reconcile(account=shop, **span())

    assert [row["mended"] for row in report.differences] == [False]
    fund.refresh_from_db()
    assert fund.raised == Decimal("0.00")


def test_gift_the_provider_does_not_know_is_listed(paid: Donation, shop: PaymentAccount) -> None:
    Donation.objects.filter(pk=paid.pk).update(external_id="22222222-000f-5000-9000-000000000000")
    report = reconcile(account=shop, **span())
    kinds = sorted(row["kind"] for row in report.open_differences)
    assert kinds == ["differs", "missing there"]


def test_all_pages_of_the_list_are_read(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("donations.providers.yookassa.PAGE", 2)
    for _number in range(5):
        donation = give(fund, "100.00")
        emulator.pay(str(donation.external_id))
    reconcile(account=shop, **span())
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 5)


def test_provider_that_is_down_leaves_no_false_report(
    paid: Donation, shop: PaymentAccount, emulator: YooKassaEmulator
) -> None:
    emulator.fault("server_error", method="GET", path="/payments", times=None)
    with pytest.raises(ProviderDown):
        reconcile(account=shop, **span())
    assert Reconciliation.objects.filter(finished_at__isnull=False).count() == 0
    assert reconcile_nightly() == []


def test_nightly_run_makes_one_report_a_night(paid: Donation) -> None:
    assert len(reconcile_nightly()) == 1
    assert reconcile_nightly() == []


@pytest.mark.parametrize(
    ("first", "last"), [(1, 0), (90, 50)], ids=["a day", "long days of long ago"]
)
def test_a_report_by_hand_of_other_days_puts_no_night_off(
    paid: Donation, shop: PaymentAccount, first: int, last: int
) -> None:
    now = timezone.now()
    reconcile(account=shop, since=now - timedelta(days=first), until=now - timedelta(days=last))
    assert len(reconcile_nightly()) == 1
    assert reconcile_nightly() == []


def test_a_corrected_gift_makes_no_difference_of_the_sums_and_no_more_queries(
    paid: Donation, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    Donation.objects.update(corrected=Decimal("-100.00"))
    emulator.refund(str(paid.external_id), "40.00")
    sync_refunds(paid, source="notification")
    second = give(fund, "300.00", key="another")
    emulator.pay(str(second.external_id))
    refresh_donation(second, source="return")
    report = reconcile(account=shop, **span())
    assert report.differences == []
    assert report.their_sum == report.our_sum == Decimal("760.00")
    with CaptureQueriesContext(connection) as queries:
        assert reconciliation._our_sum(shop, **span()) == Decimal("760.00")
    assert len(queries) == 1


def test_an_account_that_fails_keeps_no_other_from_its_night(
    paid: Donation,
    other_site: Site,
    emulator: YooKassaEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emulator.add_shop("200600", "test_secret_of_lapy")
    other = use_account(
        site=other_site,
        kind="yookassa",
        shop_id="200600",
        secret_key="test_secret_of_lapy",
        by=None,
    )
    our_sum = reconciliation._our_sum

    def fail(account: PaymentAccount, *span: Any) -> Any:
        if account.pk != other.pk:
            raise LookupError
        return our_sum(account, *span)

    monkeypatch.setattr(reconciliation, "_our_sum", fail)
    assert [report.account for report in reconcile_nightly()] == [other]


def test_a_row_that_fails_is_listed_and_keeps_no_other_from_being_mended(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gifts = [give(fund, "500.00", key=f"row:{number}") for number in range(2)]
    for gift in gifts:
        emulator.pay(str(gift.external_id))

    def fail(donation: Donation, *, source: str) -> Donation:
        if donation.pk == gifts[1].pk:  # the newest: it is looked at first
            raise LookupError
        return refresh_with_refunds(donation, source=source)

    monkeypatch.setattr(reconciliation, "refresh_with_refunds", fail)
    report = reconcile(account=shop, **span())
    assert [(row["donation"], row["mended"]) for row in report.differences] == [
        (str(gifts[1].public_id), False),
        (str(gifts[0].public_id), True),
    ]


def test_command_tells_the_figures_and_fails_when_a_person_is_needed(
    paid: Donation, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    today = timezone.localdate()
    days = {"since": today - timedelta(days=1), "until": today}
    call_command("reconcile", site=site.hostname, **days)
    assert "agreed 1, mended 0, for a person 0" in capsys.readouterr().out
    Donation.objects.filter(pk=paid.pk).update(external_id="22222222-000f-5000-9000-000000000000")
    with pytest.raises(CommandError, match="need a person"):
        call_command("reconcile", site=site.hostname, **days)


def test_reports_are_seen_by_the_accountant_of_the_site_only(
    paid: Donation,
    shop: PaymentAccount,
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    report = reconcile(account=shop, **span())
    own = admin_as(make_person(Role.ACCOUNTANT, site))
    assert (
        f"/admin/reconciliations/{report.pk}/"
        in own.get("/admin/reconciliations/").content.decode()
    )
    assert own.get(f"/admin/reconciliations/{report.pk}/").status_code == 200
    other = admin_as(make_person(Role.ACCOUNTANT, other_site))
    assert f"/{report.pk}/" not in other.get("/admin/reconciliations/").content.decode()
    assert other.get(f"/admin/reconciliations/{report.pk}/").status_code == 404
    editor = admin_as(make_person(Role.EDITOR, site))
    assert editor.get("/admin/reconciliations/").status_code == 404
