"""A fund counts people besides gifts: an e-mail is a person, a gift without one is one too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from io import StringIO
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from wagtail.models import Site

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.by_hand import OfflineGift, correct, enter_gift
from donations.actions.funds import add_to_totals, check_totals, open_fund
from donations.actions.letters import correct_email
from donations.actions.refunds import refund_donation
from donations.models import AccountKind, Donation, Fund, PaymentAccount
from tenancy.models import Role
from tenancy.scope import scoped, site_scope

Give = Callable[..., Donation]
CASH = OfflineGift(AccountKind.CASH, Decimal("100.00"), date(2026, 11, 20), "1")


@pytest.fixture
def accountant(make_person: Callable[..., User], site: Site) -> User:
    return make_person(Role.ACCOUNTANT, site)


def counted(fund: Fund) -> tuple[int, int]:
    """Gifts and people, as the fund has them; both agree with the gifts."""
    fund.refresh_from_db()
    assert check_totals() == []
    return fund.count, fund.people


def test_whoever_gives_twice_is_one_person(fund: Fund, give: Give) -> None:
    give(fund, email="anna@example.org", pay=True)
    assert counted(fund) == (1, 1)
    give(fund, email="Anna@example.org", pay=True)
    give(fund, email="anna@example.org")  # begun and not paid
    assert counted(fund) == (2, 1)
    give(fund, email="boris@example.org", pay=True)
    assert counted(fund) == (3, 2)


def test_each_fund_counts_its_own_people(fund: Fund, site: Site, give: Give) -> None:
    other = open_fund(
        site=site, key=uuid4(), purpose="Пандус", goal=None, deadline=None, closes_at=None
    )
    for each in (fund, other, other):
        give(each, pay=True)
    assert (counted(fund), counted(other)) == ((1, 1), (2, 1))


def test_gifts_from_paper_without_an_address_are_a_person_each(
    fund: Fund, accountant: User
) -> None:
    for number, email in enumerate(["", "", "anna@example.org", "ANNA@example.org"]):
        gift = replace(CASH, document=str(number), email=email)
        enter_gift(site=fund.site, fund=fund, gift=gift, by=accountant)
    assert counted(fund) == (4, 3)


def test_who_got_everything_back_is_counted_no_more(
    fund: Fund, give: Give, accountant: User
) -> None:
    first, second = (give(fund, "500.00", pay=True) for _again in range(2))
    left = []
    for gift, amount in ((first, "200.00"), (first, "300.00"), (second, "500.00")):
        refund_donation(donation=gift, amount=Decimal(amount), reason="Просьба", by=accountant)
        left.append(counted(fund))
    assert left == [(2, 1), (1, 1), (0, 0)]


def test_a_gift_corrected_to_nothing_and_back_takes_its_person_along(
    fund: Fund, accountant: User
) -> None:
    gift = enter_gift(
        site=fund.site, fund=fund, gift=replace(CASH, email="anna@example.org"), by=accountant
    )
    found = []
    for amount in ("-100.00", "100.00"):
        correct(
            fund=fund,
            donation=gift,
            amount=Decimal(amount),
            reason="Описка",
            document="2",
            key=uuid4(),
            by=accountant,
        )
        found.append(counted(fund))
    assert found == [(0, 0), (1, 1)]


def test_test_gifts_leave_with_their_people(fund: Fund, give: Give, accountant: User) -> None:
    for email in ("anna@example.org", "boris@example.org"):
        give(fund, email=email, pay=True)
    enter_gift(
        site=fund.site, fund=fund, gift=replace(CASH, email="anna@example.org"), by=accountant
    )
    assert counted(fund) == (1, 1)


def test_a_shop_that_goes_live_leaves_nobody_of_the_tests(
    fund: Fund, site: Site, give: Give
) -> None:
    give(fund, pay=True)
    use_account(site=site, kind="yookassa", shop_id="100500", secret_key="live_x", by=None)
    assert counted(fund) == (0, 0)


def test_a_corrected_address_makes_two_people_one(fund: Fund, give: Give, accountant: User) -> None:
    give(fund, email="anna@example.org", pay=True)
    slip = give(fund, email="anna@exmaple.org", pay=True)
    assert counted(fund) == (2, 2)
    correct_email(donation=slip, email="anna@example.org", by=accountant)
    assert counted(fund) == (2, 1)


def test_whom_a_fund_counts_does_not_depend_on_who_looks(
    fund: Fund, other_site: Site, give: Give
) -> None:
    """One gift came through the account of a recipient whose staff do not see the other."""
    give(fund, pay=True)
    again = give(fund, pay=True)
    account = PaymentAccount.objects.of_site(other_site).get()
    Donation.objects.filter(pk=again.pk).update(account=account)
    books = replace(site_scope(other_site), ledger_site_ids=frozenset({other_site.pk}))
    with scoped(books):
        assert list(Donation.objects.values_list("pk", flat=True)) == [again.pk]
        add_to_totals(fund.pk, again, count=-1)
    fund.refresh_from_db()
    assert fund.people == 1


def test_a_wrong_number_of_people_is_found(fund: Fund, give: Give) -> None:
    give(fund, pay=True)
    Fund.objects.filter(pk=fund.pk).update(people=2)
    [wrong] = check_totals()
    assert (wrong.stored.people, wrong.counted.people) == (2, 1)


def test_a_wrong_number_of_people_is_mended_by_name_and_no_other_total_is(
    fund: Fund, give: Give
) -> None:
    give(fund, pay=True)
    Fund.objects.filter(pk=fund.pk).update(people=2)
    with pytest.raises(CommandError):
        call_command("check_totals", stderr=StringIO())
    out = StringIO()
    call_command("check_totals", "--mend-people", stdout=out)
    assert (out.getvalue(), counted(fund)) == ("every total agrees with its donations\n", (1, 1))
    Fund.objects.filter(pk=fund.pk).update(count=2)
    with pytest.raises(CommandError):
        call_command("check_totals", "--mend-people", stderr=StringIO())


def test_a_process_of_the_version_before_still_opens_a_fund(site: Site) -> None:
    before = MigrationLoader(connection).project_state(
        ("donations", "0014_funds_shown_by_link_only")
    )
    old = before.apps.get_model("donations", "Fund")
    old.objects.create(site_id=site.pk, key=uuid4(), purpose="Пандус")
    assert Fund.objects.get(purpose="Пандус").people == 0


def test_people_of_before_are_counted_when_the_column_comes(
    fund: Fund, give: Give, accountant: User
) -> None:
    enter_gift(site=fund.site, fund=fund, gift=CASH, by=accountant)
    for number, email in enumerate(["anna@example.org", "ANNA@example.org"], start=2):
        gift = replace(CASH, document=str(number), email=email)
        enter_gift(site=fund.site, fund=fund, gift=gift, by=accountant)
    give(fund, email="unpaid@example.org")
    Fund.objects.update(people=0)
    import_module("donations.migrations.0015_people_who_gave").count_people(apps, None)
    assert counted(fund) == (3, 2)
