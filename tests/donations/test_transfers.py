"""A gift by requisites: promised on the site, with and without script, known to its site only."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone
from wagtail.models import Site

from donations.actions.funds import check_totals
from donations.actions.giving import Gift, OtherGift
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile_nightly
from donations.actions.refunds import CannotRefund, refund_donation
from donations.actions.sweeping import settle
from donations.actions.transfers import (
    bank_account,
    cash_account,
    expire_promises,
    payee_of,
    promise_transfer,
)
from donations.bank.codes import CODE
from donations.models import (
    Acceptance,
    Donation,
    DonationState,
    Fund,
    Letter,
    PaymentAccount,
)
from site_settings.models import Organisation
from tenancy.models import Role
from tests.conftest import OpenSite, SiteClient
from tests.donations.bank import OURS, give_requisites
from tests.donations.conftest import Submit, Typed, assert_nothing_happened
from tests.donations.screen import error_at, fields_of, words_of
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
BUTTON = 'name="way" value="bank"'


@pytest.fixture
def requisites(site: Site) -> None:
    give_requisites(site)


@pytest.fixture
def promise(requisites: None, fund: Fund) -> Donation:
    gift = Gift(amount=Decimal("500.25"), email="anna@example.org", key="nonce:bank1", name="Анна")
    return promise_transfer(fund=fund, gift=gift)


# --- the form ------------------------------------------------------------------


def test_second_button_writes_a_promise_and_shows_how_to_send_it(
    submit: Submit, requisites: None, visitor: SiteClient, fund: Fund
) -> None:
    answer = submit(way="bank", amount="500,25")

    gift = Donation.objects.select_related("account").get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/donations/{gift.public_id}/transfer/"
    assert (gift.state, gift.account.kind, gift.account.shop_id) == ("pending", "bank", OURS)
    assert (gift.amount, gift.email, gift.fund) == (Decimal("500.25"), "anna@example.org", fund)
    assert (gift.external_id, gift.provider_request, gift.counted) == (None, "", False)
    assert CODE.fullmatch(str(gift.code))
    assert Acceptance.objects.filter(donation=gift).count() == 2
    assert [event.to_state for event in gift.events.all()] == ["created", "pending"]
    assert Letter.objects.count() == 0

    page = visitor.get(answer["Location"])
    words = words_of(page)
    assert f"Пожертвование. Код {gift.code}. {gift.purpose}" in words
    assert "500,25" in words
    assert OURS in words
    assert "040000999" in words
    assert f'src="/donations/{gift.public_id}/transfer/qr.svg"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "<script>" not in page.content.decode()


def test_promise_asks_no_provider(
    submit: Submit, shop: PaymentAccount, emulator: YooKassaEmulator, requisites: None
) -> None:
    submit(way="bank")
    Donation.objects.update(created_at=timezone.now() - timedelta(hours=1))
    settle()
    reconcile_nightly()
    assert [one for one in emulator.requests if one.method == "POST"] == []
    assert Donation.objects.get().state == DonationState.PENDING
    assert Donation.objects.unfinished().count() == 0
    assert Donation.objects.promised().count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "0"), ("email", "anna@"), ("consent", None), ("amount", "1e3")]
)
def test_bad_input_is_refused_at_its_field_as_for_a_card(
    submit: Submit, requisites: None, field: str, value: str | None
) -> None:
    answer = submit(way="bank", **{field: value})
    assert answer.status_code == 422
    assert error_at(answer, field)
    assert_nothing_happened()


def test_form_from_another_site_is_forbidden(
    visitor: SiteClient, typed: Typed, requisites: None
) -> None:
    answer = visitor.send_form(
        "/donations/start/", typed(way="bank"), HTTP_SEC_FETCH_SITE="cross-site"
    )
    assert answer.status_code == 403
    assert_nothing_happened()


def test_trap_and_old_page_ask_first_and_remember_the_way(
    submit: Submit, visitor: SiteClient, requisites: None, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now())
    question = submit(way="bank", website="http://spam.example")
    assert_nothing_happened()
    fields = fields_of(question)
    assert fields["way"] == "bank"
    time_machine.shift(5)
    answer = visitor.send_form("/donations/start/", fields)
    assert answer["Location"].endswith("/transfer/")
    assert Donation.objects.get().account.kind == "bank"


def test_second_submit_without_script_is_the_same_promise(submit: Submit, requisites: None) -> None:
    first, second = submit(way="bank"), submit(way="bank")
    assert first["Location"] == second["Location"]
    assert Donation.objects.count() == 1


def test_payment_and_transfer_of_the_same_sum_are_two_gifts(
    submit: Submit, requisites: None
) -> None:
    nonce = "0123456789abcdef"
    assert "/transfer/" not in submit(nonce=nonce)["Location"]
    assert submit(nonce=nonce, way="bank")["Location"].endswith("/transfer/")
    assert "/transfer/" not in submit()["Location"]
    assert submit(way="bank")["Location"].endswith("/transfer/")
    assert Donation.objects.count() == 2


def test_unknown_way_is_the_usual_one(submit: Submit, requisites: None) -> None:
    submit(way="bitcoin")
    assert Donation.objects.get().account.kind == "sandbox"


def test_way_is_offered_only_with_good_requisites(submit: Submit, site: Site) -> None:
    def form() -> str:
        page: str = submit(amount="0").content.decode()
        return page

    assert BUTTON not in form()
    give_requisites(site)
    assert BUTTON in form()
    Organisation.objects.filter(site=site).update(account_number="40703810300000000002")
    assert BUTTON not in form()


def test_way_without_requisites_promises_nothing(submit: Submit) -> None:
    answer = submit(way="bank")
    assert answer.status_code == 409
    assert_nothing_happened()


def test_site_without_any_shop_takes_transfers(submit: Submit, requisites: None) -> None:
    PaymentAccount.objects.update(is_active=False)
    page = submit(amount="0", way="bank").content.decode()
    assert BUTTON in page
    assert "data-label" not in page
    assert submit(way="bank").status_code == 303


def test_closed_fund_promises_nothing(submit: Submit, requisites: None, fund: Fund) -> None:
    Fund.objects.filter(pk=fund.pk).update(accepts=False)
    assert submit(way="bank").status_code == 409
    assert_nothing_happened()


# --- the page ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "qr.svg", "qr.png", "slip.pdf"])
def test_transfer_is_shown_on_its_own_site_only(
    promise: Donation, visitor: SiteClient, other_site: Site, path: str
) -> None:
    url = f"/donations/{promise.public_id}/transfer/{path}"
    give_requisites(other_site)
    assert visitor.get(url).status_code == 200
    assert SiteClient(other_site.hostname).get(url).status_code == 404


def test_picture_and_slip_are_what_they_say(promise: Donation, visitor: SiteClient) -> None:
    url = f"/donations/{promise.public_id}/transfer/"
    picture, paper = visitor.get(f"{url}qr.svg"), visitor.get(f"{url}slip.pdf")
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg ")
    kept = visitor.get(f"{url}qr.png")
    assert kept["Content-Type"] == "image/png"
    assert kept.content.startswith(b"\x89PNG")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    for answer in (picture, kept, paper):
        assert "no-store" in answer["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_payment_has_no_transfer_page(give: Give, fund: Fund, visitor: SiteClient) -> None:
    give_requisites(fund.site)
    gift = give(fund)
    assert visitor.get(f"/donations/{gift.public_id}/transfer/").status_code == 404


def test_page_says_nothing_of_the_donor(promise: Donation, visitor: SiteClient) -> None:
    page = visitor.get(f"/donations/{promise.public_id}/transfer/").content.decode()
    assert "anna@example.org" not in page
    assert "Анна" not in page


def test_status_page_of_a_promise_waits_without_asking(
    promise: Donation, visitor: SiteClient
) -> None:
    answer = visitor.get(f"/donations/{promise.public_id}/")
    assert "Ждём ваш перевод" in words_of(answer)
    assert f'href="/donations/{promise.public_id}/transfer/"' in answer.content.decode()
    assert "http-equiv" not in answer.content.decode()
    assert "status.js" not in answer.content.decode()


def test_requisites_that_went_bad_hide_the_page(promise: Donation, visitor: SiteClient) -> None:
    Organisation.objects.update(bic="")
    assert visitor.get(f"/donations/{promise.public_id}/transfer/").status_code == 404


# --- the promise ---------------------------------------------------------------


def test_same_key_for_another_sum_is_another_gift(promise: Donation, fund: Fund) -> None:
    gift = Gift(amount=Decimal("600.00"), email="anna@example.org", key="nonce:bank1")
    with pytest.raises(OtherGift):
        promise_transfer(fund=fund, gift=gift)


def test_key_of_a_payment_gives_no_promise(requisites: None, give: Give, fund: Fund) -> None:
    gift = give(fund, "500.00", key="nonce:one")
    with pytest.raises(OtherGift):
        promise_transfer(
            fund=fund, gift=Gift(amount=gift.amount, email=gift.email, key="nonce:one")
        )


def test_taken_code_is_thrown_again(
    promise: Donation, fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([promise.code, promise.code, "Т4Х6-29"])
    monkeypatch.setattr("donations.actions.transfers.new_code", lambda: next(codes))
    gift = Gift(amount=Decimal("500.00"), email="boris@example.org", key="nonce:bank2")
    assert promise_transfer(fund=fund, gift=gift).code == "Т4Х6-29"


def test_promise_expires_quietly_after_45_days(promise: Donation, visitor: SiteClient) -> None:
    Donation.objects.update(created_at=timezone.now() - timedelta(days=44, hours=23))
    assert expire_promises() == 0
    Donation.objects.update(created_at=timezone.now() - timedelta(days=45, hours=1))
    settle()
    promise.refresh_from_db()
    assert (promise.state, promise.reason) == ("canceled", "not_arrived")
    assert promise.events.last().source == "sweeper"  # type: ignore[union-attr]
    assert expire_promises() == 0
    assert (mail.outbox, Letter.objects.count()) == ([], 0)
    page = words_of(visitor.get(f"/donations/{promise.public_id}/"))
    assert "За 45 дней перевод не пришёл. Если вы его отправите, он будет учтён." in page
    assert "Банк не пропустил" not in page


def test_offline_books_stand_beside_the_one_online_account(site: Site, give: Give) -> None:
    first = bank_account(site=site, number=OURS)
    assert bank_account(site=site, number=OURS) == first
    assert bank_account(site=site, number="40703810500000000003") != first
    assert cash_account(site=site) == cash_account(site=site)
    assert PaymentAccount.objects.of_site(site).active().get().kind == "sandbox"
    with pytest.raises(IntegrityError):
        PaymentAccount.objects.create(site=site, kind="yookassa", shop_id="1")


def test_promise_alone_does_not_end_the_test_mode(
    promise: Donation, give: Give, fund: Fund
) -> None:
    give(fund, "100.00", pay=True)
    fund.refresh_from_db()
    assert fund.raised == Decimal("100.00")
    assert check_totals() == []


def test_transfer_is_not_given_back_by_a_provider(
    promise: Donation, make_person: Callable[..., Any], site: Site
) -> None:
    with pytest.raises(CannotRefund):
        refund_donation(
            donation=promise,
            amount=Decimal("1.00"),
            reason="—",
            by=make_person(Role.ACCOUNTANT, site),
        )


def test_incomplete_requisites_make_no_payee(open_a_site: OpenSite) -> None:
    site = open_a_site("dymka").site
    for missing in ("inn", "bank_name", "bic", "account_number"):
        give_requisites(site, **{missing: ""})
        assert payee_of(Organisation.objects.get(site=site)) is None, missing
    give_requisites(site, kpp="", correspondent_account="")
    payee = payee_of(Organisation.objects.get(site=site))
    assert payee is not None
    assert payee.correspondent == ""


def test_token_of_the_bank_books_is_no_address_for_notifications(
    promise: Donation, visitor: SiteClient
) -> None:
    token = promise.account.token
    answer = visitor.post(
        f"/donations/yookassa/{token}/",
        {"type": "notification", "event": "payment.succeeded", "object": {"id": "1"}},
        content_type="application/json",
    )
    assert answer.status_code == 404


def test_refresh_is_never_called_for_a_promise(
    promise: Donation, visitor: SiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*args: Any, **kwargs: Any) -> None:
        raise AssertionError(refresh_donation)

    monkeypatch.setattr("donations.status_views.refresh_donation", forbidden)
    assert visitor.get(f"/donations/{promise.public_id}/state/").json() == {"state": "waiting"}
