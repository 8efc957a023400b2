"""A campaign in two languages through wagtail-localize: own words, one fund, one total."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.test import TestCase
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale, Page, Site
from wagtail_localize.models import StringTranslation, Translation

from accounts.models import User
from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from campaigns.widgets import Code, Kind, subject_for
from content.models import Attachment
from donations.models import Donation, Fund
from donations.purpose import purpose_for
from tenancy.models import Role
from tests.campaigns.conftest import FORM, MakeCampaign, as_item, fund_of, index_of
from tests.conftest import SiteClient

Give = Callable[..., Donation]
EN_TITLE, EN_LEAD = "A ramp to the library", "Twelve steps that let nobody in"
BODY: list[dict[str, Any]] = [
    FORM,
    {"type": "text", "value": "<p>Расскажем, что <b>случится</b> потом.</p>"},
    {"type": "quote", "value": {"text": "Сам заехал и взял книгу", "who": "Иван"}},
    {
        "type": "video",
        "value": {"title": "Ступени", "url": "https://rutube.ru/video/1/", "poster": None},
    },
    {
        "type": "faq",
        "value": {"items": [as_item({"question": "Когда?", "answer": "<p>В мае.</p>"})]},
    },
]


@pytest.fixture
def coordinator(
    make_person: Callable[..., User], admin_as: Callable[..., SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.COORDINATOR))


@pytest.fixture
def english(db: None) -> Locale:
    locale, _created = Locale.objects.get_or_create(language_code="en")
    return locale


def submit(browser: SiteClient, page: Page, locale: Locale) -> Page:
    """«Translate this page», as the coordinator does it."""
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    answer = browser.post(address, {"locales": [locale.pk], "include_subtree": ""})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return page.get_translation(locale).specific


def translate_words(page: CampaignPage, locale: Locale, words: dict[str, str]) -> None:
    translation = Translation.objects.get(
        source__object_id=page.translation_key, target_locale=locale
    )
    for segment in translation.source.stringsegment_set.select_related("string", "context"):
        if segment.string.data in words:
            StringTranslation.objects.update_or_create(
                translation_of=segment.string,
                locale=locale,
                context=segment.context,
                defaults={"data": words[segment.string.data]},
            )


def publish_translation(browser: SiteClient, page: Page) -> Any:
    """wagtail-localize publishes when the transaction ends, and a test's never does."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return browser.post(address, {"action": "publish"})


@pytest.fixture
def bilingual(
    site: Site, coordinator: SiteClient, english: Locale, make_campaign: MakeCampaign
) -> tuple[CampaignPage, CampaignPage]:
    """The same campaign in Russian and in English, both live."""
    page = make_campaign(body=BODY, deadline=date(2030, 6, 1))
    for above in (site.root_page.specific, index_of(site)):
        publish_translation(coordinator, submit(coordinator, above, english))
    translated = submit(coordinator, page, english)
    words = {
        page.title: EN_TITLE,
        page.lead: EN_LEAD,
        "Иван": "Ivan",
        "pandus": "ramp",
        "доска": "a board",
    }
    translate_words(page, english, words)
    assert publish_translation(coordinator, translated).status_code == 302
    translated.refresh_from_db()
    return page, translated


Bilingual = tuple[CampaignPage, CampaignPage]


def soup_of(visitor: SiteClient, address: str) -> BeautifulSoup:
    answer = visitor.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.content.decode(), "html.parser")


def test_translation_has_its_own_words_and_the_same_figures(bilingual: Bilingual) -> None:
    page, translated = bilingual
    assert translated.live
    assert translated.translation_key == page.translation_key
    assert (translated.title, translated.lead) == (EN_TITLE, EN_LEAD)
    assert (translated.goal, translated.deadline) == (Decimal("64000.00"), date(2030, 6, 1))
    assert page.title == "Пандус к библиотеке"
    assert [block.block_type for block in translated.body] == [b["type"] for b in BODY]
    presets = translated.body[0].value["presets"]
    assert [(preset["amount"], preset["meaning"]) for preset in presets] == [
        ("300.00", ""),
        ("850.00", "a board"),
    ]


def test_translation_opens_no_fund_of_its_own(site: Site, bilingual: Bilingual) -> None:
    fund = Fund.objects.of_site(site).exclude(key=None).get()
    assert fund.purpose == "Пандус к библиотеке"


