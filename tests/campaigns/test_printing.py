"""Posters and flyers: what they say, where their codes lead, who may print them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader
from wagtail.models import Site

from accounts.models import User
from campaigns.links import link_for
from campaigns.models import CampaignPage
from campaigns.printing import flyers, poster
from campaigns.printing.leaflet import Leaflet, leaflet_of, readable
from content.sheet import Box, Sheet, draw_code
from donations.models import Donation
from site_settings.models import Appearance, Organisation
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, fund_of
from tests.conftest import SiteClient
from tests.tenancy.conftest import add_picture

Give = Callable[..., Donation]
LONG = (
    "Очень длинное название сбора, которое редактор написал от души, и оно занимает сто знаков " * 2
)
STRIPS = 7


def words(content: bytes) -> str:
    """All that is written on the sheet, on one line."""
    (sheet,) = PdfReader(BytesIO(content)).pages
    assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (595, 842)
    return " ".join(sheet.extract_text().replace("\u00a0", " ").split())


@pytest.fixture
def page(make_campaign: MakeCampaign, site: Site) -> CampaignPage:
    Organisation.objects.update_or_create(
        site=site,
        defaults={
            "full_name": "РОО «Вятский велопуть»",
            "short_name": "Велопуть",
            "inn": "7707083893",
            "ogrn": "1027700132195",
        },
    )
    return make_campaign(deadline=date(2030, 6, 1), picture=add_picture(site, "photo"))


def leaflet(page: CampaignPage, site: Site, channel: str = "poster") -> Leaflet:
    return leaflet_of(CampaignPage.objects.get(pk=page.pk), site, channel=channel)


def test_poster_says_what_the_page_says(page: CampaignPage, site: Site, give: Give) -> None:
    give(fund_of(page), "24800.00", pay=True)
    link = link_for(page, "poster")
    said = words(poster.pdf(leaflet(page, site)))
    for words_of_page in (
        "Пандус к библиотеке",
        "Двенадцать ступеней, которые не пускают",
        "Нужно 64 000 ₽ до 1 июня 2030",
        "собрано 24 800 ₽",
        "Наведите сюда камеру телефона",
        f"veloput.localhost:8000/-/{link.code}",
        "Велопуть РОО «Вятский велопуть», ИНН 7707083893, ОГРН 1027700132195",
    ):
        assert words_of_page in said


def test_every_strip_has_the_link_of_flyers(page: CampaignPage, site: Site) -> None:
    code = link_for(page, "flyer").code
    assert code != link_for(page, "poster").code
    said = words(flyers.pdf(leaflet(page, site, "flyer")))
    assert said.count(f"veloput.localhost:8000/-/{code}") == 1 + STRIPS
    assert said.count("Пандус к библиотеке") == 1 + STRIPS
    assert "Разрежьте по пунктиру" in said


@pytest.mark.parametrize("draw", [poster.pdf, flyers.pdf])
def test_code_on_the_sheet_leads_to_the_short_link(
    page: CampaignPage, site: Site, draw: Callable[[Leaflet], bytes], monkeypatch: Any
) -> None:
    """The rectangles that were put on paper, read as a phone does."""
    paper = Image.new("L", (2100, 2970), 255)
    put = Sheet.rect

    def rect(self: Sheet, x: float, y: float, w: float, h: float, **style: Any) -> None:
        put(self, x, y, w, h, **style)
        box = [round(side * 10) for side in (x, y, x + w, y + h)]
        assert self.fill_color is not None
        if self.fill_color.serialize() == "0 g":
            paper.paste(0, (box[0], box[1], box[2], box[3]))

    monkeypatch.setattr(Sheet, "rect", rect)
    link = link_for(page, "poster")
    draw(leaflet(page, site))
    found = {code.text for code in zxingcpp.read_barcodes(paper)}
    assert found == {link.url}


@pytest.mark.parametrize(
    ("fields", "ask"),
    [
        ({}, "Нужно 64 000 ₽"),
        ({"goal": None}, "Поможет любая сумма"),
        ({"goal": None, "deadline": date(2030, 6, 1)}, "Собираем до 1 июня 2030"),
        (
            {"goal": "7000.00", "unit_price": Decimal("3500.00"), "unit_count": 2,
             "unit_noun": "крыши"},
            "Нужно 7 000 ₽: 2 крыши по 3 500 ₽",
        ),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_said_in_words(
    make_campaign: MakeCampaign, site: Site, fields: dict[str, Any], ask: str
) -> None:
    told = leaflet(make_campaign(**fields), site)
    assert (told.ask.replace("\u00a0", " "), told.stands) == (ask, "")


def test_figures_kept_back_are_kept_off_paper(
    make_campaign: MakeCampaign, site: Site, give: Give
) -> None:
    page = make_campaign(by_link_only=True)
    give(fund_of(page), "500.00", pay=True)
    assert leaflet(page, site).stands == ""


@pytest.mark.parametrize(
    ("title", "photo"),
    [("Дом", False), (LONG, True), (LONG, False), ("🚲\u202e漢字" + "ы" * 120, True)],
)
def test_long_and_odd_words_stay_on_one_sheet(
    page: CampaignPage, site: Site, title: str, photo: bool
) -> None:
    told = leaflet(page, site)
    odd = replace(
        told,
        title=title,
        lead="Слово " * 40,
        notice="Материал произведён иностранным агентом. " * 10,
        photo=told.photo if photo else None,
    )
    for draw in (poster.pdf, flyers.pdf):
        said = words(draw(odd))
        assert told.address in said
        assert "Нужно 64 000 ₽" in said
        assert "\u202e" not in said


def test_photo_is_on_the_sheet_and_a_lost_file_leaves_the_words(
    page: CampaignPage, site: Site
) -> None:
    look, picture = Appearance.for_site(site), page.picture
    assert picture is not None
    look.logo = add_picture(site, "logo")
    look.save()
    (sheet,) = PdfReader(BytesIO(poster.pdf(leaflet(page, site)))).pages
    assert len(sheet.images) == 2
    picture.file.storage.delete(picture.file.name)
    for rendition in picture.renditions.all():
        rendition.file.storage.delete(rendition.file.name)
    picture.renditions.all().delete()
    assert leaflet(page, site).photo is None


def test_group_names_who_receives_the_money(page: CampaignPage, site: Site) -> None:
    Organisation.objects.filter(site=site).update(is_group=True)
    assert leaflet(page, site).small_print == ""


def test_address_is_written_as_people_type_it() -> None:
    assert readable("https://xn--90af4abj.xn--p1ai/-/k7m2") == "добро.рф/-/k7m2"
    assert readable("https://veloput.so-nko.ru/-/k7m2") == "veloput.so-nko.ru/-/k7m2"
    assert readable("http://veloput.localhost:8000/-/k7m2") == "veloput.localhost:8000/-/k7m2"


def test_code_is_drawn_inside_its_box() -> None:
    sheet = FPDF()
    seen: list[tuple[float, float]] = []
    sheet.rect = lambda x, y, w, h, **style: seen.append((x + w, y + h))  # type: ignore[method-assign]
    draw_code(sheet, [[True, True], [False, True]], Box(10, 20, 30, 30))
    assert seen == [(40.0, 35.3), (40.0, 50.3)]


# --- who may print


@pytest.fixture
def editor(
    site: Site, make_person: Callable[..., User], admin_as: Callable[..., SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


@pytest.mark.parametrize("view", ["print_poster", "print_flyers"])
def test_editor_gets_a_pdf(page: CampaignPage, editor: SiteClient, view: str) -> None:
    answer = editor.get(reverse(view, args=[page.pk]))
    assert answer["Content-Type"] == "application/pdf"
    kind = {"print_poster": "poster", "print_flyers": "flyer"}[view]
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}-pandus.pdf"'
    assert "Пандус к библиотеке" in words(answer.content)


@pytest.mark.parametrize("view", ["print_poster", "print_flyers"])
def test_neighbours_and_accountants_find_no_sheet(
    page: CampaignPage, site: Site, other_site: Site, view: str,
    make_person: Callable[..., User], admin_as: Callable[..., SiteClient], visitor: SiteClient,
) -> None:  # fmt: skip
    address = reverse(view, args=[page.pk])
    for role, where in ((Role.EDITOR, other_site), (Role.ACCOUNTANT, site)):
        assert admin_as(make_person(role, where)).get(address).status_code == 404
    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"publish": False}, "Сначала опубликуйте сбор"),
        ({"is_finished": True}, "Этот сбор закончен"),
    ],
)
def test_draft_and_finished_campaign_give_a_word_instead(
    make_campaign: MakeCampaign, editor: SiteClient, fields: dict[str, Any], word: str
) -> None:
    page = make_campaign(**fields)
    screen = reverse("campaign_links", args=[page.pk])
    answer = editor.get(reverse("print_poster", args=[page.pk]))
    assert (answer.status_code, answer["Location"]) == (302, screen)
    told = editor.get(screen).content.decode()
    assert told.count(word) == 2  # why one was sent back, and where the buttons would stand
    assert "poster.pdf" not in told


def test_screen_of_links_offers_the_sheets_to_those_who_may_print(
    make_campaign: MakeCampaign, editor: SiteClient, site: Site,
    make_person: Callable[..., User], admin_as: Callable[..., SiteClient],
) -> None:  # fmt: skip
    screen = reverse("campaign_links", args=[make_campaign().pk])
    accountant = admin_as(make_person(Role.ACCOUNTANT, site))
    for browser, offered in ((editor, True), (accountant, False)):
        html = browser.get(screen).content.decode()
        assert ("/poster.pdf" in html, "/flyers.pdf" in html) == (offered, offered)


def test_sheet_takes_few_queries(page: CampaignPage, site: Site) -> None:
    leaflet(page, site)
    with CaptureQueriesContext(connection) as asked:
        leaflet(page, site)
    assert len(asked) <= 12
