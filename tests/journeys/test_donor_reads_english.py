"""A campaign in two languages: other words, one form, one total."""

import pytest
from playwright.sync_api import expect
from wagtail.models import Locale

from campaigns.models import CampaignPage
from tests.journeys.conftest import Browse
from tests.journeys.people import PHONE, said


@pytest.fixture
def english(campaign: CampaignPage) -> CampaignPage:
    locale, _created = Locale.objects.get_or_create(language_code="en")
    page = campaign.copy_for_translation(locale, copy_parents=True)
    page.title, page.lead = "To the sea", "900 kilometres left, and they need food and tubes."
    page.save_revision().publish()
    return CampaignPage.objects.get(pk=page.pk)


def test_donor_gives_in_english_into_the_same_total(
    campaign: CampaignPage, english: CampaignPage, browse: Browse
) -> None:
    john = browse(PHONE)
    page = john.page
    page.goto(english.full_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("To the sea")
    expect(page.locator(".campaign-first")).to_contain_text(said("24 800 ₽ of 38 000 ₽"))
    john.picture("english")
    page.get_by_role("link", name="Help").first.click()
    page.locator("[name=amount]").fill("0,50")
    page.locator("[name=email]").fill("john@example.org")
    page.locator("[name=consent]").check()
    with john.expecting(422):
        page.get_by_role("button", name="Donate").click()
        expect(page.locator("#give-amount-error")).to_contain_text("The smallest sum is")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator("[name=amount]").fill("1200")
    page.get_by_role("button", name=said("Donate 1 200 ₽")).click()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        said("Thank you. We have received 1 200 ₽")
    )
    page.get_by_role("link", name="See how the campaign goes").click()
    expect(page.locator(".campaign-first")).to_contain_text(said("26 000 ₽ of 38 000 ₽"))

    page.goto(campaign.full_url)
    expect(page.locator(".campaign-first")).to_contain_text(said("26 000 ₽ из 38 000 ₽"))
