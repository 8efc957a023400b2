"""What the screen of a payment account tells, and what it does: over HTTP, to a real socket."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.giving import Gift
from donations.actions.health import check_unchecked_accounts
from donations.actions.letters import send_owed_letters
from donations.actions.notices import take_notice
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.transfers import promise_transfer
from donations.health import notices_of
from donations.models import Acceptance, Donation, Fund, PaymentAccount, Refund
from donations.money import format_roubles
from site_settings.models import Organisation
from tenancy.models import AuditEntry, Role, RoleGroup
from tests.conftest import OpenSite, SiteClient
from tests.donations.bank import give_requisites
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]

INN, OTHER_INN = "7707083893", "7736050003"


@pytest.fixture
def manager(make_person: MakePerson, site: Site, admin_as: AdminAs) -> SiteClient:
    return admin_as(make_person(Role.MANAGER, site))


def screen(browser: SiteClient, site: Site) -> str:
    return browser.get(f"/admin/payments/{site.pk}/").content.decode()


def save(browser: SiteClient, site: Site, shop_id: str, key: str) -> str:
    answer = browser.post(
        f"/admin/payments/{site.pk}/", {"shop_id": shop_id, "secret_key": key}, follow=True
    )
    return answer.content.decode()


# --- the shop -------------------------------------------------------------------


@pytest.mark.bad_input("secret_wrong")
def test_wrong_key_is_told_beside_the_field_and_nothing_is_saved(
    manager: SiteClient, site: Site, emulator: YooKassaEmulator
) -> None:
    emulator.add_shop("100501", "live_right", test=False)
    page = save(manager, site, "100501", "live_wrong")
    assert "ЮKassa не знает такой пары идентификатора и ключа" in page
    assert [account.kind for account in PaymentAccount.objects.of_site(site)] == ["sandbox"]
    assert [request.path for request in emulator.requests] == ["/me"]


def test_good_shop_is_saved_with_what_the_provider_says_of_it(
    manager: SiteClient, site: Site, emulator: YooKassaEmulator
) -> None:
    Organisation.objects.update_or_create(site=site, defaults={"inn": INN})
    emulator.add_shop("100501", "live_right", test=False, itn=INN)
    page = save(manager, site, "100501", "live_right")
    account = PaymentAccount.objects.active().of_site(site).get()
    assert account.facts == {
        "shop_id": "100501",
        "is_enabled": True,
        "is_test": False,
        "inn": INN,
        "needs_receipts": False,
        "methods": ["bank_card", "sbp", "sberbank", "tinkoff_bank", "yoo_money"],
    }
    assert account.facts_at is not None
    assert "help-critical" not in page
    assert "help-warning" not in page


def test_strange_shop_is_saved_and_everything_strange_is_told(
    manager: SiteClient, site: Site, emulator: YooKassaEmulator
) -> None:
    Organisation.objects.update_or_create(site=site, defaults={"inn": INN})
    emulator.add_shop(
        "100501",
        "live_right",
        test=False,
        itn=OTHER_INN,
        fiscalization=True,
        enabled=False,
        methods=("yoo_money",),
    )
    page = save(manager, site, "100501", "live_right")
    assert f"у неё ИНН {OTHER_INN}, у сайта {INN}" in page
    assert "ЮKassa будет отказывать в платежах" in page
    assert "Магазин отключён в ЮKassa" in page
    assert "не включены банковские карты" in page
    assert "не включена СБП" in page
    assert (page.count("help-critical"), page.count("help-warning")) == (3, 2)


@pytest.mark.bad_input("secret_test_in_prod")
def test_test_shop_is_told_and_gravely_where_real_money_was_taken(
    manager: SiteClient, site: Site, emulator: YooKassaEmulator, fund: Fund
) -> None:
    emulator.add_shop("100501", "test_right")
    # Promised by bank, and nothing has come: no real money.
    give_requisites(site)
    gift = Gift(Decimal(500), "anna@example.org", "key")
    promise_transfer(fund=fund, gift=gift)
    page = save(manager, site, "100501", "test_right")
    assert "настоящих денег сайт с ним не получит" in page
    assert "help-critical" not in page
    assert "СБП" not in page
    emulator.add_shop("100502", "live_right", test=False)
    save(manager, site, "100502", "live_right")
    assert "help-critical" in save(manager, site, "100501", "test_right")


def test_shop_saved_while_the_provider_is_down_is_checked_later(
    manager: SiteClient, site: Site, emulator: YooKassaEmulator
) -> None:
    emulator.add_shop("100501", "live_right", test=False)
    emulator.fault("drop", path="/me", times=1)
    assert "проверим позже" in save(manager, site, "100501", "live_right")
    account = PaymentAccount.objects.active().of_site(site).get()
    assert (account.shop_id, account.facts) == ("100501", {})
    assert check_unchecked_accounts() == 1
    account.refresh_from_db()
    assert account.facts["shop_id"] == "100501"


def test_button_learns_that_the_key_was_changed_at_the_provider(
    manager: SiteClient, site: Site, shop: PaymentAccount, emulator: YooKassaEmulator
) -> None:
    emulator.shops["100500"].secret_key = "test_another"
    manager.post(f"/admin/payments/{site.pk}/check/")
    assert "больше не принимает этот ключ" in screen(manager, site)


# --- notifications ------------------------------------------------------------------


def test_payments_are_counted_by_how_each_was_learnt(
    shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund, give: Give
) -> None:
    gifts = [give(fund, "500.00") for _number in range(4)]
    ids = [str(gift.external_id) for gift in gifts]
    for external_id in ids:
        emulator.pay(external_id)
    take_notice(account=shop, external_id=ids[0])
    refresh_donation(gifts[1], source="return")
    refresh_donation(gifts[1], source="sweeper")
    refresh_donation(gifts[2], source="sweeper")
    now = timezone.now()
    reconcile(account=shop, since=now - timedelta(days=1), until=now + timedelta(hours=1))
    shop.refresh_from_db()
    notices = notices_of(shop)
    assert [number for _how, number in notices.learnt] == [1, 1, 1, 1]
    assert (notices.is_bad, notices.sentence) == (False, "Уведомления приходят как надо.")


def test_silence_is_told_with_what_to_do(
    manager: SiteClient,
    site: Site,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Give,
) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=False) as clock:
        known = give(fund, "500.00")
        emulator.pay(str(known.external_id))
        take_notice(account=shop, external_id=str(known.external_id))
        clock.shift(timedelta(days=2))
        for _number in range(5):
            gift = give(fund, "500.00")
            emulator.pay(str(gift.external_id))
            refresh_donation(gift, source="return")
        clock.shift(timedelta(days=1))
        shop.refresh_from_db()
        notices = notices_of(shop)
        assert (
            notices.sentence == "Уведомления не приходят 3 дня, хотя за это время было 5 платежей."
        )
        assert "Скопируйте адрес для уведомлений" in notices.advice
        PaymentAccount.objects.update(last_notice_at=None)
        shop.refresh_from_db()
        assert "ещё ни разу не пришли, хотя за неделю было 6" not in notices_of(shop).sentence
        assert "ещё ни разу не пришли, хотя за неделю было 5" in notices_of(shop).sentence


def test_forged_notification_is_no_sign_of_health(
    shop: PaymentAccount, visitor: SiteClient
) -> None:
    body = {"type": "notification", "event": "payment.succeeded", "object": {"id": "x-1"}}
    address = f"/donations/yookassa/{shop.token}/"
    assert visitor.post(address, body, content_type="application/json").status_code == 200
    shop.refresh_from_db()
    assert shop.last_notice_at is None


def test_strict_fund_is_told_on_the_screen(manager: SiteClient, site: Site, fund: Fund) -> None:
    assert "украденные карты" not in screen(manager, site)
    Fund.objects.filter(pk=fund.pk).update(strict_until=timezone.now() + timedelta(hours=1))
    assert "проверяют украденные карты" in screen(manager, site)


# --- ten roubles ------------------------------------------------------------------------


def test_ten_roubles_go_there_and_back_and_count_nowhere(
    manager: SiteClient,
    site: Site,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    for _click in range(2):
        manager.post(f"/admin/payments/{site.pk}/proof/", {"key": "k" * 32})
    proof = Donation.objects.get()
    assert (proof.amount, proof.proof, proof.fund) == (Decimal("10.00"), True, fund)
    assert proof.confirmation_url in screen(manager, site)
    assert Acceptance.objects.count() == 0

    emulator.pay(str(proof.external_id))
    take_notice(account=shop, external_id=str(proof.external_id))

    fund.refresh_from_db()
    assert (fund.raised, fund.count) == (Decimal("0.00"), 0)
    page = screen(manager, site)
    assert "узнали об этом по уведомлению" in " ".join(page.split())
    assert "Уведомление тоже пришло" in page
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    listed = accountant.get("/admin/donations/").content.decode()
    assert format_roubles(proof.amount) not in listed
    assert f"/admin/donations/{proof.pk}/" not in listed
    assert send_owed_letters() == 1

    for _click in range(2):
        manager.post(f"/admin/payments/{site.pk}/proof/back/")

    proof.refresh_from_db()
    fund.refresh_from_db()
    assert (proof.refunded, fund.refunded) == (Decimal("10.00"), Decimal("0.00"))
    assert Refund.objects.count() == len(emulator.refunds()) == 1
    assert "Деньги возвращены." in screen(manager, site)
    assert check_totals() == []
    assert mail.outbox[0].to == [f"manager@{site.hostname}.example.org"]


def test_editor_proves_the_way_of_a_payment_and_sees_nothing_else_of_the_shop(
    site: Site,
    other_site: Site,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    editor = admin_as(make_person(Role.EDITOR, site))
    assert "/admin/payments/proof/" in editor.get("/admin/").content.decode()
    begin = f"/admin/payments/{site.pk}/proof/"
    assert editor.post(begin, {"key": "k" * 32})["Location"] == "/admin/payments/proof/"
    proof = Donation.objects.get()
    page = editor.get("/admin/payments/proof/").content.decode()
    assert proof.confirmation_url in page
    assert shop.shop_id not in page
    emulator.pay(str(proof.external_id))
    take_notice(account=shop, external_id=str(proof.external_id))
    editor.post(f"/admin/payments/{site.pk}/proof/back/")
    assert "Деньги возвращены." in editor.get("/admin/payments/proof/").content.decode()
    assert len(emulator.refunds()) == 1

    assert editor.get(f"/admin/payments/{site.pk}/").status_code == 404
    neighbour = admin_as(make_person(Role.EDITOR, other_site))
    theirs = neighbour.get("/admin/payments/proof/").content.decode()
    assert f"/admin/payments/{site.pk}/" not in theirs
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    assert accountant.get("/admin/payments/proof/").status_code == 404
    assert Donation.objects.count() == 1


def test_another_site_of_an_editor_costs_no_query(
    fund: Fund,
    give: Give,
    open_a_site: OpenSite,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    editor = make_person(Role.EDITOR, fund.site)
    browser, counts = admin_as(editor), []
    second, third = (open_a_site(name).site for name in ("second", "third"))
    # From the second site on the admin itself asks which to show.
    for sites in ([fund.site, second], [third]):
        for site in sites:
            editor.groups.add(RoleGroup.objects.get(site=site, role=Role.EDITOR).group)
            give(Fund.objects.of_site(site).general().get(), "10.00", proof=True, pay=True)
        browser.get("/admin/payments/proof/")
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/admin/payments/proof/").content.decode()
        counts.append(len(captured))
    assert page.count("Вернуть") == 3
    assert counts[1] == counts[0]


def test_proof_lost_with_the_database_comes_back_as_nobodys_gift(
    manager: SiteClient, site: Site, shop: PaymentAccount, emulator: YooKassaEmulator, fund: Fund
) -> None:
    manager.post(f"/admin/payments/{site.pk}/proof/", {"key": "k" * 32})
    proof = Donation.objects.get()
    emulator.pay(str(proof.external_id))
    proof.events.all().delete()
    proof.delete()
    now = timezone.now()
    report = reconcile(account=shop, since=now - timedelta(days=1), until=now + timedelta(hours=1))
    assert [row["mended"] for row in report.differences] == [False]
    fund.refresh_from_db()
    assert fund.raised == Decimal("0.00")


# --- who may ------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["check", "proof", "proof/back", "host"])
def test_buttons_are_not_there_for_editors_and_neighbours(
    button: str,
    site: Site,
    other_site: Site,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    address = f"/admin/payments/{site.pk}/{button}/"
    editors = other_site if "proof" in button else site  # the proof has a screen for editors
    for role, home in ((Role.EDITOR, editors), (Role.MANAGER, other_site)):
        answer = admin_as(make_person(role, home)).post(address, {"host": "admin.localhost"})
        assert answer.status_code == 404
    assert (Donation.objects.count(), emulator.requests) == (0, [])
    assert AuditEntry.objects.filter(what__in=("proof payment begun",)).count() == 0


def test_screen_of_a_site_tells_nothing_of_the_neighbours_payments(
    manager: SiteClient, site: Site, open_a_site: OpenSite, give: Give
) -> None:
    other = open_a_site("lapy").site
    other_fund = Fund.objects.of_site(other).general().get()
    Fund.objects.filter(pk=other_fund.pk).update(
        purpose="Чужой сбор", strict_until=timezone.now() + timedelta(hours=1)
    )
    give(other_fund, "10.00", proof=True)
    page = screen(manager, site)
    assert "Чужой сбор" not in page
    assert "ждут оплаты" not in page


def test_replaced_key_forgets_what_was_known_of_the_shop(
    site: Site, shop: PaymentAccount, emulator: YooKassaEmulator
) -> None:
    assert check_unchecked_accounts() == 1
    account = use_account(
        site=site, kind="yookassa", shop_id="100500", secret_key="test_new", by=None
    )
    assert (account.pk, account.facts, account.facts_at) == (shop.pk, {}, None)
