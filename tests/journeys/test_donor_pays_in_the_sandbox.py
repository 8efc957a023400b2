"""The donor's way on a phone, through the test payments every new site begins with."""

from decimal import Decimal

from django.core import mail
from playwright.sync_api import Locator, Page, expect

from campaigns.models import CampaignPage
from donations.actions.letters import send_owed_letters
from donations.models import Donation, DonationState, Fund
from tests.journeys.conftest import Browse
from tests.journeys.people import PHONE, rubles, said


def fund_of(campaign: CampaignPage) -> Fund:
    return Fund.objects.get(key=campaign.translation_key)


def fill_in(page: Page, email: str = "anna@example.org") -> None:
    page.locator("[name=email]").fill(email)
    page.locator("[name=consent]").check()


def give_button(page: Page) -> Locator:
    return page.locator("form[data-donation] button[type=submit]")


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


def test_donor_gives_from_a_phone_and_sees_the_bar_move(
    campaign: CampaignPage, browse: Browse
) -> None:
    anna = browse(PHONE)
    page = anna.page
    page.goto(campaign.full_url)
    first_screen = page.locator(".campaign-first")
    expect(first_screen).to_contain_text(said("24 800 ₽ из 38 000 ₽"))
    expect(first_screen).to_contain_text(said("осталось 4 дня"))
    assert page.locator(".bar-fill").get_attribute("width") == "65%"
    anna.picture("campaign")

    page.get_by_role("link", name="Помочь").first.click()
    expect(page.locator("#give-sum")).to_be_in_viewport(ratio=1)

    expect(give_button(page)).to_have_text(said("Пожертвовать 500 ₽"))
    page.locator(".sum", has_text=rubles("1000")).click()
    expect(give_button(page)).to_have_text(said("Пожертвовать 1 000 ₽"))
    page.locator("[name=amount]").fill("1 250,50")
    expect(give_button(page)).to_have_text(said("Пожертвовать 1 250,50 ₽"))
    page.get_by_text("Добавить имя и пожелание").click()
    page.get_by_label("Ваше имя").fill("Анна")
    page.get_by_label("Показать моё имя").check()
    page.get_by_label("Пожелание организации").fill("Лёгкой дороги")
    fill_in(page)
    give_button(page).click()

    page.wait_for_url("**/sandbox/**")
    expect(page.locator("main")).to_contain_text(rubles("1250.50"))
    expect(page.locator("main")).to_contain_text("Деньги не списываются")
    anna.picture("sandbox")
    page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 1 250,50 ₽"))
    anna.picture("thanks")

    page.get_by_role("link", name="Посмотреть, как идёт сбор").click()
    expect(first_screen).to_contain_text(said("26 050,50 ₽ из 38 000 ₽"))
    assert page.locator(".bar-fill").get_attribute("width") == "68%"
    gift = Donation.objects.get(email="anna@example.org")
    assert (gift.name, gift.show_name, gift.message) == ("Анна", True, "Лёгкой дороги")

    send_owed_letters()  # what the worker does by its clock
    send_owed_letters()
    letters = [letter for letter in mail.outbox if letter.to == ["anna@example.org"]]
    assert len(letters) == 1
    assert "1 250,50 ₽" in str(letters[0].body).replace("\u00a0", " ")


