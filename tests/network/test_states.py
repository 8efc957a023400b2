"""Pausing, archiving, reopening: what donors see, what the site's people may do, what the books
keep."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from wagtail.models import GroupPagePermission, GroupSitePermission, Page, Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.actions.funds import check_totals, open_fund
from donations.actions.giving import CannotGive
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.models import Donation, Fund, SandboxPayment
from network.actions.states import archive_site, pause_site, reopen_site
from tenancy.models import AuditEntry, Role, SiteState, SiteWalls, state_of
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]

pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .function SpooledTemporaryFile:"
    "pytest.PytestUnraisableExceptionWarning"
)

REST = "Сайт сейчас на паузе и не принимает пожертвования."
OVER = "Сайт закончил работу и больше не принимает пожертвования."


def archive(site: Site) -> None:
    archive_site(site=site, typed_name=site.site_name, by=None)


def fresh(site: Site) -> Site:
    return Site.objects.get(pk=site.pk)


@pytest.fixture
def campaign(site: Site, give: Callable[..., Donation]) -> CampaignPage:
    """The draft every site begins with, published, and one gift of 500 roubles."""
    page = CampaignPage.objects.descendant_of(site.root_page).get()
    page.goal = Decimal("3000.00")
    page.save_revision().publish()
    give(Fund.objects.get(key=page.fund_key), "500.00", pay=True)
    return page


@pytest.fixture
def editor(site: Site, make_person: MakePerson) -> User:
    return make_person(Role.EDITOR, site)


@pytest.mark.parametrize(("close", "words"), [(pause_site, REST), (None, OVER)])
def test_closed_site_keeps_its_pages_and_totals_with_a_sentence_where_the_form_was(
    site: Site, campaign: CampaignPage, visitor: SiteClient, close: Any, words: str
) -> None:
    before = visitor.get(campaign.url).content.decode()
    assert 'name="amount"' in before
    close(site=site, by=None) if close else archive(site)
    response = visitor.get(campaign.url)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count(words) == 1
    assert 'name="amount"' not in text
    assert "500 ₽" in text.replace("\xa0", " ").replace("\u202f", " ")
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("close", [pause_site, None])
def test_form_from_a_page_loaded_before_takes_no_gift(
    site: Site, fund: Fund, visitor: SiteClient, close: Any, give: Callable[..., Donation]
) -> None:
    close(site=site, by=None) if close else archive(site)
    response = visitor.send_form(
        "/donations/start/", {"fund": str(fund.public_id), "amount": "500"}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert (REST if close else OVER) in text
    with pytest.raises(CannotGive):
        give(fund)
    assert Donation.objects.count() == 0


def test_campaign_published_while_the_site_is_paused_is_closed_too(site: Site) -> None:
    pause_site(site=site, by=None)
    key = Page.objects.get(pk=site.root_page_id).translation_key
    fund = open_fund(site=site, key=key, purpose="x", goal=None, deadline=None, closes_at=None)
    assert not fund.is_open()
    assert fund.accepts_at()
    reopen_site(site=site, by=None)
    assert Fund.objects.get(pk=fund.pk).is_open()


def test_payment_begun_before_the_pause_counts(
    site: Site, fund: Fund, give: Callable[..., Donation]
) -> None:
    donation = give(fund)
    archive(site)
    decide(payment=SandboxPayment.objects.get(external_id=str(donation.external_id)), pay=True)
    assert refresh_donation(donation, source="return").counted
    assert Fund.objects.get(pk=fund.pk).raised == donation.amount
    assert check_totals() == []


def test_people_of_a_paused_site_go_on_working(site: Site, editor: User, admin_as: AdminAs) -> None:
    pause_site(site=site, by=None)
    assert admin_as(editor).get(f"/admin/pages/{site.root_page_id}/").status_code == 200


def test_archived_site_has_no_admin_and_sign_in_says_why(
    site: Site, editor: User, admin_as: AdminAs
) -> None:
    archive(site)
    for path in ("/admin/", f"/admin/pages/{site.root_page_id}/", "/admin/donations/"):
        response = admin_as(editor).get(path)
        text = response.content.decode()
        assert response.status_code == 403
        assert f"«{site.site_name}» закрыт" in text
        assert "ресурсный центр" in text
    assert admin_as(editor).post("/admin/logout/").status_code == 302


def test_archived_site_leaves_its_people_no_permission_at_all(
    site: Site, other_site: Site, editor: User
) -> None:
    def rights(of: Site) -> tuple[int, int, int]:
        groups = of.role_groups.values("group")
        return (
            GroupPagePermission.objects.filter(group__in=groups).count(),
            GroupSitePermission.objects.filter(group__in=groups).count(),
            Permission.objects.filter(group__in=groups).distinct().count(),
        )

    before, neighbours = rights(site), rights(other_site)
    archive(site)
    assert rights(site) == (0, 0, 0)
    assert rights(other_site) == neighbours
    reopen_site(site=fresh(site), by=None)
    assert rights(site) == before


def test_somebody_of_two_sites_keeps_the_other_one(
    site: Site, other_site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    make_person(Role.EDITOR, site, email="both@example.org")
    person = make_person(Role.EDITOR, other_site, email="both@example.org")
    archive(site)
    browser = admin_as(person)
    assert browser.get(f"/admin/pages/{other_site.root_page_id}/").status_code == 200
    assert browser.get(f"/admin/pages/{site.root_page_id}/").status_code == 404


def test_archived_site_opens_again_with_its_people_and_books(
    site: Site, editor: User, fund: Fund, admin_as: AdminAs, give: Callable[..., Donation]
) -> None:
    donation = give(fund, pay=True)
    archive(site)
    reopen_site(site=fresh(site), by=None)
    assert admin_as(editor).get(f"/admin/pages/{site.root_page_id}/").status_code == 200
    assert Donation.objects.get().pk == donation.pk
    assert give(Fund.objects.get(pk=fund.pk)).state == "pending"


@pytest.mark.parametrize("typed", ["", "  ", "НКО", "veloput", "НКО lapy"])
def test_archive_wants_the_name_of_the_site_typed(site: Site, typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        archive_site(site=site, typed_name=typed, by=None)
    assert list(refused.value.message_dict) == ["typed_name"]
    assert state_of(fresh(site)) == SiteState.ACTIVE
    assert AuditEntry.objects.filter(what="site archived").count() == 0


@pytest.mark.parametrize("typed", ["Приют «Лапы»", "приют лапы", " Приют  «Лапы» ", 'Приют "Лапы"'])
def test_name_is_typed_as_people_type(open_a_site: Callable[..., Any], typed: str) -> None:
    site = open_a_site("lapy", organisation="Приют «Лапы»").site
    archive_site(site=site, typed_name=typed, by=None)
    assert state_of(fresh(site)) == SiteState.ARCHIVED


def test_each_change_is_written_down_once(site: Site, editor: User) -> None:
    for _twice in range(2):
        pause_site(site=site, by=editor)
    archive_site(site=site, typed_name=site.site_name, by=editor)
    reopen_site(site=site, by=editor)
    entries = AuditEntry.objects.filter(site=site, by=editor).order_by("pk")
    assert [(row.what, row.details) for row in entries] == [
        ("site paused", {"before": "active"}),
        ("site archived", {"before": "paused"}),
        ("site reopened", {"before": "archived"}),
    ]


@pytest.mark.bad_input("delete_site_with_donations")
def test_site_with_books_is_never_deleted(site: Site) -> None:
    with pytest.raises(ProtectedError):
        site.delete()


def test_site_is_in_no_other_state(site: Site) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteWalls.objects.filter(site=site).update(state="gone")


def test_state_of_the_site_costs_the_page_no_query(
    site: Site, campaign: CampaignPage, visitor: SiteClient, django_assert_num_queries: Any
) -> None:
    visitor.get(campaign.url)
    fund = Fund.objects.of_site(site).get(key=campaign.fund_key)
    with django_assert_num_queries(0):
        assert fund.is_open()
