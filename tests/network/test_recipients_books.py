"""The gifts of a group are in the books of its recipient: who mends them, and who does not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from wagtail.models import Site

from accounts.models import User
from donations.actions.funds import check_totals
from donations.models import Correction, Donation, Fund, Letter, PaymentAccount, Refund
from network.actions.recipients import Consent, agree_on_recipient, withdraw_recipient
from site_settings.models import Organisation
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.network.recipients import World

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
Give = Callable[..., Donation]


def test_recipients_accountant_gives_back_and_the_groups_total_falls(
    world: World, give: Give, accountant: SiteClient
) -> None:
    donation = give(world.fund, pay=True)
    answer = accountant.post(
        f"/admin/donations/{donation.pk}/",
        {"amount": "500", "reason": "просили", "key": str(uuid4())},
    )
    assert answer.status_code == 302
    assert Refund.objects.get().state == "succeeded"
    fund = Fund.objects.get(pk=world.fund.pk)
    assert (fund.raised, fund.refunded, fund.count) == (Decimal(500), Decimal(500), 0)
    assert check_totals() == []
    assert Letter.objects.filter(donation=donation, kind="refund").count() == 1


def test_books_of_a_groups_gift_are_the_recipients_to_mend_and_the_groups_to_leave(
    world: World, give: Give, accountant: SiteClient, make_person: MakePerson, admin_as: AdminAs
) -> None:
    """Corrections, letters that fail, doubtful payments: kept by whose account it is."""
    donation = give(world.fund, pay=True)
    PaymentAccount.objects.filter(pk=donation.account_id).update(is_live=True)
    Letter.objects.filter(donation=donation).update(attempts=3, last_error="SMTPDataError")
    Donation.objects.filter(pk=donation.pk).update(flag="another shop")
    addresses = {
        f"/admin/donations/{donation.pk}/correct/": "500",
        "/admin/letters/": f"/admin/donations/{donation.pk}/",
        "/admin/doubtful/": f"/admin/doubtful/{donation.pk}/",
    }
    groups = admin_as(make_person(Role.ACCOUNTANT, world.group))
    for address, sign in addresses.items():
        assert sign in accountant.get(address).content.decode(), address
        assert sign not in groups.get(address).content.decode(), address


def test_a_groups_gift_and_fund_are_corrected_by_whose_books_they_are_in(
    world: World,
    give: Give,
    accountant: SiteClient,
    make_person: MakePerson,
    admin_as: AdminAs,
    open_a_site: Callable[..., Any],
) -> None:
    donation = give(world.fund, pay=True)
    PaymentAccount.objects.filter(pk=donation.account_id).update(is_live=True)
    third = open_a_site("third").site
    thirds = admin_as(make_person(Role.ACCOUNTANT, third))
    groups = admin_as(make_person(Role.ACCOUNTANT, world.group))
    of_gift, fund = f"/admin/donations/{donation.pk}/correct/", {"fund": world.fund.pk}

    def correct(person: SiteClient, address: str, **more: Any) -> int:
        form = {"direction": "take", "amount": "100", "reason": "Ошибка", "document": "Акт 7"}
        return int(person.post(address, {**form, "key": str(uuid4()), **more}).status_code)

    def of_fund(site: Site) -> str:
        return f"/admin/bank/{site.pk}/corrections/"

    assert correct(thirds, of_gift) == correct(groups, of_gift) == 404
    assert correct(thirds, of_fund(world.recipient), **fund) == 404
    assert correct(groups, of_fund(world.group), **fund) == 404
    assert correct(thirds, of_fund(third), **fund) == 200  # not a choice of hers
    assert Correction.objects.count() == 0
    assert correct(accountant, of_gift) == correct(accountant, of_fund(world.recipient), **fund)

    def rows_of(person: SiteClient, site: Site) -> list[tuple[Donation | None, str]]:
        rows = person.get(of_fund(site)).context["rows"]
        return [(row.donation, purpose) for row, purpose in rows]

    assert Fund.objects.get(pk=world.fund.pk).total == Decimal(300)
    assert check_totals() == []
    purpose = "Пешком к морю: Уставная деятельность"
    before = [(None, purpose), (donation, purpose)]
    assert rows_of(accountant, world.recipient) == before

    withdraw_recipient(agreement=world.agreement, by=None)
    Organisation.objects.filter(site=third).update(inn="7707083893")
    consent = Consent(third, "Пётр", date(2026, 3, 2))
    agree_on_recipient(site=world.group, consent=consent, by=None)
    assert correct(thirds, of_gift) == 404
    assert rows_of(thirds, third) == []
    assert correct(thirds, of_fund(third), **fund) == 302
    assert rows_of(thirds, third) == [(None, purpose)]
    assert rows_of(accountant, world.recipient) == before
    assert correct(accountant, of_fund(world.recipient), **fund) == 200
    assert correct(accountant, of_gift) == 302


def test_groups_people_enter_no_cash_and_correct_no_total(
    world: World, make_person: MakePerson, admin_as: AdminAs
) -> None:
    groups = admin_as(make_person(Role.ACCOUNTANT, world.group))
    books = f"/admin/bank/{world.group.pk}/"
    for address in (books, f"{books}enter/", f"{books}corrections/"):
        assert groups.get(address).status_code == 404, address
    assert "/admin/bank/" not in groups.get("/admin/donations/").content.decode()
