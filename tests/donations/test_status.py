"""After the form: on to the provider, and the page one comes back to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from wagtail.models import Site

from donations.models import Donation, DonationState, Fund, Letter, PaymentAccount
from tests.conftest import SiteClient
from tests.donations.conftest import Submit
from tests.donations.screen import in_russian, words_of
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]


@pytest.fixture
def gift(shop: PaymentAccount, fund: Fund, give: Give) -> Donation:
    return give(fund, "1500.00", page_path="/sbory/krysha/")


def status_path(donation: Donation) -> str:
    return f"/donations/{donation.public_id}/"


def test_a_started_gift_leads_to_the_page_of_the_provider(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit
) -> None:
    answer = submit()
    [payment] = emulator.payments()
    assert answer.status_code == 303
    assert answer["Location"] == payment["confirmation"]["confirmation_url"]
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert Donation.objects.get().external_id == payment["id"]


def test_an_unknown_end_of_the_call_leads_to_the_page_that_waits(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, submit: Submit
) -> None:
    emulator.fault("server_error", method="POST", path="/payments", times=None)
    answer = submit()
    donation = Donation.objects.get()
    assert donation.state == DonationState.CREATED
    assert answer["Location"] == status_path(donation)
    page = visitor.get(answer["Location"])
    assert in_russian("Waiting for the payment") in words_of(page)
    assert 'http-equiv="refresh" content="10"' in page.content.decode()


def test_a_refused_call_leads_to_the_page_that_says_so(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, submit: Submit
) -> None:
    emulator.fault("forbidden", method="POST", path="/payments")
    answer = submit()
    page = visitor.get(answer["Location"])
    assert in_russian("The payment did not go through") in words_of(page)
    assert Donation.objects.get().reason == "forbidden"


def test_a_paid_gift_is_thanked_for_on_return(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    emulator.pay(str(gift.external_id))
    page = visitor.get(status_path(gift))
    assert page.status_code == 200
    words = words_of(page)
    thanks = in_russian("Thank you. We have received %(sum)s", sum="1\u202f500\u00a0₽")
    assert thanks.replace("\u202f", " ").replace("\u00a0", " ") in words
    assert in_russian("Test mode: no money is taken") in words
    assert 'href="/sbory/krysha/"' in page.content.decode()
    assert "anna@example.org" not in page.content.decode()
    gift.fund.refresh_from_db()
    assert gift.fund.count == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("insufficient_funds", "The card does not have enough money."),
        ("card_expired", "The card has expired."),
        ("3d_secure_failed", "The bank did not get the code from the message."),
        ("general_decline", "The bank did not let the payment through."),
    ],
)
def test_a_refusal_is_told_in_plain_words(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient, reason: str, words: str
) -> None:
    emulator.decline(str(gift.external_id), reason)
    page = visitor.get(status_path(gift))
    assert in_russian(words) in words_of(page)
    assert reason not in page.content.decode()
    assert 'href="/donations/give/?sum=1500"' in page.content.decode()


@pytest.mark.bad_input("status_in_query")
def test_a_return_without_payment_changes_nothing(gift: Donation, visitor: SiteClient) -> None:
    page = visitor.get(status_path(gift) + "?status=succeeded")
    assert in_russian("Waiting for the payment") in words_of(page)
    gift.refresh_from_db()
    assert gift.state == DonationState.PENDING
    assert Letter.objects.count() == 0
    assert gift.events.count() == 2


@pytest.mark.bad_input("reload_50")
def test_the_truth_is_asked_at_most_once_in_three_seconds(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    emulator.requests.clear()
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _number in range(50):
            assert visitor.get(status_path(gift)).status_code == 200
            visitor.get(status_path(gift) + "state/")
        assert [call.path for call in emulator.requests] == [f"/payments/{gift.external_id}"]
        clock.shift(2.9)
        visitor.get(status_path(gift))
        assert len(emulator.requests) == 1
        clock.shift(0.2)
        visitor.get(status_path(gift))
        visitor.get(status_path(gift) + "state/")
        assert len(emulator.requests) == 2


@pytest.mark.bad_input("expired_24h")
def test_who_comes_back_a_day_later_reads_the_end(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    emulator.decline(str(gift.external_id), "expired_on_confirmation")  # and nobody told us
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        page = visitor.get(status_path(gift))
    assert page.status_code == 200
    assert in_russian("The payment was not finished within the hour.") in words_of(page)
    gift.refresh_from_db()
    assert gift.state == DonationState.CANCELED


def test_a_finished_gift_is_not_asked_about(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    emulator.pay(str(gift.external_id))
    visitor.get(status_path(gift))
    emulator.requests.clear()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        assert visitor.get(status_path(gift) + "state/").json() == {"state": "succeeded"}
    assert emulator.requests == []
    assert Letter.objects.count() == 1


@pytest.mark.parametrize("fault", ["drop", "server_error", "bad_gateway", "unauthorized"])
def test_the_page_waits_when_the_provider_cannot_be_asked(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient, fault: str
) -> None:
    emulator.pay(str(gift.external_id))
    emulator.fault(fault, times=None)
    page = visitor.get(status_path(gift))
    assert page.status_code == 200
    assert in_russian("Waiting for the payment") in words_of(page)


def test_the_state_in_one_word(
    gift: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    answer = visitor.get(status_path(gift) + "state/")
    assert answer.json() == {"state": "waiting"}
    assert "no-store" in answer["Cache-Control"]
    emulator.decline(str(gift.external_id))
    Donation.objects.update(checked_at=None)
    assert visitor.get(status_path(gift) + "state/").json() == {"state": "refused"}


@pytest.mark.parametrize("tail", ["", "state/"])
@pytest.mark.bad_input("other_host")
def test_a_gift_of_another_site_is_not_found(gift: Donation, other_site: Site, tail: str) -> None:
    answer = SiteClient(other_site.hostname).get(status_path(gift) + tail)
    assert answer.status_code == 404
    assert gift.purpose.encode() not in answer.content
    for host in ("admin.localhost", "nobody.localhost"):
        assert SiteClient(host).get(status_path(gift) + tail).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/donations/1f0c3f0e-0000-4000-8000-000000000000/", id="guess_other_donation"),
        pytest.param("/donations/1/", id="sequential_id"),
        "/donations/x/state/",
    ],
)
def test_a_number_nobody_was_given_is_not_found(visitor: SiteClient, path: str) -> None:
    assert visitor.get(path).status_code == 404


@pytest.mark.bad_input("cached_by_proxy", "referrer_leak")
def test_the_page_may_not_be_kept_nor_written_to(gift: Donation, visitor: SiteClient) -> None:
    page = visitor.get(status_path(gift))
    for word in ("no-store", "private", "no-cache"):
        assert word in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert not page.cookies
    assert visitor.head(status_path(gift)).content == b""
    for method in ("post", "put", "delete"):
        assert getattr(visitor, method)(status_path(gift)).status_code == 405


# --- a page in English


@pytest.fixture
def speaks_english(site: Site) -> None:
    from_locale = site.root_page.locale
    locale, _created = type(from_locale).objects.get_or_create(language_code="en")
    copy = site.root_page.copy_for_translation(locale)
    copy.save_revision().publish()


def test_a_gift_begun_in_english_comes_back_to_english(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    speaks_english: None,
    visitor: SiteClient,
    typed: Callable[..., dict[str, Any]],
) -> None:
    visitor.send_form("/en/donations/start/", typed())
    donation = Donation.objects.get()
    assert donation.language == "en"
    [call] = emulator.requests
    assert call.body is not None
    path = f"/en/donations/{donation.public_id}/"
    assert call.body["confirmation"]["return_url"] == f"{donation.site.root_url}{path}"
    assert "Waiting for the payment" in words_of(visitor.get(path))
    assert "Choose a sum" in words_of(visitor.send_form("/en/donations/start/", typed(amount="")))
