"""Pages few people ever see stop nobody either, nor does the form a campaign is written in."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.actions.shield import Limit
from donations.models import Donation, Follower, Fund
from donations.tokens import page_token
from site_settings.legal import shown_wordings
from site_settings.models import LegalKind, Organisation
from tenancy.models import Role
from tests.home.pages import form_of
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE, Visitor

SEND = """([url, data]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: url});
  for (const [name, value] of Object.entries(data))
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  document.body.append(form);
  form.submit();
}"""
NOT_OURS = ".Draftail-Editor"  # Wagtail gives its rich text no name a screen reader would say


def looked_at(person: Visitor, name: str) -> list[str]:
    person.picture(f"rare-{name}")
    return person.stumbles() + person.too_wide()


def test_no_rare_page_stops_anybody(
    site: Site,
    campaign: CampaignPage,
    give: Callable[..., Donation],
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person, found = browse(PHONE), list[str]()
    fund = Fund.objects.get(key=campaign.fund_key)

    def send(name: str, path: str, data: dict[str, str], status: int) -> None:
        with person.expecting(status), person.page.expect_navigation():
            person.page.evaluate(SEND, [f"{site.root_url}{path}", data])
        found.extend(looked_at(person, name))

    def open_(name: str, path: str, status: int = 200) -> None:
        with person.expecting(status):
            answer = person.page.goto(f"{site.root_url}{path}")
        assert answer is not None
        assert answer.status == status, path
        found.extend(looked_at(person, name))

    def texts(*kinds: LegalKind) -> str:
        return shown_wordings(list(kinds), Organisation.for_site(site), site)

    gift = {
        "fund": str(fund.public_id),
        "token": page_token(fund),
        "page": campaign.url,
        "preset": "own",
        "amount": "500",
        "email": "anna@example.org",
        "consent": "on",
        "texts": texts(*LegalKind),
    }
    wish = {f"follow-{name}": gift[name] for name in ("fund", "token", "page", "email")}
    wish["follow-texts"] = texts(LegalKind.NEWS)
    start, follow = reverse("donation_start"), reverse("follow")

    open_("waiting", reverse("donation_status", args=[give(fund).public_id]))
    send("follow", follow, {**wish, "follow-email": "nobody"}, 422)
    send("follow-asked", follow, {**wish, "follow-news": "on"}, 200)
    open_("news", reverse("news_by_mail", args=[Follower.objects.get().token]))
    open_("news-gone", reverse("news_by_mail", args=["nobodys"]), 404)
    open_("widget-gone", "/embed/nobodys/card/", 404)
    with person.expecting(404):
        person.page.goto(site.root_url.replace(site.hostname, "nobody.localhost"))
    found.extend(looked_at(person, "unknown-host"))
    open_("message-sent", reverse("message_sent", args=[form_of(site).pk]))
    send("confirm", start, {**gift, "token": ""}, 200)
    with monkeypatch.context() as patched:
        limits = (Limit("email", 3600, passes=0, confirms=0),)
        patched.setattr("donations.actions.shield.LIMITS", limits)
        send("too-many", start, gift, 429)
    Fund.objects.filter(pk=fund.pk).update(accepts=False)
    send("closed", start, gift, 409)
    person.page.goto("about:blank")
    send("forbidden", start, gift, 403)
    person.page.goto("about:blank")
    send("message-forbidden", reverse("message_send", args=[form_of(site).pk]), {}, 403)
    with monkeypatch.context() as patched:
        patched.setattr("home.views.found_on", lambda site, words: 1 / 0)
        open_("broken", "/search/?q=x", 500)
    assert found == []


def test_whoever_does_not_see_can_write_a_campaign(
    site: Site,
    campaign: CampaignPage,
    make_person: Callable[..., User],
    sign_in: SignIn,
    browse: Browse,
) -> None:
    person, found = browse(DESK), list[str]()
    sign_in(person, make_person(Role.EDITOR, site))
    address = reverse("wagtailadmin_pages:edit", args=[campaign.pk])
    person.page.goto(f"http://{settings.ADMIN_HOST}:{site.port}{address}")
    tabs = person.page.get_by_role("tab")
    expect(tabs.first).to_be_visible()
    for number, tab in enumerate(tabs.all()):
        tab.click()
        person.picture(f"editor-{number}")
        found += person.stumbles(besides=NOT_OURS)
    assert found == []
