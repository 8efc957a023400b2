"""A letter greets by a first name, and carries nothing else from the name field."""

import pytest

from donations.mail import first_name


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Анна Петрова", "Анна"),
        ("Анна-Мария", "Анна-Мария"),
        ("Ян", "Ян"),
        ("Иванова Анна Петровна", "Анна"),
        ("Петрова Анна", "Анна"),
        ("анна петрова", "Анна"),
        ("Мария и Иван", "Мария"),
        ("Петрова", ""),
        ("", ""),
        ("https://evil.example/win", ""),
        ("evil.example", ""),
        ("ООО «Ромашка»", ""),
        ("Школа, 7 класс", ""),
        ("+79990000000", ""),
        ("а" * 31, ""),
    ],
)
def test_only_a_name_is_greeted(name: str, greeted: str) -> None:
    assert first_name(name) == greeted
