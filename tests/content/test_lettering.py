"""Words in pictures and on sheets: nothing is torn, nothing is an empty box."""

import pytest

from content.lettering import drawable, fit, lines_of
from site_settings.fonts import ONEST

GOLOS_SIGNS = ONEST.path


def by_letters(text: str, size: float) -> float:
    return len(text) * size


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Пандус 🚲 к библиотеке ♿️", "Пандус к библиотеке"),
        ("Крыша\u200f и\u202e\u2066 пол\x00", "Крыша и пол"),
        ("И\u0306огурт\n\tи ёж", "Йогурт и ёж"),
        ("24\u202f800\u00a0₽", "24\u202f800\u00a0₽"),
        ("漢字", ""),
    ],
)
def test_signs_the_typeface_lacks_are_left_out(text: str, kept: str) -> None:
    assert drawable(text, GOLOS_SIGNS) == kept


def test_short_words_and_figures_stay_with_the_next_word() -> None:
    lines = lines_of("Сцена, краски и 60 призов — всем", 1, 16, by_letters)
    assert [line.replace("\u00a0", " ") for line in lines] == [
        "Сцена, краски",
        "и 60 призов —",
        "всем",
    ]


def test_letters_grow_smaller_before_a_word_is_torn() -> None:
    size, lines = fit("Крыша над двенадцатью вольерами", (3, 2, 1), (22, 100), 1, by_letters)
    assert (size, lines) == (2, ["Крыша над", "двенадцатью", "вольерами"])


def test_lines_are_even() -> None:
    _size, lines = fit("один два три четыре пять", (1,), (20, 2), 1, by_letters)
    assert lines == ["один два три", "четыре пять"]


def test_what_never_fits_ends_with_an_ellipsis() -> None:
    size, lines = fit("слово " * 20, (2, 1), (12, 2), 1, by_letters)
    assert (size, lines) == (1, ["слово слово", "слово слово…"])
    _size, torn = fit("ы" * 100, (1,), (10, 3), 1, by_letters)
    assert torn == ["ы" * 10, "ы" * 10, "ы" * 9 + "…"]
