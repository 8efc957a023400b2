"""What a monthly gift has told its donor stays true: campaigns come back, plans change, cards
fail."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from donations.actions.letters import resend_letter, send_owed_letters
from donations.actions.monthly import charge_due, start_new_card
from donations.actions.payments import refresh_donation
from donations.actions.subscriptions import cancel, change_sum, pause, resume
from donations.models import Fund, Letter, Subscription
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.monthly import World, at, letters

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]


def open_fund(fund: Fund, accepts: bool) -> None:
    Fund.objects.filter(pk=fund.pk).update(accepts=accepts)


# --- a campaign that comes back


def test_campaign_that_comes_back_after_days_goes_on_and_is_told_of_before_the_charge(
    world: World, campaign: Fund
) -> None:
    subscription = world.subscribe(campaign)
    open_fund(campaign, False)
    world.live("2026-02-10")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.reason) == ("paused", "fund_closed")

    open_fund(campaign, True)
    world.live("2026-03-01")

    subscription.refresh_from_db()
    assert (subscription.state, subscription.closed_seen_at) == ("active", None)
    assert world.charges()[1:] == [("2026-02-28", "500.00")]
    assert len(letters("monthly_notice")) == 1
    event = subscription.events.get(what="resumed")
    assert event.source == "clock"


def test_campaign_that_closes_again_much_later_asks_again_and_waits_again(
    world: World, campaign: Fund
) -> None:
    subscription = world.subscribe(campaign)
    for closes, opens in (("2026-02-03", "2026-02-08"), ("2026-03-10", "2026-03-15")):
        world.live(closes)
        open_fund(campaign, False)
        world.live(opens)
        subscription.refresh_from_db()
        assert (subscription.state, subscription.reason) == ("paused", "fund_closed")
        open_fund(campaign, True)
        world.work()
        subscription.refresh_from_db()
        assert subscription.state == "active"
    assert [one.about.split(".")[0] for one in letters("monthly_closed")] == [str(campaign.pk)] * 2
    assert letters("monthly_stopped") == []


@pytest.mark.parametrize("then", ["opens again", "donor stops"])
def test_letter_that_a_campaign_closed_is_taken_back_when_there_is_nothing_to_choose(
    world: World, campaign: Fund, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    subscription = world.subscribe(campaign)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", lambda _self: 1 / 0)
        open_fund(campaign, False)
        world.live("2026-02-05")
        assert [one.sent_at for one in letters("monthly_closed")] == [None]
    mail.outbox.clear()
    if then == "opens again":
        open_fund(campaign, True)
    else:
        cancel(subscription=subscription)
    world.work()
    world.live("2026-02-07")
    assert letters("monthly_closed") == []
    assert len(mail.outbox) == (0 if then == "opens again" else 1)  # that it is stopped


def test_gift_stopped_meanwhile_does_not_come_back_with_the_campaign(
    world: World, campaign: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = world.subscribe(campaign)
    open_fund(campaign, False)
    world.live("2026-02-05")
    # Stopped for its campaign after the clock had chosen whom to look at.
    Subscription.objects.update(state="stopped", stopped_at=timezone.now(), sealed_method="")
    monkeypatch.setattr("donations.actions.monthly._awake", lambda: [subscription.pk])
    open_fund(campaign, True)
    charge_due()
    subscription.refresh_from_db()
    assert subscription.state == "stopped"


# --- letters about charges


@pytest.fixture
def told(world: World, fund: Fund) -> Letter:
    """The notice of the charge of 28 February has gone out."""
    world.subscribe(fund)
    world.live("2026-02-26")
    (notice,) = letters("monthly_notice")
    assert notice.sent_at is not None
    mail.outbox.clear()
    return notice


def test_notice_of_a_charge_to_come_is_sent_again(told: Letter, make_person: MakePerson) -> None:
    assert resend_letter(letter=told, resends=0, by=make_person(Role.COORDINATOR))
    send_owed_letters()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("what", ["charged", "sum changed", "paused", "stopped"])
def test_notice_of_a_charge_that_will_not_happen_is_not_sent_again(
    world: World,
    told: Letter,
    make_person: MakePerson,
    admin_as: AdminAs,
    what: str,
) -> None:
    subscription = Subscription.objects.get()
    if what == "charged":
        world.live("2026-03-02")
    elif what == "sum changed":
        change_sum(subscription=subscription, amount=subscription.amount * 2)
    elif what == "paused":
        pause(subscription=subscription)
    else:
        cancel(subscription=subscription)
    send_owed_letters()
    mail.outbox.clear()

    screen = admin_as(make_person(Role.ACCOUNTANT, told.site))
    answer = screen.post(f"/admin/letters/{told.pk}/again/", {"resends": "0"}, follow=True)

    assert "Это письмо говорит о списании, которого уже не будет" in answer.content.decode()
    send_owed_letters()
    assert mail.outbox == []
    assert AuditEntry.objects.filter(what="letter sent again").count() == 0


@pytest.fixture
def waiting(world: World, fund: Fund) -> Subscription:
    """The notice of the charge of 28 February is owed; the mail server is down."""
    subscription = world.subscribe(fund)
    world.go(at("2026-02-26"))
    charge_due()
    assert [one.sent_at for one in letters("monthly_notice")] == [None]
    mail.outbox.clear()
    return subscription


def test_notice_not_yet_sent_is_taken_back_with_the_old_sum(
    world: World, waiting: Subscription
) -> None:
    change_sum(subscription=waiting, amount=waiting.amount * 2)
    world.work()
    assert [one.about for one in letters("monthly_notice")] == ["2026-02-28.100000"]


def test_notice_not_yet_sent_is_taken_back_when_a_new_card_paid_the_month(
    world: World, waiting: Subscription
) -> None:
    donation = start_new_card(subscription=waiting, shown_texts=())
    world.emulator.pay(str(donation.external_id))
    refresh_donation(donation, source="return")
    send_owed_letters()
    assert letters("monthly_notice") == []
    assert [one.subject for one in mail.outbox] == ["Спасибо, пожертвование дошло: 500\xa0₽"]


def test_notice_not_yet_sent_is_taken_back_when_the_day_is_planned_anew(
    world: World, waiting: Subscription
) -> None:
    Letter.objects.filter(kind="monthly_notice").update(about="2026-02-28.70000")
    world.go(at("2026-02-28"))
    world.work()
    assert [one.about for one in letters("monthly_notice")] == ["2026-03-02.50000"]


# --- failures are of one month


def test_failures_of_one_month_do_not_count_against_the_next(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    world.fail(subscription, "insufficient_funds")
    world.live("2026-03-09")  # refused on 28 February, on 1 March and on 4 March
    subscription.refresh_from_db()
    assert (subscription.failures, subscription.period) == (3, date(2026, 2, 1))
    pause(subscription=subscription)
    resume(subscription=subscription)
    world.live("2026-03-31")
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert (subscription.failures, subscription.period) == (1, date(2026, 3, 1))
    assert len(letters("monthly_failed")) == 2


def test_month_that_is_left_out_takes_its_failures_with_it(world: World, fund: Fund) -> None:
    subscription = world.subscribe(fund)
    Subscription.objects.update(failures=3)
    world.traveller.shift(timedelta(days=80))
    world.emulator.clock.advance(seconds=80 * 24 * 3600)
    world.work()
    subscription.refresh_from_db()
    assert subscription.failures == 0
    assert subscription.period > date(2026, 2, 1)
