"""Every screen the menu leads to opens for every role, without a complaint of the browser."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.models import Donation
from tenancy.models import Role
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK

MakePerson = Callable[..., User]


def menu_addresses(items: Any) -> Iterator[str]:
    """The addresses in the data Wagtail draws its sidebar from, submenus included."""
    if isinstance(items, dict):
        if isinstance(items.get("url"), str) and items["url"].startswith("/admin/"):
            yield items["url"]
        items = list(items.values())
    if isinstance(items, list):
        for item in items:
            yield from menu_addresses(item)


def screens_of(site: Site, person: User) -> Iterator[str]:
    """What a coordinator opens of one site, and of a person on it."""
    of_network = ("site", "site_opened", "close_site", "site_addresses", "recipient")
    for name in (*(f"network_{one}" for one in of_network), "people_of", "invite_person"):
        yield reverse(name, args=[site.pk])
    for name in ("network_open_site", "second_factor", "address_change"):
        yield reverse(name)
    yield reverse("languages_of", args=[site.pk])
    yield reverse("person", args=[site.pk, person.pk])
    yield reverse("legal_wording", args=["consent"])


# The list of translations is wagtail-localize's own, and it has no order.
@pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")
@pytest.mark.parametrize("role", [Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER, Role.COORDINATOR])
def test_every_screen_of_the_menu_opens(
    role: Role,
    site: Site,
    campaign: CampaignPage,
    make_person: MakePerson,
    sign_in: SignIn,
    browse: Browse,
) -> None:
    person = browse(DESK)
    sign_in(person, make_person(role, None if role == Role.COORDINATOR else site))
    person.picture(f"admin-{role.value}-home")
    props = json.loads(person.page.locator("#wagtail-sidebar-props").text_content() or "")
    screens = [url for url in dict.fromkeys(menu_addresses(props)) if "logout" not in url]
    if role == Role.EDITOR:
        # Wagtail's own page editor gives its rich text no name a screen reader would say.
        for name in ("campaign_links", "campaign_widgets"):
            screens.append(reverse(name, args=[campaign.pk]))
    if role == Role.COORDINATOR:
        screens += list(screens_of(site, make_person(Role.EDITOR, site)))
    if role == Role.ACCOUNTANT:
        gift = Donation.objects.of_site(site).filter(subscription=None).latest("pk")
        for name in ("donation_in_books", "correct_donation"):
            screens.append(reverse(name, args=[gift.pk]))
        for name in ("bank_and_cash_of", "gift_by_hand", "corrections", "payment_account"):
            screens.append(reverse(name, args=[site.pk]))
    assert ("/admin/donations/" in screens, "/admin/network/sites/" in screens) == (
        True,
        role == Role.COORDINATOR,
    )
    found: list[str] = []
    for number, url in enumerate(screens):
        person.page.goto(f"http://{settings.ADMIN_HOST}:{site.port}{url}")
        expect(person.page.locator("h1, h2").first).to_be_attached()
        person.picture(f"admin-{role.value}-{number}-{url.strip('/').replace('/', '-')}")
        found += person.stumbles()
    assert found == []
