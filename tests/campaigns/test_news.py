"""News of a campaign on its pages, and the letters that carry each of them once."""

import smtplib
from collections.abc import Callable
from datetime import date, timedelta
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, Site

from campaigns import mailing
from campaigns.mailing import send_owed_news
from campaigns.models import CampaignPage
from campaigns.news import UpdateLetter, UpdateMailing, UpdatePage
from campaigns.share_picture import card_as_it_stands, path_of
from donations.actions.followers import ask_to_follow, confirm, leave
from donations.models import Follower
from network.actions.states import archive_site, name_to_type, pause_site, reopen_site
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient
from tests.donations.screen import in_russian
from tests.home.conftest import picture_for
from tests.letters import html_of

Tell = Callable[..., UpdatePage]


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> CampaignPage:
    return make_campaign("Пандус")


@pytest.fixture
def tell(campaign: CampaignPage) -> Tell:
    """tell("Купили доски"); a draft with publish=False."""

    def write(
        title: str = "Купили доски",
        *,
        below: CampaignPage | None = None,
        words: str = "<p>Двадцать штук &amp; гвозди.</p><p>Спасибо.</p>",
        publish: bool = True,
        **fields: Any,
    ) -> UpdatePage:
        number = UpdatePage.objects.count()
        page = UpdatePage(
            title=title,
            slug=f"novost-{number}",
            body=[{"type": "text", "value": words}],
            live=False,
            **fields,
        )
        (below or campaign).add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
            page.refresh_from_db()
        return page

    return write


@pytest.fixture
def anna(campaign: CampaignPage) -> Follower:
    return followed_by(campaign, "anna@example.org")


def followed_by(campaign: CampaignPage, email: str, language: str = "ru") -> Follower:
    ask_to_follow(fund=fund_of(campaign), email=email, language=language, page_path="/sbory/")
    follower = Follower.objects.get(email=email)
    confirm(follower)
    return Follower.objects.get(pk=follower.pk)


def sent_to() -> list[str]:
    return sorted(parseaddr(letter.to[0])[1] for letter in mail.outbox)


# --- pages


def test_the_campaign_shows_its_newest_news_first_and_three_of_them(
    campaign: CampaignPage, tell: Tell, visitor: SiteClient
) -> None:
    for day in (3, 9, 5, 7):
        tell(f"Новость {day}", date=date(2026, 11, day))
    tell("Черновик", publish=False)
    answer = visitor.get("/sbory/pandus/")
    shown = [update.title for update in answer.context["updates"]]
    assert shown == ["Новость 9", "Новость 7", "Новость 5"]
    html = answer.content.decode()
    assert 'href="/sbory/pandus/news/"' in html
    assert "Черновик" not in html
    assert "Двадцать штук &amp; гвозди. Спасибо." in html


def test_a_campaign_without_news_says_nothing_of_them(
    campaign: CampaignPage, visitor: SiteClient
) -> None:
    html = visitor.get("/sbory/pandus/").content.decode()
    assert in_russian("News of the campaign") not in html
    assert visitor.get("/sbory/pandus/news/").status_code == 200


def test_the_page_of_a_campaign_costs_the_same_with_one_piece_of_news_and_with_five(
    site: Site, tell: Tell, visitor: SiteClient
) -> None:
    def asked() -> int:
        assert visitor.get("/sbory/pandus/").status_code == 200
        with CaptureQueriesContext(connection) as caught:
            visitor.get("/sbory/pandus/")
        return len(caught)

    tell(picture=picture_for(site, "#102030"))
    with_one = asked()
    for number in range(4):
        tell(f"Ещё {number}", picture=picture_for(site, f"#20304{number}"))
    assert asked() == with_one
    assert with_one <= 15


def test_all_news_come_page_by_page(tell: Tell, visitor: SiteClient) -> None:
    for day in range(1, 13):
        tell(f"Новость {day}", date=date(2026, 11, day))
    first = visitor.get("/sbory/pandus/news/")
    assert [one.title for one in first.context["updates"]][:2] == ["Новость 12", "Новость 11"]
    assert len(first.context["updates"]) == 10
    second = visitor.get("/sbory/pandus/news/?page=2")
    assert [one.title for one in second.context["updates"]] == ["Новость 2", "Новость 1"]
    assert visitor.get("/sbory/pandus/news/?page=nonsense").status_code == 200


