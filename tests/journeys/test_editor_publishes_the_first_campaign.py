"""An NGO's editor makes a campaign of the draft, sees it live, and sees who has given."""

import io
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect
from wagtail.models import Site

from accounts.models import User
from campaigns.models import CampaignPage
from donations.models import Donation, Fund
from tenancy.models import Role
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE, rubles, said

TITLE = "Пандус к библиотеке"
LEAD = "Двенадцать ступеней отделяют наших детей от книг."


def photograph() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1600, 1000), "#7fa3b8").save(file, "JPEG")
    return file.getvalue()


def upload_picture(page: Page) -> None:
    """Through the chooser, as a person who has no picture on the site yet."""
    page.locator("[id$='-picture-section']").get_by_role(
        "button", name="Выберите изображение"
    ).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Загруз").click()
    dialog.locator("input[type=file]").set_input_files(
        {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    dialog.locator("[name$=title]").fill("Крыльцо библиотеки")
    dialog.locator("[name$=alt_text]").fill("Крыльцо с двенадцатью ступенями")
    dialog.get_by_role("button", name="Загруз").click()
    expect(dialog).to_have_count(0)


def add_block(page: Page, name: str) -> None:
    """Below the last block of the story."""
    page.locator("[id$='-body-section'] .c-sf-add-button").last.click()
    blocks = page.locator("[name^='body-'][name$='-type']")
    known = blocks.count()
    page.get_by_role("option", name=name, exact=True).click()
    expect(blocks.nth(known)).to_be_attached()


def test_editor_publishes_the_first_campaign_and_sees_the_gift(
    site: Site,
    make_person: Callable[..., User],
    sign_in: SignIn,
    browse: Browse,
    give: Callable[..., Donation],
) -> None:
    draft = CampaignPage.objects.descendant_of(site.root_page).get()
    admin = f"http://{settings.ADMIN_HOST}:{site.port}/admin"
    marina = browse(DESK)
    page = marina.page
    sign_in(marina, make_person(Role.EDITOR, site))
    page.goto(f"{admin}/pages/{draft.pk}/edit/")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=lead]").fill(LEAD)
    page.locator("[name=goal]").fill("64 000")
    last_day = timezone.localdate() + timedelta(days=9)
    page.locator("[name=deadline]").press_sequentially(f"{last_day:%d.%m.%Y}")
    page.keyboard.press("Tab")
    upload_picture(page)
    marina.picture("admin-editing")

    page.locator("[name='body-0-value-presets-0-value-amount']").fill("350")
    page.locator("[name='body-0-value-presets-0-value-meaning']").fill("одна ступень")
    add_block(page, "Текст")
    page.locator(".public-DraftEditor-content").last.click()
    page.keyboard.type("Смета лежит в библиотеке.")
    add_block(page, "Вопросы и ответы")
    page.locator("[name$=question]").last.fill("Когда будет готово?")
    page.locator("[name$=question]").last.press("Tab")
    page.locator(".public-DraftEditor-content").last.click()
    page.keyboard.type("К первому сентября.")

    page.get_by_role("button", name="предварительный просмотр").click()
    preview = page.frame_locator("#w-preview-iframe")
    expect(preview.get_by_role("heading", level=1)).to_have_text(TITLE)
    marina.picture("admin-preview")

    page.get_by_role("button", name="Больше действий").last.click()
    page.get_by_role("button", name="Опубликовать").click()
    expect(page.locator("main")).to_contain_text("опубликован")

    donor = browse(PHONE)
    donor.page.goto(CampaignPage.objects.get(pk=draft.pk).full_url)
    expect(donor.page.get_by_role("heading", level=1)).to_have_text(TITLE)
    first_screen = donor.page.locator(".campaign-first")
    expect(first_screen).to_contain_text(LEAD)
    expect(first_screen).to_contain_text(said("0 ₽ из 64 000 ₽"))
    expect(first_screen).to_contain_text(said("осталось 9 дней"))
    expect(first_screen.get_by_alt_text("Крыльцо с двенадцатью ступенями")).to_be_visible()
    expect(donor.page.locator("#give-sum .sum").first).to_contain_text(rubles("350"))
    expect(donor.page.locator("#give-sum .sum").first).to_contain_text("одна ступень")
    story = donor.page.locator(".campaign-story")
    expect(story).to_contain_text("Смета лежит в библиотеке.")
    story.get_by_text("Когда будет готово?").click()
    expect(story.get_by_text("К первому сентября.")).to_be_visible()
    donor.picture("published")

    fund = Fund.objects.get(key=draft.translation_key)
    give(fund, "350.00", pay=True, email="anna@example.org", name="Анна", show_name=True)
    page.goto(f"{admin}/")
    page.get_by_role("link", name="Пожертвования").first.click()
    row = page.locator("main tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Анна")
    expect(row).to_contain_text(rubles("350"))
    assert "anna@example.org" not in page.content()
    marina.picture("admin-donations")

    page.goto(f"{admin}/pages/{draft.pk}/unpublish/")
    page.get_by_role("button", name="Да, отменить публикацию").click()
    page.wait_for_url("**/pages/*/")
    form = donor.page.locator("form[data-donation]")
    donor.page.locator("[name=email]").fill("oleg@example.org")
    donor.page.locator("[name=consent]").check()
    with donor.expecting(409):
        form.locator("button[type=submit]").click()
        expect(donor.page.locator("main")).to_contain_text("Сбор закрыт.")
    donor.picture("closed")
    with donor.expecting(404):
        donor.page.goto(draft.full_url)
    assert Donation.objects.filter(email="oleg@example.org").count() == 0
