"""What becomes of a gift when the provider answers late, wrongly, or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
import time_machine

from donations.actions.accounts import use_account
from donations.actions.giving import CannotGive, Gift, OtherGift, start_donation
from donations.actions.payments import refresh_donation
from donations.actions.sweeping import settle
from donations.models import Donation, DonationState, Fund, PaymentAccount
from donations.providers import gate, yookassa
from donations.providers.base import Credentials, PaymentNotFound, ProviderError
from donations.tokens import page_token
from tests.conftest import SiteClient
from tests.donations.conftest import wordings_of
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
UNKNOWN = [
    *(("drop", "before"), ("drop", "after"), ("server_error", "before"), ("server_error", "after")),
    *(("processing", "before"), ("processing", "after"), ("too_many_requests", "before")),
    *(("bad_gateway", "before"), ("bad_gateway", "after")),
    *(("truncated", "after"), ("wrong_content_type", "after")),
]


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**span), tick=True)


@pytest.mark.parametrize(("fault", "when"), UNKNOWN)
def test_an_unknown_end_is_one_payment_after_the_sweep(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    fault: str,
    when: str,
) -> None:
    emulator.fault(fault, when=when, method="POST", path="/payments")
    donation = give(fund, "500.00")
    assert (donation.state, donation.external_id) == (DonationState.CREATED, None)
    assert donation.reason == ""

    gate.forget()  # a shop that was asked too often is left alone for a moment
    with later(seconds=31):
        assert settle().asked == 1

    donation.refresh_from_db()
    [payment] = emulator.payments()
    assert (donation.state, donation.external_id) == (DonationState.PENDING, payment["id"])
    keys = {call.key for call in emulator.requests if call.method == "POST"}
    bodies = {call.raw for call in emulator.requests if call.method == "POST"}
    assert keys == {str(donation.idempotence_key)}
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unauthorized", "invalid_credentials"),
        ("forbidden", "forbidden"),
        ("not_found", "not_found"),
    ],
)
def test_a_refusal_cancels_with_its_reason(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    fault: str,
    reason: str,
) -> None:
    emulator.fault(fault, method="POST", path="/payments")
    donation = give(fund, "500.00")
    assert (donation.state, donation.reason) == (DonationState.CANCELED, reason)
    assert [event.to_state for event in donation.events.all()] == ["created", "canceled"]
    with later(seconds=31):
        assert settle().asked == 0
    assert emulator.payments() == []


def test_a_bad_request_cancels_and_keeps_what_the_provider_said(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    Fund.objects.update(largest=Decimal("999999.00"))
    donation = give(Fund.objects.get(pk=fund.pk), "500000.00")  # over the provider's own limit
    assert (donation.state, donation.reason) == (DonationState.CANCELED, "invalid_request")
    assert donation.events.get(to_state="canceled").answer["type"] == "error"


def test_the_same_gift_again_goes_on_where_the_first_call_ended(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    assert give(fund, "500.00", key="nonce:1").state == DonationState.CREATED
    again = give(fund, "500.00", key="nonce:1")
    assert again.state == DonationState.PENDING
    assert len(emulator.payments()) == Donation.objects.count() == 1


def test_the_donation_is_written_before_the_provider_is_asked(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("hang", seconds=0.1, method="POST", path="/payments")
    donation = give(fund, "500.00")
    assert str(donation.public_id) in donation.provider_request
    assert [event.to_state for event in donation.events.all()] == ["created"]


def test_after_a_day_the_payment_is_looked_up_and_never_asked_for_again(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    lost = give(fund, "500.00")
    emulator.fault("drop", when="before", method="POST", path="/payments")
    never = give(fund, "700.00")
    emulator.requests.clear()
    with later(hours=24):
        settle()
    assert {call.method for call in emulator.requests} == {"GET"}
    assert {call.path for call in emulator.requests} == {"/payments"}
    lost.refresh_from_db()
    never.refresh_from_db()
    [payment] = emulator.payments()
    assert lost.external_id == payment["id"]
    assert lost.state == DonationState.CANCELED  # its hour is over
    assert (never.state, never.reason) == (DonationState.CANCELED, "not_found")


def test_a_lost_payment_is_found_behind_a_hundred_others(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    lost = give(fund, "500.00")
    provider, owner = yookassa.YooKassa(), Credentials("100500", "test_secret_of_veloput")
    body = lost.provider_request.replace(str(lost.public_id), "another")
    for number in range(101):
        provider.create(owner, body, f"other-{number}")
    emulator.requests.clear()
    found = provider.find(owner, str(lost.public_id), lost.created_at - timedelta(minutes=5))
    assert found is not None
    assert found.reference == str(lost.public_id)
    assert [call.query.get("cursor") is not None for call in emulator.requests] == [False, True]


def test_a_refused_repeat_proves_nothing_about_the_first_call(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    """The first call made a payment; the repeat meets a 403. The list decides, not the refusal."""
    emulator.pay_on_creation = True
    emulator.fault("drop", when="after", method="POST", path="/payments")
    donation = give(fund, "500.00")
    emulator.fault("forbidden", method="POST", path="/payments")
    donation = refresh_donation(donation, source="sweeper")
    assert donation.state == DonationState.SUCCEEDED


def test_changed_keys_in_between_decide_nothing(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    donation = give(fund, "500.00")
    emulator.shops["100500"].secret_key = "test_changed"
    with later(seconds=31):
        assert settle().unreachable == 1
    donation.refresh_from_db()
    assert donation.state == DonationState.CREATED
    use_account(
        site=shop.site, kind="yookassa", shop_id="100500", secret_key="test_changed", by=None
    )
    with later(seconds=90):
        settle()
    donation.refresh_from_db()
    assert donation.state == DonationState.PENDING
    assert len(emulator.payments()) == 1


def test_keys_that_cannot_be_opened_leave_the_gift_for_later(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give, settings: object
) -> None:
    settings.FIELD_KEYS = []  # type: ignore[attr-defined]
    donation = give(fund, "500.00")
    assert donation.state == DonationState.CREATED
    assert emulator.requests == []


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "1", "{}", '{"id": "x"}'])
def test_an_answer_that_makes_no_sense_is_unknown(
    monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """A 200 that is no payment: the payment may have been made all the same."""

    def answered(self: object, *args: object, **kwargs: object) -> object:
        response = requests.Response()
        response.status_code, response._content = 200, body.encode()
        response.url = "http://127.0.0.1/v3/payments"
        return response

    monkeypatch.setattr(yookassa._TimedAdapter, "send", answered)
    with pytest.raises(ProviderError) as refused:
        yookassa.YooKassa().fetch(Credentials("100500", "test_x"), "some-id")
    assert not refused.value.permanent
    assert not isinstance(refused.value, PaymentNotFound)


def test_words_the_sdk_does_not_send_are_a_refusal(emulator: YooKassaEmulator) -> None:
    emulator.add_shop("100500", "test_x")
    body = '{"amount": {"value": "500.00", "currency": "RUB"}, "description": "' + "x" * 200 + '"}'
    with pytest.raises(ProviderError) as refused:
        yookassa.YooKassa().create(Credentials("100500", "test_x"), body, "key")
    assert refused.value.permanent
    assert emulator.requests == []


def test_a_closed_fund_or_a_site_without_an_account_writes_nothing(
    shop: PaymentAccount, fund: Fund, give: Give
) -> None:
    Fund.objects.update(accepts=False)
    with pytest.raises(CannotGive):
        give(fund, "500.00")  # the fund in memory is still open
    Fund.objects.update(accepts=True)
    PaymentAccount.objects.update(is_active=False)
    with pytest.raises(CannotGive):
        give(fund, "500.00")
    assert Donation.objects.count() == 0


def test_one_key_is_one_gift_of_one_sum_and_address(fund: Fund) -> None:
    gift = Gift(amount=Decimal("500.00"), email="a@b.ru", key="nonce:1")
    first = start_donation(fund=fund, gift=gift)
    assert start_donation(fund=fund, gift=gift) == first
    for other in (
        Gift(amount=Decimal("501.00"), email="a@b.ru", key="nonce:1"),
        Gift(amount=Decimal("500.00"), email="b@b.ru", key="nonce:1"),
    ):
        with pytest.raises(OtherGift):
            start_donation(fund=fund, gift=other)
    assert Donation.objects.get().amount == Decimal("500.00")


def test_donor_whose_first_call_had_no_answer_is_led_on_to_the_payment(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, fund: Fund
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    begun = visitor.send_form("/donations/start/", typed(fund))
    assert begun["Location"].startswith("/donations/")

    led_on = visitor.get(begun["Location"])

    donation = Donation.objects.get()
    assert (led_on.status_code, led_on["Location"]) == (303, donation.confirmation_url)
    assert donation.confirmation_url.startswith(emulator.origin)
    assert len(emulator.payments()) == 1
    waiting = visitor.get(begun["Location"]).content.decode()
    assert f'href="{donation.confirmation_url}"' in waiting


def test_refusal_of_a_repeated_submit_proves_nothing_about_the_first_call(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, fund: Fund
) -> None:
    emulator.fault("drop", when="after", method="POST", path="/payments")
    form = typed(fund)
    visitor.send_form("/donations/start/", form)
    emulator.fault("unauthorized", method="POST", path="/payments")

    visitor.send_form("/donations/start/", form)

    donation = Donation.objects.get()
    assert donation.state == DonationState.PENDING
    assert donation.external_id == emulator.payments()[0]["id"]


def typed(fund: Fund) -> dict[str, str]:
    return {
        "fund": str(fund.public_id),
        "token": page_token(fund),
        "nonce": "0123456789abcdef-first",
        "amount": "500",
        "email": "anna@example.org",
        "consent": "on",
        "texts": wordings_of(fund.site),
    }
