"""Money for a group that came past the site: entered by whoever receives for it, nobody else."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from wagtail.models import Site

from accounts.models import User
from donations.actions.funds import check_totals
from donations.actions.giving import Gift
from donations.actions.letters import send_owed_letters
from donations.actions.statements import Fit, propose
from donations.actions.transfers import bank_account, promise_transfer
from donations.models import Donation, Fund, StatementLine
from network.actions.recipients import Consent, agree_on_recipient, withdraw_recipient
from site_settings.models import Organisation
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient
from tests.donations.bank import document, statement
from tests.network.recipients import REQUISITES, World

NAMED = "Пешком к морю: Уставная деятельность"


def bring(browser: SiteClient, site: Site, *documents: str) -> None:
    account = REQUISITES["account_number"]
    content = statement(*documents, account=account)
    file = SimpleUploadedFile("kl_to_1c.txt", content, "text/plain")
    assert browser.post(f"/admin/bank/{site.pk}/", {"statement": file}).status_code == 302


def came(**changes: Any) -> str:
    return document(ПолучательСчет=REQUISITES["account_number"], **changes)


def in_the_books(world: World) -> tuple[Any, ...]:
    """Whose the one gift is, what for, and what its fund holds."""
    gift = Donation.objects.get(state="succeeded")
    assert check_totals() == []
    fund = Fund.objects.get(pk=world.fund.pk)
    return gift.site, gift.account.site, gift.purpose, fund.raised, fund.count


def whole(world: World) -> tuple[Any, ...]:
    return world.group, world.recipient, NAMED, Decimal(500), 1


def cash(fund: Fund) -> dict[str, Any]:
    return {
        "kind": "cash",
        "amount": "500",
        "day": "2026-11-20",
        "fund": fund.pk,
        "document": "12",
        "email": "anna@example.org",
    }


def test_cash_for_a_group_is_entered_by_its_recipients_accountant(
    world: World, accountant: SiteClient, mailoutbox: list[Any]
) -> None:
    address = f"/admin/bank/{world.recipient.pk}/enter/"
    Fund.objects.create(site=world.group, key=uuid4(), purpose="Палатка")
    form: Any = accountant.get(address)
    names = [name for _pk, name in form.context["form"].fields["fund"].choices]
    # Its own stand first: the first one is chosen until she chooses.
    assert names == ["Уставная деятельность", "Пешком к морю: Палатка", NAMED]
    answer: Any = accountant.post(address, cash(world.fund))
    assert answer.url == f"/admin/donations/{Donation.objects.get().pk}/"
    assert accountant.get(answer.url).status_code == 200
    assert in_the_books(world) == whole(world)
    assert AuditEntry.objects.get(what="gift entered by hand").site == world.recipient
    send_owed_letters()
    assert "получила организация: АНО «Получатель»" in mailoutbox[0].body


def test_line_without_a_code_is_made_a_gift_to_the_group(
    world: World, accountant: SiteClient
) -> None:
    bring(accountant, world.recipient, came())
    books, line = f"/admin/bank/{world.recipient.pk}/", StatementLine.objects.get()
    assert f">{NAMED}</option>" in accountant.get(books).content.decode()
    chosen = {"decision": "gift", f"{line.pk}-fund": world.fund.pk}
    accountant.post(f"{books}lines/{line.pk}/", chosen)
    assert in_the_books(world) == whole(world)


def test_another_sum_than_was_promised_to_the_group_counts_as_it_came(
    world: World, accountant: SiteClient
) -> None:
    promise = promise_transfer(fund=world.fund, gift=Gift(Decimal(700), "anna@example.org", "key"))
    books = f"/admin/bank/{world.recipient.pk}/"
    assert str(promise.code) in accountant.get(books).content.decode()
    bring(accountant, world.recipient, came(НазначениеПлатежа=f"Код {promise.code}"))
    line = StatementLine.objects.get()
    accountant.post(f"{books}lines/{line.pk}/", {"decision": "count"})
    assert in_the_books(world) == whole(world)


def test_a_code_of_two_groups_of_one_recipient_pays_neither_without_a_person(
    world: World,
    accountant: SiteClient,
    open_a_site: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = open_a_site("second").site
    Organisation.objects.filter(site=second).update(is_group=True)
    consent = Consent(world.recipient, "Ирина", world.agreement.agreed_on)
    agree_on_recipient(site=second, consent=consent, by=None)
    codes = iter(["К7М2-48", "К7М2-48", "Т4Х6-29"])
    monkeypatch.setattr("donations.actions.transfers.new_code", lambda: next(codes))
    theirs = Fund.objects.of_site(second).general().get()
    first, other = (
        promise_transfer(fund=fund, gift=Gift(Decimal(500), "anna@example.org", "key"))
        for fund in (world.fund, theirs)
    )
    assert (first.account, first.code, other.code) == (other.account, "К7М2-48", "Т4Х6-29")
    # The account of before the recipient's bank was changed may know the code still.
    account = bank_account(site=world.recipient, number="40703810200000000002")
    Donation.objects.filter(pk=other.pk).update(account=account, code=first.code)
    bring(accountant, world.recipient, came(НазначениеПлатежа=f"Код {first.code}"))
    assert propose(list(StatementLine.objects.all()))[0].fit == Fit.NONE


@pytest.mark.parametrize("who", ["another organisation", "the recipient of before"])
def test_nobody_else_enters_money_for_the_group(
    world: World,
    who: str,
    accountant: SiteClient,
    open_a_site: Callable[..., Any],
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    third = open_a_site("third").site
    Organisation.objects.filter(site=third).update(**REQUISITES)
    browser, books = admin_as(make_person(Role.ACCOUNTANT, third)), f"/admin/bank/{third.pk}/"
    if who == "the recipient of before":
        accountant.post(f"/admin/bank/{world.recipient.pk}/enter/", cash(world.fund))
        withdraw_recipient(agreement=world.agreement, by=None)
        consent = Consent(third, "Пётр", world.agreement.agreed_on)
        agree_on_recipient(site=world.group, consent=consent, by=None)
        browser, books = accountant, f"/admin/bank/{world.recipient.pk}/"
    counted = Donation.objects.count()
    site = Site.objects.get(pk=books.split("/")[3])
    bring(browser, site, came())
    line = StatementLine.objects.get()
    assert "Пешком" not in browser.get(books).content.decode()
    typed = {**cash(world.fund), "document": "13"}
    refused: Any = browser.post(f"{books}enter/", typed)
    assert list(refused.context["form"].errors) == ["fund"]
    browser.post(f"{books}lines/{line.pk}/", {"decision": "gift", f"{line.pk}-fund": world.fund.pk})
    assert Donation.objects.count() == counted
    line.refresh_from_db()
    assert line.donation is None


def test_reconciling_a_site_without_a_shop_says_where_its_gifts_are(world: World) -> None:
    day = {"since": world.agreement.agreed_on, "until": world.agreement.agreed_on}
    books = f"books of {world.recipient.hostname}"
    with pytest.raises(CommandError, match=books):
        call_command("reconcile", site=world.group.hostname, **day)
    with pytest.raises(CommandError, match=r"no account of a payment service\.$"):
        call_command("reconcile", site=world.recipient.hostname, **day)
