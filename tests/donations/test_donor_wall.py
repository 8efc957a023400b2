"""The donor wall: names of those who agreed, cut short; nobody else's and nothing more."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.actions.messages import take_name_off
from donations.models import Donation, DonationEvent, Fund, MessageState
from donations.wall import short_name, wall_of
from home.models import StandardPage
from tenancy.models import AuditEntry, Role
from tests.campaigns.conftest import fund_of, index_of
from tests.conftest import SiteClient

Give = Callable[..., Donation]
WALL: dict[str, Any] = {"type": "wall", "value": {"heading": ""}}


@pytest.fixture
def about(site: Site) -> StandardPage:
    page = StandardPage(title="Спасибо", slug="spasibo", body=[WALL])
    site.root_page.add_child(instance=page)
    return page


def shown_names(visitor: SiteClient, path: str) -> list[str]:
    soup = BeautifulSoup(visitor.get(path).content.decode(), "html.parser")
    return [item.get_text() for item in soup.select(".wall li")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Анна Петрова", "Анна П."),
        ("  Анна   петрова ", "Анна П."),
        ("Анна", "Анна"),
        ("Иванова Анна Петровна", "Анна И."),
        ("Иванов Илья Ильич", "Илья И."),
        ("Ким Дарья Ильинична", "Дарья К."),
        ("Анна Петровна Иванова", "Анна И."),
        ("Петрова Анна", "Анна П."),
        ("Соловьёв Олег", "Олег С."),
        ("Ирина Ким", "Ирина К."),
        ("Марина Петрова", "Марина П."),
        ("Петров Лев", "Лев П."),
        ("Шевченко Анна", "Анна Ш."),
        ("гудзь семён", "Семён Г."),
        ("Роман Павел", "Роман П."),
        ("Айхынат Мингажетдин", "Айхынат М."),
        ("анна петрова", "Анна П."),
        ("анна-мария ким", "Анна-Мария К."),
        ("Мария и Иван", "Мария и Иван"),
        ("Мария и Иван Петровы", "Мария и Иван"),
        ("Мария и Петров", "Мария"),
        ("Петрова", "П."),
        ("Петров Сидоров", "П."),
        ("Анна «Петрова»", "Анна П."),
        ("Анна ...", "Анна"),
        ("anna@example.org", ""),
        ("Анна 8 912 345 67 89", ""),
        ("", ""),
        (" ", ""),
    ],
)
def test_name_is_cut_short_and_what_is_no_name_is_left_out(name: str, shown: str) -> None:
    assert short_name(name) == shown


def test_only_those_who_paid_and_agreed_stand_there_each_once(
    fund: Fund, site: Site, give: Give
) -> None:
    give(fund, name="Анна Петрова", show_name=True, pay=True)
    give(fund, name="Анна Петрова", show_name=True, pay=True)
    give(fund, name="Анна Павлова", show_name=True, email="a2@example.org", pay=True)
    give(fund, name="Пётр Молчанов", show_name=False, email="p@example.org", pay=True)
    give(fund, name="Иван Неплатов", show_name=True, email="i@example.org")
    assert wall_of(site).names == ["Анна П.", "Анна П."]


def test_whoever_got_all_back_leaves_the_wall(fund: Fund, site: Site, give: Give) -> None:
    gift = give(fund, name="Анна Петрова", show_name=True, pay=True)
    Donation.objects.filter(pk=gift.pk).update(refunded=Decimal("499.99"))
    assert wall_of(site).names == ["Анна П."]
    Donation.objects.filter(pk=gift.pk).update(refunded=Decimal("500.00"))
    assert wall_of(site).names == []


def test_wall_of_a_site_names_nobody_of_another_and_no_address_or_sum(
    fund: Fund,
    site: Site,
    other_site: Site,
    visitor: SiteClient,
    about: StandardPage,
    give: Give,
) -> None:
    give(fund, "777.00", name="Анна Петрова", show_name=True, message="Секрет", pay=True)
    strange = Fund.objects.get(site=other_site, key=None)
    give(strange, name="Ольга Чужая", show_name=True, email="o@example.org", pay=True)
    assert wall_of(site).names == ["Анна П."]
    assert shown_names(visitor, "/spasibo/") == ["Анна П."]
    text = visitor.get("/spasibo/").content.decode()
    for hidden in ("Петрова", "anna@example.org", "777", "Секрет", "Ольга"):
        assert hidden not in text


def test_wall_of_a_campaign_names_those_of_the_campaign(
    fund: Fund, site: Site, visitor: SiteClient, give: Give
) -> None:
    page = CampaignPage(title="Пандус", slug="pandus", lead="Ступени", body=[WALL])
    index_of(site).add_child(instance=page)
    page.save_revision().publish()
    give(fund, name="Анна Петрова", show_name=True, pay=True)
    give(fund_of(page), name="Олег Ким", show_name=True, email="k@example.org", pay=True)
    assert shown_names(visitor, "/sbory/pandus/") == ["Олег К."]


def test_a_campaign_that_keeps_its_figures_back_names_nobody_yet(
    fund: Fund, site: Site, visitor: SiteClient, give: Give
) -> None:
    page = CampaignPage(
        title="Пандус", slug="pandus", lead="Ступени", body=[WALL], by_link_only=True
    )
    index_of(site).add_child(instance=page)
    page.save_revision().publish()
    shown = []
    for number in range(5):
        named = {"name": f"Олег {'АБВГД'[number]}", "show_name": True, "message": "Удачи"}
        gift = give(fund_of(page), email=f"k{number}@example.org", pay=True, **named)
        Donation.objects.filter(pk=gift.pk).update(message_state=MessageState.SHOWN)
        html = visitor.get("/sbory/pandus/").content.decode()
        shown.append(("Олег" in html, "Удачи" in html, 'class="wall"' in html))
    assert shown == [(False, False, False)] * 4 + [(True, True, True)]


def test_gifts_to_a_campaign_shown_by_link_only_are_named_nowhere_else(
    fund: Fund, site: Site, give: Give
) -> None:
    give(fund, name="Анна Петрова", show_name=True, message="Спасибо", pay=True)
    Donation.objects.update(message_state=MessageState.SHOWN)
    assert (wall_of(site).names, len(wall_of(site).words)) == (["Анна П."], 1)
    Fund.objects.update(by_link_only=True)
    assert (wall_of(site).names, wall_of(site).words) == ([], [])


def test_a_donor_who_asks_for_it_leaves_the_wall(
    fund: Fund,
    site: Site,
    other_site: Site,
    give: Give,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    anna = {"name": "Анна Петрова", "show_name": True, "message": "Удачи", "pay": True}
    gift, again = give(fund, **anna), give(fund, email="Anna@example.org", **anna)
    give(fund, name="Олег Ким", show_name=True, email="k@example.org", pay=True)
    elsewhere = give(Fund.objects.get(site=other_site, key=None), **anna)
    Donation.objects.filter(pk=gift.pk).update(message_state=MessageState.SHOWN)
    person = make_person(Role.ACCOUNTANT, site)
    accountant = admin_as(person)
    book, off = f"/admin/donations/{gift.pk}/", f"/admin/donations/{gift.pk}/name-off/"
    assert off in accountant.get(book).content.decode()
    assert accountant.get(off).status_code == 405
    assert accountant.post(off).status_code == 302
    assert (wall_of(site).names, wall_of(site).words) == (["Олег К."], [])
    assert wall_of(other_site).names == ["Анна П."]
    html = accountant.get(book).content.decode()
    assert off not in html
    assert "имя жертвователя убрано со страницы по его просьбе" in html
    told = DonationEvent.objects.filter(note="name taken off")
    assert {(event.donation_id, event.by) for event in told} == {
        (gift.pk, person),
        (again.pk, person),
    }
    entry = AuditEntry.objects.get(what="donor name taken off")
    assert (entry.site, entry.by) == (site, person)
    assert entry.details == {"donations": [gift.pk, again.pk]}
    for pk in (elsewhere.pk, 10**6):
        assert accountant.post(f"/admin/donations/{pk}/name-off/").status_code == 404


def test_one_without_an_address_takes_nobody_along(fund: Fund, site: Site, give: Give) -> None:
    give(fund, name="Анна Петрова", show_name=True, pay=True)
    give(fund, name="Олег Ким", show_name=True, email="k@example.org", pay=True)
    Donation.objects.update(email="")
    by = User.objects.create(email="staff@example.org")
    take_name_off(donation=Donation.objects.earliest("pk"), by=by)
    assert wall_of(site).names == ["Олег К."]


def test_an_editor_takes_no_name_off(
    fund: Fund,
    site: Site,
    give: Give,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    gift = give(fund, name="Анна Петрова", show_name=True, pay=True)
    editor = admin_as(make_person(Role.EDITOR, site))
    assert editor.post(f"/admin/donations/{gift.pk}/name-off/").status_code == 404
    assert wall_of(site).names == ["Анна П."]


def test_empty_wall_says_what_will_be_there(visitor: SiteClient, about: StandardPage) -> None:
    assert shown_names(visitor, "/spasibo/") == []
    assert "Станьте первым" in visitor.get("/spasibo/").content.decode()


def test_three_names_ask_no_more_than_one(
    fund: Fund, visitor: SiteClient, about: StandardPage, give: Give
) -> None:
    def asked() -> int:
        visitor.get("/spasibo/")
        with CaptureQueriesContext(connection) as captured:
            visitor.get("/spasibo/")
        return len(captured)

    give(fund, name="Анна Петрова", show_name=True, pay=True)
    with_one = asked()
    for number in range(2):
        mail = f"p{number}@example.org"
        give(fund, name="Пётр Ким", show_name=True, email=mail, pay=True)
    assert len(shown_names(visitor, "/spasibo/")) == 3
    assert asked() == with_one