def test_one_total_stands_on_both_pages(
    bilingual: Bilingual, visitor: SiteClient, give: Give
) -> None:
    page, translated = bilingual
    give(fund_of(page), "16000.00", pay=True)
    for address in (page.get_url(), translated.get_url()):
        progress = visitor.get(address).context["progress"]
        assert (progress.raised, progress.goal, progress.percent) == (
            Decimal("16000.00"),
            Decimal("64000.00"),
            25,
        )
    for address in ("/", "/en/", "/sbory/", index_of_language(translated)):
        (card,) = visitor.get(address).context["campaigns"]
        assert card.progress.raised == Decimal("16000.00")
        assert card.locale.language_code == ("en" if address.startswith("/en/") else "ru")


def index_of_language(page: CampaignPage) -> str:
    return str(page.get_parent().get_url())


def test_gift_given_in_english_is_counted_for_both_and_remembers_the_language(
    bilingual: Bilingual, visitor: SiteClient
) -> None:
    page, translated = bilingual
    soup = soup_of(visitor, translated.get_url())
    form = soup.select_one("form[data-donation]")
    assert form is not None
    assert form["action"] == "/en/donations/start/"
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    hidden = {str(field["name"]): field["value"] for field in form.select("input[type=hidden]")}
    sent = {
        **hidden,
        "preset": "850.00",
        "email": "john@example.org",
        "consent": "on",
    }
    answer = visitor.send_form("/en/donations/start/", sent)
    assert answer.status_code == 303
    gift = Donation.objects.get()
    assert (gift.fund, gift.language, gift.amount) == (fund_of(page), "en", Decimal("850.00"))
    assert gift.purpose == "Пандус к библиотеке"
    assert gift.page_path == translated.get_url()
    visitor.post(answer["Location"], {"decision": "pay"}, HTTP_SEC_FETCH_SITE="same-origin")
    visitor.get(f"/en/donations/{gift.public_id}/")
    for address in (page.get_url(), translated.get_url()):
        assert visitor.get(address).context["progress"].raised == Decimal("850.00")


def test_refusal_in_english_is_in_english(bilingual: Bilingual, visitor: SiteClient) -> None:
    page, _translated = bilingual
    sent = {"fund": str(fund_of(page).public_id), "preset": "own", "amount": "zero"}
    russian = visitor.send_form("/donations/start/", sent).content.decode()
    answer = visitor.send_form("/en/donations/start/", sent)
    assert answer.status_code == 422
    assert "Write the sum in digits, for example 850 or 99,50." in answer.content.decode()
    assert "Write the sum in digits" not in russian


def test_pages_lead_to_each_other(bilingual: Bilingual, visitor: SiteClient) -> None:
    page, translated = bilingual
    expected = {"ru": page.get_url(), "en": translated.get_url()}
    assert expected["en"].startswith("/en/")
    for code, address in expected.items():
        soup = soup_of(visitor, address)
        nav = soup.select_one("nav.language-menu")
        assert nav is not None
        links = {link["hreflang"]: link for link in nav.select("a")}
        assert {one: link["href"] for one, link in links.items()} == expected
        assert [one for one, link in links.items() if link.get("aria-current")] == [code]


def test_site_of_one_language_offers_no_other(
    site: Site, other_site: Site, bilingual: Bilingual, make_campaign: MakeCampaign
) -> None:
    make_campaign(on=other_site)
    stranger = SiteClient(other_site.hostname)
    assert stranger.get("/").status_code == 200
    assert not soup_of(stranger, "/sbory/pandus/").select("nav.language-menu")
    for address in ("/en/", "/en/sbory/", "/en/donations/start/", "/tt/"):
        assert stranger.get(address).status_code == 404, address
    assert SiteClient(site.hostname).get("/udm/").status_code == 404


def test_purpose_is_told_in_the_language_of_the_page(
    bilingual: Bilingual, visitor: SiteClient
) -> None:
    page, translated = bilingual
    public_id = str(fund_of(page).public_id)
    for path, title in (("/en", EN_TITLE), ("", "Пандус к библиотеке")):
        answer = visitor.send_form(f"{path}/donations/start/", {"fund": public_id})
        assert f"<h1>{title}</h1>" in answer.content.decode()
    with translation.override("en"):
        assert purpose_for(fund_of(page), "Как в книгах") == EN_TITLE
        general = Fund.objects.get(site=fund_of(page).site, key=None)
        assert purpose_for(general) == "the work of the organisation under its charter"
        translated.unpublish()
        assert purpose_for(fund_of(page), "Как в книгах") == "Как в книгах"
    with TestCase().assertNumQueries(0):
        assert purpose_for(general) == general.purpose


