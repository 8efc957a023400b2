"""The fund hears of its campaign by name, and only of what the public can see."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Page, Site

from accounts.models import User
from campaigns.models import CampaignPage, WhenReached
from content.models import Attachment
from donations.actions.funds import check_totals
from donations.giving_form import other_funds
from donations.models import Donation, Fund
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of, index_of
from tests.conftest import SiteClient

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
AdminAs = Callable[..., SiteClient]
NOON = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def publish(page: CampaignPage, **changes: object) -> None:
    page = CampaignPage.objects.get(pk=page.pk)
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


def run_schedule() -> None:
    call_command("publish_scheduled", stdout=StringIO())


def test_draft_has_no_fund(make_campaign: MakeCampaign) -> None:
    page = make_campaign(publish=False)
    assert not Fund.objects.filter(key=page.fund_key).exists()


def test_publishing_opens_the_fund_with_what_the_page_says(
    site: Site, make_campaign: MakeCampaign
) -> None:
    page = make_campaign(deadline=date(2026, 6, 1))
    fund = fund_of(page)
    assert fund.site == site
    assert (fund.purpose, fund.goal) == ("Пандус к библиотеке", Decimal("64000.00"))
    assert (fund.deadline, fund.closes_at) == (date(2026, 6, 1), None)
    assert fund.is_open()


def test_saved_draft_of_a_live_campaign_changes_nothing(make_campaign: MakeCampaign) -> None:
    page = make_campaign()
    page.title, page.goal = "Пандус и лифт", Decimal("900000.00")
    page.save_revision()
    assert fund_of(page).purpose == "Пандус к библиотеке"
    assert fund_of(page).goal == Decimal("64000.00")


def test_purpose_goal_and_day_follow_the_published_page(
    make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)

    publish(page, title="Пандус и перила", goal=Decimal("100.00"), deadline=date(2026, 7, 1))

    fund = fund_of(page)
    assert (fund.purpose, fund.goal) == ("Пандус и перила", Decimal("100.00"))
    assert (fund.deadline, fund.raised, fund.count) == (date(2026, 7, 1), Decimal("500.00"), 1)
    assert Donation.objects.get().purpose == "Пандус к библиотеке"


def test_hidden_campaign_takes_no_gift_and_a_second_publishing_opens_it_again(
    make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)

    page.unpublish()
    fund = fund_of(page)
    assert not fund.is_open()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)

    publish(page)
    fund = fund_of(page)
    assert fund.is_open()
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert check_totals() == []


def test_instead_of_a_closed_campaign_only_open_ones_of_the_lists_are_offered(
    fund: Fund, make_campaign: MakeCampaign, give: Give
) -> None:
    closed = make_campaign("Закрытый", slug="closed", is_finished=True)
    make_campaign("Открытый", slug="open")
    full = make_campaign("Полный", slug="full", goal="100.00", when_reached=WhenReached.CLOSE)
    give(fund_of(full), "100.00", pay=True)
    make_campaign("Законченный", slug="finished", is_finished=True)
    make_campaign("Скрытый", slug="hidden").unpublish()
    quiet = make_campaign("Тихий", slug="quiet", by_link_only=True)

    def offered() -> list[str]:
        return [choice["label"] for choice in other_funds(fund_of(closed))]

    assert offered() == [fund.purpose, "Открытый"]
    publish(quiet, by_link_only=False)
    assert offered() == [fund.purpose, "Открытый", "Тихий"]


def test_funds_from_before_the_column_learn_that_their_page_is_shown_by_link_only(
    make_campaign: MakeCampaign,
) -> None:
    quiet = make_campaign("Тихий", slug="quiet", by_link_only=True)
    shown = make_campaign("Открытый", slug="open")
    Fund.objects.update(by_link_only=False)
    import_module("campaigns.migrations.0007_funds_of_campaigns_by_link").tell_funds(apps, None)
    assert (fund_of(quiet).by_link_only, fund_of(shown).by_link_only) == (True, False)


def test_expired_campaign_is_closed_by_the_schedule(make_campaign: MakeCampaign) -> None:
    with time_machine.travel(NOON, tick=False):
        page = make_campaign(expire_at=NOON + timedelta(days=1))
        run_schedule()
        assert fund_of(page).is_open()
    with time_machine.travel(NOON + timedelta(days=1, seconds=1), tick=False):
        run_schedule()
        assert not fund_of(page).is_open()


def test_scheduled_campaign_opens_no_fund_before_its_time(make_campaign: MakeCampaign) -> None:
    with time_machine.travel(NOON, tick=False):
        page = make_campaign(go_live_at=NOON + timedelta(days=1))
        run_schedule()
        assert not Fund.objects.filter(key=page.fund_key).exists()
    with time_machine.travel(NOON + timedelta(days=1, seconds=1), tick=False):
        run_schedule()
        assert fund_of(page).is_open()


def test_scheduled_change_of_a_live_campaign_waits_for_its_time(
    make_campaign: MakeCampaign,
) -> None:
    with time_machine.travel(NOON, tick=False):
        page = make_campaign()
        publish(page, goal=Decimal("99.00"), go_live_at=NOON + timedelta(days=1))
        run_schedule()
        assert fund_of(page).goal == Decimal("64000.00")
        assert fund_of(page).is_open()
    with time_machine.travel(NOON + timedelta(days=1, seconds=1), tick=False):
        run_schedule()
        assert fund_of(page).goal == Decimal("99.00")


def test_old_wording_brought_back_leaves_the_money_alone(
    make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    before = page.latest_revision
    assert before is not None
    publish(page, title="Другой сбор", goal=Decimal("1000.00"))
    give(fund_of(page), "500.00", pay=True)

    before.publish()

    fund = fund_of(page)
    assert (fund.purpose, fund.goal) == ("Пандус к библиотеке", Decimal("64000.00"))
    assert (fund.raised, fund.count) == (Decimal("500.00"), 1)
    assert check_totals() == []


def test_deleted_campaign_closes_its_fund_and_leaves_the_books_whole(
    make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)
    page.delete()
    fund = fund_of(page)
    assert not fund.is_open()
    assert (fund.purpose, fund.raised) == ("Пандус к библиотеке", Decimal("500.00"))
    assert check_totals() == []


def test_deleted_list_of_campaigns_closes_what_lay_below_it(
    site: Site, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    index_of(site).delete()
    assert not CampaignPage.objects.exists()
    assert not fund_of(page).is_open()


def test_deleting_a_draft_is_quiet(site: Site, make_campaign: MakeCampaign) -> None:
    page = make_campaign(publish=False)
    page.delete()
    assert list(Fund.objects.of_site(site).values_list("key", flat=True)) == [None]


def test_move_within_the_site_keeps_the_fund(
    site: Site, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)
    other_list = index_of(site).copy(update_attrs={"slug": "arkhiv", "title": "Архив"})

    page.move(other_list, pos="last-child")

    fund = fund_of(page)
    assert fund.is_open()
    assert (fund.site, fund.raised) == (site, Decimal("500.00"))


def test_move_to_another_site_begins_a_fund_there_and_closes_the_one_here(
    site: Site, other_site: Site, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)

    page.move(index_of(other_site), pos="last-child")

    here, there = fund_of(page, site), fund_of(page, other_site)
    assert (here.is_open(), here.raised, here.count) == (False, Decimal("500.00"), 1)
    assert (there.is_open(), there.raised, there.count) == (True, Decimal("0.00"), 0)
    assert (there.purpose, there.goal) == ("Пандус к библиотеке", Decimal("64000.00"))


def test_list_moved_to_another_site_takes_its_campaigns_along(
    site: Site, other_site: Site, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    index_of(other_site).delete()
    index_of(site).move(Page.objects.get(pk=other_site.root_page_id), pos="last-child")
    assert not fund_of(page, site).is_open()
    assert fund_of(page, other_site).is_open()


def test_draft_that_moves_opens_nothing(other_site: Site, make_campaign: MakeCampaign) -> None:
    page = make_campaign(publish=False)
    page.move(index_of(other_site), pos="last-child")
    assert not Fund.objects.filter(key=page.fund_key).exists()


def test_copied_campaign_begins_its_own_fund(
    site: Site, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    give(fund_of(page), "500.00", pay=True)

    copied = page.copy(update_attrs={"slug": "pandus-2", "title": "Второй пандус"})

    assert copied.fund_key != page.fund_key
    fund = fund_of(copied)
    assert (fund.site, fund.raised, fund.is_open()) == (site, Decimal("0.00"), True)
    assert fund.purpose == "Второй пандус"
    assert fund_of(page).raised == Decimal("500.00")


def test_copy_of_a_campaign_that_is_over_has_not_begun(
    site: Site, make_campaign: MakeCampaign, make_person: MakePerson, admin_as: AdminAs
) -> None:
    told: dict[str, Any] = {"report": [{"type": "text", "value": "<p>Пели все.</p>"}]}
    event = {"event_on": date(2026, 6, 1), "event_place": "двор", "event_people": 43}
    days = {"put_off_from": date(2026, 5, 1), "report_due": date(2026, 7, 1)}
    act = Attachment.objects.create(
        title="Акт",
        collection=site.walls.collection,
        file=ContentFile(b"%PDF-1.4", "act.pdf"),
    )
    line = {"title": "Сцена", "amount": "64000.00", "spent": "900.00", "document": act.pk}
    told["budget"] = [{"type": "line", "value": {**line, "picture": None}}]
    page = make_campaign(is_finished=True, **told, **event, **days)
    assert page.is_over
    typed = {"new_title": "Второй", "new_slug": "vtoroi", "new_parent_page": index_of(site).pk}
    browser = admin_as(make_person(Role.EDITOR, site))
    address = reverse("wagtailadmin_pages:copy", args=[page.pk])
    assert browser.post(address, {**typed, "publish_copies": "on"}).status_code == 302
    copied = CampaignPage.objects.get(slug="vtoroi")
    assert fund_of(copied).is_open()
    for one in (copied, copied.get_latest_revision_as_object()):
        assert not one.is_over
        assert [getattr(one, name) for name in (*event, *days)] == [None, "", None, None, None]
        assert [dict(block.value) for block in one.budget] == [
            {**line, "spent": None, "document": None, "picture": None}
        ]
    old = CampaignPage.objects.get(pk=page.pk)
    assert old.is_over
    assert old.budget[0].value["document"] == act


def test_copy_onto_another_site_collects_for_that_site(
    site: Site, other_site: Site, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    copied = page.copy(to=index_of(other_site))
    assert fund_of(copied).site == other_site
    assert fund_of(page).site == site
    assert fund_of(page).is_open()


def test_copy_kept_as_a_draft_has_no_fund(make_campaign: MakeCampaign) -> None:
    copied = make_campaign().copy(update_attrs={"slug": "pandus-2"}, keep_live=False)
    assert not Fund.objects.filter(key=copied.fund_key).exists()


def test_alias_collects_into_the_fund_of_its_source(
    site: Site, visitor: SiteClient, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign()
    alias = page.create_alias(update_slug="pandus-zdes")
    alias_of_alias = alias.create_alias(update_slug="pandus-tam")
    give(fund_of(page), "500.00", pay=True)

    assert alias.fund_key == alias_of_alias.fund_key == page.fund_key
    assert Fund.objects.of_site(site).exclude(key=None).count() == 1
    answer = visitor.get("/sbory/pandus-tam/")
    assert answer.context["progress"].raised == Decimal("500.00")
    assert str(fund_of(page).public_id) in answer.content.decode()


def test_hiding_an_alias_closes_nothing(make_campaign: MakeCampaign) -> None:
    page = make_campaign()
    alias = page.create_alias(update_slug="pandus-zdes")
    alias.unpublish()
    alias.delete()
    assert fund_of(page).is_open()


@pytest.mark.parametrize("turns", [1, 3])
def test_saying_the_same_twice_is_quiet(make_campaign: MakeCampaign, turns: int) -> None:
    page = make_campaign()
    for _turn in range(turns):
        publish(page)
    assert Fund.objects.filter(key=page.fund_key).count() == 1
    for _turn in range(turns):
        CampaignPage.objects.get(pk=page.pk).unpublish()
    assert not fund_of(page).is_open()


def test_live_page_without_a_fund_promises_no_form(
    visitor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    Fund.objects.filter(key=page.fund_key).delete()
    answer = visitor.get("/sbory/pandus/")
    assert answer.context["progress"].is_open is False
    assert 'href="#give"' not in answer.content.decode()
