"""The form that offers a monthly gift, the donor's page behind the signed link, staff's screens."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.signing import Signer
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.letters import send_owed_letters
from donations.actions.monthly import charge_due
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.models import Donation, Fund, PaymentAccount, SandboxPayment, Subscription
from donations.tokens import MONTHLY_SALT, monthly_token
from site_settings.legal import record_versions
from site_settings.models import Organisation
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed
from tests.donations.screen import fields_of, fields_with_errors
from tests.emulator import YooKassaEmulator

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
CARD = {"do": "card", "consent": "on", "consent_monthly": "on"}
MONTHLY = {"frequency": "monthly", "consent_monthly": "on"}


def pay(donation: Donation) -> None:
    decide(payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True)
    refresh_donation(donation, source="return")


@pytest.fixture
def subscription(submit: Submit) -> Subscription:
    """A monthly gift begun by the form and paid in the sandbox."""
    assert submit(**MONTHLY).status_code == 303
    pay(Donation.objects.get())
    return Subscription.objects.get()


@pytest.fixture
def address(subscription: Subscription) -> str:
    return reverse("monthly_gift", args=[monthly_token(subscription.public_id)])


# --- the form


def test_sandbox_offers_it_and_tells_sum_rhythm_and_end_before_the_button(
    visitor: SiteClient, fund: Fund, submit: Submit
) -> None:
    page = submit(email="").content.decode()
    consent = re.search(r"<input[^>]*consent_monthly[^>]*>", page)
    assert consent is not None
    assert "checked" not in consent[0]
    assert re.search(r'value="once" checked', page)
    told = page.index("Каждый месяц: выбранная сумма")
    assert told < page.index('type="submit"')
    assert "/legal/monthly/" in page


@pytest.mark.parametrize("consent", [None, ""])
def test_monthly_needs_a_consent_of_its_own(submit: Submit, consent: str | None) -> None:
    answer = submit(frequency="monthly", consent_monthly=consent)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"consent_monthly"}
    assert "Без этого согласия пожертвование не может быть ежемесячным" in answer.content.decode()
    assert Donation.objects.count() == 0


def test_once_needs_no_second_consent_and_saves_no_card(submit: Submit) -> None:
    assert submit(frequency="once", consent_monthly="on").status_code == 303
    assert not Donation.objects.get().saves_method
    pay(Donation.objects.get())
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize("frequency", ["monthly", "weekly", "1"])
def test_frequency_is_ignored_where_it_is_not_offered(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, frequency: str
) -> None:
    assert 'name="frequency"' not in submit(email="").content.decode()
    assert submit(frequency=frequency, recurring="1").status_code == 303
    assert not Donation.objects.get().saves_method
    assert "save_payment_method" not in (emulator.requests[0].body or {})


def test_unknown_frequency_is_once(submit: Submit) -> None:
    assert submit(frequency="weekly").status_code == 303
    assert not Donation.objects.get().saves_method


def test_once_and_monthly_of_the_same_words_are_two_gifts(submit: Submit) -> None:
    submit()
    submit(**MONTHLY)
    assert Donation.objects.count() == 2


def test_confirmation_carries_the_monthly_wish(visitor: SiteClient, submit: Submit) -> None:
    asked = submit(**MONTHLY, website="x")
    assert "Каждый месяц" in asked.content.decode()
    fields = dict(asked.context["fields"])
    assert {name: fields[name] for name in MONTHLY} == MONTHLY


def test_shop_that_may_not_save_cards_offers_the_gift_once(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit, visitor: SiteClient
) -> None:
    PaymentAccount.objects.filter(pk=shop.pk).update(recurring=True)
    emulator.shops["100500"].recurring = False
    answer = submit(**MONTHLY)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Можно пожертвовать один раз" in page
    assert 'name="frequency"' not in page
    assert 'value="anna@example.org"' in page
    assert Donation.objects.get().state == "canceled"

    assert submit(frequency="once").status_code == 303
    assert len(emulator.payments()) == 1


def test_accountant_switches_the_offer_on_and_off(
    shop: PaymentAccount, site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    browser = admin_as(make_person(Role.ACCOUNTANT, site))
    address = f"/admin/payments/{site.pk}/"
    for sent, expected in (({"recurring": "on"}, True), ({}, False)):
        browser.post(address, {"shop_id": "100500", "secret_key": "", **sent})
        shop.refresh_from_db()
        assert shop.recurring is expected
    entries = AuditEntry.objects.filter(what="payment account set").order_by("pk")
    assert [entry.details["recurring"] for entry in entries] == [False, True, False]


# --- the page


def test_page_shows_sum_day_and_card_without_login_and_is_kept_nowhere(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    answer = visitor.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert "500" in page
    assert "Test ·· 0000" in page
    assert 'content="noindex"' in page
    assert subscription.email not in page


def test_link_stands_in_the_letter(
    visitor: SiteClient, subscription: Subscription, address: str
) -> None:
    send_owed_letters()
    found = re.search(r"http://veloput\.localhost\S*(/monthly/\S+)", str(mail.outbox[0].body))
    assert found is not None
    assert found[1] == address
    assert visitor.get(found[1]).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_and_foreign_links_are_not_found(
    visitor: SiteClient,
    other_site: Site,
    subscription: Subscription,
    address: str,
    method: str,
) -> None:
    public_id = subscription.public_id.hex
    signature = monthly_token(subscription.public_id).partition(":")[2]
    forged = [
        public_id,
        f"{public_id}:",
        f"{public_id}:{'x' * len(signature)}",
        f"{'0' * 32}:{signature}",
        Signer(salt="donations.page-token").sign(public_id),
        Signer(salt=MONTHLY_SALT).sign("0" * 32),
        Signer(salt=MONTHLY_SALT).sign("not an id"),
        Signer(salt=MONTHLY_SALT, key="another key").sign(public_id),
    ]
    headers: dict[str, Any] = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    for token in forged:
        answer = getattr(visitor, method)(f"/monthly/{token}/", {"do": "cancel"}, **headers)
        assert answer.status_code == 404, token
    stranger = SiteClient(other_site.hostname)
    assert getattr(stranger, method)(address, {"do": "cancel"}, **headers).status_code == 404
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_post_from_another_page_and_a_get_stop_nothing(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    assert visitor.post(address, {"do": "cancel"}).status_code == 403
    foreign = {"HTTP_SEC_FETCH_SITE": "cross-site"}
    assert visitor.send_form(address, {"do": "cancel"}, **foreign).status_code == 403
    assert visitor.get(address, {"do": "cancel"}).status_code == 200
    assert visitor.send_form(address, {"do": "delete"}).status_code == 422
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_cancel_is_immediate_forgets_the_card_and_is_confirmed_by_page_and_letter(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    send_owed_letters()
    for _time in range(2):
        answer = visitor.send_form(address, {"do": "cancel"})
        assert (answer.status_code, answer["Location"]) == (303, address)
    subscription.refresh_from_db()
    assert (subscription.state, subscription.reason) == ("stopped", "canceled")
    assert (subscription.sealed_method, subscription.method_title) == ("", "")
    page = visitor.get(address).content.decode()
    assert "Оно остановлено. Карта удалена" in page
    assert 'value="cancel"' not in page
    assert send_owed_letters() == 1
    assert mail.outbox[1].subject == "Ваше ежемесячное пожертвование остановлено"
    for wish in ("resume", "sum", "card", "general", "pause"):
        visitor.send_form(address, {"do": wish, "amount": "700"})
        subscription.refresh_from_db()
        assert (subscription.state, subscription.amount) == ("stopped", Decimal("500.00"))
    assert Donation.objects.count() == 1


def test_donor_changes_the_sum_within_the_limits(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    wrong = visitor.send_form(address, {"do": "sum", "amount": "9,99"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors.keys() == {"amount"}
    assert visitor.send_form(address, {"do": "sum", "amount": "1 200,50"}).status_code == 303
    subscription.refresh_from_db()
    assert subscription.amount == Decimal("1200.50")
    event = subscription.events.get(what="sum changed")
    assert (event.source, event.by, event.details) == (
        "donor",
        None,
        {"before": "500.00", "now": "1200.50"},
    )


def test_donor_pauses_and_goes_on(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    planned = subscription.next_charge_on
    visitor.send_form(address, {"do": "pause"})
    assert "Оно на паузе" in visitor.get(address).content.decode()
    visitor.send_form(address, {"do": "resume"})
    subscription.refresh_from_db()
    assert (subscription.state, subscription.next_charge_on) == ("active", planned)


def test_donor_pays_with_another_card_in_the_sandbox(
    visitor: SiteClient, address: str, subscription: Subscription, site: Site
) -> None:
    before, month = subscription.method_id, subscription.period
    page = visitor.get(address)
    for link in ("/legal/offer/", "/legal/consent/", "/legal/monthly/"):
        assert f'href="{link}"' in page.content.decode()
    shown = fields_of(page)["texts"]
    record_versions(site)
    Organisation.objects.filter(site=site).update(full_name="РОО «Новое имя»")
    answer = visitor.send_form(address, {**CARD, "texts": shown})
    donation = Donation.objects.get(period=month)
    assert answer["Location"] == f"/donations/sandbox/{donation.external_id}/"
    pay(donation)
    subscription.refresh_from_db()
    assert subscription.method_id == donation.external_id != before
    assert subscription.period > month
    agreed = donation.acceptances.values_list("text__kind", "text__digest")
    assert " ".join(f"{kind}:{digest}" for kind, digest in agreed.order_by("pk")) == shown


def test_another_card_is_no_way_round_the_limits(
    visitor: SiteClient, address: str, subscription: Subscription
) -> None:
    """Each refused card would else free the way for the next one. First the donor is asked."""
    typed = {**CARD, "texts": fields_of(visitor.get(address))["texts"]}
    answers = []
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _try in range(12):
            answer = visitor.send_form(address, typed)
            if answer.status_code == 429 and "Retry-After" not in answer:
                assert fields_of(answer).items() >= typed.items()
                assert f'href="{address}"' in answer.content.decode()
                clock.shift(2)
                answer = visitor.send_form(address, fields_of(answer))
                answers.append("asked")
            answers.append("begun" if answer.status_code == 303 else answer["Retry-After"])
            for gift in Donation.objects.filter(saves_method=True, state="pending"):
                payment = SandboxPayment.objects.get(external_id=str(gift.external_id))
                decide(payment=payment, pay=False)
                refresh_donation(gift, source="return")
    assert answers[:6] == ["begun"] * 4 + ["asked", "begun"]
    assert answers[-3:] == ["600"] * 3
    assert Donation.objects.count() == 1 + answers.count("begun")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent": ""}, "consent"),
        ({"consent_monthly": ""}, "consent_monthly"),
        ({"texts": ""}, "consent"),
        ({"texts": "offer:1 consent:2 monthly:3"}, "consent"),
    ],
)
def test_another_card_needs_the_boxes_and_the_words_behind_them(
    visitor: SiteClient,
    address: str,
    subscription: Subscription,
    changes: dict[str, str],
    field: str,
) -> None:
    shown = fields_of(visitor.get(address))["texts"]
    answer = visitor.send_form(address, {**CARD, "texts": shown, **changes})
    assert answer.status_code == 422
    assert fields_with_errors(answer) == {field}
    assert Donation.objects.count() == 1


def test_closed_campaign_offers_the_general_fund_behind_a_button(
    visitor: SiteClient, site: Site, address: str, subscription: Subscription, fund: Fund
) -> None:
    campaign = Fund.objects.create(
        site=site, key="7b6ac35e-3a0c-4f53-a1f0-6e1d4de60a4d", purpose="Крыша", accepts=False
    )
    Subscription.objects.update(fund=campaign, state="paused", reason="fund_closed")
    assert f"на другую цель: {fund.purpose}" in visitor.get(address).content.decode()
    visitor.send_form(address, {"do": "general"})
    subscription.refresh_from_db()
    assert (subscription.state, subscription.fund) == ("active", fund)


def test_status_page_tells_of_the_next_day_but_holds_no_key(
    visitor: SiteClient, subscription: Subscription
) -> None:
    page = visitor.get(f"/donations/{subscription.first_donation.public_id}/").content.decode()
    assert "Это ежемесячное пожертвование" in page
    assert "/monthly/" not in page


def test_sandbox_charges_by_the_clock_and_can_be_made_to_fail(
    subscription: Subscription, fund: Fund, time_machine: Any
) -> None:
    card = SandboxPayment.objects.get()
    due = subscription.next_charge_on
    noon = timezone.make_aware(datetime.combine(due, time(12)))
    time_machine.move_to(noon - timedelta(days=2))
    charge_due()
    send_owed_letters()
    card.metadata["charges_fail"] = "card_expired"
    card.save()
    time_machine.move_to(noon)
    charge_due()
    subscription.refresh_from_db()
    assert (subscription.state, subscription.reason) == ("stopped", "card_expired")
    fund.refresh_from_db()
    assert fund.count == 1


# --- staff


def test_accountant_sees_and_stops_it_for_the_donor(
    subscription: Subscription, site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    accountant = make_person(Role.ACCOUNTANT, site)
    browser = admin_as(accountant)
    assert "anna@example.org" in browser.get("/admin/monthly/").content.decode()
    address = f"/admin/monthly/{subscription.pk}/"
    page = browser.get(address).content.decode()
    assert "anna@example.org" in page
    assert subscription.method_id not in re.sub(r"<code>.*?</code>", "", page)
    browser.post(address)
    browser.post(address)
    subscription.refresh_from_db()
    assert (subscription.state, subscription.sealed_method) == ("stopped", "")
    event = subscription.events.get(what="stopped")
    assert (event.source, event.by) == ("staff", accountant)
    assert AuditEntry.objects.filter(what="monthly gift stopped", by=accountant).count() == 1


def test_editor_and_the_neighbours_accountant_find_nothing(
    subscription: Subscription,
    site: Site,
    other_site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    address = f"/admin/monthly/{subscription.pk}/"
    neighbour = admin_as(make_person(Role.ACCOUNTANT, other_site))
    assert "anna@example.org" not in neighbour.get("/admin/monthly/").content.decode()
    editor = admin_as(make_person(Role.EDITOR, site))
    assert editor.get("/admin/monthly/").status_code == 404
    for browser in (neighbour, editor):
        assert browser.get(address).status_code == 404
        assert browser.post(address).status_code == 404
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_list_asks_as_often_for_three_as_for_one(
    subscription: Subscription,
    fund: Fund,
    submit: Submit,
    typed: Typed,
    site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
    django_assert_num_queries: Any,
) -> None:
    browser = admin_as(make_person(Role.ACCOUNTANT, site))
    browser.get("/admin/monthly/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/admin/monthly/")
    asked = len(one)
    for number in range(2):
        submit(**MONTHLY, email=f"donor{number}@example.org")
        pay(Donation.objects.latest("pk"))
    with django_assert_num_queries(asked):
        page = browser.get("/admin/monthly/").content.decode()
    assert page.count("@example.org</a>") == 3
