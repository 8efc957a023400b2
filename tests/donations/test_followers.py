"""News by e-mail: nobody gets a letter without having confirmed, and one press ends it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import Site

from campaigns.models import CampaignPage
from donations.actions.followers import ask_to_follow, confirm, forget_followers, leave
from donations.actions.letters import correct_email, send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.sandbox import decide
from donations.models import Acceptance, Donation, Follower, Fund, SandboxPayment
from donations.tokens import once_token, page_token
from network.actions.states import archive_site, name_to_type, pause_site
from site_settings.legal import publish_wording, shown_wordings
from site_settings.models import LegalKind, Organisation
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of, make_campaign
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed, wordings_of
from tests.donations.screen import in_russian
from tests.letters import html_of

__all__ = ("make_campaign",)

ADDRESS = "/donations/follow/"
Follow = Callable[..., Any]


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> CampaignPage:
    return make_campaign("Пандус")


@pytest.fixture
def fund(campaign: CampaignPage) -> Fund:
    """The fund of a campaign: only campaigns have news."""
    return fund_of(campaign)


@pytest.fixture
def pay() -> Callable[[Donation], Donation]:
    def in_the_sandbox(gift: Donation) -> Donation:
        decide(payment=SandboxPayment.objects.get(external_id=str(gift.external_id)), pay=True)
        return refresh_donation(gift, source="return")

    return in_the_sandbox


@pytest.fixture
def typed_wish(fund: Fund) -> Typed:
    def fill(**changes: Any) -> dict[str, Any]:
        organisation = Organisation.for_site(fund.site)
        data = {
            "fund": str(fund.public_id),
            "token": page_token(fund),
            "texts": shown_wordings([LegalKind.NEWS], organisation, fund.site),
            "page": "/sbory/pandus/",
            "website": "",
            "email": "anna@example.org",
            "news": "on",
        }
        filled = {**data, **changes}.items()
        return {f"follow-{name}": value for name, value in filled if value is not None}

    return fill


@pytest.fixture
def follow(visitor: SiteClient, typed_wish: Typed) -> Follow:
    return lambda **changes: visitor.send_form(ADDRESS, typed_wish(**changes))


def link_in(letter: Any) -> str:
    found = re.search(r"http://[^/\s]+(/donations/news/[\w-]+/)", letter.body)
    assert found is not None, letter.body
    return found[1]


def press(visitor: SiteClient, path: str, wish: str) -> Any:
    return visitor.send_form(path, {"do": wish})


def test_the_form_on_the_page_asks_and_the_letter_confirms(
    campaign: CampaignPage, visitor: SiteClient, follow: Follow
) -> None:
    html = visitor.get("/sbory/pandus/").content.decode()
    assert 'action="/donations/follow/"' in html
    assert 'id="follow-news" required>' in html  # never ticked beforehand
    answer = follow()
    assert answer.status_code == 200
    assert "anna@example.org" in answer.content.decode()
    follower = Follower.objects.get()
    assert (follower.language, follower.page_path) == ("ru", "/sbory/pandus/")
    assert (follower.text.kind, follower.source) == ("news", "campaign page")
    assert not follower.is_following
    assert send_owed_letters() == 1
    [letter] = mail.outbox
    assert letter.to == ["anna@example.org"]
    assert letter.subject == in_russian("Do you want news of: %(purpose)s?", purpose="Пандус")
    path = link_in(letter)
    assert path in html_of(letter)
    # What a mail scanner does.
    page = visitor.get(path)
    assert in_russian("Yes, send me the news") in page.content.decode()
    assert not Follower.objects.get().is_following
    assert press(visitor, path, "confirm").status_code == 303
    assert Follower.objects.get().is_following
    assert send_owed_letters() == 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"email": ""}, 422),
        ({"email": "anna@@example"}, 422),
        ({"email": None}, 422),
        ({"news": None}, 422),
        ({"texts": "news:unknown"}, 422),
        ({"texts": ""}, 422),
        ({"website": "http://spam"}, 200),
        ({"token": "forged"}, 200),
        ({"fund": "nonsense"}, 404),
        ({"fund": "00000000-0000-0000-0000-000000000000"}, 404),
    ],
)
def test_what_is_not_a_clear_wish_leaves_nothing(
    follow: Follow, changes: dict[str, Any], status: int
) -> None:
    answer = follow(**changes)
    assert answer.status_code == status
    assert not Follower.objects.exists()
    if status != 404:
        assert 'id="follow-email"' in answer.content.decode()


def test_after_a_doubt_the_page_itself_is_believed(
    visitor: SiteClient, follow: Follow, typed_wish: Typed, fund: Fund
) -> None:
    with time_machine.travel(timezone.now() - timedelta(seconds=5)):
        token = once_token(fund)
    assert follow(token="old").status_code == 200
    assert visitor.send_form(ADDRESS, typed_wish(token=once_token(fund))).status_code == 200
    assert not Follower.objects.exists()  # nobody reads so fast
    follow(token=token)
    assert Follower.objects.count() == 1


def test_another_site_s_page_cannot_ask(visitor: SiteClient, typed_wish: Typed) -> None:
    for headers in ({"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_ORIGIN": "https://evil.example"}):
        answer = visitor.post(ADDRESS, typed_wish(page="javascript:alert(1)"), **headers)  # type: ignore[arg-type]
        assert answer.status_code == 403
        assert "javascript:" not in answer.content.decode()
    assert not Follower.objects.exists()


def test_the_fund_of_another_site_and_the_general_fund_have_no_news(
    other_site: Site, site: Site, visitor: SiteClient, typed_wish: Typed, fund: Fund
) -> None:
    stranger = SiteClient(other_site.hostname)
    assert stranger.send_form(ADDRESS, typed_wish()).status_code == 404
    general = Fund.objects.of_site(site).general().get()
    answer = visitor.send_form(ADDRESS, typed_wish(fund=str(general.public_id)))
    assert answer.status_code == 404
    assert not Follower.objects.exists()


def test_the_answer_does_not_tell_who_follows(follow: Follow) -> None:
    unknown = follow().content
    asked = follow().content
    confirm(Follower.objects.get())
    known = follow().content
    assert unknown == asked == known
    assert Follower.objects.get().is_following
    assert send_owed_letters() == 0


def test_asking_again_sends_one_letter_more_and_no_third_row(follow: Follow) -> None:
    follow()
    send_owed_letters()
    follow()
    assert send_owed_letters() == 1
    assert Follower.objects.count() == 1
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 2


def test_asking_again_while_the_letter_is_being_sent_sends_no_second(
    follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(message: mail.EmailMultiAlternatives) -> None:
        mail.outbox.append(message)
        if len(mail.outbox) == 1:
            follow()
            assert send_owed_letters() == 0

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", slow)
    follow()
    assert send_owed_letters() == 1
    assert (send_owed_letters(), len(mail.outbox)) == (0, 1)


def test_letters_to_one_address_are_limited(follow: Follow) -> None:
    assert [follow().status_code for _try in range(4)] == [200, 200, 200, 429]
    assert int(follow()["Retry-After"]) > 3600
    assert follow(email="boris@example.org").status_code == 200


def test_one_visitor_cannot_write_to_a_whole_list(follow: Follow) -> None:
    answers = [follow(email=f"a{number}@example.org").status_code for number in range(21)]
    assert answers == [200] * 20 + [429]
    assert Follower.objects.count() == 20


# --- with a gift


def test_the_box_at_a_gift_is_empty_and_apart(campaign: CampaignPage, visitor: SiteClient) -> None:
    html = visitor.get("/sbory/pandus/").content.decode()
    assert '<input type="checkbox" name="news" id="give-news">' in html


def test_the_thanks_ask_to_confirm_and_only_after_the_money_came(
    submit: Submit, site: Site, visitor: SiteClient, pay: Callable[[Donation], Donation]
) -> None:
    submit(news="on", texts=wordings_of(site))
    gift = Donation.objects.get()
    wish = Acceptance.objects.get(text__kind=LegalKind.NEWS)
    assert not Follower.objects.exists()
    pay(gift)
    follower = Follower.objects.get()
    assert (follower.email, follower.fund, follower.text) == (gift.email, gift.fund, wish.text)
    assert (follower.source, follower.agreed_at) == ("donation form", wish.at)
    assert send_owed_letters() == 1
    [letter] = mail.outbox
    path = link_in(letter)
    assert path in html_of(letter)
    press(visitor, path, "confirm")
    assert Follower.objects.get().is_following


def test_a_corrected_address_is_asked_too(
    submit: Submit,
    site: Site,
    pay: Callable[[Donation], Donation],
    make_person: Callable[..., Any],
) -> None:
    submit(news="on", texts=wordings_of(site))
    gift = pay(Donation.objects.get())
    accountant = make_person(Role.ACCOUNTANT, site)
    correct_email(donation=gift, email="anna@right.example.org", by=accountant)
    assert send_owed_letters() == 1
    assert link_in(mail.outbox[0]) == f"/donations/news/{Follower.objects.get().token}/"
    assert Follower.objects.get().email == "anna@right.example.org"


def test_a_gift_without_the_box_asks_for_nothing(
    submit: Submit, site: Site, pay: Callable[[Donation], Donation]
) -> None:
    submit(texts=wordings_of(site))
    pay(Donation.objects.get())
    send_owed_letters()
    assert not Follower.objects.exists()
    assert "/donations/news/" not in mail.outbox[0].body


def test_a_gift_to_the_organisation_has_no_news_whatever_is_sent(
    submit: Submit, site: Site, pay: Callable[[Donation], Donation]
) -> None:
    general = Fund.objects.of_site(site).general().get()
    submit(fund=str(general.public_id), token=page_token(general), news="on")
    pay(Donation.objects.get())
    assert not Follower.objects.exists()
    assert not Acceptance.objects.filter(text__kind=LegalKind.NEWS).exists()


def test_a_wording_nobody_knows_is_read_once_more(submit: Submit, site: Site) -> None:
    known = wordings_of(site).replace("news:", "news:0")
    assert submit(news="on", texts=known).status_code == 422
    assert submit(texts=known).status_code == 303


def test_the_version_that_was_read_is_kept(
    follow: Follow, typed_wish: Typed, visitor: SiteClient, make_person: Callable[..., Any]
) -> None:
    follow(email="first@example.org")
    sent = typed_wish(email="second@example.org")  # the page was open before the change
    publish_wording(kind=LegalKind.NEWS, body="{название} пишет.", by=make_person(Role.COORDINATOR))
    assert visitor.send_form(ADDRESS, sent).status_code == 200
    texts = {row.text.body for row in Follower.objects.all()}
    assert len(texts) == 1
    assert "пишет." not in texts.pop()


# --- the end of it


@pytest.fixture
def follower(fund: Fund) -> Follower:
    ask_to_follow(fund=fund, email="anna@example.org", language="ru", page_path="/sbory/pandus/")
    confirm(Follower.objects.get())
    return Follower.objects.get()


def page_of(follower: Follower) -> str:
    return f"/donations/news/{follower.token}/"


def test_a_mail_program_stops_the_news_by_one_press(
    follower: Follower, visitor: SiteClient
) -> None:
    """RFC 8058: no cookie, no origin, no redirect."""
    answer = visitor.post(page_of(follower), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.cookies
    left_at = Follower.objects.get().left_at
    assert left_at is not None
    visitor.post(page_of(follower), {"List-Unsubscribe": "One-Click"})
    assert Follower.objects.get().left_at == left_at


def test_looking_at_the_page_stops_nothing_and_a_button_does(
    follower: Follower, visitor: SiteClient
) -> None:
    path = page_of(follower)
    for method in (visitor.get, visitor.head):
        assert method(path).status_code == 200
    assert Follower.objects.get().is_following
    assert press(visitor, path, "stop").status_code == 303
    assert not Follower.objects.get().is_following
    said = visitor.get(path).content.decode()
    assert in_russian("News come no more") in said
    assert in_russian("Follow again") in said
    press(visitor, path, "confirm")
    assert Follower.objects.get().is_following


def test_only_our_own_page_can_begin_the_news(follower: Follower, visitor: SiteClient) -> None:
    leave(follower)
    answer = visitor.post(page_of(follower), {"do": "confirm"}, HTTP_SEC_FETCH_SITE="cross-site")
    assert answer.status_code == 409
    assert not Follower.objects.get().is_following


def test_the_link_is_nobody_s_on_another_site(follower: Follower, other_site: Site) -> None:
    stranger = SiteClient(other_site.hostname)
    assert stranger.get(page_of(follower)).status_code == 404
    assert stranger.post(page_of(follower)).status_code == 404
    assert Follower.objects.get().is_following


def test_a_closed_site_takes_refusals_and_nothing_else(
    follower: Follower, site: Site, visitor: SiteClient, follow: Follow
) -> None:
    archive_site(site=site, typed_name=name_to_type(site), by=None)
    assert follow(email="boris@example.org").status_code == 409
    assert "follow-email" not in visitor.get("/sbory/pandus/").content.decode()
    press(visitor, page_of(follower), "stop")
    assert not Follower.objects.get().is_following
    assert press(visitor, page_of(follower), "confirm").status_code == 409


def test_a_site_that_rests_takes_no_followers(site: Site, follow: Follow) -> None:
    pause_site(site=site, by=None)
    assert follow().status_code == 409


def test_who_never_confirmed_is_forgotten_after_thirty_days(
    fund: Fund, follower: Follower, visitor: SiteClient
) -> None:
    ask_to_follow(fund=fund, email="boris@example.org", language="ru", page_path="")
    other = Follower.objects.get(email="boris@example.org")
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert forget_followers() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_followers() == 1
    assert Follower.objects.get() == follower
    answer = visitor.get(page_of(other))
    assert answer.status_code == 404
    assert in_russian("This link works no more") in answer.content.decode()


def test_the_address_of_who_left_is_forgotten_and_the_dates_stay(
    follower: Follower, visitor: SiteClient
) -> None:
    leave(follower)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_followers() == 1
        assert forget_followers() == 0
    row = Follower.objects.get()
    assert (row.email, row.page_path) == ("", "")
    assert row.text.kind == "news"
    assert None not in (row.agreed_at, row.confirmed_at, row.left_at)
    said = visitor.get(page_of(row)).content.decode()
    assert in_russian("News come no more") in said
    assert in_russian("Follow again") not in said
    press(visitor, page_of(row), "confirm")
    assert not Follower.objects.get().is_following


def test_who_left_and_asks_again_is_asked_to_confirm_again(
    follower: Follower, follow: Follow
) -> None:
    leave(follower)
    follow()
    assert not Follower.objects.get().is_following
    assert send_owed_letters() == 1


def test_an_address_follows_a_campaign_once(follower: Follower) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Follower.objects.create(
            site=follower.site,
            fund=follower.fund,
            email=follower.email,
            text=follower.text,
            agreed_at=timezone.now(),
        )


def test_nobody_follows_without_an_address(follower: Follower) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Follower.objects.filter(pk=follower.pk).update(email="")