def test_hidden_translation_is_not_offered(bilingual: Bilingual, visitor: SiteClient) -> None:
    page, translated = bilingual
    translated.unpublish()
    assert visitor.get(translated.get_url()).status_code == 404
    assert not soup_of(visitor, page.get_url()).select("nav.language-menu")
    assert fund_of(page).is_open()


def test_news_of_a_hidden_translation_are_not_offered(
    bilingual: Bilingual, english: Locale, visitor: SiteClient
) -> None:
    ru, en = bilingual
    news, key = "/sbory/pandus/doski/", uuid4()
    for page, locale in ((ru, ru.locale), (en, english)):
        page.add_child(
            instance=UpdatePage(title="Доски", slug="doski", translation_key=key, locale=locale)
        )
    theirs = f"{en.get_url()}doski/"
    assert theirs in visitor.get(news).content.decode()
    assert visitor.get(theirs).status_code == 200
    en.unpublish()
    assert theirs not in visitor.get(news).content.decode()


def test_only_the_main_language_closes_the_fund(bilingual: Bilingual, visitor: SiteClient) -> None:
    page, translated = bilingual
    page.unpublish()
    translated.refresh_from_db()
    assert translated.live
    soup = soup_of(visitor, translated.get_url())
    assert not soup.select("form[data-donation]")
    assert "This collection is closed. Thank you to all who helped." in soup.get_text()
    sent = {"fund": str(fund_of(page).public_id), "preset": "own", "amount": "500"}
    assert visitor.send_form("/en/donations/start/", sent).status_code == 409
    translated.delete()
    CampaignPage.objects.get(pk=page.pk).save_revision().publish()
    assert fund_of(page).is_open()


def test_translation_deleted_or_published_changes_nothing_in_the_books(
    bilingual: Bilingual, coordinator: SiteClient
) -> None:
    page, translated = bilingual
    CampaignPage.objects.filter(pk=translated.pk).update(goal=Decimal("1.00"))
    publish_translation(coordinator, translated)
    assert fund_of(page).purpose == "Пандус к библиотеке"
    assert fund_of(page).goal == Decimal("64000.00")
    CampaignPage.objects.get(pk=translated.pk).delete()
    assert fund_of(page).is_open()


def line_of(title: str, amount: str, **more: Any) -> dict[str, Any]:
    value = {"title": title, "amount": amount, **more}
    return {"type": "line", "id": str(uuid4()), "value": value}


