"""No public page stops anybody: one who does not see, has only a keyboard, or a narrow phone."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.db.models import QuerySet
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.fixtures import Settings
from wagtail.models import Page, Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.actions.giving import Gift
from donations.actions.payments import refresh_donation
from donations.actions.subscriptions import cancel, pause
from donations.actions.transfers import promise_transfer
from donations.models import Donation, Fund, PaymentAccount, Subscription
from donations.tokens import monthly_token
from network import demo, demo_network
from tenancy.models import Role
from tests.donations.bank import give_requisites
from tests.emulator import YooKassaEmulator
from tests.home.pages import form_of
from tests.home.test_messages_screen import write
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE, Visitor

# The portal, the fullest site, and one that is done with a report.
SHOWN = ("", "veloput", "dymka")


@pytest.fixture
def demo_sites(
    browse: Browse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> QuerySet[Site]:
    settings.DEMO_PASSWORD = "dva slova i 47"
    sites = [site for site in demo.load_sites() if site.label in SHOWN]
    monkeypatch.setattr(demo, "load_sites", lambda: sites)
    demo_network.fill(say=lambda _line: None)
    return Site.objects.filter(hostname__in=["localhost", "veloput.localhost", "dymka.localhost"])


def pages_to_see(site: Site) -> Iterator[Page]:
    """All campaigns, in each language, and one page of each other kind: they share templates."""
    kinds = set()
    for home in site.root_page.get_translations(inclusive=True):
        for page in Page.objects.live().descendant_of(home, inclusive=True).specific():
            if isinstance(page, CampaignPage) or type(page) not in kinds:
                kinds.add(type(page))
                yield page


def see(person: Visitor, url: str, *, status: int = 200, whole: bool = True) -> list[str]:
    with person.expecting(status):
        answer = person.page.goto(url)
        assert answer is not None
        assert answer.status == status, url
    return person.stumbles(habits=whole) + person.too_wide()


def test_no_public_page_stops_anybody(demo_sites: QuerySet[Site], browse: Browse) -> None:
    person = browse(PHONE)
    found: list[str] = []
    for site in demo_sites:
        for page in pages_to_see(site):
            found += see(person, page.full_url)
        for address in ("legal/offer/", "search/", "search/?q=вело", "donations/give/"):
            found += see(person, f"{site.root_url}/{address}")
        for page in CampaignPage.objects.live().descendant_of(site.root_page)[:1]:
            found += see(person, f"{page.full_url}news/")
            for kind in ("card", "button", "form"):
                fund = Fund.objects.get(key=page.fund_key)
                found += see(person, f"{site.root_url}/embed/{fund.public_id}/{kind}/", whole=False)
        found += see(person, f"{site.root_url}/there-is-nothing/", status=404)
    assert found == []


def test_what_stops_people_is_found(browse: Browse) -> None:
    """A control of the two above: without it they might see nothing at all."""
    person = browse(PHONE)
    person.page.set_content(
        "<html lang=ru><meta name=viewport content='width=device-width'><title>x</title>"
        "<main><h1>x</h1><input><img src=''>"
        "<p style='color:#bbb;background:#fff;width:400px'>бледно</p></main>"
    )
    rules = {one.split()[1] for one in person.stumbles()}
    assert {"label:", "image-alt:", "color-contrast:"} <= rules
    assert len(person.too_wide()) == 1
    # The words of a line that does not break reach farther than any element.
    person.page.set_content(f"<p style='width:9px;white-space:pre'>{'широко ' * 90}</p>")
    assert len(person.too_wide()) == 1


def test_no_step_of_a_gift_stops_anybody(campaign: CampaignPage, browse: Browse) -> None:
    """The form, its errors, the pretend bank, a refusal, the thanks."""
    person = browse(PHONE)
    page, found = person.page, list[str]()
    page.goto(campaign.full_url)
    page.locator("[name=email]").fill("nobody")
    # Otherwise the browser itself stops the form, and nothing changes on the page.
    page.locator("form[action*=start]").evaluate("form => { form.noValidate = true; }")
    with person.expecting(422):
        page.locator("form[action*=start] button[type=submit]").click()
        expect(page.locator("#give-email-error")).to_be_visible()
    found += person.stumbles()
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.locator("form[action*=start] button[type=submit]").click()
    expect(page.get_by_role("button", name="Оплатить")).to_be_visible()
    found += person.stumbles()
    page.get_by_role("button", name="Отказаться").click()
    found += person.stumbles()
    page.get_by_role("button", name="Попробовать ещё раз").click()
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Спасибо")
    found += person.stumbles()
    assert found == []


def test_the_page_of_a_monthly_gift_stops_nobody(
    site: Site,
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    fund: Fund,
    give: Callable[..., Donation],
    browse: Browse,
) -> None:
    """As it goes on, with a sum that is none, at rest, and stopped."""
    gift = give(fund, "500.00", monthly=True)
    emulator.pay(str(gift.external_id))
    refresh_donation(gift, source="return")
    subscription = Subscription.objects.get()
    path = reverse("monthly_gift", args=[monthly_token(subscription.public_id)])
    address = f"{site.root_url}{path}"
    person = browse(PHONE)
    found = see(person, address)
    person.page.locator("[name=amount]").fill("много")
    with person.expecting(422):
        person.page.locator("[value=sum]").click()
        expect(person.page.locator("#give-amount-error")).to_be_visible()
    found += person.stumbles() + person.too_wide()
    pause(subscription=subscription)
    found += see(person, address)
    cancel(subscription=subscription)
    found += see(person, address)
    assert found == []


def test_the_page_of_a_transfer_stops_nobody(site: Site, fund: Fund, browse: Browse) -> None:
    give_requisites(site)
    gift = Gift(amount=Decimal("500.00"), email="anna@example.org", key="test:transfer")
    promise = promise_transfer(fund=fund, gift=gift)
    person = browse(PHONE)
    path = reverse("donation_transfer", args=[promise.public_id])
    found = see(person, f"{site.root_url}{path}")
    person.picture("donor-transfer")
    assert found == []


def test_a_letter_to_the_site_with_errors_stops_nobody(site: Site, browse: Browse) -> None:
    person = browse(PHONE)
    found = see(person, form_of(site).full_url)
    person.page.locator("form.form").evaluate("form => form.noValidate = true")
    with person.expecting(422):
        person.page.get_by_role("button", name="Отправить сообщение").click()
        expect(person.page.get_by_role("alert")).to_be_visible()
    found += person.stumbles() + person.too_wide()
    assert found == []


def test_what_people_wrote_can_be_read_by_any_of_the_staff(
    site: Site,
    fund: Fund,
    give: Callable[..., Donation],
    make_person: Callable[..., User],
    sign_in: SignIn,
    browse: Browse,
) -> None:
    """The queue of donors' words, the gift they came with, and the list of messages."""
    gift = give(fund, name="Анна Петрова", show_name=True, message="Доброго пути", pay=True)
    write(site, "Анна")
    person = browse(DESK)
    sign_in(person, make_person(Role.MANAGER, site))
    found: list[str] = []
    messages = reverse("wagtailforms:list_submissions", args=[form_of(site).pk])
    screens = {
        reverse("donor_messages"): "Доброго пути",
        reverse("donation_in_books", args=[gift.pk]): "Убрать имя со страницы",
        messages: "Анна",
    }
    for number, (path, words) in enumerate(screens.items()):
        person.page.goto(f"http://{django_settings.ADMIN_HOST}:{site.port}{path}")
        expect(person.page.locator("main")).to_contain_text(words)
        person.picture(f"staff-words-{number}")
        found += person.stumbles()
    assert found == []


def test_nothing_moves_for_whoever_asked_for_rest(campaign: CampaignPage, browse: Browse) -> None:
    person = browse(PHONE)
    person.page.emulate_media(reduced_motion="reduce")
    person.page.goto(campaign.full_url)
    moving = "document.getAnimations().filter(one => one.effect.getTiming().duration > 1).length"
    assert person.page.evaluate(moving) == 0
