"""The provider is asked, the answer compared, and the state moves along the arrows alone."""

import json
import logging
from collections.abc import Callable
from decimal import Decimal

import pytest

from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.payments import ProviderDown, refresh_donation
from donations.actions.states import NoSuchArrow, move
from donations.models import (
    Acceptance,
    Donation,
    DonationEvent,
    DonationState,
    Fund,
    Letter,
    PaymentAccount,
)
from site_settings.models import LegalKind
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]


@pytest.fixture
def gift(shop: PaymentAccount, fund: Fund, give: Give) -> Donation:
    return give(fund, "500.00")


def assert_counts_nothing(donation: Donation) -> None:
    donation.refresh_from_db()
    donation.fund.refresh_from_db()
    assert donation.counted is False
    assert (donation.fund.raised, donation.fund.count) == (Decimal("0.00"), 0)
    assert Letter.objects.count() == 0
    assert check_totals() == []


@pytest.mark.parametrize(
    ("lie", "flag"),
    [
        ("wrong_amount", "another sum or currency"),
        ("wrong_currency", "another sum or currency"),
        ("wrong_shop", "another shop"),
        ("wrong_metadata", "another donation in the metadata"),
        ("wrong_test", "a real payment in a test shop"),
    ],
)
@pytest.mark.bad_input("forged_amount", "forged_currency", "forged_metadata")
def test_what_does_not_agree_is_flagged_once_and_counts_nothing(
    gift: Donation,
    emulator: YooKassaEmulator,
    caplog: pytest.LogCaptureFixture,
    lie: str,
    flag: str,
) -> None:
    emulator.pay(str(gift.external_id))
    emulator.fault(lie, method="GET", times=None)
    with caplog.at_level(logging.ERROR, "donations"):
        for _time in range(3):
            refresh_donation(gift, source="notification")
    assert_counts_nothing(gift)
    assert (gift.state, gift.flag) == (DonationState.PENDING, flag)
    assert gift.events.filter(note=flag).count() == 1
    assert len(caplog.records) == 1
    # The answer is told rightly later: a person decides all the same.
    emulator.clear_faults()
    refresh_donation(gift, source="sweeper")
    assert_counts_nothing(gift)


@pytest.mark.parametrize("lie", ["wrong_amount", "wrong_shop", "wrong_metadata"])
def test_a_false_first_answer_is_not_taken_for_our_payment(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, lie: str
) -> None:
    emulator.fault(lie, method="POST")
    gift = give(fund, "500.00")
    assert gift.flag
    assert (gift.state, gift.external_id, gift.confirmation_url) == ("created", None, "")
    assert_counts_nothing(gift)


def test_a_state_nobody_knows_is_flagged(gift: Donation, emulator: YooKassaEmulator) -> None:
    emulator.alter(str(gift.external_id), status="exploded")
    refresh_donation(gift, source="return")
    assert_counts_nothing(gift)
    assert (gift.state, gift.flag) == (DonationState.PENDING, "a state we do not know")


@pytest.mark.parametrize("later", ["pending", "waiting_for_capture", "canceled"])
@pytest.mark.bad_input("canceled_after_succeeded")
def test_a_paid_gift_never_moves_back(
    gift: Donation, emulator: YooKassaEmulator, later: str
) -> None:
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    emulator.alter(str(gift.external_id), status=later)
    for _time in range(2):
        refresh_donation(gift, source="notification")
    gift.refresh_from_db()
    gift.fund.refresh_from_db()
    assert gift.state == DonationState.SUCCEEDED
    assert (gift.fund.raised, gift.fund.count) == (Decimal("500.00"), 1)
    assert gift.flag == ("" if later == "pending" else f"provider says {later}")
    assert check_totals() == []


def test_a_canceled_gift_that_is_paid_after_all_waits_for_a_person(
    gift: Donation, emulator: YooKassaEmulator
) -> None:
    emulator.decline(str(gift.external_id))
    refresh_donation(gift, source="return")
    emulator.alter(str(gift.external_id), status="succeeded")
    refresh_donation(gift, source="notification")
    assert_counts_nothing(gift)
    assert (gift.state, gift.flag) == (DonationState.CANCELED, "provider says succeeded")


@pytest.mark.bad_input("event_waiting_for_capture")
def test_waiting_for_capture_is_a_stop_on_the_way(
    gift: Donation, emulator: YooKassaEmulator
) -> None:
    emulator.alter(str(gift.external_id), status="waiting_for_capture")
    refresh_donation(gift, source="notification")
    assert_counts_nothing(gift)
    assert gift.state == DonationState.WAITING_FOR_CAPTURE
    emulator.alter(str(gift.external_id), status="pending")
    assert refresh_donation(gift, source="return").state == DonationState.WAITING_FOR_CAPTURE
    emulator.alter(str(gift.external_id), status="succeeded")
    refresh_donation(gift, source="notification")
    gift.fund.refresh_from_db()
    assert gift.fund.count == 1
    assert [event.to_state for event in gift.events.all()] == [
        "created",
        "pending",
        "waiting_for_capture",
        "succeeded",
    ]


