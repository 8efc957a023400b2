"""One page opens a site: requisites, colours, kind, people, recipient; its own domain waits."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Page, Site

from accounts.actions import send_owed_invitations
from accounts.models import Invitation, User
from campaigns.models import CampaignPage
from donations.models import Fund, PaymentAccount
from network.actions import OpenedSite
from network.actions.states import archive_site, pause_site
from network.hostnames import suggest_label
from site_settings.models import Appearance, Organisation, RecipientAgreement
from tenancy.models import AuditEntry, Role, SiteHostname, SiteState, state_of
from tests.conftest import SiteClient

OPEN = "/admin/network/sites/open/"
GOOD = {"organisation": "АНО «Пандус»", "editor_email": "anna@example.org"}
REQUISITES = {
    "inn": "7707 0838 93",
    "kpp": "773601001",
    "ogrn": "1027700132195",
    "bank_name": "Банк",
    "bic": "044525225",
    "account_number": "40703810938000000000",
    "correspondent_account": "30101810400000000225",
}


@pytest.fixture
def coordinator(
    make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.COORDINATOR))


def errors_of(coordinator: SiteClient, **typed: str) -> dict[str, Any]:
    answer = coordinator.post(OPEN, {**GOOD, **typed})
    assert answer.status_code == 200
    assert not Site.objects.filter(site_name__contains="Пандус").exists()
    return dict(answer.context["form"].errors)


def opened(coordinator: SiteClient, **typed: str) -> Site:
    answer = coordinator.post(OPEN, {**GOOD, **typed})
    assert answer.status_code == 302, answer.context["form"].errors
    page = coordinator.get(answer["Location"])
    assert page.status_code == 200
    return Site.objects.get(pk=int(answer["Location"].split("/")[-3]))


def test_name_and_one_address_are_enough(coordinator: SiteClient) -> None:
    site = opened(coordinator)
    assert (site.hostname, site.site_name) == ("pandus.localhost", "АНО «Пандус»")
    assert SiteClient("pandus.localhost").get("/").status_code == 200


def test_requisites_colours_and_people_are_there_at_once(coordinator: SiteClient) -> None:
    site = opened(
        coordinator,
        **REQUISITES,
        accent="#b00020",
        second="#123456",
        editor_email="anna@example.org, Boris@example.org",
        accountant_email="vera@example.org",
        manager_email="gleb@example.org",
    )
    organisation = Organisation.objects.get(site=site)
    assert (organisation.inn, organisation.bic) == ("7707083893", "044525225")
    assert (organisation.full_name, organisation.is_group) == ("АНО «Пандус»", False)
    appearance = Appearance.objects.get(site=site)
    assert (appearance.accent, appearance.second) == ("#b00020", "#123456")
    invited = Invitation.objects.filter(site=site).values_list("email", "group__role_group__role")
    assert set(invited) == {
        ("anna@example.org", "editor"),
        ("boris@example.org", "editor"),
        ("vera@example.org", "accountant"),
        ("gleb@example.org", "manager"),
    }
    assert send_owed_invitations() == len(mail.outbox) == 4


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"inn": "7707083894"}, "inn"),
        ({"ogrn": "1"}, "ogrn"),
        ({"bic": "044525225", "account_number": "40703810038000000001"}, "account_number"),
        ({"accent": "red"}, "accent"),
        ({"blueprint": "shop"}, "blueprint"),
        ({"editor_email": "", "manager_email": ""}, "editor_email"),
        ({"accountant_email": "vera@"}, "accountant_email"),
        ({"organisation": "«»"}, "hostname"),
        ({"hostname": "gosuslugi"}, "hostname"),
        ({"blueprint": "group", "inn": "7707083893"}, "inn"),
        ({"blueprint": "group", "recipient": "999"}, "recipient"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_opened(
    coordinator: SiteClient, typed: dict[str, str], field: str
) -> None:
    errors = errors_of(coordinator, **typed)
    assert list(errors) == [field]
    assert any("а" <= letter <= "я" for letter in str(errors[field]))


def test_colour_is_checked_by_the_action_too(coordinator: SiteClient) -> None:
    assert list(errors_of(coordinator, accent="#12345")) == ["accent"]


def test_landing_has_one_campaign_and_no_page_about_us(coordinator: SiteClient) -> None:
    site = opened(coordinator, blueprint="landing")
    slugs = Page.objects.descendant_of(site.root_page).values_list("slug", "show_in_menus")
    assert dict(slugs) == {
        "sbory": False,
        "pervyi-sbor": False,
        "kontakty": True,
        "napisat-nam": False,
    }
    home = SiteClient(site.hostname).get("/").content.decode()
    links = re.findall(r'(?:>| )<a href="(/[^"]+)">(?:Напишите нам|контакты)<', home)
    assert links == ["/kontakty/napisat-nam/", "/kontakty/napisat-nam/", "/kontakty/"]


@pytest.fixture
def recipient(open_a_site: Callable[..., OpenedSite]) -> Site:
    site = open_a_site("lapy").site
    Organisation.objects.filter(site=site).update(inn="7707083893")
    return site


def test_group_opens_with_the_organisation_that_agreed(
    coordinator: SiteClient, recipient: Site
) -> None:
    site = opened(
        coordinator,
        organisation="Пешком к морю",
        blueprint="group",
        recipient=str(recipient.pk),
        agreed_by="Ирина Лаптева, директор",
        agreed_on="2026-03-01",
    )
    agreement = RecipientAgreement.objects.get()
    assert (agreement.site, agreement.recipient) == (site, recipient)
    assert str(agreement.agreed_on) == "2026-03-01"
    assert PaymentAccount.objects.filter(site=site).count() == 0
    assert Fund.objects.get(site=site).purpose == "Дело группы"
    assert Organisation.objects.get(site=site).is_group
    home = SiteClient(site.hostname).get("/").content.decode()
    assert "Пожертвования откроются вместе с нашим первым сбором. Деньги для группы «Пешком" in home
    links = re.findall(r'<p>.*? href="([^"]+)"', home)
    assert links == [f"{site.root_url}/o-nas/", f"{site.root_url}/kontakty/napisat-nam/"]
    CampaignPage.objects.descendant_of(site.root_page).get().get_latest_revision().publish()
    assert "Пожертвования откроются" not in SiteClient(site.hostname).get("/").content.decode()


def test_group_without_a_recipient_opens_closed_for_giving(coordinator: SiteClient) -> None:
    site = opened(coordinator, blueprint="group")
    fund = Fund.objects.get(site=site)
    answer = SiteClient(site.hostname).send_form("/donations/start/", {"fund": str(fund.public_id)})
    assert "группа не юридическое лицо" in answer.content.decode()
    home = SiteClient(site.hostname).get("/").content.decode()
    assert "группа не юридическое лицо" in home
    assert "Пока такой организации нет, мы не принимаем пожертвования." in home
    page = coordinator.get(f"/admin/network/sites/{site.pk}/opened/").content.decode()
    assert "Записать согласие" in page


@pytest.mark.parametrize("missing", ["agreed_by"])
def test_agreement_of_nobody_is_no_agreement(
    coordinator: SiteClient, recipient: Site, missing: str
) -> None:
    errors = errors_of(coordinator, blueprint="group", recipient=str(recipient.pk))
    assert list(errors) == [missing]


def test_group_and_archived_sites_are_not_offered_as_recipients(
    coordinator: SiteClient, recipient: Site, open_a_site: Callable[..., OpenedSite]
) -> None:
    open_a_site("bare")
    page = coordinator.get(OPEN).content.decode()
    assert f'<option value="{recipient.pk}">' in page
    assert "НКО bare</option>" not in page
    pause_site(site=recipient, by=None)
    assert f'<option value="{recipient.pk}">' not in coordinator.get(OPEN).content.decode()


@pytest.mark.parametrize(
    ("typed", "label", "domain"),
    [
        ("ёлка.рф", "elka", "xn--80atc1g.xn--p1ai"),
        ("sberbank.ru", None, "sberbank.ru"),
        ("https://Dobro.example.org/", "dobro", "dobro.example.org"),
    ],
)
def test_own_domain_waits_and_the_site_works_at_a_sub_domain(
    coordinator: SiteClient, typed: str, label: str | None, domain: str
) -> None:
    if label is None:
        assert list(errors_of(coordinator, hostname=typed)) == ["hostname"]
        return
    site = opened(coordinator, hostname=typed)
    assert site.hostname == f"{label}.localhost"
    row = SiteHostname.objects.get(site=site)
    assert (row.hostname, row.verified_at) == (domain, None)
    assert SiteClient(domain).get("/").status_code == 404


def test_second_site_of_the_same_name_gets_a_number(coordinator: SiteClient) -> None:
    assert opened(coordinator).hostname == "pandus.localhost"
    assert opened(coordinator).hostname == "pandus-2.localhost"


@pytest.mark.parametrize(
    ("organisation", "label"),
    [
        ("РОО «Вятский велопуть»", "vyatskiy-veloput"),
        ('АНО "Шаг навстречу"', "shag-navstrechu"),
        ("Детский клуб Дымка при библиотеке имени Грина", "detskiy-klub-dymka-pri"),
        ("Ёлка", "elka"),
        ("24", ""),
        ("«»", ""),
        ("", ""),
        ("<b>&", "b"),
    ],
)
def test_name_becomes_an_address(organisation: str, label: str) -> None:
    assert suggest_label(organisation) == label


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"organisation": "Пандус"}, ("pandus.localhost", "", "")),
        ({"hostname": "Dymka"}, ("dymka.localhost", "", "")),
        ({"hostname": "добро"}, ("xn--90af4abj.localhost", "добро.localhost", "")),
        ({"hostname": "veloput"}, ("", "", "Сайт с таким именем уже есть.")),
        ({"organisation": ""}, ("", "", "")),
    ],
)
@pytest.mark.bad_input("cyrillic_label")
def test_address_is_told_while_it_is_typed(
    coordinator: SiteClient,
    open_a_site: Callable[..., OpenedSite],
    asked: dict[str, str],
    told: tuple[str, str, str],
) -> None:
    open_a_site("veloput")
    answer = coordinator.get("/admin/network/sites/address/", asked).json()
    assert (answer["address"], answer["shown"], answer["problem"]) == told


def test_list_is_searched_narrowed_and_costs_the_same(
    coordinator: SiteClient,
    open_a_site: Callable[..., OpenedSite],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    one = open_a_site("veloput", organisation="Велопуть").site
    address = "/admin/network/sites/"
    coordinator.get(address)
    with CaptureQueriesContext(connection) as queries:
        coordinator.get(address)
    for label in ("lapy", "dymka"):
        pause_site(site=open_a_site(label).site, by=None)
    with django_assert_num_queries(len(queries)):
        page = coordinator.get(address).content.decode()
    assert "На паузе · 2" in page
    for words in ("велопуть", "VELO", "Велопуть"):
        found = coordinator.get(address, {"q": words}).context["rows"]
        assert [site for site, _name in found] == [one]
    paused = coordinator.get(address, {"state": "paused"}).context["rows"]
    assert [site.hostname for site, _name in paused] == ["dymka.localhost", "lapy.localhost"]
    assert "Ничего не нашлось" in coordinator.get(address, {"q": "%_\0нет"}).content.decode()


def test_site_is_paused_closed_and_opened_again_on_its_page(
    coordinator: SiteClient, site: Site
) -> None:
    here = f"/admin/network/sites/{site.pk}/"
    assert coordinator.get(here).status_code == 200
    assert coordinator.get(f"{here}pause/").status_code == 405
    for button, state in (("pause", "paused"), ("reopen", "active")):
        coordinator.post(f"{here}{button}/")
        assert state_of(Site.objects.get(pk=site.pk)) == state
    wrong = coordinator.post(f"{here}close/", {"typed_name": "другое"})
    assert "Это не имя сайта." in wrong.content.decode()
    assert 'value="другое"' in wrong.content.decode()
    coordinator.post(f"{here}close/", {"typed_name": site.site_name})
    assert state_of(Site.objects.get(pk=site.pk)) == SiteState.ARCHIVED
    assert "сайт закрыт" in coordinator.get(here).content.decode()
    assert AuditEntry.objects.filter(site=site, by__isnull=False).count() == 3


def test_domain_is_added_looked_at_and_made_the_main_one_on_the_screen(
    coordinator: SiteClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from network.actions import addresses  # noqa: PLC0415

    def ours(name: str) -> frozenset[str]:
        return frozenset({"203.0.113.10"})

    for function in ("check_hostname_points_here", "wanted_addresses"):
        monkeypatch.setitem(
            getattr(addresses, function).__kwdefaults__ or {}, "ask", ours
        ) if getattr(addresses, function).__kwdefaults__ else monkeypatch.setattr(
            getattr(addresses, function), "__defaults__", (ours,)
        )
    here = f"/admin/network/sites/{site.pk}/addresses/"
    assert coordinator.post(here, {"hostname": "dobro.example.org"}).status_code == 302
    row = SiteHostname.objects.get()
    assert row.verified_at is not None
    coordinator.post(f"{here}{row.pk}/", {"do": "main"})
    assert Site.objects.get(pk=site.pk).hostname == "dobro.example.org"
    former = SiteHostname.objects.get()
    coordinator.post(f"{here}{former.pk}/", {"do": "remove"})
    assert not SiteHostname.objects.exists()
    refused = coordinator.post(here, {"hostname": "a b"})
    assert list(refused.context["form"].errors) == ["hostname"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER])
def test_screens_of_the_network_are_404_for_people_of_sites(
    site: Site,
    role: Role,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    person = admin_as(make_person(role, site))
    here = f"/admin/network/sites/{site.pk}/"
    for path in (
        *("/admin/network/sites/", "/admin/network/sites/address/", here, f"{here}close/"),
        *(f"{here}addresses/", f"{here}recipient/", f"{here}opened/"),
    ):
        assert person.get(path).status_code == 404, path
    for path in ("pause/", "reopen/", "close/", "recipient/end/", "addresses/1/"):
        assert person.post(f"{here}{path}").status_code == 404, path
    assert state_of(Site.objects.get(pk=site.pk)) == SiteState.ACTIVE


def test_agreement_is_ended_and_recorded_anew_on_the_screen(
    coordinator: SiteClient, recipient: Site
) -> None:
    site = opened(coordinator, blueprint="group")
    here = f"/admin/network/sites/{site.pk}/recipient/"
    empty = coordinator.post(here, {})
    assert list(empty.context["form"].errors) == ["recipient"]
    typed = {"recipient": str(recipient.pk), "agreed_by": "Ирина", "agreed_on": "2026-03-01"}
    assert coordinator.post(here, typed).status_code == 302
    coordinator.post(f"{here}end/")
    assert RecipientAgreement.objects.get().withdrawn_at is not None
    assert "01.03.2026" in coordinator.get(here).content.decode()
    archive_site(site=recipient, typed_name=recipient.site_name, by=None)
    assert list(coordinator.post(here, typed).context["form"].errors) == ["recipient"]
