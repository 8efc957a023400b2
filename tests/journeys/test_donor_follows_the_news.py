"""Asked for by e-mail, confirmed, told by an editor, ended by one press."""

import re
from collections.abc import Callable

from django.core import mail
from playwright.sync_api import expect
from wagtail.models import Site

from accounts.models import User
from campaigns.mailing import send_owed_news
from campaigns.models import CampaignPage
from donations.actions.letters import send_owed_letters
from donations.models import Follower
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.journeys.conftest import Browse, SignIn
from tests.journeys.people import DESK, PHONE

LINK = re.compile(r"http://\S+/donations/news/\S+/")


def link_of(letter: mail.EmailMessage) -> str:
    found = LINK.search(str(letter.body))
    assert found is not None
    return found[0]


def test_donor_follows_gets_the_news_and_leaves(
    site: Site,
    campaign: CampaignPage,
    browse: Browse,
    sign_in: SignIn,
    make_person: Callable[..., User],
) -> None:
    anna = browse(PHONE)
    page = anna.page
    page.goto(campaign.full_url)
    page.get_by_text("Получать новости по почте").click()
    page.locator("[name=follow-email]").fill("anna@example.org")
    page.locator("[name=follow-news]").check()
    page.get_by_role("button", name="Следить за сбором").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Загляните в почту")
    anna.picture("follow-asked")

    mail.outbox.clear()
    send_owed_letters()
    asked = next(letter for letter in mail.outbox if letter.to == ["anna@example.org"])
    page.goto(link_of(asked))
    anna.picture("follow-confirm")
    page.get_by_role("button", name="Да, присылайте новости").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Вы следите за этим сбором")

    desk = browse(DESK)
    sign_in(desk, make_person(Role.EDITOR, site))
    editor = desk.page
    admin = editor.url.partition("/admin/")[0]
    editor.goto(f"{admin}/admin/pages/{campaign.pk}/edit/")
    editor.get_by_role("tab", name="Новости").click()
    expect(editor.get_by_text("За сбором по почте следит 1 человек.")).to_be_visible()
    desk.picture("news-tab")
    editor.get_by_role("link", name="Написать новость").click()
    expect(editor.get_by_text("он получит письмо")).to_be_visible()
    editor.locator("[name=title]").fill("Илья доехал до Сарагосы")
    desk.picture("news-editor")
    editor.get_by_role("button", name="Больше действий").last.click()
    editor.get_by_role("button", name="Опубликовать").click()
    editor.wait_for_url(f"**/admin/pages/{campaign.pk}/")

    page.goto(campaign.full_url)
    page.get_by_role("link", name="Илья доехал до Сарагосы").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Илья доехал до Сарагосы")

    mail.outbox.clear()
    assert send_owed_news() == 1
    [letter] = mail.outbox
    assert letter.subject == "Илья доехал до Сарагосы"
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert link_of(letter) == stop
    host, _slash, path = stop.removeprefix("http://").partition("/")
    pressed = SiteClient(host).post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    assert not Follower.objects.following().exists()
    page.goto(stop)
    expect(page.get_by_role("heading", level=1)).to_have_text("Новости больше не придут")
    anna.picture("follow-left")
