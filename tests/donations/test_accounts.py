"""Which shop a site is paid through, and the key nobody reads again."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import open_sandbox, use_account
from donations.actions.payments import credentials_of, refresh_donation
from donations.forms import PaymentAccountForm
from donations.models import Donation, Fund, PaymentAccount
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.screen import in_russian, words_of
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
PLANTED = "test_PLANTED-7d1c-key"


def use(site: Site, shop_id: str = "100500", secret_key: str = PLANTED) -> PaymentAccount:
    return use_account(site=site, kind="yookassa", shop_id=shop_id, secret_key=secret_key, by=None)


def test_a_site_begins_with_a_pretend_bank_of_its_own(site: Site, other_site: Site) -> None:
    accounts = PaymentAccount.objects.active()
    own, foreign = accounts.of_site(site).get(), accounts.of_site(other_site).get()
    assert (own.kind, own.is_live) == ("sandbox", False)
    assert own.shop_id != foreign.shop_id
    assert open_sandbox(site=site) == own
    assert PaymentAccount.objects.of_site(site).count() == 1


def test_a_new_key_of_the_shop_keeps_the_account_and_its_address(site: Site) -> None:
    first = use(site)
    second = use(site, secret_key="test_another")
    assert (second.pk, second.token) == (first.pk, first.token)
    assert PaymentAccount.objects.get(pk=first.pk).secret_key == "test_another"


@pytest.mark.bad_input("secret_empty")
def test_an_empty_key_keeps_the_stored_one(site: Site) -> None:
    first = use(site)
    assert use(site, secret_key="") == first
    assert PaymentAccount.objects.get(pk=first.pk).secret_key == PLANTED


def test_another_shop_is_another_account_and_the_old_one_stays(site: Site) -> None:
    first = use(site)
    second = use(site, shop_id="200600")
    assert second.pk != first.pk
    assert second.token != first.token
    first.refresh_from_db()
    assert (first.is_active, first.secret_key) == (False, PLANTED)
    assert PaymentAccount.objects.of_site(site).active().get() == second
    assert use(site, secret_key="").pk == first.pk  # and back again
    assert PaymentAccount.objects.of_site(site).active().get() == first


@pytest.mark.parametrize(("key", "live"), [("test_x", False), ("live_x", True)])
def test_the_key_tells_whether_the_money_is_real(site: Site, key: str, live: bool) -> None:
    assert use(site, secret_key=key).is_live is live


def test_the_same_shop_id_of_another_site_is_another_account(site: Site, other_site: Site) -> None:
    first, second = use(site), use(other_site, secret_key="test_theirs")
    assert first.pk != second.pk
    assert PaymentAccount.objects.get(pk=first.pk).secret_key == PLANTED


@pytest.mark.bad_input("secret_in_revision")
def test_the_change_is_written_down_without_the_key(
    site: Site, make_person: Callable[..., User]
) -> None:
    person = make_person(Role.ACCOUNTANT, site)
    account = use_account(site=site, kind="yookassa", shop_id="1005", secret_key=PLANTED, by=person)
    entry = AuditEntry.objects.get(what="payment account set")
    assert (entry.site, entry.by, entry.details) == (
        site,
        person,
        {"account": account.pk, "recurring": False},
    )


# --- the key


def test_the_key_is_in_no_words_about_the_account(site: Site) -> None:
    account = use(site)
    told = [repr(account), str(account), repr(account.__dict__), repr(credentials_of(account))]
    told.append(serializers.serialize("json", PaymentAccount.objects.all()))
    assert all(PLANTED not in words for words in told)
    assert credentials_of(account).secret_key == PLANTED


@pytest.mark.parametrize(
    "fault", ["unauthorized", "server_error", "drop", "bad_gateway", "forbidden", "truncated"]
)
@pytest.mark.bad_input("secret_readback")
def test_the_key_is_in_no_log_nor_event(
    site: Site,
    fund: Fund,
    emulator: YooKassaEmulator,
    give: Give,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    emulator.add_shop("100500", PLANTED)
    use(site)
    with caplog.at_level(logging.DEBUG):
        emulator.fault(fault, method="POST")
        donation = give(fund, "500.00")
        refresh_donation(give(fund, "700.00"), source="return")
    assert PLANTED not in caplog.text
    answers = [event.answer for event in donation.events.all()]
    assert PLANTED not in json.dumps(answers)
    assert emulator.requests[0].shop == "100500"


@pytest.mark.bad_input("secret_readback")
def test_the_key_is_never_shown_again(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> None:
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    path = f"/admin/payments/{site.pk}/"
    answers = [
        accountant.send_form(path, {"shop_id": "100500", "secret_key": PLANTED}),
        accountant.get(path),
        accountant.send_form(path, {"shop_id": "letters", "secret_key": PLANTED}),
    ]
    account = PaymentAccount.objects.of_site(site).active().get()
    assert (account.shop_id, account.secret_key) == ("100500", PLANTED)
    assert [answer.status_code for answer in answers] == [302, 200, 200]
    for answer in answers:
        page = answer.content.decode()
        assert PLANTED not in page
        assert account.sealed_secret not in page
    assert f"/donations/yookassa/{account.token}/" in answers[1].content.decode()
    assert in_russian("The shop id has digits only.") in words_of(answers[2])


def test_a_neighbour_and_an_editor_reach_no_account(
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    use(site)
    before = PaymentAccount.objects.of_site(site).values_list().get(is_active=True)
    path = f"/admin/payments/{site.pk}/"
    for person in (make_person(Role.ACCOUNTANT, other_site), make_person(Role.EDITOR, site)):
        browser = admin_as(person)
        assert browser.get(path).status_code in (403, 404)
        answer = browser.send_form(path, {"shop_id": "666", "secret_key": "test_evil"})
        assert answer.status_code in (403, 404)
    assert PaymentAccount.objects.of_site(site).values_list().get(is_active=True) == before


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"shop_id": "100500", "secret_key": "test_x-Y_1"}, set()),
        ({"shop_id": "100500", "secret_key": " live_x\n"}, set()),
        ({"shop_id": "100500", "secret_key": ""}, {"secret_key"}),
        ({"shop_id": "100500", "secret_key": "x"}, {"secret_key"}),
        ({"shop_id": "100500", "secret_key": "test_"}, {"secret_key"}),
        ({"shop_id": "100500", "secret_key": "test_\u043a\u043b\u044e\u0447"}, {"secret_key"}),
        ({"shop_id": "100500", "secret_key": "test_a b"}, {"secret_key"}),
        ({"shop_id": "\u0661\u0662\u0663", "secret_key": "test_x"}, {"shop_id"}),
        ({"shop_id": "12", "secret_key": "test_x"}, {"shop_id"}),
        ({"shop_id": " 123456 ", "secret_key": "test_x"}, set()),
        ({"shop_id": "100500", "secret_key": "live_abc\n"}, set()),
        ({"shop_id": "live_abc", "secret_key": "123456"}, {"shop_id", "secret_key"}),
        ({"shop_id": "100500", "secret_key": "live_********"}, {"secret_key"}),
        ({"shop_id": "", "secret_key": "test_x"}, {"shop_id"}),
    ],
    ids=lambda value: str(value if isinstance(value, dict) else sorted(value)),
)
@pytest.mark.bad_input("shop_id_spaces", "secret_with_newline", "secret_swapped")
def test_the_form_takes_only_what_a_shop_can_have(data: dict[str, Any], errors: set[str]) -> None:
    form = PaymentAccountForm(data, accounts=[])
    assert set(form.errors) == errors
    if not errors:
        kept = {name: form.cleaned_data[name] for name in data}
        assert kept == {name: value.strip() for name, value in data.items()}


@pytest.mark.parametrize("key", ["", "live_********", "test_••••", "*****"])
@pytest.mark.bad_input("secret_empty", "secret_masked")
def test_an_empty_or_masked_key_keeps_the_stored_one_on_the_screen(site: Site, key: str) -> None:
    use_account(site=site, kind="yookassa", shop_id="100500", secret_key="test_stored", by=None)
    accounts = list(PaymentAccount.objects.of_site(site))
    form = PaymentAccountForm({"shop_id": "100500", "secret_key": key}, accounts=accounts)
    assert form.errors == {}
    assert form.cleaned_data["secret_key"] == ""


@pytest.mark.bad_input("secret_swapped")
def test_a_key_in_the_field_of_the_shop_is_told_and_not_shown(
    site: Site, make_person: Callable[..., User], admin_as: Callable[..., SiteClient]
) -> None:
    manager = admin_as(make_person(Role.MANAGER, site))
    answer = manager.post(
        f"/admin/payments/{site.pk}/", {"shop_id": "live_swapped", "secret_key": "123456"}
    )
    page = answer.content.decode()
    assert "live_swapped" not in page
    assert "Это секретный ключ. В shopId только цифры." in page
    assert "Секретный ключ пишется здесь, а shopId — выше." in page
    assert PaymentAccount.objects.of_site(site).get(is_active=True).kind == "sandbox"
