"""A visitor writes to the organisation: nothing is lost, and no machine writes in their name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from home.actions import forget_old_messages, send_owed_messages
from home.contact_forms import SALT
from home.models import FormField, FormMessage
from network.actions.states import archive_site
from site_settings.models import LegalKind, LegalText, Organisation
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.home.pages import form_of, messages_of

PAGE = "/kontakty/napisat-nam/"
CHECK = {"f-vashe_imia": "Анна", "f-elektronnaia_pochta": "anna@example.org"}
Typed = Callable[..., dict[str, Any]]
ANSWERS = {
    "vashe_imia": "Анна",
    "elektronnaia_pochta": "anna@example.org",
    "soobshchenie": "Можно принести\nкорм?",
}


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def hidden(answer: Any) -> dict[str, str]:
    form = soup(answer).select_one("main form.form")
    assert form is not None
    return {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}


@pytest.fixture
def address(site: Site) -> str:
    return f"/messages/{form_of(site).pk}/"


@pytest.fixture
def typed(site: Site, visitor: SiteClient) -> Typed:
    """What a browser sends from the page, with some of it changed."""
    names = [field.clean_name for field in form_of(site).form_fields.all()]

    def make(**changed: Any) -> dict[str, Any]:
        words = dict(zip(names, ANSWERS.values(), strict=True))
        questions = {f"f-{name}": changed.pop(name, value) for name, value in words.items()}
        sent = {**hidden(visitor.get(PAGE)), **questions, "website": "", "consent": "on"}
        return {name: value for name, value in {**sent, **changed}.items() if value is not None}

    return make


def names_of(site: Site) -> list[str]:
    return [field.clean_name for field in form_of(site).form_fields.all()]


def test_a_message_is_kept_and_its_letter_goes_to_the_organisation(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    Organisation.objects.filter(site=site).update(email="hello@veloput.example.org")
    answer = visitor.send_form(address, typed())
    assert (answer.status_code, answer["Location"]) == (303, f"{address}sent/")
    assert not answer.cookies
    (message,) = messages_of(site)
    assert [answer for _question, answer in message.answers] == list(ANSWERS.values())
    assert message.reply_to == "anna@example.org"
    assert mail.outbox == []  # nobody waits for the mail server
    assert send_owed_messages() == 1
    (letter,) = mail.outbox
    assert letter.to == ["hello@veloput.example.org"]
    assert letter.reply_to == ["anna@example.org"]
    assert letter.subject == "Сообщение с сайта НКО veloput"
    assert "Сообщение:\nМожно принести\nкорм?" in letter.body
    assert f"/admin/forms/submissions/{form_of(site).pk}/" in letter.body
    assert send_owed_messages() == 0
    assert len(mail.outbox) == 1
    thanks = visitor.get(f"{address}sent/").content.decode()
    assert "Сообщение отправлено" in thanks
    assert "Спасибо. Мы прочитаем и ответим в ближайшие дни." in thanks
    assert '<meta name="robots" content="noindex">' in thanks


def test_a_letter_that_cannot_go_is_tried_again(
    site: Site,
    visitor: SiteClient,
    typed: Typed,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Organisation.objects.filter(site=site).update(email="hello@veloput.example.org")
    visitor.send_form(address, typed())

    def broken(self: EmailBackend, messages: Any) -> int:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", broken)
        assert send_owed_messages() == 0
    (message,) = messages_of(site)
    assert (message.sent_at, message.attempts, message.last_error) == (None, 1, "OSError")
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert send_owed_messages() == 1
    assert len(mail.outbox) == 1


def test_without_an_address_the_people_of_the_site_are_written_to(
    site: Site,
    other_site: Site,
    visitor: SiteClient,
    typed: Typed,
    address: str,
    make_person: Callable[..., User],
) -> None:
    Organisation.objects.filter(site=site).update(email="")
    visitor.send_form(address, typed())
    make_person(Role.EDITOR, other_site)
    make_person(Role.ACCOUNTANT, site)
    assert send_owed_messages() == 0
    assert messages_of(site)[0].last_error == "NobodyToWriteTo"
    editor = make_person(Role.EDITOR, site)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert send_owed_messages() == 1
    assert mail.outbox[0].to == [editor.email]


def test_the_wording_that_was_read_is_kept_with_the_message(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    before = typed()
    Organisation.objects.filter(site=site).update(message_clause="Ещё одно условие.")
    answer = visitor.send_form(address, before)
    assert answer.status_code == 422
    assert "Этот текст с тех пор изменился" in answer.content.decode()
    assert not soup(answer).select("#id_consent[checked]")
    assert messages_of(site) == []
    visitor.send_form(address, typed())
    (message,) = messages_of(site)
    assert message.consent.kind == LegalKind.MESSAGE
    assert message.consent.body.endswith("Ещё одно условие.")
    assert LegalText.objects.filter(kind=LegalKind.MESSAGE).count() == 1


def test_consent_is_asked_unticked_and_without_it_nothing_is_kept(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    box = soup(visitor.get(PAGE)).select_one("#id_consent")
    assert box is not None
    assert not box.has_attr("checked")
    for value in (None, "", "false"):
        answer = visitor.send_form(address, typed(consent=value))
        assert answer.status_code == 422
        assert "Без этого согласия мы не вправе" in answer.content.decode()
    assert messages_of(site) == []


def test_errors_stand_beside_the_fields_and_what_was_typed_stays(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    name, email, text = names_of(site)
    answer = visitor.send_form(address, typed(**{email: "anna@", text: "\u200b \n"}))
    assert answer.status_code == 422
    page = soup(answer)
    field = page.select_one(f"#id_f-{email}")
    assert field is not None
    assert field["value"] == "anna@"
    assert field["aria-invalid"] == "true"
    assert f"id_f-{email}_error" in str(field["aria-describedby"])
    assert page.select_one(f"#id_f-{email}_error") is not None
    words = page.select_one(f"#id_f-{text}_error")
    assert words is not None
    assert words.get_text().strip() == "Заполните, пожалуйста."
    kept = page.select_one(f"#id_f-{name}")
    assert kept is not None
    assert kept["value"] == "Анна"
    assert page.select("#id_consent[checked]")
    links = [link["href"] for link in page.select(".error-summary a")]
    assert links == [f"#id_f-{email}", f"#id_f-{text}"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, "a@b.ru\nBcc: x@y.ru"),
        (1, "a@b.ru,c@d.ru"),
        (1, "a@[127.0.0.1]"),
        (0, "а\x00б"),
        (0, "И" * 256),
        (2, "а" * 5001),
    ],
)
def test_what_cannot_be_written_is_refused(
    site: Site, visitor: SiteClient, typed: Typed, address: str, place: int, value: str
) -> None:
    answer = visitor.send_form(address, typed(**{names_of(site)[place]: value}))
    assert answer.status_code == 422
    assert messages_of(site) == []


def test_a_line_break_in_a_name_reaches_no_header(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    Organisation.objects.filter(site=site).update(email="hello@veloput.example.org")
    visitor.send_form(address, typed(**{names_of(site)[0]: "Анна\r\nBcc: x@y.ru {{ form }}"}))
    send_owed_messages()
    (letter,) = mail.outbox
    assert letter.recipients() == ["hello@veloput.example.org"]
    assert "Анна Bcc: x@y.ru {{ form }}" in letter.body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "http://lapy.localhost", "HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "null"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused(
    site: Site, visitor: SiteClient, typed: Typed, address: str, headers: dict[str, str]
) -> None:
    answer = visitor.post(address, typed(), **headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert messages_of(site) == []


def test_only_a_form_of_modest_size_is_read(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    xml = visitor.post(address, "<a/>", "application/xml", HTTP_SEC_FETCH_SITE="same-origin")
    assert xml.status_code == 415
    large = visitor.send_form(address, typed(more="а" * 128 * 1024))
    assert large.status_code == 413
    assert visitor.get(address).status_code == 405
    assert visitor.post(PAGE, typed()).status_code in (403, 405)
    assert messages_of(site) == []


@pytest.mark.parametrize(
    "trap",
    [{"website": "http://spam.example"}, {"token": ""}, {"token": "x"}],
    ids=["trap", "no token", "forged token"],
)
def test_in_doubt_a_person_presses_once_more(
    site: Site, visitor: SiteClient, typed: Typed, address: str, trap: dict[str, str]
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answer = visitor.send_form(address, typed(**trap))
        assert answer.status_code == 200
        assert "Пока ничего не отправлено." in answer.content.decode()
        assert messages_of(site) == []
        again = {**typed(), **hidden(answer)}
        quick = visitor.send_form(address, again)
        assert quick.status_code == 200  # nobody reads so fast
        clock.shift(3)
        assert visitor.send_form(address, again).status_code == 303
        assert visitor.send_form(address, again).status_code == 303
    assert len(messages_of(site)) == 1


def test_a_token_of_another_form_or_of_last_week_is_none(
    site: Site, other_site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    foreign = hidden(SiteClient(other_site.hostname).get(PAGE))["token"]
    assert visitor.send_form(address, typed(token=foreign)).status_code == 200
    before = typed()
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert visitor.send_form(address, before).status_code == 200
    assert messages_of(site) == []
    assert SALT != "donations.page-token"


def test_the_same_words_sent_twice_are_one_message(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    for _click in range(2):
        assert visitor.send_form(address, typed()).status_code == 303
    visitor.send_form(address, typed(**{names_of(site)[2]: "И ещё вопрос"}))
    assert len(messages_of(site)) == 2


def test_too_many_from_one_address_wait_with_their_words(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    text = names_of(site)[2]
    for number in range(5):
        sent = visitor.send_form(address, typed(**{text: f"Вопрос {number}"}))
        assert sent.status_code == 303
    answer = visitor.send_form(
        address, typed(**{text: "Шестой"}), HTTP_X_FORWARDED_FOR="203.0.113.9"
    )
    assert answer.status_code == 429
    assert answer["Retry-After"] == "600"
    assert "Шестой" in answer.content.decode()
    assert len(messages_of(site)) == 5
    other = visitor.send_form(address, typed(**{text: "Другой"}), REMOTE_ADDR="203.0.113.7")
    assert other.status_code == 303


def test_a_neighbours_form_cannot_be_sent_here(
    site: Site, other_site: Site, visitor: SiteClient, typed: Typed
) -> None:
    theirs = f"/messages/{form_of(other_site).pk}/"
    assert visitor.send_form(theirs, typed()).status_code == 404
    assert visitor.get(f"{theirs}sent/").status_code == 404
    assert FormMessage.objects.count() == 0


def test_an_unpublished_form_takes_nothing(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    sent = typed()
    form_of(site).unpublish()
    assert visitor.send_form(address, sent).status_code == 404


def test_every_kind_of_question_can_be_asked_and_answered(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    page = form_of(site)
    for number, kind in enumerate(("date", "dropdown", "radio", "checkboxes", "checkbox")):
        field = FormField(label=kind, field_type=kind, choices="да\nнет", required=False)
        field.sort_order, field.page = 10 + number, page
        field.save()
    words = {
        "f-date": "31.12.2026",
        "f-dropdown": "да",
        "f-radio": "нет",
        "f-checkboxes": ["да", "нет"],
        "f-checkbox": "on",
    }
    html = visitor.get(PAGE).content.decode()
    assert 'type="file"' not in html
    assert visitor.send_form(address, typed(**words)).status_code == 303
    (message,) = messages_of(site)
    assert dict(message.answers) | {} == {
        **dict(zip(("Ваше имя", "Электронная почта", "Сообщение"), ANSWERS.values(), strict=True)),
        "date": "31.12.2026",
        "dropdown": "да",
        "radio": "нет",
        "checkboxes": "да, нет",
        "checkbox": "Да",
    }
    wrong = visitor.send_form(address, typed(**{**words, "f-radio": "может быть"}))
    assert wrong.status_code == 422


def test_a_question_called_like_the_trap_is_no_trap(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    field = FormField(label="Website", field_type="singleline", required=False, sort_order=9)
    field.page = form_of(site)
    field.save()
    assert visitor.send_form(address, typed(**{"f-website": "nko.example"})).status_code == 303
    assert ("Website", "nko.example") in messages_of(site)[0].answers


def test_messages_are_forgotten_after_a_year(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    visitor.send_form(address, typed())
    visitor.send_form(address, typed(**{names_of(site)[2]: "Свежее"}))
    old = messages_of(site)[0]
    FormMessage.objects.filter(pk=old.pk).update(submit_time=timezone.now() - timedelta(days=366))
    assert forget_old_messages() == 1
    assert [message.answers[2][1] for message in messages_of(site)] == ["Свежее"]


def test_an_archived_site_takes_no_message_and_says_so_kindly(
    site: Site, visitor: SiteClient, typed: Typed, address: str
) -> None:
    words = typed()
    archive_site(site=site, typed_name=site.site_name, by=None)
    page = visitor.get(PAGE)
    assert "закончил работу" in page.content.decode()
    assert not soup(page).select("main .lead")
    assert not soup(page).select("main form")
    answer = visitor.send_form(address, words)
    assert answer.status_code == 409
    assert "закончил работу" in answer.content.decode()
    assert messages_of(site) == []
