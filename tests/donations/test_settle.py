"""The sweeper's rhythm, the recount of the totals, and the commands around them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F, Value
from wagtail.models import Site

from donations.actions import sweeping
from donations.actions.funds import check_totals
from donations.actions.letters import send_owed_letters
from donations.actions.sweeping import is_due, settle
from donations.models import Donation, DonationState, Fund, PaymentAccount
from donations.money import MoneyField
from donations.secrets import KeysUnavailable, seal, unseal
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "since_asked", "due"),
    [
        ({"seconds": 29}, None, False),
        ({"seconds": 30}, None, True),
        ({"minutes": 5}, {"seconds": 29}, False),
        ({"minutes": 5}, {"seconds": 30}, True),
        ({"minutes": 30}, {"seconds": 59}, False),
        ({"minutes": 30}, {"seconds": 60}, True),
        ({"hours": 3}, {"minutes": 59}, False),
        ({"hours": 3}, {"hours": 1}, True),
        ({"days": 3}, {"hours": 23}, False),
        ({"days": 3}, {"days": 1}, True),
        ({"days": 7, "minutes": 1}, {"days": 2}, False),
        ({"days": 7, "minutes": 1}, None, False),
    ],
    ids=str,
)
def test_the_sweeper_asks_more_seldom_the_older_a_gift_is(
    age: dict[str, float], since_asked: dict[str, float] | None, due: bool
) -> None:
    donation = Donation(created_at=NOON - timedelta(**age))
    donation.checked_at = None if since_asked is None else NOON - timedelta(**since_asked)
    assert is_due(donation, NOON) is due


def test_an_abandoned_payment_is_asked_about_until_its_hour_is_over(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        donation = give(fund, "500.00")
        emulator.requests.clear()
        for _half_minute in range(2 * 80):
            clock.shift(30)
            settle()
        donation.refresh_from_db()
        # Every 30 s for ten minutes, every minute up to the hour, and never once it is canceled.
        assert len(emulator.requests) == 20 + 50
        assert (donation.state, donation.reason) == ("canceled", "expired_on_confirmation")
        assert settle().asked == 0


def test_an_outage_ends_and_everything_is_settled(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        paid, begun = give(fund, "500.00"), give(fund, "700.00")
        emulator.pay(str(paid.external_id))
        emulator.fault("server_error", times=None)
        unclear = give(fund, "900.00")
        clock.shift(31)
        result = settle()
        assert (result.asked, result.finished, result.unreachable) == (3, 0, 3)
        clock.shift(20)
        assert settle().asked == 0  # asked, though in vain
        emulator.clear_faults()
        clock.shift(11)
        result = settle()
        assert (result.asked, result.finished, result.unreachable) == (3, 1, 0)
        assert send_owed_letters() == 1
    states = [Donation.objects.get(pk=gift.pk).state for gift in (paid, begun, unclear)]
    assert states == ["succeeded", "pending", "pending"]
    assert len(mail.outbox) == 1


def test_a_flagged_gift_waits_for_a_person_and_not_for_the_provider(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    give(fund, "500.00")
    Donation.objects.update(flag="another shop")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        assert settle().asked == 0


def test_one_broken_row_keeps_no_other_from_its_turn(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, site: Site
) -> None:
    broken, sound = give(fund, "500.00"), give(fund, "700.00")
    emulator.pay(str(sound.external_id))
    Donation.objects.filter(pk=broken.pk).update(
        external_id=None, state="created", provider_request="{not json"
    )
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        result = settle()
        assert send_owed_letters() == 1
    assert (result.asked, result.finished) == (2, 1)
    sound.refresh_from_db()
    assert sound.state == DonationState.SUCCEEDED


def test_the_command_tells_what_it_did(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.pay(str(give(fund, "500.00").external_id))
    out = StringIO()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        call_command("settle", stdout=out)
    assert out.getvalue() == "asked 1, finished 1, unreachable 0, letters 1\n"


@pytest.mark.parametrize("reached", [False, True], ids=["never made", "made"])
def test_a_payment_begun_long_ago_is_looked_up_once_the_provider_answers(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, reached: bool
) -> None:
    """The worker died at the call, and the host was down for eight days."""
    emulator.fault("drop", when="after" if reached else "before", method="POST", path="/payments")
    donation = give(fund, "500.00")
    if reached:
        emulator.pay(emulator.payments()[0]["id"])
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False) as clock:
        emulator.fault("not_found")  # the list, not the payment
        assert (settle().unreachable, settle().asked) == (1, 0)
        donation.refresh_from_db()
        assert donation.state == DonationState.CREATED
        clock.shift(timedelta(days=1))
        assert settle().finished == 1
        emulator.requests.clear()
        clock.shift(timedelta(days=1))
        assert (settle().asked, emulator.requests) == (0, [])
    donation.refresh_from_db()
    ended = ("succeeded", "") if reached else ("canceled", "not_found")
    assert (donation.state, donation.reason) == ended


def test_of_payments_begun_long_ago_a_run_looks_up_a_few(
    shop: PaymentAccount, fund: Fund, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "FORGOTTEN_AT_ONCE", 2)
    for _number in range(3):
        give(fund, "500.00")
    Donation.objects.update(external_id=None, state=DonationState.CREATED)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=False):
        assert [settle().asked for _run in range(3)] == [2, 1, 0]


# --- the recount


def test_totals_agree_with_the_donations(fund: Fund, other_site: Site, give: Give) -> None:
    neighbour = Fund.objects.of_site(other_site).general().get()
    give(fund, "500.00", pay=True)
    give(fund, "99.90", pay=True)
    give(fund, "700.00")
    give(neighbour, "1000.00", pay=True)
    for one, total in ((fund, ("599.90", 2)), (neighbour, ("1000.00", 1))):
        one.refresh_from_db()
        assert (str(one.raised), one.count) == total
    out = StringIO()
    call_command("check_totals", stdout=out)
    assert out.getvalue() == "every total agrees with its donations\n"


@pytest.mark.parametrize(
    "planted",
    [
        {"raised": F("raised") + Value(Decimal("0.01"), output_field=MoneyField())},
        {"count": F("count") + 1},
    ],
    ids=["a kopeck", "a gift"],
)
def test_a_planted_mismatch_is_found_and_told(
    fund: Fund, give: Give, planted: dict[str, Any]
) -> None:
    give(fund, "500.00", pay=True)
    Fund.objects.filter(pk=fund.pk).update(**planted)
    [found] = check_totals()
    assert found.fund == fund
    assert (found.counted.raised, found.counted.count) == (Decimal("500.00"), 1)
    assert found.stored != found.counted
    err = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("check_totals", stdout=StringIO(), stderr=err)
    assert refused.value.returncode == 1
    assert f"fund {fund.pk}: stored" in err.getvalue()


# --- keys at rest


def test_keys_are_rotated_and_the_old_one_can_go(
    site: Site, other_site: Site, shop: PaymentAccount, settings: Any
) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    sealed_before = PaymentAccount.objects.get(pk=shop.pk).sealed_secret
    assert "test_secret_of_veloput" not in sealed_before
    settings.FIELD_KEYS = [new, old]
    assert PaymentAccount.objects.get(pk=shop.pk).secret_key == "test_secret_of_veloput"
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert out.getvalue() == "resealed 1\n"  # the sandbox accounts have no key
    settings.FIELD_KEYS = [new]
    assert PaymentAccount.objects.get(pk=shop.pk).secret_key == "test_secret_of_veloput"
    settings.FIELD_KEYS = [old]
    with pytest.raises(KeysUnavailable):
        _ = PaymentAccount.objects.get(pk=shop.pk).secret_key


@pytest.mark.parametrize("keys", [[], ["no key"], [Fernet.generate_key().decode()]], ids=len)
def test_a_lost_key_says_so_and_holds_no_secret(settings: Any, keys: list[str]) -> None:
    sealed = seal("test_planted")
    settings.FIELD_KEYS = keys
    with pytest.raises(KeysUnavailable) as refused:
        unseal(sealed)
    assert "test_planted" not in str(refused.value)
    assert sealed not in str(refused.value)
