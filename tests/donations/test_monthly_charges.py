"""Monthly gifts on the clock, charged over HTTP at the emulator, whose ledger is the oracle."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from donations.actions import monthly
from donations.actions.accounts import use_account
from donations.actions.flags import decide_flag
from donations.actions.funds import check_totals
from donations.actions.giving import CannotGive, start_donation
from donations.actions.letters import correct_email, send_owed_letters
from donations.actions.messages import take_name_off
from donations.actions.monthly import charge_due, charge_row, start_new_card
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.subscriptions import (
    RETRY_DAYS,
    SPARE,
    STOPPING,
    cancel,
    change_sum,
    due_on,
    go_on_to_general,
    next_period,
    pause,
    plan,
    resume,
)
from donations.actions.sweeping import settle
from donations.models import (
    Acceptance,
    Donation,
    DonationState,
    FlagVerdict,
    Fund,
    Letter,
    PaymentAccount,
    Subscription,
    SubscriptionEvent,
)
from donations.tokens import monthly_token
from tenancy.models import Role, SiteState, SiteWalls
from tests.donations.monthly import World, at, letters, paid_periods

# --- the first payment


def test_paid_first_gift_opens_a_monthly_one_with_consent_and_a_sealed_card(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)

    first = subscription.first_donation
    assert (world.emulator.requests[0].body or {})["save_payment_method"] is True
    assert (subscription.state, subscription.method_title) == ("active", "MasterCard ·· 4477")
    assert (subscription.charge_day, subscription.period) == (31, date(2026, 2, 1))
    assert subscription.next_charge_on == date(2026, 2, 28)
    assert first.period == date(2026, 1, 1)
    assert subscription.method_id == first.external_id
    assert first.external_id not in subscription.sealed_method
    accepted = Acceptance.objects.filter(donation=first).values_list("text__kind", flat=True)
    assert sorted(accepted) == ["consent", "monthly", "offer"]
    assert "/monthly/" in mail.outbox[0].body


def test_card_that_was_not_saved_leaves_a_gift_made_once_and_says_so(
    world: World, fund: Fund
) -> None:
    donation = world.begin(fund)
    external_id = str(donation.external_id)
    world.emulator.pay(external_id)
    method = world.emulator.payment(external_id)["payment_method"]
    world.emulator.alter(external_id, payment_method={**method, "saved": False})

    donation = refresh_donation(donation, source="return")
    send_owed_letters()

    fund.refresh_from_db()
    assert (donation.state, fund.count) == (DonationState.SUCCEEDED, 1)
    assert Subscription.objects.count() == 0
    assert "Банк не позволил сохранить карту" in mail.outbox[0].body
    assert "/monthly/" not in mail.outbox[0].body


def test_second_refresh_opens_no_second_monthly_gift(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    for source in ("notification", "return", "sweeper"):
        refresh_donation(subscription.first_donation, source=source)
    assert Subscription.objects.count() == 1


def test_abandoned_first_payment_opens_nothing(world: World, fund: Fund) -> None:
    donation = world.begin(fund)
    world.go(at("2026-01-31") + timedelta(hours=2))
    refresh_donation(donation, source="sweeper")
    assert Subscription.objects.count() == 0


# --- the schedule


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(1, 31))
def test_due_day_is_the_charge_day_or_the_last_of_a_shorter_month(day: date, charge: int) -> None:
    due = due_on(day, charge)
    assert (due.year, due.month) == (day.year, day.month)
    assert due.day == charge or (due + timedelta(days=1)).day == 1
    assert due.day <= charge


@given(
    st.integers(1, 31),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(0, 400),
)
def test_plan_never_drifts_piles_up_or_goes_back(charge: int, start: date, late: int) -> None:
    period, earliest = start.replace(day=1), start + timedelta(days=late)
    subscription = Subscription(charge_day=charge)
    plan(subscription, period=period, earliest=earliest)

    planned, on = subscription.period, subscription.next_charge_on
    assert planned >= period
    assert on >= earliest
    assert on == max(due_on(planned, charge), earliest)
    following = due_on(next_period(planned), charge)
    assert on < following
    if on != due_on(planned, charge):  # a late one keeps its distance
        assert on <= following - SPARE
    if planned > period:  # nothing was left out that could have been charged
        before = (planned - timedelta(days=1)).replace(day=1)
        assert due_on(before, charge) < earliest
        assert earliest > due_on(planned, charge) - SPARE


@given(st.integers(1, 31), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_a_worker_in_time_charges_every_month_on_its_day(charge: int, start: date) -> None:
    subscription = Subscription(charge_day=charge)
    period = start.replace(day=1)
    plan(subscription, period=period, earliest=due_on(period, charge))
    for _month in range(30):
        assert subscription.period == period
        assert subscription.next_charge_on == due_on(period, charge)
        paid_on = subscription.next_charge_on
        period = next_period(period)
        plan(subscription, period=next_period(subscription.period), earliest=paid_on)


def test_a_year_of_the_31st_is_charged_once_a_month_each_told_of_before(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    world.live("2027-02-01")

    days = [day for day, _sum in world.charges()]
    assert days == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-31",
        "2026-08-31",
        "2026-09-30",
        "2026-10-31",
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
    ]
    assert [period.month for period in paid_periods(subscription)] == [1, *range(2, 13), 1]
    for letter, day in zip(letters("monthly_notice"), days[1:], strict=True):
        assert letter.about == f"{day}.50000"
        charged = subscription.donations.get(paid_at__date=date.fromisoformat(day)).paid_at
        assert letter.sent_at is not None
        assert charged is not None
        assert timedelta(hours=24) <= charged - letter.sent_at <= timedelta(hours=72)
    thanks, notices = letters("thanks"), letters("monthly_notice")
    assert (len(thanks), len(notices), len(mail.outbox)) == (13, 12, 25)
    assert all("/monthly/" in str(one.body) for one in mail.outbox)
    fund.refresh_from_db()
    assert fund.count == 13
    assert check_totals() == []


def test_nobody_is_charged_without_a_notice_that_was_sent_a_day_before(
    world: World, fund: Fund, settings: Settings
) -> None:
    subscription = world.subscribe(fund)
    settings.EMAIL_BACKEND = "tests.donations.test_monthly_charges.BrokenMail"
    world.live("2026-03-03")
    assert len(world.charges()) == 1
    assert Letter.objects.filter(kind="monthly_notice", sent_at=None).count() == 1

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Letter.objects.update(next_try_at=at("2026-03-03"))
    world.work()
    assert "4 марта 2026" in mail.outbox[-1].subject  # not the day that has passed
    world.go(at("2026-03-04", hour=8))
    world.work()
    assert len(world.charges()) == 1
    world.go(at("2026-03-04", hour=10))
    world.work()
    assert world.charges()[1:] == [("2026-03-04", "500.00")]
    subscription.refresh_from_db()
    assert subscription.next_charge_on == date(2026, 3, 31)


class BrokenMail:
    def __init__(self, *args: object, **kwargs: object) -> None:
        raise OSError("no mail server")


def test_changed_sum_is_told_of_before_it_is_taken(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    world.live("2026-02-27")
    change_sum(subscription=subscription, amount=Subscription.objects.get().amount + 200)
    world.live("2026-03-05")
    assert world.charges()[1:] == [("2026-03-01", "700.00")]
    assert [one.about for one in letters("monthly_notice")] == [
        "2026-02-28.50000",
        "2026-03-01.70000",
    ]


# --- the worker slept


def test_worker_that_slept_over_a_months_end_charges_each_month_once(
    world: World, fund: Fund
) -> None:
    for index in range(30):
        moment = at("2026-11-01") + timedelta(days=index)
        if moment > world.emulator.clock.now():
            world.go(moment)
        world.subscribe(fund, email=f"donor{index}@example.org")
    world.live("2026-12-26", step=timedelta(hours=24))
    world.go(at("2027-01-05"))  # ten days of sleep
    world.live("2027-02-01", step=timedelta(hours=24))

    for subscription in Subscription.objects.all():
        periods = paid_periods(subscription)
        assert len(periods) == len(set(periods))
        assert periods[:2] == [date(2026, 11, 1), date(2026, 12, 1)]
        assert date(2027, 1, 1) in periods or subscription.next_charge_on >= date(2027, 1, 31)
        days = sorted(
            one.paid_at.date()
            for one in subscription.donations.filter(state="succeeded")
            if one.paid_at
        )
        gaps = [after - before for before, after in pairwise(days)]
        assert min(gaps) >= SPARE
    taken = [one for one in world.emulator.payments() if one["status"] == "succeeded"]
    assert len(taken) == Donation.objects.paid().count()
    fund.refresh_from_db()
    assert (fund.count, check_totals()) == (len(taken), [])
    assert Letter.objects.filter(sent_at=None).count() == 0


def test_late_month_is_told_of_first_and_months_missed_wholly_are_left_out(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    world.go(at("2026-05-03"))  # February and March are gone, April was due three days ago
    world.work()
    assert len(world.charges()) == 1
    world.live("2026-05-10")
    assert [day for day, _sum in world.charges()] == ["2026-01-31", "2026-05-05"]
    assert paid_periods(subscription) == [date(2026, 1, 1), date(2026, 4, 1)]
    world.live("2026-06-05")
    assert world.charges()[-1][0] == "2026-05-31"


def test_notice_that_has_grown_old_in_a_sleep_is_given_anew(world: World, fund: Fund) -> None:
    world.subscribe(fund)
    world.live("2026-02-27")
    assert len(letters("monthly_notice")) == 1
    world.go(at("2026-03-10"))
    world.work()
    assert len(world.charges()) == 1
    world.live("2026-03-13")
    assert world.charges()[1:] == [("2026-03-12", "500.00")]
    assert len(letters("monthly_notice")) == 2


# --- never twice


def test_charge_whose_answer_was_lost_is_found_and_not_made_again(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    world.live("2026-02-27")
    world.emulator.fault("drop", when="after", method="POST", path="/payments")
    world.go(at("2026-02-28"))
    world.work()
    donation = subscription.donations.get(state=DonationState.CREATED)
    world.work()
    assert len(world.charges()) == 2

    refresh_donation(donation, source="sweeper")

    assert len(world.emulator.payments()) == 2
    assert paid_periods(subscription) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_charge_that_takes_time_is_settled_later_and_nothing_begins_beside_it(
    world: World, fund: Fund, caplog: pytest.LogCaptureFixture
) -> None:
    subscription = world.subscribe(fund)
    world.fail(subscription, "pending")
    world.live("2026-02-28")
    donation = subscription.donations.get(state=DonationState.PENDING)
    world.work()
    assert subscription.donations.count() == 2
    assert "missed its turn" not in caplog.text
    world.emulator.pay(str(donation.external_id))
    refresh_donation(donation, source="sweeper")
    subscription.refresh_from_db()
    assert subscription.next_charge_on == date(2026, 3, 31)


def test_database_put_back_from_yesterday_does_not_charge_again(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    world.live("2026-02-28")
    charge = subscription.donations.get(period=date(2026, 2, 1))
    for rows in (charge.events.all(), charge.letters.all()):
        rows.delete()
    subscription.events.exclude(what="opened").delete()
    charge.delete()
    Subscription.objects.update(period=date(2026, 2, 1), next_charge_on=date(2026, 2, 28))

    world.work()

    assert len(world.emulator.payments()) == 2
    assert paid_periods(subscription) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_the_database_holds_one_charge_of_a_month(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    second = Donation(
        site=fund.site,
        fund=fund,
        account=subscription.account,
        amount=subscription.amount,
        gift_key="another",
        subscription=subscription,
        period=date(2026, 1, 1),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.update(state="stopped")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_charge_once(world: World, fund: Fund) -> None:
    subscriptions = [
        world.subscribe(fund, email=f"donor{number}@example.org") for number in range(5)
    ]
    world.live("2026-02-27", step=timedelta(hours=12))
    world.go(at("2026-02-28"))
    barrier = threading.Barrier(4)
    troubles: list[BaseException] = []

    def work() -> None:
        from tenancy.scope import unrestricted  # noqa: PLC0415  # a scope of the thread's own

        try:
            with unrestricted("a worker of a test"):
                barrier.wait(timeout=10)
                charge_due()
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert len(world.charges()) == 10
    for subscription in subscriptions:
        assert paid_periods(subscription) == [date(2026, 1, 1), date(2026, 2, 1)]
    assert check_totals() == []


# --- refused


@pytest.mark.parametrize("reason", sorted(STOPPING))
def test_word_that_ends_a_card_stops_at_once_with_one_letter(
    world: World, fund: Fund, reason: str
) -> None:
    subscription = world.subscribe(fund)
    world.fail(subscription, reason)
    world.live("2026-03-20")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.reason) == ("stopped", reason)
    assert (subscription.sealed_method, subscription.method_title) == ("", "")
    assert subscription.donations.filter(state="canceled").count() == 1
    assert len(letters("monthly_stopped")) == 1
    assert letters("monthly_failed") == []


@pytest.mark.parametrize(
    "reason",
    [
        "insufficient_funds",
        "payment_method_limit_exceeded",
        "issuer_unavailable",
        "internal_timeout",
        "general_decline",
        "fraud_suspected",
    ],
)
def test_other_words_are_tried_again_after_1_3_and_7_days_and_then_it_stops(
    world: World, fund: Fund, reason: str
) -> None:
    subscription = world.subscribe(fund)
    world.fail(subscription, reason)
    world.live("2026-03-20")

    tries = subscription.donations.filter(period=date(2026, 2, 1)).order_by("pk")
    days = [one.created_at.date() for one in tries]
    gaps = [(after - before).days for before, after in pairwise(days)]
    assert (days[0], gaps) == (date(2026, 2, 28), list(RETRY_DAYS))
    assert len({one.idempotence_key for one in tries}) == 4
    subscription.refresh_from_db()
    assert (subscription.state, subscription.reason) == ("stopped", "exhausted")
    assert len(letters("monthly_failed")) == 1
    assert len(letters("monthly_stopped")) == 1
    # The first one and the third and fourth try; the letter of the failure tells of the second.
    assert len(letters("monthly_notice")) == 3
    assert fund.strict_until is None


def test_second_try_that_is_paid_settles_the_month_and_does_not_move_the_next(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    world.fail(subscription, "insufficient_funds")
    world.live("2026-02-28")
    failure = mail.outbox[-1]
    assert "не прошло" in failure.subject
    assert "/monthly/" in str(failure.body)
    world.fail(subscription, None)
    world.live("2026-03-03")
    subscription.refresh_from_db()
    assert world.charges()[1:] == [("2026-03-01", "500.00")]
    assert (subscription.failures, subscription.next_charge_on) == (0, date(2026, 3, 31))


def test_fault_of_the_shop_leaves_the_month_out_and_bothers_no_donor(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    world.emulator.shops["100500"].recurring = False
    world.live("2026-03-20")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.failures) == ("active", 0)
    assert subscription.next_charge_on == date(2026, 3, 31)
    assert (letters("monthly_failed"), letters("monthly_stopped")) == ([], [])
    assert len(letters("monthly_notice")) == 1


# --- stopped, paused, closed


def with_a_charge_that_is_written(world: World, fund: Fund) -> tuple[Subscription, Donation]:
    """The row is there, the order never reached the provider."""
    subscription = world.subscribe(fund)
    world.live("2026-02-27")
    world.emulator.fault("drop", when="before", method="POST", path="/payments")
    world.go(at("2026-02-28"))
    world.work()
    donation = subscription.donations.get(state=DonationState.CREATED)
    return subscription, donation


def test_stopped_gift_is_charged_no_more_even_when_its_charge_is_written(
    world: World, fund: Fund
) -> None:
    subscription, donation = with_a_charge_that_is_written(world, fund)

    cancel(subscription=subscription)
    cancel(subscription=subscription)

    asked = len(world.emulator.requests)
    donation = refresh_donation(donation, source="sweeper")
    assert {one.method for one in world.emulator.requests[asked:]} == {"GET"}
    assert donation.state == DonationState.CANCELED
    world.live("2026-05-01", step=timedelta(days=1))
    assert len(world.charges()) == 1
    assert len(letters("monthly_stopped")) == 1
    subscription.refresh_from_db()
    assert subscription.sealed_method == ""


@pytest.mark.parametrize("by", ["donor", "site"])
def test_a_charge_that_is_written_is_not_made_while_donor_or_site_rest(
    by: str, world: World, fund: Fund, site: Site
) -> None:
    subscription, donation = with_a_charge_that_is_written(world, fund)
    if by == "donor":
        pause(subscription=subscription)
    else:
        SiteWalls.objects.filter(site=site).update(state=SiteState.PAUSED)

    donation = refresh_donation(donation, source="sweeper")
    assert (donation.state, donation.reason) == (DonationState.CANCELED, "not_found")
    world.live("2026-03-20", step=timedelta(days=1))
    assert len(world.charges()) == 1

    if by == "donor":
        subscription.refresh_from_db()
        resume(subscription=subscription)
    else:
        SiteWalls.objects.filter(site=site).update(state=SiteState.ACTIVE)
    world.live("2026-04-01")
    # A pause of the donor's leaves its months out; the site's last one is told of anew, and late.
    late = {"donor": [], "site": ["2026-03-22"]}[by]
    assert [day for day, _sum in world.charges()][1:] == [*late, "2026-03-31"]


def test_notice_that_was_not_sent_yet_is_not_sent_after_the_end(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    world.go(at("2026-02-26"))
    charge_due()
    assert [one.sent_at for one in letters("monthly_notice")] == [None]
    cancel(subscription=subscription)
    send_owed_letters()
    assert [one.subject for one in mail.outbox[1:]] == [
        "Ваше ежемесячное пожертвование остановлено"
    ]


def test_paused_gift_rests_and_goes_on_with_the_next_day_ahead(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    pause(subscription=subscription)
    world.live("2026-04-10", step=timedelta(days=1))
    assert len(world.charges()) == 1
    resume(subscription=subscription)
    world.live("2026-05-01")
    assert [day for day, _sum in world.charges()] == ["2026-01-31", "2026-04-30"]


def test_closed_campaign_charges_nobody_and_goes_on_only_when_the_donor_agrees(
    world: World, fund: Fund, campaign: Fund
) -> None:
    agreed = world.subscribe(campaign, email="agreed@example.org")
    silent = world.subscribe(campaign, email="silent@example.org")
    Fund.objects.filter(pk=campaign.pk).update(accepts=False)
    world.live("2026-02-05")
    assert [one.about for one in letters("monthly_closed")] == [f"{campaign.pk}.2026-02-01"] * 2
    assert all("/monthly/" in str(one.body) for one in mail.outbox)

    go_on_to_general(subscription=agreed)
    world.live("2026-03-20")

    agreed.refresh_from_db()
    silent.refresh_from_db()
    assert (agreed.state, agreed.fund) == ("active", fund)
    assert (silent.state, silent.reason) == ("stopped", "fund_closed")
    assert world.charges()[2:] == [("2026-02-28", "500.00")]
    fund.refresh_from_db()
    assert fund.count == 1
    assert len(letters("monthly_closed")) == 2
    assert len(letters("monthly_stopped")) == 1


def test_campaign_taken_down_for_an_hour_asks_nobody(world: World, campaign: Fund) -> None:
    subscription = world.subscribe(campaign)
    Fund.objects.filter(pk=campaign.pk).update(accepts=False)
    world.work()
    Fund.objects.filter(pk=campaign.pk).update(accepts=True)
    world.live("2026-03-01")
    assert letters("monthly_closed") == []
    assert len(paid_periods(subscription)) == 2


@pytest.mark.parametrize("closed", [SiteState.PAUSED, SiteState.ARCHIVED])
def test_site_at_rest_charges_nobody_and_goes_on_with_the_months_that_follow(
    world: World, site: Site, fund: Fund, closed: SiteState
) -> None:
    subscription = world.subscribe(fund)
    SiteWalls.objects.filter(site=site).update(state=closed)
    told = Letter.objects.count()
    world.live("2026-04-10")
    assert len(world.charges()) == 1
    assert Letter.objects.count() == told
    SiteWalls.objects.filter(site=site).update(state=SiteState.ACTIVE)
    world.live("2026-06-10")
    subscription.refresh_from_db()
    # The month slept over last is told of first and charged late, the others on their days.
    assert [day for day, _sum in world.charges()][1:] == ["2026-04-12", "2026-04-30", "2026-05-31"]
    assert subscription.state == "active"


def test_account_that_is_not_in_use_charges_nobody(world: World, fund: Fund) -> None:
    world.subscribe(fund)
    PaymentAccount.objects.update(is_active=False)
    world.live("2026-03-10")
    account = PaymentAccount.objects.filter(kind="yookassa")
    account.update(is_active=True, recurring=False)
    world.live("2026-03-20")
    assert len(world.charges()) == 1
    assert letters("monthly_notice") == []


# --- another card


def test_another_card_pays_the_next_month_and_is_charged_from_then_on(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    world.live("2026-02-10")
    donation = start_new_card(subscription=subscription, shown_texts=())
    assert start_new_card(subscription=subscription, shown_texts=()) == donation
    world.emulator.pay(str(donation.external_id))
    refresh_donation(donation, source="return")

    subscription.refresh_from_db()
    assert subscription.method_id == donation.external_id
    assert subscription.next_charge_on == date(2026, 3, 31)
    world.live("2026-04-02")
    assert [day for day, _sum in world.charges()] == ["2026-01-31", "2026-02-10", "2026-03-31"]
    assert len(paid_periods(subscription)) == 3


def test_another_card_that_was_not_paid_with_changes_nothing(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    before = subscription.method_id
    world.live("2026-02-10")
    donation = start_new_card(subscription=subscription, shown_texts=())
    world.emulator.decline(str(donation.external_id))
    refresh_donation(donation, source="return")
    subscription.refresh_from_db()
    assert (subscription.method_id, subscription.failures) == (before, 0)
    world.live("2026-03-01")
    assert world.charges()[1:] == [("2026-02-28", "500.00")]


def test_another_shop_stops_charges_and_asks_for_the_card_once(
    world: World, fund: Fund, site: Site
) -> None:
    subscription = world.subscribe(fund)
    mail.outbox.clear()
    world.emulator.add_shop("200600", "test_secret_of_the_new_shop")
    use_account(
        site=site,
        kind="yookassa",
        shop_id="200600",
        secret_key="test_secret_of_the_new_shop",
        by=None,
        recurring=True,
    )
    taken = world.charges()
    world.live("2026-03-20")
    assert world.charges() == taken
    [letter] = mail.outbox
    assert letter.subject == "Ежемесячное пожертвование остановилось: карта нужна ещё раз"
    assert f"/monthly/{monthly_token(subscription.public_id)}/" in letter.body

    donation = start_new_card(subscription=Subscription.objects.get(), shown_texts=())
    world.emulator.pay(str(donation.external_id))
    refresh_donation(donation, source="return")
    subscription.refresh_from_db()
    assert subscription.account.shop_id == "200600"


def test_a_new_shop_that_saves_no_cards_promises_nothing(
    world: World, fund: Fund, site: Site
) -> None:
    world.subscribe(fund)
    mail.outbox.clear()
    world.emulator.add_shop("200600", "test_secret_of_the_new_shop")
    use_account(
        site=site,
        kind="yookassa",
        shop_id="200600",
        secret_key="test_secret_of_the_new_shop",
        by=None,
        recurring=False,
    )
    world.live("2026-03-20")
    assert mail.outbox == []


def test_a_new_card_begun_while_the_clock_charges_the_month_is_refused_and_charges_nothing(
    world: World, fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = world.subscribe(fund)

    def clock_first(**asked: Any) -> Donation:
        charge_row(subscription, period=subscription.period, key="sub").save()
        return start_donation(**asked)

    monkeypatch.setattr(monthly, "start_donation", clock_first)
    with pytest.raises(CannotGive):
        start_new_card(subscription=subscription, shown_texts=())
    assert len(world.emulator.payments()) == 1


# --- a worker that died at the call


def test_a_charge_that_was_written_and_never_made_holds_its_monthly_gift_up_no_longer(
    world: World, fund: Fund
) -> None:
    """Between the row and the call the machine went down for eight days."""
    subscription = world.subscribe(fund)
    world.live("2026-02-27")
    world.emulator.fault("drop", method="POST", path="/payments")
    world.live("2026-03-01")
    charge = subscription.donations.get(state=DonationState.CREATED)

    world.go(at("2026-03-09"))
    settle()
    charge.refresh_from_db()
    assert (charge.state, charge.reason) == ("canceled", "not_found")
    world.live("2026-04-05")
    assert [day for day, _sum in world.charges()] == ["2026-01-31", "2026-03-11", "2026-03-31"]


# --- a database put back from an older copy


def forget(gift: Donation) -> None:
    """As in a copy made before this gift."""
    gift.events.all().delete()
    gift.letters.all().delete()
    gift.acceptances.all().delete()
    gift.delete()


def lose(gifts: list[Donation], subscription: Subscription, period: date, day: date) -> None:
    """A copy of before these gifts is all there is: the first one alone was counted by then."""
    SubscriptionEvent.objects.all().delete()
    for gift in gifts:
        forget(gift)
    Subscription.objects.update(period=period, next_charge_on=day)
    Fund.objects.filter(pk=subscription.fund_id).update(
        raised=subscription.amount, count=1, people=1
    )


def test_a_charge_lost_with_the_database_comes_back_as_the_month_it_was(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    before = (subscription.period, subscription.next_charge_on)
    world.live("2026-03-02")
    taken = world.charges()
    charge = subscription.donations.get(period=before[0])
    SubscriptionEvent.objects.filter(subscription=subscription).delete()
    forget(charge)
    Subscription.objects.update(period=before[0], next_charge_on=before[1])
    Fund.objects.filter(pk=fund.pk).update(raised=subscription.amount, count=1, people=1)

    account = PaymentAccount.objects.active().get()
    report = reconcile(account=account, since=at("2026-01-01"), until=at("2026-03-03"))
    assert [row["kind"] for row in report.differences] == ["missing here"]
    assert report.open_differences == []
    back = subscription.donations.get(period=before[0])
    assert (back.public_id, back.state, back.email) == (charge.public_id, "succeeded", charge.email)
    assert check_totals() == []
    subscription.refresh_from_db()
    assert subscription.period == next_period(before[0])
    world.live("2026-03-20")
    assert world.charges() == taken


def test_charges_of_three_months_lost_with_the_database_come_back_and_the_next_is_made(
    world: World, fund: Fund
) -> None:
    """The provider's list is newest first: April comes back before February."""
    subscription = world.subscribe(fund)
    before = (subscription.period, subscription.next_charge_on)
    world.live("2026-05-02")
    later = subscription.donations.filter(period__gte=before[0]).order_by("period")
    charges = list(later)
    lose(charges, subscription, *before)

    account = PaymentAccount.objects.active().get()
    report = reconcile(account=account, since=at("2026-01-01"), until=at("2026-05-03"))
    assert ([row["mended"] for row in report.differences], check_totals()) == ([True] * 3, [])
    assert [(row.public_id, row.period) for row in later.all()] == [
        (row.public_id, row.period) for row in charges
    ]
    subscription.refresh_from_db()
    assert subscription.period == date(2026, 5, 1)
    world.live("2026-06-02")
    assert [day for day, _sum in world.charges()][-2:] == ["2026-04-30", "2026-05-31"]


