"""«Links and channels»: what came of each link, for the people of this very site."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Site

from accounts.models import User
from campaigns.figures import figures_of
from campaigns.links import CannotAdd, add_channel, link_for
from campaigns.models import CampaignPage, ShortLink, VisitCount
from campaigns.spreading import CameBy
from donations.actions.refunds import refund_donation
from donations.channels import Given, given_by_channel, number_by_own_link, own_channel
from donations.models import Donation
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
Give = Callable[..., Donation]


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> CampaignPage:
    return make_campaign()


@pytest.fixture
def editor(site: Site, make_person: MakePerson) -> User:
    return make_person(Role.EDITOR, site)


def came(page: CampaignPage, channel: str, kind: CameBy, number: int, *, days_ago: int = 0) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    counted = {"channel": channel, "kind": kind, "day": day, "number": number}
    VisitCount.objects.create(site=page.get_site(), key=page.fund_key, **counted)


@pytest.fixture
def by_form(campaign: CampaignPage, give: Give) -> Give:
    """A gift begun at the form of the campaign: by_form("500.00", "vk", pay=True)."""

    def begin(amount: str, channel: str = "", **fields: object) -> Donation:
        shown = {"page_path": "/sbory/pandus/", "channel": channel, **fields}
        return give(fund_of(campaign), amount, **shown)

    return begin


def screen(page: CampaignPage) -> str:
    return reverse("campaign_links", args=[page.pk])


def table(client: SiteClient, page: CampaignPage, query: str = "") -> dict[str, list[str]]:
    """Name of the line → its figures as they stand there."""
    answer = client.get(f"{screen(page)}{query}")
    assert answer.status_code == 200
    rows = BeautifulSoup(answer.content, "html.parser").select("table.books-rows tbody tr")
    return {
        row.strong.get_text(strip=True): [  # type: ignore[union-attr]
            " ".join(cell.get_text().split()) for cell in row.select("td")[1:]
        ]
        for row in rows
    }


def test_the_way_from_link_to_gift_stands_in_a_line(
    campaign: CampaignPage, editor: User, admin_as: AdminAs, by_form: Give
) -> None:
    came(campaign, "vk", CameBy.LINK, 7)
    came(campaign, "vk", CameBy.VISIT, 9)
    came(campaign, "", CameBy.VISIT, 4)
    came(campaign, "other", CameBy.VISIT, 2)
    came(campaign, "widget", CameBy.VISIT, 3)
    by_form("500.00", "vk", pay=True)
    by_form("300.00", "vk")
    by_form("1000.00", "", pay=True)
    by_form("200.00", "yandex", pay=True)
    lines = table(admin_as(editor), campaign)
    assert list(lines) == [
        *("ВКонтакте", "MAX", "Одноклассники", "Telegram", "Письмо друзьям", "Плакат"),
        *("Отрывные листки", "Виджеты", "Другие метки", "Без источника", "Всего"),
    ]
    assert lines["ВКонтакте"] == ["7", "9", "2", "1", "500 ₽"]
    assert lines["MAX"] == ["Пока никого"]
    assert lines["Другие метки"] == ["—", "2", "1", "1", "200 ₽"]
    assert lines["Виджеты"] == ["—", "3", "0", "0", "0 ₽"]
    assert lines["Без источника"] == ["—", "4", "1", "1", "1 000 ₽"]
    assert lines["Всего"] == ["7", "18", "4", "3", "1 700 ₽"]


def test_own_links_of_donors_are_one_line_and_each_hears_what_came_by_theirs(
    campaign: CampaignPage, editor: User, admin_as: AdminAs, by_form: Give, visitor: SiteClient
) -> None:
    anna, vera = by_form("500.00", pay=True), by_form("700.00", "vk", pay=True)
    by_form("200.00", own_channel(anna), pay=True)
    by_form("300.00", own_channel(anna))
    by_form("100.00", own_channel(vera), pay=True)
    came(campaign, "donor", CameBy.VISIT, 6)
    lines = table(admin_as(editor), campaign)
    assert lines["Личные ссылки жертвователей"] == ["—", "6", "3", "2", "300 ₽"]
    assert "Другие метки" not in lines
    assert lines["Всего"] == ["0", "6", "5", "4", "1 500 ₽"]
    told = [
        "Пожертвований по ней: 1" in visitor.get(f"/donations/{one.public_id}/").content.decode()
        for one in (anna, vera, by_form("50.00", pay=True))
    ]
    assert told == [True, True, False]
    with pytest.raises(CannotAdd):
        add_channel(site=fund_of(campaign).site, key=campaign.fund_key, name="Donor", by=editor)


def test_period_narrows_visits_and_gifts(
    campaign: CampaignPage, editor: User, admin_as: AdminAs, by_form: Give
) -> None:
    for days_ago in (0, 6, 7, 29, 30):
        came(campaign, "vk", CameBy.VISIT, 1, days_ago=days_ago)
    old = by_form("500.00", "vk", pay=True)
    Donation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    client = admin_as(editor)
    assert table(client, campaign, "?days=7")["ВКонтакте"] == ["0", "2", "0", "0", "0 ₽"]
    assert table(client, campaign)["ВКонтакте"] == ["0", "4", "1", "1", "500 ₽"]
    assert table(client, campaign, "?days=all")["ВКонтакте"] == ["0", "5", "1", "1", "500 ₽"]
    assert table(client, campaign, "?days=nonsense") == table(client, campaign)


def test_what_is_given_back_is_taken_off(
    site: Site, campaign: CampaignPage, by_form: Give, make_person: MakePerson
) -> None:
    accountant = make_person(Role.ACCOUNTANT, site)
    whole, part = by_form("500.00", "vk", pay=True), by_form("300.00", "vk", pay=True)
    refund_donation(donation=whole, amount=Decimal("500.00"), reason="просят", by=accountant)
    refund_donation(donation=part, amount=Decimal("100.00"), reason="просят", by=accountant)
    given, past_form = given_by_channel(site=site, key=campaign.fund_key, since=None)
    assert given == {"vk": Given(2, 1, Decimal("200.00"))}
    assert past_form == Given()
    assert fund_of(campaign).total == Decimal("200.00")


def test_gift_given_back_wholly_did_not_come_by_a_donors_own_link(
    site: Site, campaign: CampaignPage, by_form: Give, make_person: MakePerson
) -> None:
    anna = by_form("500.00", pay=True)
    mark = own_channel(anna)
    whole, _kept = by_form("200.00", mark, pay=True), by_form("300.00", mark, pay=True)
    accountant = make_person(Role.ACCOUNTANT, site)
    refund_donation(donation=whole, amount=Decimal("200.00"), reason="просят", by=accountant)
    given, _past = given_by_channel(site=site, key=campaign.fund_key, since=None)
    assert number_by_own_link(anna) == given[mark].paid == 1


def test_proof_payments_and_dropped_test_gifts_are_nobodys(
    site: Site, campaign: CampaignPage, by_form: Give
) -> None:
    by_form("10.00", "vk", proof=True)
    by_form("10.00", "vk", pay=True, proof=True)
    dropped = by_form("500.00", "vk", pay=True)
    Donation.objects.filter(pk=dropped.pk).update(counted=False)
    given, _past = given_by_channel(site=site, key=campaign.fund_key, since=None)
    assert given.get("vk", Given()) == Given()


def test_gift_from_a_paper_is_not_of_a_channel_but_in_the_total(
    campaign: CampaignPage, editor: User, admin_as: AdminAs, give: Give, by_form: Give
) -> None:
    by_form("500.00", "vk", pay=True)
    give(fund_of(campaign), "3000.00", pay=True)  # no page it was begun on
    lines = table(admin_as(editor), campaign)
    assert lines["Не через форму"] == ["", "", "", "", "3 000 ₽"]
    assert lines["Без источника"] == ["Пока никого"]
    assert lines["Всего"] == ["0", "0", "1", "1", "3 500 ₽"]


def test_screen_says_what_to_do(
    campaign: CampaignPage, editor: User, admin_as: AdminAs, by_form: Give
) -> None:
    client = admin_as(editor)
    assert "отправьте сегодня трём людям" in client.get(screen(campaign)).content.decode()
    by_form("500.00", "vk", pay=True)
    assert "Больше всего принёс канал «ВКонтакте»" in client.get(screen(campaign)).content.decode()


def test_editor_adds_a_channel_and_gets_its_line(
    campaign: CampaignPage, editor: User, admin_as: AdminAs
) -> None:
    client = admin_as(editor)
    answer = client.post(screen(campaign), {"name": "Чат двора"})
    assert answer["Location"] == screen(campaign)
    link = ShortLink.objects.get(channel="chat-dvora")
    assert (link.name, link.created_by) == ("Чат двора", editor)
    assert table(client, campaign)["Чат двора"] == ["Пока никого"]
    again = client.post(screen(campaign), {"name": "Чат двора"})
    assert "Такой канал уже есть" in again.content.decode()


def test_links_that_are_missing_are_made_by_a_button(
    make_campaign: MakeCampaign, editor: User, admin_as: AdminAs
) -> None:
    draft = make_campaign(publish=False)
    client = admin_as(editor)
    assert "Сделать обычные ссылки" in client.get(screen(draft)).content.decode()
    assert ShortLink.objects.count() == 0  # looking makes nothing
    client.post(screen(draft), {"ready": "1"})
    assert ShortLink.objects.filter(created_by=editor).count() == 7
    page = client.get(screen(draft)).content.decode()
    assert "Сделать обычные ссылки" not in page
    assert "Сбор не опубликован" in page


@pytest.mark.parametrize(
    ("kind", "content_type", "begins"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
def test_qr_code_is_a_file_with_a_telling_name(
    kind: str,
    content_type: str,
    begins: bytes,
    campaign: CampaignPage,
    editor: User,
    admin_as: AdminAs,
) -> None:
    link = link_for(campaign, "poster")
    answer = admin_as(editor).get(reverse(f"link_qr_{kind}", args=[campaign.pk, link.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer["Content-Disposition"] == f'attachment; filename="qr-poster-{link.code}.{kind}"'
    assert answer.content.startswith(begins)


def test_qr_code_of_another_campaign_is_unknown_here(
    campaign: CampaignPage, make_campaign: MakeCampaign, editor: User, admin_as: AdminAs
) -> None:
    other = link_for(make_campaign("Второй", slug="second"), "poster")
    assert (
        admin_as(editor).get(reverse("link_qr_svg", args=[campaign.pk, other.pk])).status_code
        == 404
    )


def test_accountant_sees_and_adds_nothing(
    site: Site, campaign: CampaignPage, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(make_person(Role.ACCOUNTANT, site))
    assert "Свой канал" not in client.get(screen(campaign)).content.decode()
    assert client.post(screen(campaign), {"name": "Чат двора"}).status_code == 404
    assert client.post(screen(campaign), {"ready": "1"}).status_code == 404
    assert not ShortLink.objects.filter(channel="chat-dvora").exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER])
def test_channels_of_another_site_are_unknown(
    role: Role,
    site: Site,
    other_site: Site,
    campaign: CampaignPage,
    make_campaign: MakeCampaign,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    theirs = make_campaign("Тайная крыша", slug="krysha", on=other_site)
    link = link_for(theirs, "poster")
    client = admin_as(make_person(role, site))
    assert client.get(screen(theirs)).status_code == 404
    assert client.post(screen(theirs), {"name": "Чат двора"}).status_code == 404
    for kind in ("svg", "png"):
        for page in (theirs, campaign):
            address = reverse(f"link_qr_{kind}", args=[page.pk, link.pk])
            assert client.get(address).status_code == 404
    assert client.get(reverse("channels"))["Location"] == screen(campaign)
    assert not ShortLink.objects.filter(channel="chat-dvora").exists()


def test_list_leads_to_the_page_in_the_main_language(
    campaign: CampaignPage, editor: User, admin_as: AdminAs
) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    campaign.copy_for_translation(english, copy_parents=True).save_revision().publish()
    assert admin_as(editor).get(reverse("channels"))["Location"] == screen(campaign)


def test_coordinator_finds_campaigns_of_all_sites(
    campaign: CampaignPage,
    other_site: Site,
    make_campaign: MakeCampaign,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    theirs = make_campaign("Крыша", slug="krysha", on=other_site)
    client = admin_as(make_person(Role.COORDINATOR))
    listed = client.get(reverse("channels")).content.decode()
    assert screen(theirs) in listed
    assert screen(campaign) in listed
    assert client.get(screen(theirs)).status_code == 200


def test_site_without_a_campaign_is_told_what_to_do(
    site: Site, editor: User, admin_as: AdminAs
) -> None:
    page = admin_as(editor).get(reverse("channels")).content.decode()
    assert "Опубликуйте сбор, и его ссылки появятся здесь сами" in page


def test_editor_of_the_page_leads_to_its_links(
    campaign: CampaignPage, editor: User, admin_as: AdminAs
) -> None:
    client = admin_as(editor)
    for address in (
        reverse("wagtailadmin_pages:edit", args=[campaign.pk]),
        reverse("wagtailadmin_explore", args=[campaign.get_parent().pk]),
    ):
        assert f'href="{screen(campaign)}"' in client.get(address).content.decode()


def test_figures_cost_the_same_with_one_channel_and_with_three(
    site: Site, campaign: CampaignPage, editor: User, by_form: Give
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            figures_of(site=site, key=campaign.fund_key, days=30)
        return len(asked)

    by_form("500.00", "vk", pay=True)
    came(campaign, "vk", CameBy.VISIT, 1)
    assert cost() == 3
    for channel in ("max", "telegram"):
        by_form("500.00", channel, pay=True)
        came(campaign, channel, CameBy.VISIT, 1)
        add_channel(site=site, key=campaign.fund_key, name=f"Ещё {channel}", by=editor)
    assert cost() == 3


def test_list_costs_the_same_with_two_campaigns_and_with_four(
    campaign: CampaignPage, make_campaign: MakeCampaign, editor: User, admin_as: AdminAs
) -> None:
    client, address = admin_as(editor), reverse("channels")

    def cost() -> int:
        client.get(address)  # what is asked once and kept
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    make_campaign("Второй", slug="second")
    with_two = cost()
    make_campaign("Третий", slug="third")
    make_campaign("Четвёртый", slug="fourth")
    assert cost() == with_two