def test_news_have_an_address_of_their_own(tell: Tell, visitor: SiteClient) -> None:
    tell(words='<p>Слова</p><script>alert("x")</script>')
    html = visitor.get("/sbory/pandus/novost-0/").content.decode()
    assert "<h1>Купили доски</h1>" in html
    assert 'href="/sbory/pandus/"' in html
    assert 'name="robots"' not in html


def test_news_of_a_campaign_by_link_are_kept_from_search(
    make_campaign: MakeCampaign, tell: Tell, visitor: SiteClient
) -> None:
    quiet = make_campaign("Тихий", slug="tihii", by_link_only=True)
    tell(below=quiet)
    for path in ("novost-0/", "news/"):
        html = visitor.get(f"/sbory/tihii/{path}").content.decode()
        assert '<meta name="robots" content="noindex">' in html


def test_the_feed_tells_what_the_pages_tell(tell: Tell, visitor: SiteClient) -> None:
    tell()
    answer = visitor.get("/sbory/pandus/news/rss/")
    assert answer["Content-Type"].startswith("application/rss+xml")
    feed = answer.content.decode()
    assert "<title>Купили доски</title>" in feed
    assert "/sbory/pandus/novost-0/" in feed


def test_a_character_that_xml_cannot_hold_breaks_no_feed(tell: Tell, visitor: SiteClient) -> None:
    tell("Купили\x0b доски", words="<p>Двад\x08цать штук.</p>")
    feed = visitor.get("/sbory/pandus/news/rss/").content.decode()
    assert "<title>Купили доски</title><link>" in feed
    assert "<description>Двадцать штук.</description>" in feed


def test_news_are_hidden_with_their_campaign_and_come_back_with_it(
    campaign: CampaignPage, tell: Tell, visitor: SiteClient
) -> None:
    page = tell()
    picture = path_of(page, card_as_it_stands(page, page.get_site()))
    addresses = [f"/sbory/pandus/{path}" for path in ("novost-0/", "news/", "news/rss/")] + [
        picture
    ]

    def answers() -> list[int]:
        return [visitor.get(address).status_code for address in addresses]

    assert answers() == [200] * 4
    campaign.unpublish()
    assert answers() == [404] * 4
    campaign.save_revision().publish()
    assert answers() == [200] * 4


# --- letters


def test_a_follower_gets_the_news_once(anna: Follower, tell: Tell, site: Site) -> None:
    page = tell()
    assert send_owed_news() == 1
    assert send_owed_news() == 0
    [letter] = mail.outbox
    assert letter.to == ["anna@example.org"]
    assert letter.subject == "Купили доски"
    stop = f"{site.root_url}/donations/news/{anna.token}/"
    assert letter.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = html_of(letter)
    for part in (letter.body, html):
        assert stop in part
        assert page.full_url in part
        assert "Пандус" in part
    assert "Двадцать штук & гвозди." in letter.body
    assert "<p>Двадцать штук &amp; гвозди.</p>" in html


def test_changes_and_a_second_publishing_send_nothing_more(anna: Follower, tell: Tell) -> None:
    page = tell()
    send_owed_news()
    page.title = "Купили доски и гвозди"
    page.save_revision().publish()
    page.unpublish()
    followed_by(page.campaign, "boris@example.org")
    page.save_revision().publish()
    assert send_owed_news() == 0
    assert UpdateMailing.objects.count() == 1
    assert sent_to() == ["anna@example.org"]