def test_a_move_without_an_arrow_is_a_fault_of_ours(gift: Donation) -> None:
    with pytest.raises(NoSuchArrow, match="pending → created"):
        move(gift, DonationState.CREATED, source="person", answer={})
    assert all(not Donation.ARROWS[state] for state in ("succeeded", "canceled"))


def test_a_stale_copy_of_the_row_moves_nothing_twice(
    gift: Donation, emulator: YooKassaEmulator
) -> None:
    """What a caller holds in memory is not believed: the row is read again under its lock."""
    stale = Donation.objects.get(pk=gift.pk)
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    refresh_donation(stale, source="sweeper")
    gift.fund.refresh_from_db()
    assert gift.fund.count == 1
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    "fault", ["drop", "not_found", "unauthorized", "forbidden", "server_error"]
)
def test_no_answer_is_no_verdict(gift: Donation, emulator: YooKassaEmulator, fault: str) -> None:
    emulator.fault(fault, method="GET")
    with pytest.raises(ProviderDown):
        refresh_donation(gift, source="sweeper")
    assert_counts_nothing(gift)
    assert gift.state == DonationState.PENDING


def test_the_whole_answer_is_kept_with_the_event(
    gift: Donation, emulator: YooKassaEmulator
) -> None:
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    event = gift.events.get(to_state="succeeded")
    # All but the number of the payment method: with it the card could be charged.
    theirs = emulator.payment(str(gift.external_id))
    theirs["payment_method"] |= {"id": ""}
    assert event.answer == theirs
    assert "test_secret_of_veloput" not in json.dumps(
        list(DonationEvent.objects.values_list("answer", flat=True))
    )


def test_a_gift_keeps_its_purpose_and_what_was_accepted(
    shop: PaymentAccount, fund: Fund, give: Give
) -> None:
    gift = give(fund, "500.00")
    was = fund.purpose
    Fund.objects.filter(pk=fund.pk).update(purpose="Другое")
    gift.refresh_from_db()
    assert gift.purpose == was
    kinds = Acceptance.objects.filter(donation=gift).values_list("text__kind", flat=True)
    assert set(kinds) == {LegalKind.OFFER, LegalKind.CONSENT}


# --- test payments and real money


def go_live(emulator: YooKassaEmulator, shop: PaymentAccount, shop_id: str) -> PaymentAccount:
    if shop_id in emulator.shops:
        emulator.shops[shop_id].secret_key, emulator.shops[shop_id].test = "live_secret", False
    else:
        emulator.add_shop(shop_id, "live_secret", test=False)
    return use_account(
        site=shop.site, kind="yookassa", shop_id=shop_id, secret_key="live_secret", by=None
    )


@pytest.mark.bad_input("secret_test_in_prod")
def test_test_gifts_count_until_the_site_goes_live(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    early, late = give(fund, "500.00"), give(fund, "70.00")
    emulator.pay(str(early.external_id))
    refresh_donation(early, source="return")
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)

    go_live(emulator, shop, "900900")
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("0.00"), 0)
    early.refresh_from_db()
    assert (early.state, early.counted) == (DonationState.SUCCEEDED, False)

    emulator.pay(str(late.external_id))  # begun with the test shop, paid after going live
    late = refresh_donation(late, source="return")
    assert (late.state, late.counted) == (DonationState.SUCCEEDED, False)

    real = give(fund, "1000.00")
    emulator.pay(str(real.external_id))
    assert refresh_donation(real, source="return").counted is True
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("1000.00"), 1)
    assert check_totals() == []


def test_a_live_key_under_the_same_number_drops_the_test_gifts_too(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    gift = give(fund, "500.00")
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    account = go_live(emulator, shop, "100500")
    assert account.pk != shop.pk
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("0.00"), 0)
    assert check_totals() == []


def test_going_back_to_tests_mixes_no_test_gift_into_real_money(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    go_live(emulator, shop, "900900")
    use_account(
        site=shop.site,
        kind="yookassa",
        shop_id="100500",
        secret_key="test_secret_of_veloput",
        by=None,
    )
    gift = give(fund, "500.00")
    assert gift.account == shop
    emulator.pay(str(gift.external_id))
    assert refresh_donation(gift, source="return").state == DonationState.SUCCEEDED
    fund.refresh_from_db()
    assert fund.count == 0


@pytest.mark.bad_input("test_payment_on_live_shop")
def test_a_test_payment_in_a_live_shop_is_flagged(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    go_live(emulator, shop, "900900")
    gift = give(fund, "500.00")
    emulator.pay(str(gift.external_id))
    emulator.alter(str(gift.external_id), test=True)
    refresh_donation(gift, source="notification")
    assert_counts_nothing(gift)
    assert gift.flag == "a test payment in a live shop"


def test_a_gift_begun_before_closing_counts(
    gift: Donation, emulator: YooKassaEmulator, fund: Fund
) -> None:
    Fund.objects.update(accepts=False)
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
