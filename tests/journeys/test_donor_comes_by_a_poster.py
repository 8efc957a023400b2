"""From the poster on a fence to the editor's screen: each step is counted once."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import expect
from wagtail.models import Site

from accounts.models import User
from campaigns import visits
from campaigns.links import link_for
from campaigns.models import CampaignPage, VisitCount
from tenancy.models import Role
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE, Visitor, said
from tests.journeys.test_donor_pays_in_the_sandbox import fill_in, give_button, heading

PERSON = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36"


def as_a_person(visitor: Visitor) -> Visitor:
    """A browser that is driven by a program says so, and would not be counted."""
    visitor.context.add_init_script("Object.defineProperty(navigator, 'webdriver', {value: false})")
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Emulation.setUserAgentOverride", {"userAgent": PERSON})
    return visitor


def test_poster_brings_a_gift_and_the_editor_sees_it(
    site: Site,
    campaign: CampaignPage,
    browse: Browse,
    make_person: Callable[..., User],
    sign_in: SignIn,
) -> None:
    anna = as_a_person(browse(PHONE))
    page = anna.page
    with page.expect_response("**/-/visit") as told:
        page.goto(link_for(campaign, "poster").url)
    assert (told.value.status, told.value.headers.get("set-cookie")) == (204, None)
    assert urlsplit(page.url).query == "utm_source=poster"
    page.reload()  # shown again: no new visit
    fill_in(page)
    give_button(page).click()
    page.wait_for_url("**/sandbox/**")
    page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))
    visits.tally.write()
    kinds = VisitCount.objects.order_by("kind").values_list("channel", "kind", "number")
    assert list(kinds) == [("poster", "link", 1), ("poster", "visit", 1)]

    editor = browse(DESK)
    sign_in(editor, make_person(Role.EDITOR, site))
    screen = editor.page
    screen.goto(f"http://{settings.ADMIN_HOST}:{site.port}/admin/links/")
    row = screen.get_by_role("row").filter(has_text="Плакат")
    expect(row.get_by_role("cell")).to_have_text(
        [said("Плакат"), "1", "1", "1", "1", said("500 ₽")]
    )
    editor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row.get_by_role("button", name="Копировать").click()
    expect(row.get_by_role("button")).to_have_text("Скопировано")
    copied = screen.evaluate("navigator.clipboard.readText()")
    assert copied == link_for(campaign, "poster").url
    editor.picture("links-and-channels")


@pytest.mark.parametrize("script", [True, False])
def test_who_is_driven_by_a_program_is_not_counted(
    script: bool, campaign: CampaignPage, browse: Browse
) -> None:
    robot = browse(PHONE, script=script)
    robot.page.goto(link_for(campaign, "poster").url, wait_until="networkidle")
    visits.tally.write()
    assert not VisitCount.objects.exists()
