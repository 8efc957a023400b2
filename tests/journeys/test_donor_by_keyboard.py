"""A donor who has no mouse: from the skip link to the thanks."""

from playwright.sync_api import Page, expect

from campaigns.models import CampaignPage
from tests.journeys.conftest import Browse
from tests.journeys.people import DESK, said


def tab_to(page: Page, selector: str, most: int = 12) -> None:
    """Press Tab until the element has the focus, and see that the focus can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not within {most} steps of Tab")


def test_donor_gives_with_the_keyboard_alone(campaign: CampaignPage, browse: Browse) -> None:
    anna = browse(DESK)
    page = anna.page
    page.goto(campaign.full_url)
    tab_to(page, ".skip", most=1)
    expect(page.get_by_role("link", name="Перейти к содержанию")).to_be_in_viewport()
    anna.picture("skip-link")
    page.keyboard.press("Enter")
    # On a wide screen the form stands beside the story, so «Помочь» is not needed to reach it.
    tab_to(page, "[name=preset][value='500.00']", most=2)
    page.keyboard.press("ArrowRight")
    button = page.locator("form[data-donation] button[type=submit]")
    expect(button).to_have_text(said("Пожертвовать 1 000 ₽"))
    tab_to(page, "[name=email]", most=2)
    page.keyboard.type("anna@example.org")
    tab_to(page, "[name=consent]", most=2)
    page.keyboard.press("Space")
    # Between: the text behind the box, and the box of the news.
    tab_to(page, "form[data-donation] button[type=submit]", most=4)
    page.keyboard.press("Enter")

    page.wait_for_url("**/sandbox/**")
    tab_to(page, "button[value=pay]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Спасибо. Мы получили 1 000 ₽"))
    tab_to(page, "main a.button")
