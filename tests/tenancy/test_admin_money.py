"""Donations and payments in the admin: who sees an address, and of which site."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site

from accounts.models import User
from donations.models import Donation, Fund, PaymentAccount
from site_settings.models import Organisation
from tenancy.models import AuditEntry, Role, RoleGroup
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator
from tests.tenancy.conftest import MARK, Things

AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]
LIST = "/admin/donations/"


@pytest.fixture
def more(own: Things, give: Callable[..., Donation]) -> Callable[..., Donation]:
    """One more paid gift to `own`, by way of the sandbox again."""
    accounts = PaymentAccount.objects.of_site(own.site)
    accounts.filter(is_active=True).update(is_active=False)
    accounts.filter(kind="sandbox").update(is_active=True)

    def one_more(amount: str, **fields: Any) -> Donation:
        return give(own.fund, amount, **{"pay": True, **fields})

    return one_more


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_editor_reads_name_sum_and_message_but_no_address(own: Things, admin_as: AdminAs) -> None:
    text = strip_tags(text_of(admin_as(own.editor), LIST))
    for word in ("ourown donor", "512\u202f₽".replace("\u202f", ""), "ourown message"):
        assert word in text.replace("\u202f", "").replace("\xa0", "").replace("512₽", "512₽")
    assert "ourown-donor@example.org" not in text


QUESTIONS = [
    "",
    "?ordering=email",
    "?ordering=-email",
    "?q=ourown-donor@example.org",
    "?email=ourown-donor@example.org",
    "?email__icontains=ourown",
    "results/",
    "results/?q=ourown-donor",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_editor_gets_no_address_out_of_the_list_by_any_question(
    question: str, own: Things, admin_as: AdminAs
) -> None:
    response = admin_as(own.editor).get(LIST + question)
    body = b"".join(response) if response.streaming else response.content
    # A refused search word is not repeated as an answer either.
    found = body.replace(b'value="ourown-donor@example.org"', b"").replace(
        b"ourown-donor@example.org</em>", b""
    )
    assert b"ourown-donor@example.org" not in found


def test_editor_cannot_find_a_gift_by_its_address(
    own: Things, more: Callable[..., Donation], admin_as: AdminAs
) -> None:
    """Searching and ordering by what one may not see would tell it."""
    more("700.00", email="zoe@example.org", name="Zoe", show_name=True)
    client = admin_as(own.editor)
    for first, second in (("?ordering=email", "?ordering=-email"), ("?q=zoe@", "?q=ourown-donor@")):
        rows = [
            [donation.pk for donation in client.get(LIST + question).context["object_list"]]
            for question in (first, second)
        ]
        assert rows[0] == rows[1]
        assert len(rows[0]) == 2


def test_accountant_finds_a_gift_by_the_beginning_of_its_address_or_numbers(
    own: Things, neighbour: Things, more: Callable[..., Donation], admin_as: AdminAs
) -> None:
    wanted = more("700.00", email="Zoe@example.org")
    client = admin_as(own.accountant)

    def found(words: str) -> list[int]:
        return [row.pk for row in client.get(LIST, {"q": words}).context["object_list"]]

    number = str(wanted.public_id)
    for words in ("zoe@example.org", " zoe", number, number.upper(), number[:9], number[:4]):
        assert wanted.pk in found(words), words
        assert own.donation.pk not in found(words) or words == number[:4]
    assert found(str(wanted.external_id)[:20]) == [wanted.pk]
    for words in ("example.org", "oe@", "%", "_oe", number[1:], "\0", "я" * 2000):
        assert wanted.pk not in found(words) or words == "\0", words  # a NUL is no question at all
    for words in (neighbour.donation.email, str(neighbour.donation.public_id)):
        assert found(words) == []


def test_accountant_of_one_site_finds_no_gift_of_another_by_an_address_she_may_not_see(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    person = own.accountant
    person.groups.add(RoleGroup.objects.get(site=neighbour.site, role=Role.EDITOR).group)
    client = admin_as(person)
    assert len(client.get(LIST).context["object_list"]) == 2
    answer = client.get(LIST, {"q": neighbour.donation.email})
    assert list(answer.context["object_list"]) == []


def test_accountant_reads_addresses_of_own_site_only(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    text = text_of(admin_as(own.accountant), LIST)
    assert "ourown-donor@example.org" in text
    assert MARK not in text


def test_accountant_of_one_site_who_edits_another_reads_addresses_of_the_first_only(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    person = own.accountant
    person.groups.add(RoleGroup.objects.get(site=neighbour.site, role=Role.EDITOR).group)
    text = text_of(admin_as(person), LIST)
    assert "ourown-donor@example.org" in text
    assert f"{MARK} donor" in text
    assert f"{MARK}-donor@example.org" not in text


def test_name_that_the_donor_hides_is_shown_to_nobody_in_the_list(
    own: Things, more: Callable[..., Donation], admin_as: AdminAs
) -> None:
    more("700.00", name="Тайный Даритель", show_name=False)
    for person in (own.editor, own.accountant):
        assert "Тайный" not in text_of(admin_as(person), LIST)


def test_list_shows_paid_gifts_only(
    own: Things, more: Callable[..., Donation], admin_as: AdminAs
) -> None:
    more("700.00", pay=False, name="Не заплатил", show_name=True)
    rows = admin_as(own.accountant).get(LIST).context["object_list"]
    assert [row.pk for row in rows] == [own.donation.pk]


def test_fund_filter_offers_and_takes_own_funds_only(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.accountant)
    text = text_of(client, LIST)
    assert "ourown purpose" in text
    assert f"{MARK} purpose" not in text
    there = client.get(f"{LIST}?fund={neighbour.fund.pk}")
    nowhere = client.get(f"{LIST}?fund=999999")
    assert MARK not in there.content.decode()
    assert there.content.decode().replace(str(neighbour.fund.pk), "") == (
        nowhere.content.decode().replace("999999", "")
    ) or ("Выберите корректный вариант" in there.content.decode())
    mine = client.get(f"{LIST}?fund={own.fund.pk}").context["object_list"]
    assert [row.pk for row in mine] == [own.donation.pk]


def test_list_needs_as_many_queries_for_three_gifts_as_for_one(
    own: Things,
    more: Callable[..., Donation],
    admin_as: AdminAs,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = admin_as(own.accountant)
    client.get(LIST)
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for number in range(2):
        more(f"70{number}.00")
    with django_assert_num_queries(len(one)):
        client.get(LIST)


def test_payments_are_404_for_an_editor_and_for_another_site(
    own: Things, neighbour: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    editor, accountant = admin_as(own.editor), admin_as(own.accountant)
    for path in ("/admin/payments/", f"/admin/payments/{own.site.pk}/"):
        assert editor.get(path).status_code == 404
        assert editor.post(path, {"shop_id": "1", "secret_key": "live_x"}).status_code == 404
    theirs = f"/admin/payments/{neighbour.site.pk}/"
    for client in (accountant, admin_as(make_person(Role.MANAGER, own.site))):
        assert client.get(theirs).status_code == 404
        assert client.post(theirs, {"shop_id": "999", "secret_key": "live_x"}).status_code == 404
        assert client.get("/admin/payments/999999/").status_code == 404
    shops = (
        PaymentAccount.objects.of_site(neighbour.site).active().values_list("shop_id", flat=True)
    )
    assert list(shops) == ["100511"]


def test_accountant_of_one_site_goes_straight_to_its_account(
    own: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.accountant)
    assert client.get("/admin/payments/")["Location"] == f"/admin/payments/{own.site.pk}/"
    text = text_of(client, f"/admin/payments/{own.site.pk}/")
    assert 'value="100511"' in text
    assert "test_ourown" not in text


def test_accountant_of_two_sites_chooses_between_those_two(
    own: Things,
    neighbour: Things,
    open_a_site: Callable[..., object],
    admin_as: AdminAs,
) -> None:
    open_a_site("third", organisation="Третья организация")
    own.accountant.groups.add(
        RoleGroup.objects.get(site=neighbour.site, role=Role.ACCOUNTANT).group
    )
    text = text_of(admin_as(own.accountant), "/admin/payments/")
    assert "НКО veloput" in text
    assert f"{MARK} NGO" in text
    assert "Третья организация" not in text


def test_new_shop_is_saved_sealed_and_written_down(
    own: Things, admin_as: AdminAs, emulator: YooKassaEmulator
) -> None:
    emulator.add_shop("200600", "live_secretofnewshop", test=False)
    client = admin_as(own.accountant)
    address = f"/admin/payments/{own.site.pk}/"
    answer = client.post(address, {"shop_id": "200600", "secret_key": "live_secretofnewshop"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    account = PaymentAccount.objects.of_site(own.site).active().get()
    assert (account.shop_id, account.is_live) == ("200600", True)
    assert account.secret_key == "live_secretofnewshop"
    assert "secretofnewshop" not in account.sealed_secret
    assert "secretofnewshop" not in text_of(client, address)
    entry = AuditEntry.objects.filter(site=own.site, what="payment account set").first()
    assert entry is not None
    assert (entry.by, entry.details) == (
        own.accountant,
        {"account": account.pk, "recurring": False},
    )
    assert "secretofnewshop" not in str(entry.details)


def test_wrong_shop_keeps_what_was_typed_but_the_key(own: Things, admin_as: AdminAs) -> None:
    client = admin_as(own.accountant)
    address = f"/admin/payments/{own.site.pk}/"
    refused = client.post(address, {"shop_id": "шоп", "secret_key": "live_secretofnewshop"})
    text = refused.content.decode()
    assert refused.status_code == 200
    assert 'value="шоп"' in text
    assert "secretofnewshop" not in text
    active = PaymentAccount.objects.of_site(own.site).active().get()
    assert active.shop_id == "100511"


SETTINGS = ["organisation", "appearance", "channels"]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.bad_input("settings_of_other_tenant")
def test_settings_of_another_site_are_404(
    name: str, own: Things, neighbour: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    address = f"/admin/settings/site_settings/{name}/{neighbour.site.pk}/"
    for person in (own.editor, own.accountant, make_person(Role.MANAGER, own.site)):
        client = admin_as(person)
        assert client.get(address).status_code == 404
        assert client.post(address, {"full_name": "Чужое"}).status_code == 404
    assert Organisation.objects.get(site=neighbour.site).full_name == f"{MARK} org"


def test_each_role_changes_the_settings_that_are_its_own(
    own: Things, make_person: MakePerson, admin_as: AdminAs
) -> None:
    manager = make_person(Role.MANAGER, own.site)
    may = {
        own.editor: {"appearance", "channels"},
        own.accountant: {"organisation"},
        manager: {"organisation", "appearance", "channels"},
    }
    for person, names in may.items():
        client = admin_as(person)
        for name in SETTINGS:
            address = f"/admin/settings/site_settings/{name}/{own.site.pk}/"
            expected = 200 if name in names else 302  # Wagtail's own «no permission»
            assert client.get(address).status_code == expected, (person.email, name)
    before = Organisation.objects.get(site=own.site).full_name
    admin_as(own.editor).post(
        f"/admin/settings/site_settings/organisation/{own.site.pk}/", {"full_name": "Подмена"}
    )
    assert Organisation.objects.get(site=own.site).full_name == before


def test_settings_lead_to_one_s_own_site_and_offer_no_other(
    own: Things, neighbour: Things, admin_as: AdminAs
) -> None:
    client = admin_as(own.editor)
    answer = client.get("/admin/settings/site_settings/channels/")
    assert answer["Location"] == f"/admin/settings/site_settings/channels/{own.site.pk}/"
    assert client.get(answer["Location"]).context["site_switcher"] is None


@pytest.mark.bad_input("delete_site_with_donations")
def test_site_of_the_books_cannot_be_deleted(own: Things) -> None:
    from django.db.models import ProtectedError  # noqa: PLC0415

    with pytest.raises(ProtectedError):
        Site.objects.get(pk=own.site.pk).delete()
    assert Fund.objects.of_site(own.site).count() > 0
