"""The whole way works in a browser that runs no script."""

from decimal import Decimal

from playwright.sync_api import expect

from campaigns.models import CampaignPage
from donations.models import Donation, Fund
from tests.emulator import YooKassaEmulator
from tests.journeys.conftest import Browse
from tests.journeys.people import PHONE, rubles, said


def test_donor_gives_without_script(campaign: CampaignPage, browse: Browse) -> None:
    page = browse(PHONE, script=False).page
    page.goto(campaign.full_url)
    page.get_by_role("link", name="Помочь").first.click()
    page.locator(".sum", has_text=rubles("1000")).click()
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Пожертвовать").click()
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Спасибо. Мы получили 1 000 ₽"))

    # The same once more within ten minutes is the same gift: the answer is its thanks page.
    page.goto(campaign.full_url)
    page.locator(".sum", has_text=rubles("1000")).click()
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Пожертвовать").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Спасибо. Мы получили 1 000 ₽"))
    assert Donation.objects.filter(email="anna@example.org").count() == 1


def test_chosen_and_written_sums_that_differ_are_asked_about(
    campaign: CampaignPage, browse: Browse
) -> None:
    anna = browse(PHONE, script=False)
    page = anna.page
    page.goto(campaign.full_url)
    page.locator("[name=amount]").fill("700")  # and 500 ₽ stays chosen
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Пожертвовать").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверьте сумму")
    expect(page.locator("main")).to_contain_text(rubles("700"))
    anna.picture("confirm")
    assert Donation.objects.filter(email="anna@example.org").count() == 0

    page.wait_for_timeout(1100)  # nobody reads it faster
    page.get_by_role("button", name=said("Да, пожертвовать 700 ₽")).click()
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Спасибо. Мы получили 700 ₽"))
    assert Fund.objects.get(key=campaign.translation_key).raised == Decimal("25500.00")


def test_page_that_waits_looks_again_without_script(
    campaign: CampaignPage, kassa: YooKassaEmulator, browse: Browse
) -> None:
    kassa.notifications.lose = 1.0
    page = browse(PHONE, script=False).page
    page.goto(campaign.full_url)
    page.locator("[name=email]").fill("anna@example.org")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Пожертвовать").click()
    page.get_by_role("link", name="Вернуться на сайт без оплаты").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ждём ответа о платеже")
    [payment] = kassa.payments()
    kassa.pay(payment["id"])
    expect(page.get_by_role("heading", level=1)).to_have_text(
        said("Спасибо. Мы получили 500 ₽"), timeout=15_000
    )
