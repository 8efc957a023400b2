"""Words of donors: on the page only when the donor agreed and a person of the site read them."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from accounts.models import User
from donations.actions.messages import decide_messages
from donations.actions.refunds import refund_donation
from donations.message_views import LEADS_ELSEWHERE
from donations.models import Donation, Fund, MessageState, PaymentAccount
from donations.wall import Words, wall_of
from home.models import StandardPage
from tenancy.models import AuditEntry, Role, RoleGroup
from tests.conftest import SiteClient
from tests.donations.conftest import Submit
from tests.donations.screen import error_at
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]
SCREEN = "/admin/words/"
WAITING, SHOWN, DECLINED = MessageState.WAITING, MessageState.SHOWN, MessageState.DECLINED
CARD = "2202 2000 0000 0008"


@pytest.fixture
def say(fund: Fund, give: Give) -> Callable[..., Donation]:
    """A paid gift with words: say("Держитесь"); agreed to be shown unless show_name=False."""

    def begin(text: str, **fields: Any) -> Donation:
        defaults = {"name": "Анна Петрова", "show_name": True, "pay": True}
        return give(fields.pop("fund", fund), message=text, **{**defaults, **fields})

    return begin


@pytest.fixture
def editor(site: Site, make_person: MakePerson, admin_as: AdminAs) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


@pytest.fixture
def wall(site: Site) -> StandardPage:
    blocks = [{"type": "wall", "value": {"heading": ""}}]
    page = StandardPage(title="Спасибо", slug="spasibo", body=blocks)
    site.root_page.add_child(instance=page)
    return page


def rows_of(answer: Any) -> list[str]:
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.content.decode(), "html.parser")
    return [cell.get_text(" ", strip=True) for cell in soup.select(".books-words")]


def allow(gift: Donation, by: User) -> None:
    decide_messages(gifts=Donation.objects.filter(pk=gift.pk), state=SHOWN, by=by)


def test_words_wait_when_the_donor_agreed_and_stay_with_the_organisation_when_not(
    say: Callable[..., Donation],
) -> None:
    assert say("Держитесь").message_state == WAITING
    assert say("Только вам", show_name=False).message_state == ""
    assert say("").message_state == ""


def test_database_refuses_public_words_of_one_who_did_not_agree(
    say: Callable[..., Donation],
) -> None:
    private, silent = say("Только вам", show_name=False), say("")
    for gift in (private, silent):
        with pytest.raises(IntegrityError), transaction.atomic():
            Donation.objects.filter(pk=gift.pk).update(message_state=SHOWN)


def test_words_stand_on_the_page_only_once_somebody_has_read_them(
    say: Callable[..., Donation],
    site: Site,
    visitor: SiteClient,
    wall: StandardPage,
    editor: SiteClient,
) -> None:
    gift = say("Лёгкой дороги <b>вам</b>")
    assert "Лёгкой дороги" not in visitor.get("/spasibo/").content.decode()
    assert rows_of(editor.get(SCREEN)) == ["Лёгкой дороги <b>вам</b>"]
    editor.post(SCREEN, {"do": f"shown:{gift.pk}"})
    (figure,) = BeautifulSoup(visitor.get("/spasibo/").content.decode(), "html.parser").select(
        ".wall figure"
    )
    assert [part.get_text() for part in figure.select("p, figcaption")] == [
        "Лёгкой дороги <b>вам</b>",
        "Анна П.",
    ]
    assert rows_of(editor.get(SCREEN)) == []
    assert rows_of(editor.get(f"{SCREEN}?show=shown")) == ["Лёгкой дороги <b>вам</b>"]


@pytest.mark.bad_input("comment_links")
def test_link_in_words_is_no_link_and_is_pointed_out(
    say: Callable[..., Donation],
    site: Site,
    visitor: SiteClient,
    wall: StandardPage,
    editor: SiteClient,
) -> None:
    gift = say("Смотрите http://spam.example/a")
    (row,) = rows_of(editor.get(SCREEN))
    assert "Здесь есть адрес или номер" in row
    editor.post(SCREEN, {"do": f"shown:{gift.pk}"})
    soup = BeautifulSoup(visitor.get("/spasibo/").content.decode(), "html.parser")
    (figure,) = soup.select(".wall figure")
    assert "http://spam.example/a" in figure.get_text()
    assert figure.select("a") == []


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("Держитесь. Мы с вами", False),
        ("Собрал 1500 за 3 дня, 12.06.2026", False),
        ("пишите на anna@example.org", True),
        ("www.example.org", True),
        ("заходите на example.ru", True),
        ("звоните 8 (912) 345-67-89", True),
    ],
)
def test_what_leads_elsewhere_is_known(text: str, leads: bool) -> None:
    assert bool(LEADS_ELSEWHERE.search(text)) is leads


def test_words_without_a_name_are_signed_kindly(
    say: Callable[..., Donation], site: Site, make_person: MakePerson
) -> None:
    by = make_person(Role.EDITOR, site)
    for name in ("", "anna@example.org"):
        allow(say("От души", name=name), by)
    assert wall_of(site).words == [Words("Добрый человек", "От души")] * 2


def test_every_decision_can_be_taken_back_and_is_written_down(
    say: Callable[..., Donation], editor: SiteClient, site: Site
) -> None:
    gift = say("Держитесь")
    for state in (DECLINED, WAITING, SHOWN, DECLINED, SHOWN):
        assert editor.post(SCREEN, {"do": f"{state}:{gift.pk}"}).status_code == 302
        gift.refresh_from_db()
        assert gift.message_state == state
        assert rows_of(editor.get(f"{SCREEN}?show={state}")) == ["Держитесь"]
    entries = AuditEntry.objects.filter(site=site, what="message decided").order_by("pk")
    assert [entry.details["to"] for entry in entries] == [
        "declined",
        "waiting",
        "shown",
        "declined",
        "shown",
    ]
    assert entries[0].details == {"donation": gift.pk, "from": "waiting", "to": "declined"}
    assert entries[0].by is not None
    assert entries[0].by.email == f"editor@{site.hostname}.example.org"
    editor.post(SCREEN, {"do": f"shown:{gift.pk}"})  # a second press of the button
    assert entries.count() == 5


def test_several_are_decided_at_once_and_the_others_wait_on(
    say: Callable[..., Donation], editor: SiteClient, site: Site
) -> None:
    gifts = [say(f"Слово {number}") for number in range(3)]
    answer = editor.post(SCREEN, {"do": "shown", "gift": [gifts[0].pk, gifts[2].pk]}, follow=True)
    assert "Слова 2 человек стоят на странице." in answer.content.decode()
    assert rows_of(answer) == ["Слово 1"]
    answer = editor.post(SCREEN, {"do": "declined"}, follow=True)
    assert "Сначала отметьте" in answer.content.decode()
    assert rows_of(answer) == ["Слово 1"]


@pytest.mark.parametrize("do", ["", "hidden", "shown:x", "shown:999999", "private"])
def test_nonsense_decides_nothing(
    do: str, say: Callable[..., Donation], editor: SiteClient
) -> None:
    gift = say("Держитесь")
    assert editor.post(SCREEN, {"do": do}).status_code in (302, 404)
    assert editor.get(f"{SCREEN}?show=nonsense").status_code == 404
    gift.refresh_from_db()
    assert gift.message_state == WAITING


def test_private_words_are_not_on_the_screen_and_cannot_be_shown(
    say: Callable[..., Donation], editor: SiteClient, site: Site
) -> None:
    gift = say("Только вам", show_name=False)
    assert rows_of(editor.get(SCREEN)) == []
    assert editor.post(SCREEN, {"do": f"shown:{gift.pk}"}).status_code == 404
    assert wall_of(site).words == []


def test_words_of_a_gift_given_back_or_not_paid_leave_the_wall_and_the_screen(
    say: Callable[..., Donation], editor: SiteClient, site: Site, make_person: MakePerson
) -> None:
    by = make_person(Role.ACCOUNTANT, site)
    back, unpaid = say("Вернули"), say("Не дошло", pay=False, email="p@example.org")
    allow(back, by)
    assert wall_of(site).words == [Words("Анна П.", "Вернули")]
    refund_donation(donation=back, amount=Decimal("499.99"), reason="ошибка", by=by)
    assert wall_of(site).words == [Words("Анна П.", "Вернули")]
    Donation.objects.filter(pk=back.pk).update(refunded=Decimal("500.00"))
    assert wall_of(site).words == []
    for state in ("waiting", "shown", "declined"):
        assert rows_of(editor.get(f"{SCREEN}?show={state}")) == []
    assert editor.post(SCREEN, {"do": f"shown:{unpaid.pk}"}).status_code == 404


def test_screen_tells_the_editor_no_address_and_no_sum(
    say: Callable[..., Donation], editor: SiteClient, fund: Fund, give: Give
) -> None:
    give(fund, "777.00", name="Анна Петрова", show_name=True, message="Секрет", pay=True)
    text = editor.get(SCREEN).content.decode()
    assert "Секрет" in text
    for hidden in ("anna@example.org", "777", "Петрова"):
        assert hidden not in text


def test_accountant_has_no_pages_and_no_such_screen(
    say: Callable[..., Donation], site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    gift = say("Держитесь")
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    assert accountant.get(SCREEN).status_code == 404
    assert accountant.post(SCREEN, {"do": f"shown:{gift.pk}"}).status_code == 404
    home = accountant.get("/admin/").content.decode()
    assert "Пожелания" not in home
    assert "ждёт вас" not in home
    gift.refresh_from_db()
    assert gift.message_state == WAITING


def test_neighbour_sees_and_decides_nothing(
    say: Callable[..., Donation],
    site: Site,
    other_site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    gift = say("Чужое слово")
    neighbour = admin_as(make_person(Role.MANAGER, other_site))
    assert rows_of(neighbour.get(SCREEN)) == []
    assert neighbour.post(SCREEN, {"do": f"shown:{gift.pk}"}).status_code == 404
    assert "ждёт вас" not in neighbour.get("/admin/").content.decode()
    allow(gift, make_person(Role.EDITOR, site))
    assert wall_of(other_site).words == []


def test_accountant_of_one_site_who_writes_another_reads_words_of_the_second_only(
    say: Callable[..., Donation],
    site: Site,
    other_site: Site,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    person = make_person(Role.ACCOUNTANT, site)
    person.groups.add(RoleGroup.objects.get(site=other_site, role=Role.EDITOR).group)
    say("Первого сайта")
    say("Второго сайта", fund=Fund.objects.get(site=other_site, key=None))
    assert rows_of(admin_as(person).get(SCREEN)) == ["Второго сайта"]


def test_first_screen_says_how_many_wait_and_is_silent_when_none_do(
    say: Callable[..., Donation], editor: SiteClient
) -> None:
    assert SCREEN not in str(BeautifulSoup(editor.get("/admin/").content, "html.parser").main)
    gift = say("Раз")
    say("Два", email="b@example.org")
    assert "2 пожелания ждут вас" in editor.get("/admin/").content.decode()
    editor.post(SCREEN, {"do": f"declined:{gift.pk}"})
    assert "1 пожелание ждёт вас" in editor.get("/admin/").content.decode()


def test_empty_queue_says_what_will_be_there(editor: SiteClient) -> None:
    assert "Сейчас читать нечего." in editor.get(SCREEN).content.decode()


def test_three_words_ask_no_more_than_one(
    say: Callable[..., Donation],
    editor: SiteClient,
    site: Site,
    make_person: MakePerson,
    visitor: SiteClient,
    wall: StandardPage,
) -> None:
    def asked(client: SiteClient, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    by = make_person(Role.MANAGER, site)
    say("Ждёт 0")
    allow(say("Слово 0"), by)
    with_one = asked(editor, SCREEN), asked(visitor, "/spasibo/")
    for number in (1, 2):
        say(f"Ждёт {number}")
        allow(say(f"Слово {number}"), by)
    assert len(rows_of(editor.get(SCREEN))) == 3
    assert len(wall_of(site).words) == 3
    assert (asked(editor, SCREEN), asked(visitor, "/spasibo/")) == with_one


def test_payment_service_learns_no_word_and_no_name(
    shop: PaymentAccount, emulator: YooKassaEmulator, submit: Submit
) -> None:
    submit(name="Анна Петрова", message="Тайное слово", show_name="on")
    gift = Donation.objects.get()
    assert (gift.message, gift.message_state) == ("Тайное слово", WAITING)
    (call,) = emulator.requests
    for told in (json.dumps(call.body, ensure_ascii=False), gift.provider_request):
        assert "Тайное" not in told
        assert "Петрова" not in told


@pytest.mark.parametrize("field", ["name", "message"])
def test_card_number_in_words_is_refused_and_nothing_begins(field: str, submit: Submit) -> None:
    answer = submit(**{field: f"вот {CARD}"})
    assert answer.status_code == 422
    assert error_at(answer, field) == (
        "Похоже на номер карты. Уберите его: здесь он никому не нужен."
    )
    assert Donation.objects.count() == 0
