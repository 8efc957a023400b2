"""The page after a payment: a refusal is tried again by one button, thanks ask for nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup
from pytest_django import DjangoCaptureOnCommitCallbacks
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.flags import PAID_LATE
from donations.actions.proof import start_proof
from donations.actions.shield import Limit
from donations.channels import own_channel
from donations.models import Donation, Follower, Fund, Letter, MessageState, PaymentAccount
from donations.tokens import page_token
from site_settings.legal import publish_wording
from site_settings.models import LegalKind
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.donations.conftest import Submit
from tests.donations.screen import fields_of, in_russian, words_of
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
PAGE = "/sbory/krysha/"
TYPED = {
    "amount": "1 500",
    "name": "Анна Петрова",
    "message": "Держитесь",
    "show_name": "on",
    "channel": "vk",
    "news": "on",
}


def path_of(gift: Donation, tail: str = "") -> str:
    return f"/donations/{gift.public_id}/{tail}"


@pytest.fixture
def refused(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, campaign: Fund
) -> Donation:
    """A gift typed into the form; its bank refused it, and the donor is back on our page."""
    submit(**TYPED, fund=str(campaign.public_id), token=page_token(campaign))
    gift = Donation.objects.get()
    emulator.decline(str(gift.external_id), "insufficient_funds")
    return gift


def soup_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content.decode(), "html.parser")


def next_of(gift: Donation) -> Donation:
    return Donation.objects.exclude(pk=gift.pk).get()


def test_one_button_begins_the_same_gift_once_more_with_all_that_was_typed(
    refused: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    page = visitor.get(path_of(refused))
    (button,) = soup_of(page).select("main button")
    assert button.get_text() == "Попробовать ещё раз"
    form = button.find_parent("form")
    assert form is not None
    answer = visitor.send_form(str(form["action"]), {})
    again = next_of(refused)
    assert answer.status_code == 303
    first, second = emulator.payments()
    assert answer["Location"] == second["confirmation"]["confirmation_url"]
    assert first["id"] != second["id"]
    assert again.idempotence_key != refused.idempotence_key
    for field in ("fund_id", "amount", "email", "name", "show_name", "message", "channel"):
        assert getattr(again, field) == getattr(refused, field), field
    assert (again.amount, again.name, again.page_path) == (Decimal("1500.00"), "Анна Петрова", PAGE)
    assert again.message_state == MessageState.WAITING
    texts = [set(gift.acceptances.values_list("text", flat=True)) for gift in (refused, again)]
    assert texts[0] == texts[1]
    assert {row.source for row in again.acceptances.all()} == {"tried once more"}
    emulator.pay(str(again.external_id))
    assert "Спасибо" in words_of(visitor.get(path_of(again)))
    assert Letter.objects.count() == 1
    assert Follower.objects.get().email == "anna@example.org"


@pytest.mark.bad_input("referrer_leak")
def test_nothing_of_the_person_is_on_the_page_or_in_an_address(
    refused: Donation, visitor: SiteClient
) -> None:
    page = visitor.get(path_of(refused))
    html = page.content.decode()
    for hidden in ("anna@example.org", "Анна", "Петрова", "Держитесь"):
        assert hidden not in html
    assert fields_of(page) == {}
    (link,) = soup_of(page).select("main a")
    assert link["href"] == f"{PAGE}?sum=1500&utm_source=vk#give"


def test_pressed_twice_and_typed_in_another_tab_it_is_one_payment(
    refused: Donation, emulator: YooKassaEmulator, visitor: SiteClient, submit: Submit
) -> None:
    visitor.get(path_of(refused))
    answers = [visitor.send_form(path_of(refused, "again/"), {}) for _turn in range(2)]
    fund = {"fund": str(refused.fund.public_id), "token": page_token(refused.fund)}
    answers.append(submit(**TYPED, **fund))
    assert len(emulator.payments()) == 2
    assert len({answer["Location"] for answer in answers}) == 1


def test_once_the_second_is_paid_the_old_page_leads_to_thanks_and_charges_nobody(
    refused: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    visitor.get(path_of(refused))
    visitor.send_form(path_of(refused, "again/"), {})
    again = next_of(refused)
    emulator.pay(str(again.external_id))
    visitor.get(path_of(again))
    answer = visitor.send_form(path_of(refused, "again/"), {})
    assert answer["Location"] == path_of(again)
    assert len(emulator.payments()) == 2


def test_second_refusal_can_be_tried_again_too(
    refused: Donation, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    visitor.get(path_of(refused))
    visitor.send_form(path_of(refused, "again/"), {})
    second = next_of(refused)
    emulator.decline(str(second.external_id), "general_decline")
    visitor.get(path_of(second))
    visitor.send_form(path_of(second, "again/"), {})
    assert len(emulator.payments()) == 3
    assert Donation.objects.count() == 3


def test_an_address_corrected_after_the_second_had_begun_leads_to_the_form(
    refused: Donation, visitor: SiteClient
) -> None:
    visitor.get(path_of(refused))
    visitor.send_form(path_of(refused, "again/"), {})
    Donation.objects.filter(pk=refused.pk).update(email="anna@example.net")
    answer = visitor.send_form(path_of(refused, "again/"), {})
    assert (answer.status_code, Donation.objects.count()) == (303, 2)
    assert answer["Location"].startswith(f"{PAGE}?sum=1500")


def test_gift_that_is_not_refused_is_not_begun_again(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, visitor: SiteClient
) -> None:
    submit(**TYPED)
    waiting = Donation.objects.get()
    to_the_form = "/donations/give/?sum=1500&utm_source=vk"
    assert visitor.send_form(path_of(waiting, "again/"), {})["Location"] == to_the_form
    emulator.pay(str(waiting.external_id))
    visitor.get(path_of(waiting))
    assert visitor.send_form(path_of(waiting, "again/"), {})["Location"] == to_the_form
    assert len(emulator.payments()) == 1


def test_button_of_another_page_or_site_or_nobody_begins_nothing(
    refused: Donation, other_site: Site, emulator: YooKassaEmulator, visitor: SiteClient
) -> None:
    visitor.get(path_of(refused))
    path = path_of(refused, "again/")
    assert visitor.post(path, {}).status_code == 403
    assert visitor.post(path, {}, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert visitor.get(path).status_code == 405
    assert SiteClient(other_site.hostname).send_form(path, {}).status_code == 404
    assert (
        visitor.send_form("/donations/1f0c3f0e-0000-4000-8000-000000000000/again/", {}).status_code
        == 404
    )
    assert len(emulator.payments()) == 1


def test_after_a_day_or_with_new_texts_the_form_of_the_page_is_filled_in(
    refused: Donation,
    visitor: SiteClient,
    make_person: Callable[..., User],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    visitor.get(path_of(refused))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        page = visitor.get(path_of(refused))
        assert soup_of(page).select("main button") == []
        assert soup_of(page).select("main a.button")[0]["href"] == (
            f"{PAGE}?sum=1500&utm_source=vk#give"
        )
        answer = visitor.send_form(path_of(refused, "again/"), {})
        assert answer["Location"].startswith(PAGE)
    assert soup_of(visitor.get(path_of(refused))).select("main button") != []
    with django_capture_on_commit_callbacks(execute=True):
        publish_wording(
            kind=LegalKind.CONSENT,
            body="Новое согласие для {название}.",
            by=make_person(Role.COORDINATOR),
        )
    assert soup_of(visitor.get(path_of(refused))).select("main button") == []
    assert Donation.objects.count() == 1


def test_closed_fund_is_not_given_to_again(
    refused: Donation, visitor: SiteClient, emulator: YooKassaEmulator
) -> None:
    visitor.get(path_of(refused))
    Fund.objects.filter(pk=refused.fund_id).update(accepts=False)
    assert soup_of(visitor.get(path_of(refused))).select("main button") == []
    answer = visitor.send_form(path_of(refused, "again/"), {})
    assert answer["Location"].startswith(PAGE)
    assert len(emulator.payments()) == 1


def test_limits_hold_for_the_button_too(
    refused: Donation,
    visitor: SiteClient,
    emulator: YooKassaEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor.get(path_of(refused))
    path = path_of(refused, "again/")
    monkeypatch.setattr(
        "donations.actions.shield.LIMITS", (Limit("email", 3600, passes=0, confirms=9),)
    )
    asked = visitor.send_form(path, {})
    assert asked.status_code == 429
    assert "anna@example.org" not in asked.content.decode()
    assert len(emulator.payments()) == 1
    carried = fields_of(asked)
    assert set(carried) == {"token"}
    assert f'href="{path_of(refused)}"' in asked.content.decode()
    assert visitor.send_form(path, {"token": carried["token"] + "x"}).status_code == 429
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=5)):
        answer = visitor.send_form(path, carried)
    assert answer.status_code == 303
    assert len(emulator.payments()) == 2


def test_too_many_tries_wait(
    refused: Donation, visitor: SiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.get(path_of(refused))
    monkeypatch.setattr(
        "donations.actions.shield.LIMITS", (Limit("email", 3600, passes=0, confirms=0),)
    )
    answer = visitor.send_form(path_of(refused, "again/"), {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert Donation.objects.count() == 1


@pytest.fixture
def refused_monthly(emulator: YooKassaEmulator, site: Site, submit: Submit) -> Donation:
    emulator.add_shop("100500", "test_secret_of_veloput")
    use_account(
        site=site,
        kind="yookassa",
        shop_id="100500",
        secret_key="test_secret_of_veloput",
        recurring=True,
        by=None,
    )
    submit(frequency="monthly", consent_monthly="on")
    refused = Donation.objects.get()
    emulator.decline(str(refused.external_id), "insufficient_funds")
    return refused


def test_monthly_gift_tried_again_is_monthly_and_says_so_before(
    emulator: YooKassaEmulator, visitor: SiteClient, refused_monthly: Donation
) -> None:
    refused = refused_monthly
    page = visitor.get(path_of(refused))
    assert "Каждый месяц: 500" in words_of(page)
    assert soup_of(page).select("main a")[0]["href"] == "/donations/give/?sum=500&monthly=1"
    visitor.send_form(path_of(refused, "again/"), {})
    again = next_of(refused)
    assert again.saves_method
    kinds = set(again.acceptances.values_list("text__kind", flat=True))
    assert kinds == {"offer", "consent", "monthly"}
    (_first, call) = [one for one in emulator.requests if one.method == "POST"]
    assert call.body is not None
    assert call.body["save_payment_method"] is True


def test_monthly_gift_of_a_shop_that_saves_no_cards_is_offered_once(
    visitor: SiteClient, refused_monthly: Donation
) -> None:
    refused = refused_monthly
    visitor.get(path_of(refused))
    Donation.objects.update(reason="forbidden")
    page = visitor.get(path_of(refused))
    assert "Ежемесячные пожертвования здесь пока не работают. Можно помочь один раз." in words_of(
        page
    )
    (link,) = soup_of(page).select("main a.button")
    assert (link.get_text(), link["href"]) == ("Помочь один раз", "/donations/give/?sum=500")
    answer = visitor.send_form(path_of(refused, "again/"), {})
    assert answer["Location"] == "/donations/give/?sum=500"
    assert Donation.objects.count() == 1


def test_a_gift_to_the_organisation_leads_to_its_own_form_and_speaks_of_no_campaign(
    fund: Fund, campaign: Fund, give: Give, visitor: SiteClient
) -> None:
    def links(of: Fund, page: str) -> dict[str, str]:
        gift = give(of, "1000.00", page_path=page, pay=True)
        found = soup_of(visitor.get(path_of(gift))).select(
            ".actions > .button, [aria-labelledby=monthly-title] a"
        )
        return {link.get_text(): str(link["href"]) for link in found}

    assert links(fund, "/") == {
        "Посмотреть, что мы делаем": "/",
        "Посмотреть форму": "/donations/give/?sum=300&monthly=1",
    }
    assert links(campaign, PAGE) == {
        "Посмотреть, как идёт сбор": PAGE,
        "Посмотреть форму": f"{PAGE}?sum=300&monthly=1#give",
    }
    form = soup_of(visitor.get("/donations/give/?sum=300&monthly=1"))
    assert [box["value"] for box in form.select("[name=preset][checked]")] == ["300.00"]


def test_thanks_offer_a_link_of_ones_own_and_a_small_monthly_sum(
    fund: Fund, give: Give, visitor: SiteClient
) -> None:
    gift = give(fund, "1500.00", page_path=PAGE, pay=True)
    soup = soup_of(visitor.get(path_of(gift)))
    shared = soup.select_one("#share-text")
    assert shared is not None
    mark = own_channel(gift)
    assert shared.get_text().endswith(f" http://{gift.site.hostname}{PAGE}?utm_source={mark}")
    assert own_channel(give(fund, email="vera@example.org")) != mark
    assert str(gift.public_id)[:8] not in mark
    offer = soup.select_one("[aria-labelledby=monthly-title]")
    assert offer is not None
    assert "300\u00a0₽ в месяц" in offer.get_text()
    (link,) = offer.select("a")
    assert link["href"] == "/donations/give/?sum=300&monthly=1"


@pytest.mark.parametrize(
    ("given", "asked"), [("100.00", "100"), ("1000.00", "300"), ("9000.00", "900")]
)
def test_monthly_offer_asks_for_little(
    given: str, asked: str, fund: Fund, give: Give, visitor: SiteClient
) -> None:
    gift = give(fund, given, page_path=PAGE, pay=True)
    (link,) = soup_of(visitor.get(path_of(gift))).select("[aria-labelledby=monthly-title] a")
    assert parse_qs(urlsplit(str(link["href"])).query)["sum"] == [asked]


def test_nothing_monthly_is_offered_where_it_cannot_be(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
    visitor: SiteClient,
) -> None:
    gift = give(fund, page_path=PAGE)
    emulator.pay(str(gift.external_id))
    page = visitor.get(path_of(gift))  # this shop has no automatic payments
    assert "каждый месяц" not in words_of(page)


def test_one_who_gives_every_month_is_not_asked_to(
    fund: Fund, give: Give, visitor: SiteClient
) -> None:
    gift = give(fund, page_path=PAGE, monthly=True, pay=True)
    soup = soup_of(visitor.get(path_of(gift)))
    assert soup.select("[aria-labelledby=monthly-title]") == []
    gift = give(fund, page_path=PAGE, pay=True)
    Fund.objects.filter(pk=fund.pk).update(accepts=False)
    assert soup_of(visitor.get(path_of(gift))).select("[aria-labelledby=monthly-title]") == []


@pytest.mark.parametrize("pays", [True, False])
def test_trial_payment_asks_nobody_to_share_give_or_try(
    pays: bool,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    site: Site,
    make_person: Callable[..., User],
    visitor: SiteClient,
) -> None:
    gift = start_proof(site=site, by=make_person(Role.ACCOUNTANT, site), key="1")
    if pays:
        emulator.pay(str(gift.external_id))
    else:
        emulator.decline(str(gift.external_id), "general_decline")
    page = visitor.get(path_of(gift))
    assert "Это была проверка" in words_of(page)
    soup = soup_of(page)
    assert soup.select("main .share, main a, main button, main form") == []
    assert not re.search(r"share\.js", page.content.decode())
    assert visitor.send_form(path_of(gift, "again/"), {})["Location"] == "/donations/give/?sum=10"
    assert len(emulator.payments()) == 1


def test_gift_that_came_later_is_not_called_refused(refused: Donation, visitor: SiteClient) -> None:
    visitor.get(path_of(refused))
    Donation.objects.filter(pk=refused.pk).update(reason=PAID_LATE)
    page = visitor.get(path_of(refused))
    assert "Деньги дошли" in words_of(page)
    assert in_russian("The payment did not go through") not in words_of(page)
    assert soup_of(page).select("main button") == []
    assert visitor.send_form(path_of(refused, "again/"), {})["Location"].startswith(PAGE)


def test_words_that_wait_are_told_of(fund: Fund, give: Give, visitor: SiteClient) -> None:
    gift = give(fund, page_path=PAGE, message="Ура", name="Анна", show_name=True, pay=True)
    said = "Ваше пожелание появится на странице, когда организация его прочитает."
    assert said in words_of(visitor.get(path_of(gift)))
    Donation.objects.filter(pk=gift.pk).update(message_state=MessageState.SHOWN)
    assert said not in words_of(visitor.get(path_of(gift)))
