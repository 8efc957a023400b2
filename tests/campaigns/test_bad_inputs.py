"""What should not be in a campaign, and what must not break one. The rest of what editors type
stands in test_campaign_form.py, what points at another site in tests/tenancy/test_references.py."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.models import Page, Site
from wagtail.test.utils.form_data import streamfield

from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from content.blocks.table import TableBlock
from content.texts import LONGEST
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.blocks import MoneyBlock
from donations.models import Donation, Fund, PaymentAccount
from home.models import HomePage, StandardPage
from site_settings.card_numbers import find_card_number
from site_settings.models import Appearance, Organisation
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, as_item, fund_of, index_of
from tests.campaigns.test_campaign_form import (
    SCRIPT,
    add,
    campaigns_of,
    donation,
    draftail,
    errors_of,
    stored,
    typed,
)
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator

Give = Callable[..., Donation]
AdminAs = Callable[[User], SiteClient]
MakePerson = Callable[..., User]
CARD = "2202200000000008"
PLAIN = {"type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
REFUSAL = (
    "Здесь номер карты: … 0008. Собирать пожертвования на личную карту нельзя, поэтому в тексте "
    "его быть не может. Уберите его."
)


@pytest.fixture
def editor(site: Site, make_person: MakePerson, admin_as: AdminAs) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


def prose_of(visitor: SiteClient, path: str = "/sbory/pandus/") -> BeautifulSoup:
    return BeautifulSoup(visitor.get(path).content.decode(), "html.parser")


def story(words: str) -> str:
    """Rich text of one paragraph, as the editor's script sends it: in UTF-8, not escaped."""
    paragraph = {"key": "a", "text": words, **PLAIN}
    return json.dumps({"blocks": [paragraph], "entityMap": {}}, ensure_ascii=False)


# --- titles and addresses


