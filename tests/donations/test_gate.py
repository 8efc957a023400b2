"""A shop that hangs costs its donors a moment, and nobody else anything."""

import threading
import time

import pytest
from wagtail.models import Site

from donations.actions.payments import refresh_donation
from donations.models import Donation, DonationState, PaymentAccount
from donations.providers import gate
from donations.providers.base import Credentials, ProviderError
from donations.providers.yookassa import YooKassa
from tests.conftest import SiteClient
from tests.donations.bank import give_requisites
from tests.donations.conftest import Submit
from tests.emulator import YooKassaEmulator

QUICK = gate.Manner(connect=0.2, read=0.2, patience=0)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "IN_A_REQUEST", QUICK)


def ask(shop_id: str = "100500") -> str:
    """The code of what came of a call about a payment nobody has made."""
    with gate.calls(QUICK), pytest.raises(ProviderError) as refused:
        YooKassa().fetch(Credentials(shop_id, f"test_of_{shop_id}"), "nothing")
    return refused.value.code


@pytest.fixture
def two_shops(emulator: YooKassaEmulator) -> YooKassaEmulator:
    for shop_id in ("100500", "200600"):
        emulator.add_shop(shop_id, f"test_of_{shop_id}")
    return emulator


def test_after_two_time_outs_a_shop_is_left_alone_and_its_neighbour_is_asked(
    two_shops: YooKassaEmulator,
) -> None:
    two_shops.fault("hang", seconds=1, times=None, shop_id="100500")
    assert [ask(), ask(), ask(), ask()][2:] == ["not_asked", "not_asked"]
    assert ask("200600") == "not_found"
    asked = [call.shop for call in two_shops.requests]
    assert (asked.count("100500"), asked.count("200600")) == (2, 1)


def test_after_half_a_minute_one_call_finds_out_whether_the_shop_is_well(
    two_shops: YooKassaEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_shops.fault("hang", seconds=1, times=3, shop_id="100500")
    assert [ask(), ask()] != []
    now = time.monotonic()
    monkeypatch.setattr(
        "donations.providers.gate.time.monotonic", lambda: now + gate.CLOSED_SECONDS + 1
    )
    ask()  # hangs again
    assert ask() == "not_asked"
    monkeypatch.setattr(
        "donations.providers.gate.time.monotonic", lambda: now + 2 * gate.CLOSED_SECONDS + 2
    )
    assert (ask(), ask()) == ("not_found", "not_found")


def test_quick_failures_close_nothing(two_shops: YooKassaEmulator) -> None:
    """They hold no thread, and the next call may well be answered."""
    two_shops.fault("server_error", times=3, shop_id="100500")
    assert [ask() for _ in range(4)] == ["unavailable"] * 3 + ["not_found"]


def test_a_shop_asked_too_often_is_left_alone_for_as_long_as_it_says(
    two_shops: YooKassaEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_shops.fault("too_many_requests", seconds=3, shop_id="100500")
    assert [ask(), ask()] == ["unavailable", "not_asked"]
    assert ask("200600") == "not_found"
    now = time.monotonic()
    monkeypatch.setattr("donations.providers.gate.time.monotonic", lambda: now + 3.1)
    assert ask() == "not_found"
    assert [call.shop for call in two_shops.requests].count("100500") == 2


def test_no_more_calls_than_places_are_under_way(two_shops: YooKassaEmulator) -> None:
    two_shops.fault("delay", seconds=1, times=None)
    patient = gate.Manner(connect=2, read=20, patience=0)
    codes: list[str] = []

    def call() -> None:
        with gate.calls(patient), pytest.raises(ProviderError) as refused:
            YooKassa().fetch(Credentials("100500", "test_of_100500"), "nothing")
        codes.append(refused.value.code)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("not_asked") == 10 - gate.PLACES
    assert len(two_shops.requests) == gate.PLACES


def test_a_job_asks_a_shop_five_times_a_second_at_most(two_shops: YooKassaEmulator) -> None:
    began = time.monotonic()
    with gate.calls(gate.IN_A_JOB):
        for _ in range(6):
            with pytest.raises(ProviderError):
                YooKassa().fetch(Credentials("100500", "test_of_100500"), "nothing")
    assert time.monotonic() - began >= 1.0


@pytest.mark.usefixtures("_quick")
def test_donor_of_a_shop_that_hangs_is_offered_another_way_and_the_gift_is_kept(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    submit: Submit,
    visitor: SiteClient,
    site: Site,
) -> None:
    give_requisites(site)
    emulator.fault("hang", seconds=1, times=None)
    answer = submit()
    donation = Donation.objects.get()
    assert donation.state == DonationState.CREATED
    assert (answer.status_code, answer["Location"]) == (303, f"/donations/{donation.public_id}/")
    page = visitor.get(answer["Location"]).content.decode()
    assert "по реквизитам или QR-коду" in page
    assert 'href="/donations/give/?sum=500"' in page


@pytest.mark.usefixtures("_quick")
def test_without_requisites_no_other_way_is_promised(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, visitor: SiteClient
) -> None:
    emulator.fault("hang", seconds=1, times=None)
    page = visitor.get(submit()["Location"]).content.decode()
    assert "Ждём ответа о платеже" in page
    assert "QR-коду" not in page


@pytest.mark.usefixtures("_quick")
def test_sweeper_finishes_what_a_closed_door_left(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit
) -> None:
    """Another process has a door of its own: there the shop answers."""
    emulator.fault("hang", seconds=1, times=None)
    for number in range(3):
        submit(email=f"donor{number}@example.org")
    emulator.clear_faults()
    gate.forget()
    for donation in Donation.objects.all():
        refresh_donation(donation, source="sweeper")
    assert list(Donation.objects.values_list("state", flat=True)) == [DonationState.PENDING] * 3
    assert len(emulator.payments()) == 3
