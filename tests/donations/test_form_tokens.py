"""One gift however often it is sent, a question when in doubt."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from wagtail.models import Site

from donations.models import Donation, DonationState, Fund, PaymentAccount
from donations.tokens import is_page_token, key_of_once_token, once_token, page_token
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed, assert_nothing_happened
from tests.donations.screen import fields_of, in_russian, words_of
from tests.emulator import YooKassaEmulator

START = "/donations/start/"
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NONCE = "b2f6c7de-1111-4222-8333-944455556666"
OTHER_NONCE = NONCE.replace("1", "2")
OLD = "The page was open for a long time. Please look at the sum once more."
LOOK = "Please look at the sum once more."
OTHER = "You have just begun another gift. Please confirm that this is a new one."
TWO_SUMS = "You chose one sum and wrote another. Here is the one you wrote."


def assert_asked(answer: Any, reason: str, amount: str = "500") -> dict[str, str]:
    """The confirmation page; the fields its one button sends."""
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert in_russian(reason) in words_of(answer)
    assert f"{amount}\u00a0₽" in answer.content.decode()
    return fields_of(answer)


@pytest.fixture
def confirm(visitor: SiteClient) -> Callable[[dict[str, str]], Any]:
    """Press the button of the confirmation page, two seconds later."""

    def press(fields: dict[str, str], after: float = 2) -> Any:
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=after), tick=True):
            return visitor.send_form(START, fields)

    return press


Confirm = Callable[..., Any]


# --- the page's token


def test_the_token_of_a_page_is_the_same_for_all_visitors_of_a_day(fund: Fund) -> None:
    with time_machine.travel(NOON):
        first = page_token(fund)
    with time_machine.travel(NOON + timedelta(hours=11)):
        assert page_token(fund) == first
    with time_machine.travel(NOON + timedelta(hours=13)):
        assert page_token(fund) != first


@pytest.mark.parametrize(
    ("days", "good"), [(0, True), (7, True), (8, False), (-1, True), (-2, False)]
)
def test_the_token_of_a_page_lives_for_a_week(fund: Fund, days: int, good: bool) -> None:
    with time_machine.travel(NOON):
        token = page_token(fund)
    with time_machine.travel(NOON + timedelta(days=days)):
        assert is_page_token(token, fund) is good


def test_a_token_belongs_to_its_fund_and_its_kind(fund: Fund, other_site: Site) -> None:
    foreign = Fund.objects.of_site(other_site).general().get()
    assert not is_page_token(page_token(foreign), fund)
    assert not is_page_token(once_token(fund), fund)
    assert key_of_once_token(page_token(fund), fund) is None
    assert key_of_once_token(once_token(foreign), fund) is None
    assert key_of_once_token(once_token(fund), fund) is not None


def _tokens(fund: Fund, other_site: Site) -> dict[str, str]:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=8)):
        expired = page_token(fund)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=2)):
        old_once = once_token(fund)
    good = page_token(fund)
    return {
        "expired": expired,
        "another site's": page_token(Fund.objects.of_site(other_site).general().get()),
        "once, expired": old_once,
        "cut": good[:-1],
        "changed": "x" + good[1:],
        "none": "",
        "nonsense": "\u0434" * 20,
    }


@pytest.mark.parametrize(
    "kind", ["expired", "another site's", "once, expired", "cut", "changed", "none", "nonsense"]
)
@pytest.mark.bad_input("token_other_tenant")
def test_a_doubtful_token_asks_and_the_answer_is_one_gift(
    fund: Fund, other_site: Site, submit: Submit, confirm: Confirm, kind: str
) -> None:
    answer = submit(
        token=_tokens(fund, other_site)[kind],
        name="Анна",
        show_name="on",
        message="Ура",
        nonce=NONCE,
    )
    fields = assert_asked(answer, OLD)
    assert_nothing_happened()

    first, again = confirm(fields), confirm(fields)

    donation = Donation.objects.get()
    assert (donation.amount, donation.email) == (Decimal("500.00"), "anna@example.org")
    assert (donation.name, donation.show_name, donation.message) == ("Анна", True, "Ура")
    assert donation.page_path == "/sbory/krysha/"
    assert first.status_code == 303
    assert first["Location"] == again["Location"] == donation.confirmation_url


def test_a_filled_trap_asks(submit: Submit, confirm: Confirm) -> None:
    fields = assert_asked(submit(website="http://spam.example"), LOOK)
    assert "website" not in fields
    assert_nothing_happened()
    assert confirm(fields).status_code == 303
    assert Donation.objects.count() == 1


def test_a_filled_trap_on_the_confirmation_page_asks_again(
    submit: Submit, confirm: Confirm
) -> None:
    fields = assert_asked(submit(token=""), OLD)
    assert_asked(confirm({**fields, "website": "spam"}), LOOK)
    assert_nothing_happened()


@pytest.mark.bad_input("preset_tampered")
def test_a_chosen_and_another_written_sum_ask(submit: Submit, confirm: Confirm) -> None:
    fields = assert_asked(submit(preset="1000.00", amount="500"), TWO_SUMS)
    assert_nothing_happened()
    confirm(fields)
    assert Donation.objects.get().amount == Decimal("500.00")


def test_a_chosen_sum_written_once_more_is_no_question(submit: Submit) -> None:
    assert submit(preset="1000.00", amount="1 000").status_code == 303


@pytest.mark.parametrize(("seconds", "asked_again"), [(0.3, True), (0.9, True), (1.2, False)])
@pytest.mark.bad_input("submitted_in_300ms")
def test_an_answer_nobody_can_have_read_is_asked_again(
    visitor: SiteClient, submit: Submit, seconds: float, asked_again: bool
) -> None:
    # Just before a full second: whole seconds would call this a second long.
    with time_machine.travel(NOON + timedelta(seconds=0.95), tick=False) as clock:
        fields = assert_asked(submit(token=""), OLD)
        clock.shift(seconds)
        answer = visitor.send_form(START, fields)
    if asked_again:
        assert_asked(answer, LOOK)
        assert_nothing_happened()
    else:
        assert answer.status_code == 303


def test_the_confirmation_works_for_an_hour(submit: Submit, visitor: SiteClient) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fields = assert_asked(submit(token=""), OLD)
        clock.shift(3601)
        assert_asked(visitor.send_form(START, fields), OLD)
    assert_nothing_happened()


def test_the_confirmation_names_the_recipient_by_mail_and_the_way_back(
    site: Site, submit: Submit
) -> None:
    """Back is the form, with the sum, the rhythm and the channel chosen before."""
    answer = submit(token="")
    assert "anna@example.org" in words_of(answer)
    assert 'href="/donations/give/?sum=500"' in answer.content.decode()
    roof = Fund.objects.create(site=site, key=uuid4(), purpose="Крыша")
    monthly = {"frequency": "monthly", "consent_monthly": "on", "channel": "vk"}
    answer = submit(token="", fund=str(roof.public_id), amount="500,50", **monthly)
    back = "/sbory/krysha/?sum=500.50&amp;monthly=1&amp;utm_source=vk#give"
    assert f'href="{back}"' in answer.content.decode()
    assert f'action="{reverse("donation_start")}"' in answer.content.decode()


# --- the key of a gift


@pytest.mark.bad_input("token_reused")
def test_two_clicks_are_one_gift_and_lead_to_one_payment(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit
) -> None:
    first, again = submit(nonce=NONCE), submit(nonce=NONCE)
    assert first.status_code == again.status_code == 303
    assert first["Location"] == again["Location"] == Donation.objects.get().confirmation_url
    assert len(emulator.payments()) == len(emulator.requests) == 1


@pytest.mark.bad_input("token_reused")
def test_another_visitor_with_the_same_page_makes_a_gift_of_his_own(
    submit: Submit, visitor: SiteClient, typed: Typed
) -> None:
    submit(nonce=NONCE)
    submit(email="boris@example.org")
    visitor.send_form(START, typed(nonce=OTHER_NONCE), REMOTE_ADDR="198.51.100.9")
    assert Donation.objects.count() == 3
    assert len(set(Donation.objects.values_list("confirmation_url", flat=True))) == 3


@pytest.mark.parametrize("end", ["pay", "decline"])
def test_tabs_lead_to_one_payment_until_it_is_over(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, confirm: Confirm, end: str
) -> None:
    pages = [assert_asked(submit(token=""), OLD) for _tab in range(2)]
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        tabs = [submit(nonce=NONCE), submit(nonce=OTHER_NONCE), submit()]
        clock.shift(2)
        tabs += [submit(**page) for page in pages]
        first = Donation.objects.get()
        assert {answer["Location"] for answer in tabs} == {first.confirmation_url}

        getattr(emulator, end)(str(first.external_id))  # and nobody has told us
        clock.shift(4)
        another = submit(nonce=OTHER_NONCE)
        assert another["Location"] == Donation.objects.latest("pk").confirmation_url
        assert submit(nonce=NONCE)["Location"] == f"/donations/{first.public_id}/"
    assert len(emulator.payments()) == Donation.objects.count() == 2


@pytest.mark.parametrize("change", [{"show_name": None}, {"message": "Держитесь"}])
def test_back_and_another_word_begin_another_gift_and_the_first_stays(
    submit: Submit, change: dict[str, str | None]
) -> None:
    first = {"name": "Анна Петрова", "show_name": "on"}
    submit(**first)
    old = Donation.objects.get()
    answer = submit(**{**first, **change})
    new = Donation.objects.latest("pk")
    assert (new.pk != old.pk, answer["Location"]) == (True, new.confirmation_url)
    assert new.show_name is ("show_name" not in change)
    old.refresh_from_db()
    assert (old.state, old.show_name) == (DonationState.PENDING, True)


@pytest.mark.parametrize("nonce", ["short", "x" * 65, "with space and more", "d\u0434" * 10])
def test_a_nonce_that_is_none_is_not_the_key(submit: Submit, nonce: str) -> None:
    answer = submit(nonce=nonce)
    assert (answer.status_code == 303) is (len(nonce) <= 64)
    assert not Donation.objects.filter(gift_key__startswith="nonce:").exists()


@pytest.mark.parametrize(
    "change", [{"amount": "999"}, {"email": "boris@example.org"}], ids=["sum", "address"]
)
@pytest.mark.bad_input("token_reused_other_amount")
def test_the_same_key_with_other_words_asks_and_shows_nothing_of_the_old_gift(
    submit: Submit, confirm: Confirm, change: dict[str, str]
) -> None:
    submit(nonce=NONCE)
    old = Donation.objects.get()
    answer = submit(nonce=NONCE, **change)
    fields = assert_asked(answer, OTHER, change.get("amount", "500"))
    page = answer.content.decode()
    assert old.confirmation_url not in page
    assert str(old.public_id) not in page
    assert str(old.external_id) not in page
    old.refresh_from_db()
    assert (old.amount, old.email) == (Decimal("500.00"), "anna@example.org")

    assert confirm(fields)["Location"] != old.confirmation_url
    assert Donation.objects.count() == 2


@pytest.mark.parametrize("nonces", [["", "", ""], [NONCE, OTHER_NONCE, NONCE[::-1]]])
def test_the_same_words_within_ten_minutes_are_one_gift(submit: Submit, nonces: list[str]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first = submit(nonce=nonces[0])
        clock.shift(599)
        assert submit(nonce=nonces[1])["Location"] == first["Location"]
        clock.shift(2)
        assert submit(nonce=nonces[2])["Location"] != first["Location"]
    assert Donation.objects.count() == 2


@pytest.mark.parametrize("nonce", ["", NONCE])
def test_other_words_in_another_tab_are_another_gift(
    submit: Submit, campaign: Fund, nonce: str
) -> None:
    submit(nonce=OTHER_NONCE)
    token = page_token(campaign)
    changes = (
        {"amount": "501"},
        {"email": "boris@example.org"},
        {"fund": str(campaign.public_id), "token": token},
    )
    for number, change in enumerate(changes):
        submit(**change, nonce=nonce and f"{nonce}-{number}")
    assert Donation.objects.count() == 4


def test_without_script_a_refused_gift_can_be_tried_again_at_once(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, submit: Submit
) -> None:
    locations = set()
    for number in range(1, 4):
        locations.add(submit()["Location"])
        assert Donation.objects.count() == number
        donation = Donation.objects.order_by("-pk")[0]
        emulator.decline(str(donation.external_id))
        path = f"/donations/{donation.public_id}/state/"
        assert visitor.get(path).json() == {"state": "refused"}
    assert len(locations) == 3


def test_the_same_sent_after_paying_leads_to_the_thanks(
    shop: PaymentAccount, emulator: YooKassaEmulator, visitor: SiteClient, submit: Submit
) -> None:
    submit(nonce=NONCE)
    donation = Donation.objects.get()
    emulator.pay(str(donation.external_id))
    visitor.get(f"/donations/{donation.public_id}/")
    answer = submit(nonce=NONCE)
    assert answer["Location"] == f"/donations/{donation.public_id}/"
    donation.refresh_from_db()
    assert donation.state == DonationState.SUCCEEDED
