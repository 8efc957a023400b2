"""Colours of a site can always be read, whatever brand colours it has."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wagtail.models import Site

from site_settings.colours import (
    INK,
    NIGHT_INK,
    NIGHT_PAPER,
    PAPER,
    contrast,
    mix,
    on,
    palette,
    parse,
    was_adjusted,
)
from site_settings.models import Appearance
from tests.conftest import SiteClient

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


@given(accent=colours, second=colours)
@example(accent="#ffffff", second="#ffffff")
@example(accent="#000000", second="#000000")
@example(accent="#ffff00", second="#00ffff")
@example(accent="#ffff00", second="#0000ff")
@example(accent="#808080", second="#7f7f7f")
@example(accent="#4e60b5", second="#123456")
@example(accent="#0000ff", second="#ff0000")
def test_every_text_of_the_theme_can_be_read(accent: str, second: str) -> None:
    for night, paper, ink in ((False, PAPER, INK), (True, NIGHT_PAPER, NIGHT_INK)):
        shown = palette(accent, second, night=night)
        pairs = {
            "accent on paper": (shown.accent, paper),
            "accent on tint": (shown.accent, shown.tint),
            "hover on paper": (shown.accent_strong, paper),
            "hover on tint": (shown.accent_strong, shown.tint),
            "text on the button": (shown.on_accent, shown.accent),
            "text on the button under the pointer": (shown.on_accent, shown.accent_strong),
            "text on the second colour": (shown.on_second, shown.second),
            "second on paper": (shown.second, paper),
            "ink on tint": (ink, shown.tint),
        }
        for name, pair in pairs.items():
            assert contrast(*pair) >= 4.5, (name, night, pair)


@given(ground=colours)
def test_text_on_any_ground_can_be_read(ground: str) -> None:
    assert contrast(on(ground), ground) >= 4.5


@given(one=colours, other=colours)
def test_mixture_lies_between(one: str, other: str) -> None:
    assert mix(one, other, 0) == one
    assert mix(one, other, 1) == other


def test_readable_accent_stays_as_it_is_and_a_pale_one_is_told_of() -> None:
    assert palette("#1f6f54", "#7a3e00").accent == "#1f6f54"
    assert not was_adjusted("#1F6F54")
    assert was_adjusted("#ffd400")


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345g", "#1234567", "#1f6f54\n", "1f6f54"])
def test_what_is_no_colour_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        parse(text)


@pytest.fixture
def red_and_blue(site: Site, other_site: Site) -> tuple[Appearance, Appearance]:
    for one, accent in ((site, "#b00020"), (other_site, "#0b3d91")):
        Appearance.objects.filter(site=one).update(accent=accent)
    return Appearance.objects.get(site=site), Appearance.objects.get(site=other_site)


def test_style_sheet_of_a_site_is_kept_for_ever_under_its_own_digest(
    red_and_blue: tuple[Appearance, Appearance], visitor: SiteClient
) -> None:
    red, _blue = red_and_blue
    page = visitor.get("/").content.decode()
    assert f'href="{red.theme_css_url}"' in page
    answer = visitor.get(red.theme_css_url)
    assert answer["Content-Type"] == "text/css"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies
    css = answer.content.decode()
    assert css.count("--accent:") == 2
    assert re.findall(r"--accent:(#[0-9a-f]{6})", css)[0] == "#b00020"
    assert "--accent:#ff" not in css.split("@media")[0]


def test_address_of_another_site_gives_own_colours_and_is_not_kept(
    red_and_blue: tuple[Appearance, Appearance], visitor: SiteClient
) -> None:
    _red, blue = red_and_blue
    answer = visitor.get(blue.theme_css_url)
    assert "#b00020" in answer.content.decode()
    assert "#0b3d91" not in answer.content.decode()
    assert answer["Cache-Control"] == "no-cache"


def test_new_colour_has_a_new_address(
    red_and_blue: tuple[Appearance, Appearance], visitor: SiteClient
) -> None:
    red, _blue = red_and_blue
    before = red.theme_css_url
    red.accent = "#006400"
    red.save()
    assert red.theme_css_url != before
    assert f'href="{red.theme_css_url}"' in visitor.get("/").content.decode()
    assert visitor.get(before)["Cache-Control"] == "no-cache"
