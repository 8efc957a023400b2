"""What an editor types into a campaign: a word beside the field, nothing lost or half stored."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import Site
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from accounts.models import User
from campaigns.models import CampaignPage
from donations.models import Fund
from site_settings.models import Organisation
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of, index_of
from tests.conftest import SiteClient

TODAY = "2026-11-25"


@pytest.fixture(autouse=True)
def _today() -> Any:
    """Noon of the day in Moscow."""
    with time_machine.travel(datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("UTC")), tick=False):
        yield


@pytest.fixture
def editor(
    site: Site, make_person: Callable[..., User], admin_as: Callable[..., SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


def typed(**changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Пандус",
        "slug": "pandus",
        "lead": "Двенадцать ступеней",
        "picture": "",
        "goal": "64000",
        "deadline": "",
        "body": streamfield([]),
        "unit_count": "",
        "unit_noun": "",
        "unit_price": "",
        "when_reached": "go_on",
        "report_due": "",
        "report": streamfield([]),
        "event_on": "",
        "event_people": "",
        "event_place": "",
        "stages": streamfield([]),
        "budget": streamfield([]),
        "if_less": "Сделаем меньше",
        "if_more": "",
        "seo_title": "",
        "search_description": "",
        "action-publish": "1",
        "comments": inline_formset([]),
    }
    return nested_form_data({**fields, **changes})


def add(editor: SiteClient, site: Site, **changes: Any) -> Any:
    address = reverse(
        "wagtailadmin_pages:add", args=["campaigns", "campaignpage", index_of(site).pk]
    )
    return editor.post(address, typed(**changes))


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    form = answer.context["form"]
    return {name: [str(one) for one in errors] for name, errors in form.errors.items()}


def campaigns_of(site: Site) -> list[CampaignPage]:
    """Without the draft every new site begins with."""
    return list(CampaignPage.objects.child_of(index_of(site)).exclude(slug="pervyi-sbor"))


def stored(answer: Any, site: Site) -> CampaignPage:
    assert answer.status_code == 302, errors_of(answer)
    (page,) = campaigns_of(site)
    return page


@pytest.mark.bad_input("goal_spaces")
def test_published_campaign_has_what_was_typed(editor: SiteClient, site: Site) -> None:
    page = stored(add(editor, site, goal="60 000", deadline="2026-12-31"), site)
    assert page.live
    assert (page.title, page.slug) == ("Пандус", "pandus")
    assert page.goal == Decimal("60000.00")
    assert page.deadline is not None
    assert page.deadline.isoformat() == "2026-12-31"
    assert fund_of(page).goal == Decimal("60000.00")


def test_preview_shows_the_report_that_is_being_written(
    editor: SiteClient, make_campaign: MakeCampaign
) -> None:
    page = make_campaign()
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    written = streamfield([("quote", {"text": "Пели все.", "who": ""})])
    assert editor.post(address, typed(report=written)).json()["is_valid"]
    shown = BeautifulSoup(editor.get(address).content, "html.parser").select("#report")
    assert ["Пели все." in one.get_text() for one in shown] == [True]
    assert CampaignPage.objects.get(pk=page.pk).has_report is False


DIGITS = "Напишите сумму цифрами, например 850 или 99,50."
SMALLEST = "Наименьшая сумма — 1\u00a0₽."
LARGEST = "Наибольшая сумма — 100\u202f000\u202f000\u00a0₽."
PASSED = "Этот день уже прошёл. Выберите день впереди или оставьте поле пустым."
LIKE_THIS = "Напишите день так: 31.12.2026."
NO_DATE = "Введите правильную дату."
TOO_LONG = "Убедитесь, что это значение содержит не более 255 символов (сейчас 256)."
RESERVED = "Этот адрес занят самой системой. Выберите другой."
SLUG = "Значение должно состоять только из латинских букв, цифр, знаков подчеркивания или дефиса."


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("title", "", "Требуется заполнить это поле."),
        ("title", "\u202e \u200b", "Требуется заполнить это поле."),
        ("title", "А" * 256, TOO_LONG),
        ("title", "a\x00b", "Данные содержат запрещённый символ: ноль-байт"),
        ("title", "a\x07b", "Здесь есть непечатаемый знак. Наберите текст заново."),
        ("lead", "", "Требуется заполнить это поле."),
        ("slug", "admin", RESERVED),
        ("slug", "donations", RESERVED),
        ("slug", "udm", RESERVED),
        ("slug", "..", None),
        ("slug", "a/b", None),
        ("goal", "0", SMALLEST),
        ("goal", "-5", DIGITS),
        ("goal", "0.01", SMALLEST),
        ("goal", "NaN", DIGITS),
        ("goal", "Infinity", DIGITS),
        ("goal", "1e3", DIGITS),
        ("goal", "1e309", DIGITS),
        ("goal", "1000000000000", None),
        ("goal", "100000000.01", LARGEST),
        ("goal", "100.001", DIGITS),
        ("goal", "сто", DIGITS),
        ("goal", "٦٤٠٠٠", DIGITS),
        ("deadline", "2026-11-24", PASSED),
        ("deadline", "2020-01-01", PASSED),
        (
            "deadline",
            "9999-12-31",
            "До этого дня больше трёх лет. Лучше назвать день поближе или не называть никакого.",
        ),
        ("deadline", "2026-02-30", NO_DATE),
        ("deadline", "12/31/26", NO_DATE),
        ("deadline", "завтра", NO_DATE),
        ("deadline", "2026-12-31T23:59:59Z", NO_DATE),
        ("deadline", "２０２６-12-31", LIKE_THIS),
    ],
)
@pytest.mark.bad_input(
    "title_255_plus",
    "title_null",
    "slug_reserved",
    "slug_dotdot",
    "goal_zero",
    "goal_nan",
    "goal_inf",
    "goal_1e309",
    "goal_one_kop",
    "goal_trillion",
    "goal_three_decimals",
    "goal_text",
    "deadline_past_on_create",
    "deadline_9999",
    "deadline_feb30",
    "deadline_us_format",
    "deadline_fullwidth",
    "deadline_with_tz",
)
def test_wrong_is_refused_beside_the_field_and_what_was_typed_stays(
    field: str, text: str, words: str | None, editor: SiteClient, site: Site
) -> None:
    answer = add(editor, site, **{field: text, "lead": text if field == "lead" else "Моё слово"})
    errors = errors_of(answer)
    assert list(errors) == [field]
    (message,) = errors[field]
    if words is not None:
        assert message == words
    assert any("а" <= letter <= "я" for letter in message)
    soup = BeautifulSoup(answer.content.decode(), "html.parser")
    if field != "title":
        assert soup.select_one("[name=title]")["value"] == "Пандус"  # type: ignore[index]
    if field != "lead":
        assert soup.select_one("[name=lead]")["value"] == "Моё слово"  # type: ignore[index]
    if "\x00" not in text and "\x07" not in text and text.strip():
        assert soup.select_one(f"[name={field}]")["value"] == text  # type: ignore[index]
    assert campaigns_of(site) == []
    assert not Fund.objects.of_site(site).exclude(key=None).exists()


@pytest.mark.parametrize("text", ["12/31/26", "12/31/2026"])
@pytest.mark.bad_input("deadline_us_format")
def test_american_day_is_refused_in_an_english_admin_too(
    text: str, editor: SiteClient, site: Site
) -> None:
    editor.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert list(errors_of(add(editor, site, deadline=text))) == ["deadline"]
    assert campaigns_of(site) == []


@pytest.mark.parametrize("text", ["2026-12-31", "31.12.2026"])
def test_day_is_read_as_people_here_write_it(text: str, editor: SiteClient, site: Site) -> None:
    page = stored(add(editor, site, deadline=text), site)
    assert page.deadline is not None
    assert page.deadline.isoformat() == "2026-12-31"


@pytest.mark.bad_input("goal_empty", "deadline_empty")
def test_campaign_without_goal_and_day_has_no_bar(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    page = stored(add(editor, site, goal="", deadline=""), site)
    assert (page.goal, page.deadline) == (None, None)
    assert '<svg class="bar"' not in visitor.get("/sbory/pandus/").content.decode()


@pytest.mark.parametrize(
    ("zone", "now_utc", "day", "is_taken"),
    [
        ("Europe/Kaliningrad", "2026-11-25T21:30Z", "2026-11-25", True),
        ("Asia/Vladivostok", "2026-11-25T15:00Z", "2026-11-25", False),
        ("Asia/Vladivostok", "2026-11-25T15:00Z", "2026-11-26", True),
    ],
)
def test_today_is_the_day_of_the_site(
    zone: str, now_utc: str, day: str, is_taken: bool, editor: SiteClient, site: Site
) -> None:
    Organisation.objects.filter(site=site).update(time_zone=zone)
    with time_machine.travel(datetime.fromisoformat(now_utc), tick=False):
        answer = add(editor, site, deadline=day)
    assert (answer.status_code == 302) is is_taken


def test_old_campaign_with_a_passed_day_can_still_be_edited(
    editor: SiteClient, site: Site, make_campaign: MakeCampaign
) -> None:
    page = make_campaign(deadline=date(2026, 3, 1))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = editor.post(address, typed(deadline="2026-03-01", title="Пандус стоит"))
    assert answer.status_code == 302
    page.refresh_from_db()
    assert page.title == "Пандус стоит"


@pytest.mark.parametrize(
    ("title", "kept", "slug"),
    [
        ("\u202eДобро\u200b", "Добро", "dobro"),
        ("  Пандус\nк   библиотеке ", "Пандус к библиотеке", "pandus-k-biblioteke"),
        ("Поможем 🐱\u200d💻", "Поможем 🐱\u200d💻", "pomozhem"),
        ("🐱", "🐱", "campaign"),
        ("Admin", "Admin", "admin-2"),
        ("{{ 7*7 }}", "{{ 7*7 }}", "7-7"),
    ],
)
@pytest.mark.bad_input(
    "title_rtl", "title_emoji", "title_only_emoji", "title_newline", "title_template"
)
def test_title_is_one_printable_line_and_an_empty_address_is_made_of_it(
    title: str, kept: str, slug: str, editor: SiteClient, site: Site
) -> None:
    page = stored(add(editor, site, title=title, slug=""), site)
    assert (page.title, page.slug) == (kept, slug)
    assert fund_of(page).purpose == kept


def test_second_page_of_the_same_title_gets_an_address_of_its_own(
    editor: SiteClient, site: Site
) -> None:
    for _turn in range(3):
        assert add(editor, site, title="Пандус", slug="").status_code == 302
    assert sorted(page.slug for page in campaigns_of(site)) == ["pandus", "pandus-2", "pandus-3"]


@pytest.mark.bad_input("slug_duplicate")
def test_address_in_use_is_refused(
    editor: SiteClient, site: Site, make_campaign: MakeCampaign
) -> None:
    make_campaign()
    (message,) = errors_of(add(editor, site))["slug"]
    assert "pandus" in message
    assert "уже" in message
    assert len(campaigns_of(site)) == 1


SCRIPT = "</script><script>alert(1)</script>"


@pytest.mark.bad_input("title_script", "title_json_ld_break")
def test_script_in_a_title_is_words_everywhere(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    page = stored(add(editor, site, title=SCRIPT, lead=SCRIPT), site)
    answers = [
        visitor.get("/sbory/pandus/"),
        visitor.get("/sbory/"),
        visitor.get("/"),
        editor.get(reverse("wagtailadmin_explore", args=[index_of(site).pk])),
        editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk])),
        editor.get(reverse("wagtailadmin_home")),
    ]
    for answer in answers:
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "<script>alert(1)" not in html
        assert "alert(1)" in html
    assert BeautifulSoup(answers[0].content.decode(), "html.parser").h1.get_text() == SCRIPT  # type: ignore[union-attr]


def draftail(*links: str) -> str:
    """Rich text with one link for each address, as the editor's script sends it."""
    blocks = [
        {
            "key": f"b{number}",
            "text": "сюда",
            "type": "unstyled",
            "depth": 0,
            "inlineStyleRanges": [],
            "entityRanges": [{"offset": 0, "length": 4, "key": number}],
        }
        for number, _link in enumerate(links)
    ]
    entities = {
        str(number): {"type": "LINK", "mutability": "MUTABLE", "data": {"url": link}}
        for number, link in enumerate(links)
    }
    return json.dumps({"blocks": blocks, "entityMap": entities})


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
    ],
)
@pytest.mark.bad_input("body_js_link", "body_js_link_tab", "body_data_link")
def test_link_that_acts_loses_its_address(
    link: str, editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    stored(add(editor, site, body=streamfield([("text", draftail(link))])), site)
    soup = BeautifulSoup(visitor.get("/sbory/pandus/").content.decode(), "html.parser")
    text = soup.select_one(".prose")
    assert text is not None
    assert text.get_text().strip() == "сюда"
    assert not [a["href"] for a in text.select("a[href]")]


def test_plain_link_stays(editor: SiteClient, site: Site, visitor: SiteClient) -> None:
    body = streamfield([("text", draftail("https://example.org/a?b=1&c=2"))])
    stored(add(editor, site, body=body), site)
    assert (
        'href="https://example.org/a?b=1&amp;c=2"' in visitor.get("/sbory/pandus/").content.decode()
    )


@pytest.mark.parametrize("broken", ["[{", "{}", "[]", "null", '{"blocks": 1, "entityMap": {}}', ""])
@pytest.mark.bad_input("streamfield_broken_json")
def test_broken_rich_text_is_refused_without_a_crash(
    broken: str, editor: SiteClient, site: Site
) -> None:
    answer = add(editor, site, body=streamfield([("text", broken)]))
    assert list(errors_of(answer)) == ["body"]
    assert campaigns_of(site) == []


@pytest.mark.bad_input("streamfield_unknown_block")
def test_unknown_block_is_left_out(editor: SiteClient, site: Site) -> None:
    page = stored(add(editor, site, body=streamfield([("evil", "1")])), site)
    assert list(page.body) == []


def preset(amount: str, meaning: str = "") -> dict[str, str]:
    return {"amount": amount, "meaning": meaning}


def donation(*amounts: str, meaning: str = "") -> tuple[str, dict[str, Any]]:
    presets: dict[str, Any] = {"count": str(len(amounts))}
    for number, amount in enumerate(amounts):
        presets |= {
            f"{number}-type": "item",
            f"{number}-order": str(number),
            f"{number}-deleted": "",
            f"{number}-id": "",
            f"{number}-value": preset(amount, meaning),
        }
    return "donation", {"heading": "", "intro": "", "presets": presets}


def test_sums_to_choose_from_are_kept_as_text(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    page = stored(add(editor, site, body=streamfield([donation("300", "1 000,50")])), site)
    raw = CampaignPage.objects.get(pk=page.pk).body.get_prep_value()[0]["value"]["presets"]
    assert [item["value"]["amount"] for item in raw] == ["300.00", "1000.50"]
    presets = visitor.get("/sbory/pandus/").context["presets"]
    assert [one["label"] for one in presets] == ["300\u00a0₽", "1\u202f000,50\u00a0₽"]


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        (("100", "200", "300", "400", "500"), "4"),
        (("1e3",), DIGITS),
        (("0",), "Наименьшая сумма — 10\u00a0₽."),
    ],
)
def test_sums_that_make_no_sense_are_refused(
    amounts: tuple[str, ...], words: str, editor: SiteClient, site: Site
) -> None:
    answer = add(editor, site, body=streamfield([donation(*amounts)]))
    assert list(errors_of(answer)) == ["body"]
    assert words in json.dumps(_as_data(answer), ensure_ascii=False)
    assert campaigns_of(site) == []


def test_second_donation_form_on_a_page_is_refused(editor: SiteClient, site: Site) -> None:
    answer = add(editor, site, body=streamfield([donation("300"), donation("500")]))
    assert list(errors_of(answer)) == ["body"]
    assert campaigns_of(site) == []


def _as_data(answer: Any) -> Any:
    (error,) = answer.context["form"].errors["body"].as_data()
    return error.as_json_data()


def test_draft_is_previewed_with_a_place_for_the_form(editor: SiteClient, site: Site) -> None:
    body = typed(body=streamfield([donation("300")]), deadline="2026-12-31")
    address = reverse(
        "wagtailadmin_pages:preview_on_add", args=["campaigns", "campaignpage", index_of(site).pk]
    )
    assert editor.post(address, body).json()["is_valid"] is True
    answer = editor.get(address)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Здесь появится форма пожертвования, когда страницу опубликуют." in html
    assert "data-donation" not in html
    assert "осталось 64\u202f000\u00a0₽" in html or "Сбор только начался" in html
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not Fund.objects.of_site(site).exclude(key=None).exists()