@pytest.mark.bad_input("title_emoji")
def test_emoji_of_a_title_reach_the_messengers_whole(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    page = stored(add(editor, site, title="Поможем 🐱\u200d💻", slug=""), site)
    told = prose_of(visitor, f"/sbory/{page.slug}/").select_one("meta[property='og:title']")
    assert told is not None
    assert told["content"] == "Поможем 🐱\u200d💻"


@pytest.mark.bad_input("title_script", "title_json_ld_break")
def test_script_in_a_title_is_words_in_messages_letters_and_translations_too(
    editor: SiteClient, site: Site, visitor: SiteClient, give: Give
) -> None:
    said = add(editor, site, title=SCRIPT, lead=SCRIPT, **{"action-publish": "1"})
    page = stored(said, site)
    give(fund_of(page), pay=True)
    send_owed_letters()
    (letter,) = mail.outbox
    (html, _kind) = letter.alternatives[0]  # type: ignore[union-attr]
    answers = [
        editor.get(said["Location"]),  # with the message «is published»
        editor.get(reverse("wagtailadmin_pages:history", args=[page.pk])),
        editor.get("/admin/donations/"),
        visitor.get("/sbory/pandus/"),
    ]
    for text in (str(html), *(answer.content.decode() for answer in answers)):
        assert "<script>alert(1)" not in text
        assert "alert(1)" in text
    (data,) = prose_of(visitor).select("script[type*=json]")
    assert SCRIPT in [thing.get("name") for thing in json.loads(data.get_text())["@graph"]]


@pytest.mark.bad_input("title_template")
def test_braces_in_a_title_are_words(editor: SiteClient, site: Site, visitor: SiteClient) -> None:
    stored(add(editor, site, title="{{ 7*7 }}"), site)
    heading = prose_of(visitor).h1
    assert heading is not None
    assert heading.get_text() == "{{ 7*7 }}"


@pytest.mark.parametrize(
    ("typed_slug", "slug"),
    [("добро", "dobro"), ("Доброе дело!", "dobroe-delo"), ("🐱", "pandus")],
)
@pytest.mark.bad_input("slug_cyrillic")
def test_address_in_russian_letters_is_written_in_latin_ones(
    typed_slug: str, slug: str, editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    page = stored(add(editor, site, slug=typed_slug), site)
    assert page.slug == slug
    assert visitor.get(f"/sbory/{slug}/").status_code == 200


def test_address_in_russian_letters_that_is_taken_or_reserved_is_refused(
    editor: SiteClient, site: Site, make_campaign: MakeCampaign
) -> None:
    make_campaign(slug="dobro")
    assert list(errors_of(add(editor, site, slug="добро"))) == ["slug"]
    assert len(campaigns_of(site)) == 1


# --- goal and day


@pytest.mark.bad_input("goal_lowered_below_collected")
def test_goal_below_what_came_in_is_taken_with_a_word_and_the_bar_stays_whole(
    editor: SiteClient, site: Site, visitor: SiteClient, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign(goal="1000.00")
    give(fund_of(page), "500.00", pay=True)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = editor.post(address, typed(goal="100"), follow=True)
    said = "Уже собрано 500\u00a0₽, это больше цели: 100\u00a0₽. На странице так и будет сказано."
    assert said in BeautifulSoup(answer.content.decode(), "html.parser").get_text()
    assert fund_of(page).goal == Decimal("100.00")
    shown = visitor.get("/sbory/pandus/")
    assert (shown.context["progress"].percent, shown.context["progress"].bar) == (500, 100)
    bar = BeautifulSoup(shown.content.decode(), "html.parser").select_one("svg.bar")
    assert bar is not None
    assert [part["width"] for part in bar.select("rect")] == ["100%", "100%", "20%", "4"]


def test_goal_above_what_came_in_needs_no_word(
    editor: SiteClient, site: Site, make_campaign: MakeCampaign, give: Give
) -> None:
    page = make_campaign(goal="1000.00")
    give(fund_of(page), "500.00", pay=True)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = editor.post(address, typed(goal="600"), follow=True)
    assert "Уже собрано" not in answer.content.decode()


@pytest.mark.bad_input("donation_at_last_second")
def test_gift_paid_in_the_last_second_counts_whenever_we_learn_of_it(
    shop: PaymentAccount,
    emulator: YooKassaEmulator,
    site: Site,
    make_campaign: MakeCampaign,
    give: Give,
) -> None:
    moscow = ZoneInfo("Europe/Moscow")
    last = datetime(2026, 6, 1, 23, 59, 59, tzinfo=moscow)
    with time_machine.travel(last, tick=False):
        page = make_campaign(deadline=date(2026, 6, 1), closes_at_deadline=True)
        gift = give(fund_of(page))
        emulator.pay(str(gift.external_id))
    with time_machine.travel(datetime(2026, 6, 2, 0, 0, 30, tzinfo=moscow), tick=False):
        assert not fund_of(page).is_open()
        refresh_donation(gift, source="notification")
    assert (fund_of(page).count, fund_of(page).raised) == (1, Decimal("500.00"))


@pytest.mark.bad_input("year_end_report")
def test_gift_of_new_years_night_belongs_to_the_year_of_moscow(
    fund: Fund, site: Site, give: Give, make_person: MakePerson, admin_as: AdminAs
) -> None:
    gift = give(fund, pay=True)
    Donation.objects.filter(pk=gift.pk).update(paid_at=datetime(2026, 12, 31, 21, 30, tzinfo=UTC))
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    text = accountant.get(f"/admin/donations/{gift.pk}/").content.decode()
    assert "1 января 2027, 00:30" in text


# --- the story


@pytest.mark.bad_input("body_protocol_relative")
def test_address_without_a_scheme_is_an_outer_link_like_every_other(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    body = streamfield([("text", draftail("//evil.ru/a", "https://example.org/"))])
    stored(add(editor, site, body=body), site)
    links = prose_of(visitor).select(".prose a")
    assert [(link["href"], link["rel"]) for link in links] == [
        ("https://evil.ru/a", ["noopener", "nofollow"]),
        ("https://example.org/", ["noopener", "nofollow"]),
    ]


@pytest.mark.bad_input("body_image_of_other_tenant")
def test_picture_smuggled_into_a_text_is_left_out(
    editor: SiteClient, site: Site, visitor: SiteClient
) -> None:
    smuggled = draftail("https://example.org/").replace(
        '"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://example.org/"}',
        '"type": "IMAGE", "mutability": "IMMUTABLE", "data": {"id": 1, "format": "left"}',
    )
    assert "IMAGE" in smuggled
    page = stored(add(editor, site, body=streamfield([("text", smuggled)])), site)
    (block,) = CampaignPage.objects.get(pk=page.pk).body
    assert "<embed" not in block.value.source
    assert prose_of(visitor).select(".prose img") == []


@pytest.mark.bad_input("body_1MB")
def test_book_in_a_text_is_refused_beside_it(editor: SiteClient, site: Site) -> None:
    answer = add(editor, site, body=streamfield([("text", story("а" * 1_000_000))]))
    assert errors_of(answer) == {
        "body": ["Слишком длинно для одной страницы: больше 100 000 знаков. Разделите на две."]
    }
    assert campaigns_of(site) == []


def test_length_is_that_of_all_blocks_together(site: Site) -> None:
    half = {"type": "quote", "value": {"text": "а" * (LONGEST // 2), "who": ""}}
    page = StandardPage(title="Длинно", slug="dlinno", body=[half, half])
    page.clean()
    streams: Any = page  # its type does not say that a StreamField takes a list
    streams.body = [half, half, {"type": "quote", "value": {"text": "а", "who": ""}}]
    with pytest.raises(ValidationError) as refused:
        page.clean()
    assert list(refused.value.message_dict) == ["body"]


@pytest.mark.parametrize(
    ("count", "status"), [("[{", 400), ("", 400), ("x", 400), ("99999999999", 400), ("-1", 302)]
)
@pytest.mark.bad_input("streamfield_broken_json")
def test_blocks_that_cannot_be_counted_break_nothing(
    count: str, status: int, editor: SiteClient, site: Site
) -> None:
    assert add(editor, site, **{"body-count": count}).status_code == status
    assert len(campaigns_of(site)) == (status == 302)


@pytest.mark.bad_input("two_editors")
def test_second_editor_is_told_and_writes_over_nobody_unawares(
    editor: SiteClient,
    site: Site,
    make_campaign: MakeCampaign,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    page = make_campaign()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    def opened(client: SiteClient) -> dict[str, str]:
        soup = BeautifulSoup(client.get(address).content.decode(), "html.parser")
        names = ("loaded_revision_id", "loaded_revision_created_at")
        return {name: str(soup.select_one(f"[name={name}]")["value"]) for name in names}  # type: ignore[index]

    other = admin_as(make_person(Role.MANAGER, site))
    first, second = opened(editor), opened(other)
    assert editor.post(address, typed(title="Первый", **first)).status_code == 302
    late = other.post(address, typed(title="Второй", **second))
    (message,) = errors_of(late)["__all__"]
    assert message.startswith("Эту страницу успели сохранить")
    soup = BeautifulSoup(late.content.decode(), "html.parser")
    assert soup.select_one("[name=title]")["value"] == "Второй"  # type: ignore[index]
    page.refresh_from_db()
    assert page.title == "Первый"
    again = {
        name: str(soup.select_one(f"[name={name}]")["value"])  # type: ignore[index]
        for name in first
    }
    assert other.post(address, typed(title="Второй", **again)).status_code == 302
    page.refresh_from_db()
    assert page.title == "Второй"


def test_own_saving_in_between_is_no_surprise_and_another_s_is(
    editor: SiteClient,
    site: Site,
    make_campaign: MakeCampaign,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    page = make_campaign()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    other = admin_as(make_person(Role.MANAGER, site))
    opened = {"loaded_revision_id": page.latest_revision_id, **at(page)}
    assert editor.post(address, typed(title="Первый", **opened)).status_code == 302
    # The same person's older number: what the preview sends after the editor saved by itself.
    assert editor.post(address, typed(title="Первый ещё", **opened)).status_code == 302
    page.refresh_from_db()
    seen = {"loaded_revision_id": page.latest_revision_id}
    assert other.post(address, typed(title="Второй", **seen, **at(page))).status_code == 302
    # Mine, another's, mine again: the older window of mine would write over the other's.
    page.refresh_from_db()
    mine = {"loaded_revision_id": page.latest_revision_id, **at(page)}
    assert editor.post(address, typed(title="Третий", **mine)).status_code == 302
    late = editor.post(address, typed(title="Четвёртый", **opened))
    assert list(errors_of(late)) == ["__all__"]


@pytest.mark.parametrize("number", ["x", "-1", "٣", "1" * 40])
def test_number_of_a_revision_that_is_none_breaks_nothing(
    editor: SiteClient, make_campaign: MakeCampaign, number: str
) -> None:
    address = reverse("wagtailadmin_pages:edit", args=[make_campaign().pk])
    answer = editor.post(address, typed(title="Первый", loaded_revision_id=number))
    assert answer.status_code in (200, 302)


def at(page: CampaignPage) -> dict[str, str]:
    assert page.latest_revision is not None
    return {"loaded_revision_created_at": page.latest_revision.created_at.isoformat()}


# --- who may


@pytest.mark.bad_input("publish_without_permission")
def test_accountant_has_no_pages_to_publish(
    site: Site, make_campaign: MakeCampaign, make_person: MakePerson, admin_as: AdminAs
) -> None:
    page = make_campaign()
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert accountant.post(address, typed(title="Взлом")).status_code == 404
    assert add(accountant, site).status_code == 404
    page.refresh_from_db()
    assert page.title == "Пандус к библиотеке"


@pytest.mark.bad_input("move_under_other_tenant", "copy_other_tenant_page")
def test_page_of_another_site_is_neither_copied_nor_moved_to(
    site: Site, other_site: Site, editor: SiteClient, make_campaign: MakeCampaign
) -> None:
    theirs, ours = make_campaign(on=other_site), make_campaign(slug="nash")
    before = Page.objects.count()
    copy = reverse("wagtailadmin_pages:copy", args=[theirs.pk])
    form = {"new_title": "x", "new_slug": "x", "new_parent_page": index_of(site).pk}
    assert editor.post(copy, form).status_code == 404
    move = reverse("wagtailadmin_pages:move_confirm", args=[ours.pk, index_of(other_site).pk])
    assert editor.post(move).status_code == 404
    assert Page.objects.count() == before


# --- card numbers


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "2202 2000 0000 0008",
        "2202-2000-0000-0008",
        "2202\u00a02000\u202f0000\u20090008",
        "2202–2000–0000–0008",
        "2202.2000.0000.0008",
        "22022000 00000008",
        "переводите на карту 2202 2000 0000 0008 (Анна)",
        "карта:2202200000000008.",
        "2202\u200b2000\u00ad0000 0008",
        "２２０２ ２０００ ００００ ０００８",
        "карта 2202 2000 0000 0008 2026 год",
        "2202 2000 0000 0008, 5469 3800 0000 0000",
        "4111 1111 1111 1111",
        "5555555555554444",
    ],
)
def test_card_number_is_found_however_it_is_written(text: str) -> None:
    assert find_card_number(text) in ("0008", "1111", "4444")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2202 2000 0000 0009",  # its last digit is wrong
        "8 (912) 345-67-89",
        "+7 912 345 67 89",
        "+7 912 345 67 89 8 912 765 43 21",
        "ИНН 4345000000, ОГРН 1024300000000",
        "ИНН 434500000012",
        "р/с 40703810500000000001",
        "р/с 4070 3810 5000 0000 0001",
        "к/с 3010 1810 5000 0000 0609",
        "КБК 18210102010011000110",
        "2023 2024 2025 2026",
        "38 000 ₽ из 120 000 ₽ за 12 дней",
        "https://example.org/2202200000000008",
        "№ 22022000000000081",  # seventeen digits
    ],
)
def test_phones_accounts_and_years_are_no_cards(text: str) -> None:
    assert find_card_number(text) == ""


def struct(**values: Any) -> dict[str, Any]:
    return values


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", f"На карту {CARD}"),
        ("lead", "Переводите: 2202 2000 0000 0008"),
        ("unit_noun", f"досок {CARD}"),
        ("body", streamfield([("text", story(f"На {CARD}"))])),
        ("body", streamfield([donation("300", meaning=CARD)])),
        ("stages", streamfield([("stage", struct(title=CARD, amount="64000"))])),
    ],
)
def test_card_number_in_any_text_of_a_campaign_is_refused_at_that_text(
    field: str, value: Any, editor: SiteClient, site: Site
) -> None:
    changes = {field: value}
    if field == "unit_noun":
        changes |= {"unit_count": "2", "unit_price": "32000"}
    errors = errors_of(add(editor, site, **changes))
    assert errors == {field: [REFUSAL]}
    assert campaigns_of(site) == []


TEXTS = (blocks.CharBlock, blocks.TextBlock, blocks.RichTextBlock)
NO_TEXTS = (MoneyBlock, blocks.URLBlock, blocks.EmailBlock, blocks.ChooserBlock)


def texts_below(block: blocks.Block, path: str) -> Iterator[tuple[str, Any]]:
    """Each text the block may hold: where it stands, and a value of the block with a card in it."""
    if isinstance(block, TableBlock):
        for kind in ("caption", "heading", "cell"):
            said = {kind: CARD}
            column = {"type": "words", "heading": said.get("heading", "")}
            rows = [{"values": [said.get("cell", "")]}]
            table = {"caption": said.get("caption", ""), "columns": [column], "rows": rows}
            yield f"{path}.{kind}", table
    elif isinstance(block, blocks.StreamBlock | blocks.StructBlock):
        for name, child in block.child_blocks.items():
            for place, value in texts_below(child, f"{path}.{name}"):
                one = {"type": name, "value": value}
                yield place, [one] if isinstance(block, blocks.StreamBlock) else {name: value}
    elif isinstance(block, blocks.ListBlock):
        for place, value in texts_below(block.child_block, path):
            yield place, [as_item(value)]
    elif isinstance(block, TEXTS):
        yield path, f"<p>На {CARD}</p>"
    else:
        assert isinstance(block, NO_TEXTS), f"is there a text in {path}?"


@pytest.mark.parametrize("model", [CampaignPage, UpdatePage])
def test_no_text_of_a_campaign_or_its_news_may_hold_a_card_number(
    model: type[Page], site: Site
) -> None:
    """The fields and blocks are read from the editor's form: a new one is looked at too."""
    typed_in = model.get_edit_handler().get_form_class().base_fields
    places: list[tuple[str, str, Any]] = []
    for field in (one for one in model._meta.concrete_fields if one.name in typed_in):
        is_text = isinstance(field, models.CharField | models.TextField)
        if isinstance(field, StreamField):
            found = texts_below(field.stream_block, field.name)
            places += [(field.name, place, value) for place, value in found]
        elif is_text and not field.choices and field.name != "slug":
            places.append((field.name, field.name, f"На {CARD}"))
    for name, place, value in places:
        page = model(**{"title": "Пандус", "slug": "pandus", name: value})
        with pytest.raises(ValidationError) as refused:
            pytest.fail(f"{place} is taken: {page.clean()}")
        assert refused.value.message_dict == {name: [REFUSAL]}, place
    told = {place for _name, place, _value in places}
    assert {"title", "body.text"} <= told
    if model is CampaignPage:
        sums = {"body.donation.presets.meaning", "stages.stage.title", "budget.line.title"}
        assert sums | {"report.quote.who", "event_place"} <= told


def test_phone_account_and_inn_in_a_story_pass(editor: SiteClient, site: Site) -> None:
    words = "Звоните +7 912 345-67-89. ИНН 4345000000, р/с 40703810500000000001."
    body = streamfield([("quote", struct(text=words, who="Анна"))])
    page = stored(add(editor, site, body=body, lead=words), site)
    assert page.lead == words


@pytest.mark.parametrize("field", ["title", "lead", "body"])
@pytest.mark.parametrize("model", [HomePage, StandardPage])
def test_card_number_on_other_pages_is_refused_at_that_text(
    model: type[Page], field: str, site: Site
) -> None:
    page = model(title="О нас", slug="o-nas-2", lead="Мы")
    value: Any = f"На карту {CARD}"
    if field == "body":
        items = [{"question": "Как помочь?", "answer": "<p>На <b>2202 2000</b> 0000 0008</p>"}]
        value = [{"type": "faq", "value": {"items": items}}]
    setattr(page, field, value)
    with pytest.raises(ValidationError) as refused:
        page.clean()
    assert refused.value.message_dict == {field: [REFUSAL]}


@pytest.mark.parametrize(
    "field", ["full_name", "short_name", "legal_address", "foreign_agent_notice", "offer_clause"]
)
def test_card_number_in_the_requisites_is_refused_at_that_text(
    field: str, site: Site, make_person: MakePerson, admin_as: AdminAs
) -> None:
    organisation = Organisation.for_site(site)
    setattr(organisation, field, f"Карта {CARD}")
    with pytest.raises(ValidationError) as refused:
        organisation.clean()
    assert refused.value.message_dict == {field: [REFUSAL]}
    tagline = Appearance.for_site(site)
    tagline.tagline = CARD
    with pytest.raises(ValidationError) as refused:
        tagline.clean()
    assert refused.value.message_dict == {"tagline": [REFUSAL]}