def test_refused_tries_and_the_paid_one_of_the_same_month_come_back_and_count_once(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    before = (subscription.period, subscription.next_charge_on)
    world.fail(subscription, "insufficient_funds")
    world.live("2026-03-01")
    world.fail(subscription, None)
    world.live("2026-03-10")
    tries = list(subscription.donations.filter(period=before[0]).order_by("pk"))
    states = [row.state for row in tries]
    assert states == ["canceled", "canceled", "succeeded"]
    lose(tries, subscription, *before)

    account = PaymentAccount.objects.active().get()
    report = reconcile(account=account, since=at("2026-01-01"), until=at("2026-03-11"))
    assert [(row["kind"], row["mended"]) for row in report.differences] == [
        ("missing here", True)
    ] * 3
    back = [Donation.objects.get(public_id=row.public_id) for row in tries]
    assert [row.state for row in back] == states
    assert subscription.donations.get(period=before[0]) == back[2]
    fund.refresh_from_db()
    assert (fund.raised, check_totals()) == (2 * subscription.amount, [])


def test_a_monthly_gift_lost_with_its_consent_is_listed_and_never_charged(
    world: World, fund: Fund
) -> None:
    subscription = world.subscribe(fund)
    first = subscription.first_donation
    SubscriptionEvent.objects.all().delete()
    Donation.objects.update(subscription=None, period=None)
    subscription.delete()
    forget(first)
    Fund.objects.filter(pk=fund.pk).update(raised=0, count=0, people=0)

    account = PaymentAccount.objects.active().get()
    report = reconcile(account=account, since=at("2026-01-01"), until=at("2026-02-02"))
    assert [(row["kind"], row["mended"]) for row in report.differences] == [
        ("monthly gift lost", False)
    ]
    assert Donation.objects.get().state == "succeeded"
    assert Subscription.objects.count() == 0
    assert check_totals() == []


def test_a_month_that_a_person_does_not_count_is_over_and_the_next_is_charged(
    world: World, fund: Fund, make_person: Callable[..., User], site: Site
) -> None:
    subscription = world.subscribe(fund)
    world.live("2026-02-27")
    world.emulator.fault("wrong_shop", method="POST", path="/payments", times=1)
    world.live("2026-03-10")
    doubtful = subscription.donations.exclude(flag="").get()
    assert doubtful.state == "created"
    by = make_person(Role.ACCOUNTANT, site)
    decide_flag(donation=doubtful, verdict=FlagVerdict.NOT, reason="не наш", number=1, by=by)
    world.live("2026-04-05")
    assert [day for day, _sum in world.charges()][-1] == "2026-03-31"
    assert len(world.charges()) == 3  # the doubtful one, too: the provider took it


def test_a_name_taken_off_comes_back_with_no_charge(
    world: World, fund: Fund, make_person: Callable[..., User], site: Site
) -> None:
    subscription = world.subscribe(fund)
    Subscription.objects.update(show_name=True)
    first = subscription.first_donation
    take_name_off(donation=first, by=make_person(Role.ACCOUNTANT, site))
    world.live("2026-03-03")
    charge = subscription.donations.exclude(pk=first.pk).get()
    assert charge.show_name is False


def test_a_corrected_address_is_that_of_the_whole_monthly_gift(
    world: World, fund: Fund, make_person: Callable[..., User], site: Site
) -> None:
    subscription = world.subscribe(fund, email="anna@exmaple.org")
    world.live("2026-03-03")
    charge = subscription.donations.order_by("-period").first()
    assert charge is not None
    by = make_person(Role.ACCOUNTANT, site)
    correct_email(donation=charge, email="anna@example.org", by=by)
    mail.outbox.clear()
    world.live("2026-04-05")
    assert {one.to[0] for one in mail.outbox} == {"anna@example.org"}
    assert len(mail.outbox) == 2  # the notice and the thanks
