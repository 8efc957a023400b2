"""The donor's way through the payment service: its page, its notification, the return."""

from playwright.sync_api import Page, expect

from campaigns.models import CampaignPage
from donations.models import Donation, Fund
from tests.emulator import YooKassaEmulator
from tests.journeys.conftest import Browse
from tests.journeys.people import PHONE, said

THANKS = said("Спасибо. Мы получили 500 ₽")


def go_to_payment(page: Page, campaign: CampaignPage, kassa: YooKassaEmulator) -> None:
    page.goto(campaign.full_url)
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Пожертвовать").click()
    page.wait_for_url(f"{kassa.origin}/**")


def raised(campaign: CampaignPage) -> str:
    return str(Fund.objects.get(key=campaign.translation_key).raised)


def states() -> list[str]:
    gift = Donation.objects.get(email="anna@example.org")
    return [f"{event.source}: {event.to_state}" for event in gift.events.order_by("pk")]


def test_notification_comes_before_the_donor(
    campaign: CampaignPage, kassa: YooKassaEmulator, browse: Browse
) -> None:
    anna = browse(PHONE)
    go_to_payment(anna.page, campaign, kassa)
    anna.page.get_by_role("button", name="Оплатить").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert [told.outcome for told in kassa.deliveries] == ["confirmed"]
    assert states() == ["start: created", "start: pending", "notification: succeeded"]

    anna.page.get_by_role("link", name="Посмотреть, как идёт сбор").click()
    expect(anna.page.locator(".campaign-first")).to_contain_text(said("25 300 ₽ из 38 000 ₽"))


def test_donor_who_returns_finds_the_truth_though_the_notification_is_lost(
    campaign: CampaignPage, kassa: YooKassaEmulator, browse: Browse
) -> None:
    kassa.notifications.lose = 1.0
    anna = browse(PHONE)
    go_to_payment(anna.page, campaign, kassa)
    anna.page.get_by_role("button", name="Оплатить").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text(THANKS)
    assert [told.outcome for told in kassa.deliveries] == ["lost"]
    assert states() == ["start: created", "start: pending", "return: succeeded"]
    assert raised(campaign) == "25300.00"


def test_donor_who_returns_unpaid_waits_and_the_page_finds_out_by_itself(
    campaign: CampaignPage, kassa: YooKassaEmulator, browse: Browse
) -> None:
    kassa.notifications.lose = 1.0
    anna = browse(PHONE)
    go_to_payment(anna.page, campaign, kassa)
    anna.page.get_by_role("link", name="Вернуться на сайт без оплаты").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text("Ждём ответа о платеже")
    anna.picture("waiting")
    assert raised(campaign) == "24800.00"

    [payment] = kassa.payments()
    kassa.pay(payment["id"])
    expect(anna.page.get_by_role("heading", level=1)).to_have_text(THANKS, timeout=15_000)
    assert raised(campaign) == "25300.00"


def test_donor_whose_card_is_refused_reads_why(
    campaign: CampaignPage, kassa: YooKassaEmulator, browse: Browse
) -> None:
    anna = browse(PHONE)
    go_to_payment(anna.page, campaign, kassa)
    anna.page.locator("[name=reason]").select_option("insufficient_funds")
    anna.page.get_by_role("button", name="Отказаться").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text("Платёж не прошёл")
    expect(anna.page.locator("main")).to_contain_text("На карте не хватает денег.")
    assert raised(campaign) == "24800.00"
