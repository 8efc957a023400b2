"""The manager of a site: comes in with a code from the phone, invites, sets up, looks, removes."""

import re
from collections.abc import Callable

from django.core import mail
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.actions import send_owed_invitations
from accounts.actions.second_factor import proposed_device
from accounts.models import User
from campaigns.models import CampaignPage
from site_settings.models import Appearance, Organisation
from tenancy.models import Role
from tests.conftest import PASSWORD
from tests.journeys.conftest import Browse
from tests.journeys.people import DESK, PHONE

MakePerson = Callable[..., User]


def test_manager_runs_the_site_and_its_people(
    site: Site,
    other_site: Site,
    campaign: CampaignPage,
    make_person: MakePerson,
    browse: Browse,
    port: int,
    settings: Settings,
) -> None:
    settings.REQUIRE_2FA = True
    admin = f"http://{settings.ADMIN_HOST}:{port}/admin"
    manager = make_person(Role.MANAGER, site)
    gleb = browse(DESK)
    page, main = gleb.page, gleb.page.locator("main")
    page.goto(f"{admin}/")
    page.locator("[name=username]").fill(manager.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()

    # Who sees money and people connects a phone before anything else.
    expect(page.get_by_role("heading", name="Подключить телефон")).to_be_visible()
    gleb.picture("manager-phone")
    device = proposed_device(manager, page.locator("[name=key]").get_attribute("value") or "")
    page.locator("[name=code]").fill(f"{totp(device.bin_key):06}")
    page.get_by_role("button", name="Подключить").click()
    expect(page.locator("pre")).to_have_text(re.compile(r"([a-z2-7]{8}\s*){10}"))
    assert TOTPDevice.objects.filter(user=manager, confirmed=True).count() == 1

    page.goto(f"{admin}/people/")
    expect(main).to_contain_text(manager.email)
    page.get_by_role("link", name="Пригласить").first.click()
    page.locator("[name=email]").fill("vera@example.org")
    page.locator("[name=role][value=accountant]").check()
    gleb.picture("manager-invites")
    page.get_by_role("button", name="Отправить приглашение").click()
    expect(page.locator("body")).to_contain_text("Приглашение отправляется на vera@example.org")
    assert send_owed_invitations() == 1
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link is not None

    vera = browse(PHONE)
    vera.page.goto(link[0])
    vera.page.get_by_label("Ваше имя").fill("Вера")
    vera.page.get_by_label("Придумайте пароль").fill(PASSWORD)
    vera.page.get_by_label("Тот же пароль ещё раз").fill(PASSWORD)
    vera.page.get_by_role("button", name="Начать").click()
    expect(vera.page.get_by_role("heading", name="Подключить телефон")).to_be_visible()
    vera.picture("accountant-phone")

    page.goto(f"{admin}/settings/site_settings/organisation/{site.pk}/")
    page.locator("[name=inn]").fill("7707083894")
    page.get_by_role("button", name="Сохранить").click()
    expect(main).to_contain_text("Проверьте ИНН")
    page.locator("[name=inn]").fill("7707 083893")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("[name=inn]")).to_have_value("7707083893")
    assert Organisation.objects.get(site=site).inn == "7707083893"

    page.goto(f"{admin}/settings/site_settings/appearance/{site.pk}/")
    page.locator("[name=accent]").fill("#b00020")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("[name=accent]")).to_have_value("#b00020")
    assert Appearance.objects.get(site=site).accent == "#b00020"

    page.goto(f"{admin}/donations/")
    expect(main).to_contain_text("oleg@example.org")
    expect(main).to_contain_text(re.compile(r"24\s000"))
    gleb.picture("manager-donations")
    for theirs in (f"people/{other_site.pk}/", f"payments/{other_site.pk}/"):
        with gleb.expecting(404):
            page.goto(f"{admin}/{theirs}")

    page.goto(f"{admin}/people/{site.pk}/")
    page.get_by_role("link", name="Вера").click()
    page.get_by_role("link", name="Убрать с сайта").click()
    gleb.picture("manager-removes")
    page.get_by_role("button", name="Убрать с сайта").click()
    expect(page.locator("body")).to_contain_text("больше не работает на этом сайте")
    expect(main).not_to_contain_text("vera@example.org")
    vera.page.goto(f"{admin}/donations/")
    expect(vera.page.locator("[name=password]")).to_be_visible()  # signed out at once