def publish(page: CampaignPage, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_new_plan_is_told_in_both_languages_at_once_and_an_old_translation_brings_none_back(
    bilingual: Bilingual, visitor: SiteClient, coordinator: SiteClient, give: Give
) -> None:
    page, translated = bilingual
    stages = [line_of("Фундамент", "30000.00"), line_of("Перила", "50000.00")]
    publish(page, stages=[{**one, "type": "stage"} for one in stages])
    translated.refresh_from_db()
    translated.stages[0].value["title"] = "Foundation"
    old = translated.save_revision()
    old.publish()
    give(fund_of(page), "40000.00", pay=True)

    stages[1]["value"]["amount"] = "66000.00"
    act = Attachment.objects.create(
        title="Акт",
        collection=page.get_site().walls.collection,
        file=ContentFile(b"%PDF-1.4", "act.pdf"),
    )
    form: Any = {
        "heading": "",
        "intro": "",
        "presets": [*page.body.raw_data[0]["value"]["presets"]],
    }
    form["presets"][1]["value"]["amount"] = "950.00"
    publish(
        page,
        goal=Decimal("96000.00"),
        unit_count=12,
        unit_price=Decimal("8000.00"),
        unit_noun="ступеней",
        stages=[{**one, "type": "stage"} for one in stages],
        budget=[line_of("Бетон", "96000.00", spent="9000.00", document=act.pk, picture=None)],
        put_off_from=date(2030, 5, 1),
        report_due=date(2030, 7, 1),
        by_link_only=True,
        body=[{"type": "donation", "value": form}, *BODY[1:]],
    )
    for publish_old, called in (
        (lambda: 0, "Foundation"),
        (old.publish, "Foundation"),
        (lambda: publish_translation(coordinator, translated), "Фундамент"),  # has seen no stage
    ):
        publish_old()
        answer = visitor.get(translated.get_url())
        shown, progress = answer.context["page"], answer.context["progress"]
        assert (progress.goal, progress.units_text) == (Decimal("96000.00"), "5 of 12 ступеней")
        assert [(one.title, one.amount, one.held) for one in progress.stages] == [
            (called, Decimal("30000.00"), Decimal("30000.00")),
            ("Перила", Decimal("66000.00"), Decimal("10000.00")),
        ]
        assert progress.put_off_text == "put off: it was to end on 1 May, now on 1 June 2030"
        (line,) = answer.context["spending"].lines
        assert (line.planned, line.spent, line.document) == (96000, 9000, act)
        assert shown.report_due == date(2030, 7, 1)
        assert (shown.title, shown.lead) == (EN_TITLE, EN_LEAD)
        sums = [(one["amount"], one["meaning"]) for one in shown.body[0].value["presets"]]
        assert sums == [("300.00", ""), ("950.00", "a board")]
        assert visitor.get("/en/").context["campaigns"] == []  # by link only

    form["presets"][1]["value"]["meaning"] = ""  # what the main page says no more
    publish(page, body=[{"type": "donation", "value": form}, *BODY[1:]])
    (_first, second) = visitor.get(translated.get_url()).context["page"].body[0].value["presets"]
    assert (second["amount"], second["meaning"]) == ("950.00", "")


@pytest.mark.parametrize(
    "end", [{"is_finished": True}, {"report": [{"type": "text", "value": "<p>Готово.</p>"}]}]
)
def test_campaign_that_ended_has_ended_in_both_languages(
    end: dict[str, Any], bilingual: Bilingual, visitor: SiteClient
) -> None:
    page, translated = bilingual
    publish(page, **end)
    form = {"fund": str(fund_of(page).public_id), "preset": "own", "amount": "500"}
    for one in bilingual:
        answer = visitor.get(one.get_url())
        assert answer.context["page"].is_over
        assert not soup_of(visitor, one.get_url()).select("form[data-donation]")
        assert ("Готово." in answer.content.decode()) is ("report" in end)
    assert visitor.send_form("/en/donations/start/", form).status_code == 409
    publish(page, is_finished=False, report=[])
    assert soup_of(visitor, translated.get_url()).select("form[data-donation]")
    publish(page, body=BODY[1:])  # who takes the form away takes it from all languages
    assert not soup_of(visitor, translated.get_url()).select("form[data-donation]")


def test_editor_of_translations_shows_words_to_translate_and_no_figures(
    bilingual: Bilingual, coordinator: SiteClient
) -> None:
    _page, translated = bilingual
    answer = coordinator.get(reverse("wagtailadmin_pages:edit", args=[translated.pk]))
    assert answer.status_code == 200
    assert "wagtail_localize" in str(answer.templates[0].name)
    segments = json.loads(answer.context["props"])["segments"]
    words = [s["location"]["subField"] or s["location"]["field"] for s in segments]
    assert words == [
        "Заголовок",
        "Одно предложение: почему сейчас",
        "Суммы на выбор",
        "Текст",
        "Слова",
        "Чьи слова",
        "О чём видео",
        "Ссылка на видео",
        "Вопросы",
        "Вопросы",
        "Если соберём не всё",
        "Если соберём больше",
        "Слаг",
    ]
    assert "64000" not in answer.context["props"]


def test_translation_moved_to_another_site_leaves_the_fund_open_at_home(
    site: Site,
    other_site: Site,
    english: Locale,
    coordinator: SiteClient,
    bilingual: Bilingual,
) -> None:
    page, translated = bilingual
    for above in (other_site.root_page.specific, index_of(other_site)):
        submit(coordinator, above, english)
    elsewhere = index_of(other_site).get_translation(english)
    CampaignPage.objects.get(pk=translated.pk).move(elsewhere, pos="last-child")
    assert fund_of(page, site).is_open()
    assert not Fund.objects.of_site(other_site).filter(key=page.fund_key).exists()


def test_widget_speaks_the_language_of_its_address(
    bilingual: Bilingual, site: Site, visitor: SiteClient
) -> None:
    page, translated = bilingual
    where = f"embed/{fund_of(page).public_id}/card/"
    for prefix, title, address in (
        ("/", page.title, page.get_url()),
        ("/en/", EN_TITLE, translated.get_url()),
    ):
        heading = soup_of(visitor, f"{prefix}{where}").select_one("h1 a")
        assert heading is not None
        assert (heading.get_text(), heading["href"]) == (title, address)
    subject = subject_for(site, translated)
    assert subject is not None
    assert 'data-lang="en"' in Code(subject, Kind.CARD).script()
    assert Code(subject, Kind.CARD).url == f"{site.root_url}/en/{where}"
