"""The centre's coordinator opens a site; the NGO's editor comes in by the letter."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core import mail
from playwright.sync_api import expect
from wagtail.models import Site

from accounts.actions import send_owed_invitations
from accounts.models import User
from campaigns.models import CampaignPage
from tenancy.models import Role
from tests.conftest import PASSWORD
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE

MakePerson = Callable[..., User]


def test_coordinator_opens_a_site_and_its_editor_comes_in(
    other_site: Site, make_person: MakePerson, sign_in: SignIn, browse: Browse, port: int
) -> None:
    admin = f"http://{settings.ADMIN_HOST}:{port}/admin"
    olga = browse(DESK)
    page = olga.page
    sign_in(olga, make_person(Role.COORDINATOR))
    page.get_by_role("button", name="Сеть").click()
    page.get_by_role("link", name="Открыть сайт").click()
    expect(page.get_by_role("heading", name="Открыть сайт").first).to_be_visible()

    page.get_by_role("textbox", name="Организация").fill("Клуб Пандус")
    page.get_by_label("Адрес сайта").fill("pandus_klub")
    page.get_by_label("Почта редактора").fill("marina@example.org")
    page.locator("main").get_by_role("button", name="Открыть сайт").click()
    expect(page.locator("main")).to_contain_text("В имени могут быть только буквы, цифры и дефис")
    expect(page.get_by_role("textbox", name="Организация")).to_have_value("Клуб Пандус")
    expect(page.get_by_label("Почта редактора")).to_have_value("marina@example.org")
    olga.picture("admin-open-site-error")
    page.get_by_label("Адрес сайта").fill("lapy")
    page.locator("main").get_by_role("button", name="Открыть сайт").click()
    expect(page.locator("main")).to_contain_text("Сайт с таким именем уже есть.")
    assert Site.objects.count() == 1

    page.get_by_label("Адрес сайта").fill("pandus")
    expect(page.locator("main")).to_contain_text("Адрес сайта: pandus.localhost")
    page.get_by_label("Почта администратора сайта").fill("gleb@example.org")
    page.get_by_role("heading", name="Цвета").click()
    page.get_by_label("Основной цвет").fill("#b00020")
    page.get_by_role("heading", name="Реквизиты: сейчас или потом").click()
    page.get_by_label("ИНН", exact=True).fill("7707 0838 93")
    olga.picture("admin-open-site-filled")
    page.locator("main").get_by_role("button", name="Открыть сайт").click()
    expect(page.get_by_role("heading", name="Сайт открыт").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("marina@example.org")
    olga.picture("admin-site-opened")
    address = f"http://pandus.localhost:{port}/"
    opened = page.get_by_role("link", name="pandus.localhost")
    expect(opened).to_have_attribute("href", address)

    visitor = browse(PHONE)
    for path, title in (
        ("", "Клуб Пандус"),
        ("sbory/", "Сборы"),
        ("o-nas/", "О нас"),
        ("kontakty/", "Контакты"),
    ):
        visitor.page.goto(address + path)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
        visitor.picture(f"new-site-{path.strip('/') or 'home'}")
    with visitor.expecting(404):
        visitor.page.goto(f"{address}sbory/pervyi-sbor/")  # a draft is nobody's business
        visitor.picture("404")

    assert send_owed_invitations() == 2  # the worker's work
    letter, to_gleb = sorted(mail.outbox, key=lambda one: one.to, reverse=True)
    assert letter.to == ["marina@example.org"]
    assert letter.subject == "Ваш сайт «Клуб Пандус» готов"
    link = re.search(r"http://\S+", str(letter.body))
    assert link is not None
    assert link[0].startswith(f"{admin}/invitation/")

    marina = browse(DESK)
    marina.page.goto(link[0])
    marina.picture("admin-invitation")
    marina.page.get_by_label("Ваше имя").fill("Марина")
    marina.page.get_by_label("Придумайте пароль").fill(PASSWORD)
    marina.page.get_by_label("Тот же пароль ещё раз").fill(PASSWORD)
    marina.page.get_by_role("button", name="Начать").click()
    marina.page.wait_for_url(f"{admin}/")
    marina.picture("admin-editor-first-home")

    expect(marina.page.get_by_role("link", name="Пожертвования").first).to_be_visible()
    assert marina.page.get_by_role("button", name="Сеть").count() == 0
    own = Site.objects.get(hostname="pandus.localhost")
    marina.page.goto(f"{admin}/pages/{own.root_page_id}/")
    expect(marina.page.locator("main")).to_contain_text("О нас")
    marina.picture("admin-explorer")
    draft = CampaignPage.objects.descendant_of(own.root_page).get()
    marina.page.goto(f"{admin}/pages/{draft.pk}/edit/")
    expect(marina.page.locator("[name=title]")).to_have_value("Наш первый сбор")
    theirs = CampaignPage.objects.descendant_of(other_site.root_page).get()
    for path in (f"pages/{theirs.pk}/edit/", "network/sites/"):
        with marina.expecting(404):
            marina.page.goto(f"{admin}/{path}")
    marina.picture("admin-404")

    gleb = browse(DESK)
    manager_link = re.search(r"http://\S+", str(to_gleb.body))
    assert manager_link is not None
    gleb.page.goto(manager_link[0])
    gleb.page.get_by_label("Придумайте пароль").fill(PASSWORD)
    gleb.page.get_by_label("Тот же пароль ещё раз").fill(PASSWORD)
    gleb.page.get_by_role("button", name="Начать").click()
    gleb.page.wait_for_url(f"{admin}/")
    gleb.page.goto(f"{admin}/settings/site_settings/organisation/{own.pk}/")
    expect(gleb.page.locator("[name=inn]")).to_have_value("7707083893")
    gleb.page.goto(f"{admin}/settings/site_settings/appearance/{own.pk}/")
    expect(gleb.page.locator("[name=accent]")).to_have_value("#b00020")
