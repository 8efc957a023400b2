"""The screen an editor copies the code from: own pages only, and the code is right."""

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.widgets import Kind
from site_settings.models import Channels
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
ROOT = "http://veloput.localhost:8000"


def screen(client: SiteClient, page: Any, kind: str = "card") -> Any:
    return client.get(reverse("campaign_widgets", args=[page.pk]), {"kind": kind})


def soup_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content.decode(), "html.parser")


def codes(answer: Any) -> list[str]:
    return [field.get_text() for field in soup_of(answer).select("textarea")]


def test_editor_sees_and_copies_each_kind(
    site: Site, make_campaign: MakeCampaign, make_person: MakePerson, admin_as: AdminAs
) -> None:
    page = make_campaign()
    client = admin_as(make_person(Role.EDITOR, site))
    name = fund_of(page).public_id
    for kind in Kind:
        answer = screen(client, page, kind.value)
        (frame,) = soup_of(answer).select(".widgets-preview iframe")
        assert frame["src"] == f"{ROOT}/embed/{name}/{kind.value}/"
        assert codes(answer) == [
            f'<script src="{ROOT}/embed.js" data-campaign="{name}" data-kind="{kind.value}" async>'
            f'</script><noscript><a href="{ROOT}/sbory/pandus/?utm_source=widget#give">'
            "Пандус к библиотеке</a></noscript>",
            f'<iframe src="{ROOT}/embed/{name}/{kind.value}/" title="Пандус к библиотеке" '
            f'width="100%" height="{kind.height}" frameborder="0" loading="lazy"></iframe>',
        ]
        policy = answer["Content-Security-Policy"].split("; ")
        assert f"frame-src 'self' {ROOT}" in policy
        assert "frame-ancestors 'none'" in policy


def test_screen_says_what_is_missing(
    site: Site, make_campaign: MakeCampaign, make_person: MakePerson, admin_as: AdminAs
) -> None:
    page = make_campaign()
    client = admin_as(make_person(Role.EDITOR, site))
    settings_url = reverse("wagtailsettings:edit", args=["site_settings", "channels", site.pk])
    hint = soup_of(screen(client, page)).select_one(f".help-block a[href='{settings_url}']")
    assert hint is not None
    Channels.objects.filter(site=site).update(widget_addresses="добро.рф")
    answer = screen(client, page)
    assert soup_of(answer).select(".help-block") == []
    assert "добро.рф" in answer.content.decode()
    page.unpublish()
    (hint,) = soup_of(screen(client, page)).select(".help-block")
    assert "не опубликована" in hint.get_text()
    draft = CampaignPage.objects.descendant_of(site.root_page).get(slug="pervyi-sbor")
    answer = screen(client, draft)
    assert codes(answer) == []
    assert "Сначала опубликуйте сбор" in answer.content.decode()


def test_home_page_has_the_widgets_of_the_organisation(
    site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    script, _frame = codes(screen(admin_as(make_person(Role.EDITOR, site)), site.root_page))
    assert f'{ROOT}/embed.js" data-campaign="general" data-kind="card"' in script
    assert f"{ROOT}/donations/give/?utm_source=widget" in script


def test_way_to_the_screen_is_in_the_head_of_the_page_and_in_the_list(
    site: Site, make_campaign: MakeCampaign, make_person: MakePerson, admin_as: AdminAs
) -> None:
    page = make_campaign()
    client = admin_as(make_person(Role.EDITOR, site))
    address = reverse("campaign_widgets", args=[page.pk])
    for where in (
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_explore", args=[page.get_parent().pk]),
    ):
        assert f'href="{address}"' in client.get(where).content.decode(), where
    about = site.root_page.get_children().get(slug="o-nas")
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[about.pk])).content.decode()
    assert reverse("campaign_widgets", args=[about.pk]) not in edit
    assert screen(client, about).status_code == 404


def test_neighbour_and_who_writes_no_pages_get_404(
    site: Site,
    other_site: Site,
    make_campaign: MakeCampaign,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    page = make_campaign()
    for person in (
        make_person(Role.MANAGER, other_site),
        make_person(Role.ACCOUNTANT, site),
    ):
        answer = screen(admin_as(person), page)
        assert answer.status_code == 404
        assert "Пандус" not in answer.content.decode()
    assert screen(admin_as(make_person(Role.COORDINATOR)), page).status_code == 200
    assert screen(SiteClient("admin.localhost"), page).status_code == 302