def test_mistakes_stand_beside_their_fields_and_nothing_typed_is_lost(
    campaign: CampaignPage, browse: Browse
) -> None:
    anna = browse(PHONE)
    page = anna.page
    page.goto(campaign.full_url)
    give_button(page).click()
    assert focused(page) == "email"  # the browser itself asks for it
    page.locator("form[data-donation]").evaluate("form => { form.noValidate = true }")
    page.locator("[name=amount]").fill("10,555")
    page.get_by_text("Добавить имя и пожелание").click()
    page.locator("[name=message]").fill("Лёгкой дороги")
    with anna.expecting(422):
        give_button(page).click()
        expect(page.locator("#errors")).to_be_visible()
    anna.picture("errors")

    assert focused(page) == "errors"
    expect(page.locator("#give-amount-error")).to_have_text(
        "Напишите сумму цифрами, например 850 или 99,50."
    )
    expect(page.locator("#give-email-error")).to_have_text(
        "Напишите адрес почты: мы пришлём туда письмо."
    )
    expect(page.locator("#give-consent-error")).to_have_text(
        "Без этого согласия мы не вправе принять пожертвование."
    )
    expect(page.locator("[name=amount]")).to_have_value("10,555")
    expect(page.locator("[name=preset][value=own]")).to_be_checked()
    expect(page.locator("[name=message]")).to_have_value("Лёгкой дороги")
    assert Donation.objects.filter(email="anna@example.org").count() == 0

    page.locator("#errors a[href='#give-amount']").click()
    assert focused(page) == "amount"
    page.locator("[name=amount]").fill("10,55")
    expect(give_button(page)).to_have_text(said("Пожертвовать 10,55 ₽"))
    with anna.expecting(422):
        fill_in(page, "anna@example")  # good enough for a browser, not for a letter
        give_button(page).click()
        expect(page.locator("#give-email-error")).to_have_text(
            "Проверьте адрес почты, он пишется так: name@example.ru."
        )
    expect(page.locator("[name=email]")).to_have_value("anna@example")
    expect(page.locator("[name=consent]")).to_be_checked()
    fill_in(page)
    give_button(page).click()
    page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 10,55 ₽"))
    page.get_by_role("link", name="Посмотреть, как идёт сбор").click()
    assert page.url == campaign.full_url


def test_donor_who_refuses_is_told_so_and_may_try_once_more(
    campaign: CampaignPage, browse: Browse
) -> None:
    anna = browse(PHONE)
    page = anna.page
    page.goto(campaign.full_url)
    fill_in(page)
    give_button(page).click()
    page.get_by_role("button", name="Отказаться").click()
    expect(heading(page)).to_have_text("Платёж не прошёл")
    expect(page.locator("main")).to_contain_text("Вы отказались на тестовой странице.")
    anna.picture("refused")

    # Nothing is typed again: the same gift goes on to the bank.
    page.get_by_role("button", name="Попробовать ещё раз").click()
    page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))
    gifts = Donation.objects.filter(email="anna@example.org").order_by("pk")
    assert [gift.state for gift in gifts] == [DonationState.CANCELED, DonationState.SUCCEEDED]


def test_two_clicks_make_one_gift(campaign: CampaignPage, browse: Browse) -> None:
    page = browse(PHONE).page
    page.goto(campaign.full_url)
    fill_in(page)
    give_button(page).dblclick()
    page.get_by_role("button", name="Оплатить").dblclick()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))
    assert Donation.objects.filter(email="anna@example.org").count() == 1
    assert fund_of(campaign).count == 3


def test_going_back_and_paying_again_takes_nothing_twice(
    campaign: CampaignPage, browse: Browse
) -> None:
    page = browse(PHONE).page
    page.goto(campaign.full_url)
    fill_in(page)
    give_button(page).click()
    page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))

    page.reload()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))
    page.go_back()
    if page.get_by_role("button", name="Оплатить").count():
        page.get_by_role("button", name="Оплатить").click()
    expect(heading(page)).to_have_text(said("Спасибо. Мы получили 500 ₽"))
    fund = fund_of(campaign)
    assert (fund.raised, fund.count) == (Decimal("25300.00"), 3)

    # The form itself, reached once more, begins a gift of its own, and while that one waits it
    # leads to the same payment from another tab, too.
    page.goto(campaign.full_url)
    fill_in(page)
    give_button(page).click()
    page.wait_for_url("**/sandbox/**")
    begun = page.url
    page.go_back()
    expect(give_button(page)).to_have_text(said("Пожертвовать 500 ₽"))
    for tab in (page, page.context.new_page()):
        tab.goto(campaign.full_url)
        fill_in(tab)
        give_button(tab).click()
        expect(tab).to_have_url(begun)
    fund = fund_of(campaign)
    assert (fund.raised, fund.count) == (Decimal("25300.00"), 3)
