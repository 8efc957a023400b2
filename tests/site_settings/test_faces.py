"""One theme, many faces: typefaces, layouts, the notice, and a preview of what nobody saved yet."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.urls import reverse
from fontTools.ttLib import TTFont
from wagtail.models import Site

from accounts.models import User
from site_settings.fonts import PAIRS, Fonts
from site_settings.models import Appearance
from site_settings.theme import Face, Header, HomeLayout, css_of, face_of_slug
from tenancy.models import Role
from tests.conftest import SiteClient

# Letters beyond the Russian alphabet: Tatar, Udmurt, Meadow Mari.
LETTERS = "ӘәҖҗҢңӨөҮүҺһ" + "ӜӝӞӟӤӥӦӧӴӵ" + "ҤҥӰӱ" + "«»—№₽\u202f\u00a0Ёё"
CHOICES = {
    "tagline": "",
    "accent": "#ffd400",
    "second": "#0b3d91",
    "fonts": "book",
    "header": "band",
    "home": "cover",
    "footer_notice": "При поддержке\nдвора",
}


@pytest.mark.parametrize("fonts", list(Fonts))
def test_every_typeface_has_the_letters_of_our_languages(fonts: Fonts) -> None:
    for face in PAIRS[fonts].faces:
        path = finders.find(f"sonko_cms/fonts/{face.file}")
        assert isinstance(path, str), face.file
        assert Path(path).stat().st_size < 20_000
        with TTFont(path) as font:
            missing = {letter for letter in LETTERS if ord(letter) not in font.getBestCmap()}
        assert not missing, face.file


def test_only_the_chosen_pair_stands_in_the_sheet(site: Site, visitor: SiteClient) -> None:
    Appearance.objects.filter(site=site).update(fonts=Fonts.MODERN)
    html = visitor.get("/").content.decode()
    css = visitor.get(Appearance.objects.get(site=site).theme_css_url).content.decode()
    assert set(re.findall(r"fonts/([a-z0-9-]+)\.woff2", css)) == {
        "onest-400",
        "onest-600",
        "onest-700",
    }
    assert re.findall(r'rel="preload" href="[^"]*/([a-z0-9-]+)\.woff2"', html) == [
        "onest-400",
        "onest-700",
    ]


def test_layouts_not_chosen_cost_nothing() -> None:
    plain = Face("#1f6f54", "#d9822b", Fonts.PLAIN, Header.LINE, HomeLayout.BESIDE)
    assert ".site-head" not in css_of(plain)
    assert ".home-first" not in css_of(plain)
    rich = Face("#1f6f54", "#d9822b", Fonts.PLAIN, Header.BAND, HomeLayout.WORDS)
    assert ".site-head { background: var(--accent)" in css_of(rich)
    assert ".home-first .home-text h1" in css_of(rich)


def test_address_of_the_sheet_tells_the_face_and_nothing_else_is_read() -> None:
    face = Face("#1f6f54", "#d9822b", Fonts.BOOK, Header.CENTRE, HomeLayout.COVER)
    assert face_of_slug(face.slug) == face
    for slug in (
        "",
        "1f6f54",
        "1f6f54-d9822b-comic-line-cover-0",
        "1f6f5-d9822b-book-line-cover-0",
        "red;}-d9822b-book-line-cover-0",
        "1f6f54-d9822b-book-line-cover-0-0",
    ):
        assert face_of_slug(slug) is None


def test_notice_stands_in_the_foot_as_words(site: Site, visitor: SiteClient) -> None:
    Appearance.objects.filter(site=site).update(footer_notice="<b>Спасибо</b>\nдвору")
    foot = BeautifulSoup(visitor.get("/").content, "html.parser").select_one(".foot-notice")
    assert foot is not None
    assert foot.get_text() == "<b>Спасибо</b>двору"
    Appearance.objects.filter(site=site).update(footer_notice="")
    assert "foot-notice" not in visitor.get("/").content.decode()


@pytest.fixture
def editor(
    site: Site, make_person: Callable[..., User], admin_as: Callable[[User], SiteClient]
) -> SiteClient:
    return admin_as(make_person(Role.EDITOR, site))


def preview_of(site: Site) -> str:
    return reverse("wagtailsettings:preview_on_edit", args=["site_settings", "appearance", site.pk])


@pytest.mark.parametrize("mode", ["home", "inside"])
def test_preview_shows_what_is_typed_and_saves_nothing(
    mode: str, site: Site, editor: SiteClient
) -> None:
    before = Appearance.objects.get(site=site).face
    answer = editor.post(preview_of(site), {**CHOICES, "logo": ""})
    assert answer.json() == {"is_valid": True, "is_available": True}
    shown = editor.get(preview_of(site), {"mode": mode})
    assert shown.status_code == 200
    html = shown.content.decode()
    wanted = Face("#ffd400", "#0b3d91", "book", "band", "cover")
    assert f"/theme/{wanted.slug}.css" in html
    assert "При поддержке" in html
    # Drawn on the admin's host, it may run no more than a public page may.
    assert "'unsafe-inline'" not in shown["Content-Security-Policy"]
    sheet = editor.get(f"/theme/{wanted.slug}.css")
    assert sheet.status_code == 200
    assert "sonko-serif-400" in sheet.content.decode()
    assert Appearance.objects.get(site=site).face == before


def test_neighbours_appearance_is_not_found(
    site: Site, other_site: Site, editor: SiteClient
) -> None:
    assert editor.get(preview_of(other_site)).status_code == 404
    assert editor.post(preview_of(other_site), CHOICES).status_code == 404
    edit = reverse("wagtailsettings:edit", args=["site_settings", "appearance", other_site.pk])
    assert editor.get(edit).status_code == 404


def test_saved_face_is_the_sites_and_the_form_tells_of_a_pale_colour(
    site: Site, editor: SiteClient, visitor: SiteClient
) -> None:
    edit = reverse("wagtailsettings:edit", args=["site_settings", "appearance", site.pk])
    assert editor.post(edit, {**CHOICES, "logo": ""}).status_code == 302
    face = Appearance.objects.get(site=site).face
    assert face == Face("#ffd400", "#0b3d91", "book", "band", "cover")
    assert face.slug in visitor.get("/").content.decode()
    box = BeautifulSoup(editor.get(edit).content, "html.parser").select_one("[data-colours]")
    assert box is not None
    assert f"На сайте будет {face.palette().accent}" in " ".join(box.get_text().split())


def test_form_asks_the_server_what_becomes_of_a_colour(editor: SiteClient) -> None:
    answer = editor.get(
        reverse("site_settings_colours"), {"accent": "#ffd400", "second": "#7a3e00"}
    )
    soup = BeautifulSoup(answer.content, "html.parser")
    pale, dark = soup.select(".help-block")
    assert "help-warning" in pale["class"]
    assert "#ffd400" in pale.get_text()
    assert "style=" not in answer.content.decode()
    assert "Днём цвет остаётся как есть" in " ".join(dark.get_text().split())


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#12345g", "<script>"])
def test_what_is_no_colour_has_no_description(accent: str, editor: SiteClient) -> None:
    asked = {"accent": accent, "second": "#7a3e00"}
    assert editor.get(reverse("site_settings_colours"), asked).status_code == 404