def test_only_who_confirmed_and_stayed_gets_it(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    ask_to_follow(fund=fund_of(campaign), email="new@example.org", language="ru", page_path="")
    leave(followed_by(campaign, "gone@example.org"))
    tell()
    leaving = followed_by(campaign, "late@example.org")
    assert send_owed_news() == 1
    assert sent_to() == ["anna@example.org"]
    tell("Ещё")
    leave(leaving)  # after the letter was owed
    send_owed_news()
    assert sent_to() == ["anna@example.org", "anna@example.org"]


def test_who_leaves_while_letters_go_gets_none(
    anna: Follower, campaign: CampaignPage, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed_by(campaign, "boris@example.org")
    tell()
    posted: list[int] = []

    def post(letter: UpdateLetter) -> None:
        posted.append(letter.follower_id)
        for other in Follower.objects.exclude(pk=letter.follower_id):
            leave(other)

    monkeypatch.setattr(mailing.mail, "send_news", post)
    send_owed_news()
    assert len(posted) == 1


def test_an_editor_may_publish_without_letters_and_send_later(anna: Follower, tell: Tell) -> None:
    page = tell(by_mail=False)
    assert not UpdateMailing.objects.exists()
    page.by_mail = True
    page.save_revision().publish()
    assert send_owed_news() == 1


def test_a_plan_to_publish_sends_at_its_time(anna: Follower, tell: Tell) -> None:
    soon = timezone.now() + timedelta(hours=1)
    page = tell(publish=False)
    page.go_live_at = soon
    page.save_revision().publish()
    assert send_owed_news() == 0
    with time_machine.travel(soon + timedelta(minutes=1)):
        call_command("publish_scheduled", verbosity=0)
        assert send_owed_news() == 1


def test_a_mail_server_that_fails_loses_nothing(
    anna: Follower, campaign: CampaignPage, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed_by(campaign, "boris@example.org")
    tell()

    def refuse(letter: UpdateLetter) -> None:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(mailing.mail, "send_news", refuse)
        assert send_owed_news() == 0
        assert send_owed_news() == 0  # not due yet
    errors = list(UpdateLetter.objects.values_list("last_error", "attempts"))
    assert errors == [("SMTPServerDisconnected", 1)] * 2
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert send_owed_news() == 2
        assert send_owed_news() == 0
    assert sent_to() == ["anna@example.org", "boris@example.org"]


def test_what_is_hidden_again_is_not_sent(anna: Follower, tell: Tell) -> None:
    page = tell()
    page.unpublish()
    assert send_owed_news() == 0
    page.save_revision().publish()
    assert send_owed_news() == 1


def test_what_is_hidden_with_its_campaign_is_not_sent(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    tell()
    campaign.unpublish()
    assert send_owed_news() == 0
    campaign.save_revision().publish()
    assert send_owed_news() == 1
    assert send_owed_news() == 0


def test_a_campaign_hidden_while_letters_go_stops_them(
    anna: Follower, campaign: CampaignPage, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed_by(campaign, "boris@example.org")
    tell()
    monkeypatch.setattr(mailing.mail, "send_news", lambda _letter: campaign.unpublish())
    assert send_owed_news() == 1
    assert UpdateLetter.objects.filter(sent_at=None).count() == 1


def test_a_translation_below_a_hidden_campaign_is_sent_to_nobody(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    followed_by(campaign, "john@example.org", language="en")
    translated_campaign = campaign.copy_for_translation(english, copy_parents=True)
    translated_campaign.save_revision().publish()
    page = tell(publish=False)
    translated = page.copy_for_translation(english)
    translated.title = "Painted"
    translated.save_revision().publish()
    CampaignPage.objects.get(pk=translated_campaign.pk).unpublish()
    page.save_revision().publish()
    assert send_owed_news() == 2
    assert {letter.subject for letter in mail.outbox} == {page.title}


def test_deleted_news_are_not_sent(anna: Follower, tell: Tell) -> None:
    tell().delete()
    assert send_owed_news() == 0


def test_news_two_weeks_old_are_news_no_more(anna: Follower, tell: Tell) -> None:
    tell()
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert send_owed_news() == 0


def test_a_site_that_rests_sends_when_it_works_again(
    anna: Follower, tell: Tell, site: Site
) -> None:
    pause_site(site=site, by=None)
    tell()
    assert send_owed_news() == 0
    reopen_site(site=site, by=None)
    assert send_owed_news() == 1


def test_a_closed_site_sends_nothing(anna: Follower, tell: Tell, site: Site) -> None:
    tell()
    archive_site(site=site, typed_name=name_to_type(site), by=None)
    assert send_owed_news() == 0
    tell("Ещё")
    assert UpdateMailing.objects.count() == 1


def test_news_below_a_hidden_campaign_are_sent_once_when_it_is_shown(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    campaign.unpublish()
    hidden = CampaignPage.objects.get(pk=campaign.pk)
    tell(below=hidden)
    tell("Без письма", below=hidden, by_mail=False)
    tell("Черновик", below=hidden, publish=False)
    assert send_owed_news() == 0
    for sent in (1, 0):
        campaign.save_revision().publish()
        assert send_owed_news() == sent
    assert [letter.subject for letter in mail.outbox] == ["Купили доски"]


def test_old_news_below_a_campaign_shown_again_are_sent_to_nobody(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    campaign.unpublish()
    tell(below=CampaignPage.objects.get(pk=campaign.pk))
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        campaign.save_revision().publish()
        assert not UpdateMailing.objects.exists()


def test_news_of_a_finished_campaign_are_sent(
    anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    campaign.is_finished = True
    campaign.save_revision().publish()
    tell(below=CampaignPage.objects.get(pk=campaign.pk))
    assert send_owed_news() == 1


def test_followers_read_their_language_when_it_is_public(
    site: Site, anna: Follower, campaign: CampaignPage, tell: Tell
) -> None:
    english, _created = Locale.objects.get_or_create(language_code="en")
    followed_by(campaign, "john@example.org", language="en")
    translated_campaign = campaign.copy_for_translation(english, copy_parents=True)
    translated_campaign.save_revision().publish()
    first = tell()
    second = tell("Покрасили", publish=False)
    translated = second.copy_for_translation(english)
    translated.title = "Painted"
    translated.save_revision().publish()
    assert UpdateMailing.objects.filter(key=second.translation_key).count() == 0
    second.save_revision().publish()
    assert send_owed_news() == 4
    subjects = {(letter.to[0], letter.subject) for letter in mail.outbox}
    assert subjects == {
        ("anna@example.org", first.title),
        ("john@example.org", first.title),
        ("anna@example.org", "Покрасили"),
        ("john@example.org", "Painted"),
    }


def test_the_picture_of_the_letter_is_on_the_site_itself(
    site: Site, anna: Follower, tell: Tell
) -> None:
    tell(picture=picture_for(site, "#102030"))
    send_owed_news()
    assert f'<img src="{site.root_url}/media/' in html_of(mail.outbox[0])


def test_followers_of_a_neighbour_get_nothing(
    anna: Follower, tell: Tell, make_campaign: MakeCampaign, other_site: Site
) -> None:
    theirs = make_campaign("Крыша", on=other_site, slug="krysha")
    followed_by(theirs, "stranger@example.org")
    tell()
    assert send_owed_news() == 1
    assert sent_to() == ["anna@example.org"]


# --- the admin


def test_the_editor_reads_how_many_will_get_it_and_no_address(
    anna: Follower,
    campaign: CampaignPage,
    site: Site,
    tell: Tell,
    make_person: Callable[..., Any],
    admin_as: Callable[..., SiteClient],
) -> None:
    followed_by(campaign, "boris@example.org")
    leave(followed_by(campaign, "gone@example.org"))
    editor = admin_as(make_person(Role.EDITOR, site))
    new = editor.get(f"/admin/pages/add/campaigns/updatepage/{campaign.pk}/")
    assert "следят 2 человека" in new.content.decode()
    page = tell()
    send_owed_news()
    edit = editor.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert "ушло писем — 2 из 2" in edit
    there = editor.get(f"/admin/pages/{campaign.pk}/edit/").content.decode()
    assert "следят 2 человека" in there
    assert "2 письма" in there
    for html in (new.content.decode(), edit, there):
        assert "anna@example.org" not in html


def test_the_address_news_is_the_list_s_own(
    campaign: CampaignPage,
    site: Site,
    make_person: Callable[..., Any],
    admin_as: Callable[..., SiteClient],
) -> None:
    editor = admin_as(make_person(Role.EDITOR, site))
    form = {
        "title": "Купили доски",
        "slug": "news",
        "date": "2026-11-27",
        "by_mail": "on",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "action-publish": "1",
    }
    address = f"/admin/pages/add/campaigns/updatepage/{campaign.pk}/"
    assert editor.post(address, form).status_code == 200
    assert not UpdatePage.objects.exists()
    assert editor.post(address, {**form, "slug": ""}).status_code == 302
    assert UpdatePage.objects.get().slug == "kupili-doski"
