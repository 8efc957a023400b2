"""What a coordinator may type as the address of a site, and what becomes of it."""

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from network.hostnames import RESERVED, read_hostname, show_hostname


@pytest.fixture(autouse=True)
def _centre(settings: Settings) -> None:
    settings.BASE_DOMAIN = "so-nko.ru"
    settings.ADMIN_HOST = "admin.so-nko.ru"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("dobro", "dobro.so-nko.ru"),
        ("  dobro  ", "dobro.so-nko.ru"),
        ("Klub-Dymka", "klub-dymka.so-nko.ru"),
        ("24chasa", "24chasa.so-nko.ru"),
        ("a", "a.so-nko.ru"),
        ("dobro.so-nko.ru", "dobro.so-nko.ru"),
        ("DOBRO.SO-NKO.RU", "dobro.so-nko.ru"),
        ("dobro.so-nko.ru.", "dobro.so-nko.ru"),
        ("https://dobro.so-nko.ru", "dobro.so-nko.ru"),
        ("HTTPS://Dobro.so-nko.ru/", "dobro.so-nko.ru"),
        ("http://dobro.so-nko.ru/", "dobro.so-nko.ru"),
        ("добро", "xn--90af4abj.so-nko.ru"),
        ("ДОБРО", "xn--90af4abj.so-nko.ru"),
        ("ёлка.рф", "xn--80atc1g.xn--p1ai"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("dobro．so-nko．ru", "dobro.so-nko.ru"),
        ("dobro。so-nko。ru", "dobro.so-nko.ru"),
        ("so-nko.ru", "so-nko.ru"),
        ("a" * 63, f"{'a' * 63}.so-nko.ru"),
    ],
)
def test_name_is_read_as_it_is_meant(typed: str, name: str) -> None:
    assert read_hostname(typed) == name
    assert read_hostname(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        ".",
        "https://",
        ".so-nko.ru",
        "dobro..so-nko.ru",
        "dobro.so-nko.ru/admin",
        "dobro.so-nko.ru?x",
        "dobro.so-nko.ru#x",
        "dobro:8080",
        "dobro.so-nko.ru:443",
        "a@dobro.so-nko.ru",
        "ftp://dobro.so-nko.ru",
        "javascript://dobro",
        "dob ro.so-nko.ru",
        "dob\tro",
        "-dobro",
        "dobro-.so-nko.ru",
        "ab--cd.so-nko.ru",
        "xn--zzzzzzzz.so-nko.ru",
        "xn--a.so-nko.ru",
        "my_ngo.so-nko.ru",
        "_acme-challenge",
        "a" * 64,
        f"{'a' * 64}.so-nko.ru",
        "a." * 126 + "so-nko.ru",
        "[::1]",
        "::1",
        "*",
        "*.so-nko.ru",
        "\u202eorbod.so-nko.ru",
        "do\u200bbro\u202e",
        "❤.so-nko.ru",
        "🐶",
        "\x00a.so-nko.ru",
        "a\x00",
        "a.so-nko.ru\r\nX: y",
        "<script>alert(1)</script>",
        "dobro'--",
        "dobro%2e",
        "добро_мир",
        "а" * 10_000,
        "x" * 10_000,
    ],
)
def test_what_is_no_name_is_refused_in_russian(typed: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read_hostname(typed)
    (message,) = refusal.value.messages
    assert any("а" <= letter <= "я" for letter in message)


@pytest.mark.parametrize(
    "typed", ["192.168.1.1", "127.0.0.1", "2130706433", "10.0", "１２７.0.0.1"]
)
def test_network_address_is_no_name(typed: str) -> None:
    with pytest.raises(ValidationError):
        read_hostname(typed)


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_refused_under_the_centre_s_domain(word: str) -> None:
    for typed in (word, word.upper(), f"{word}.so-nko.ru", f"{word}.dobro.so-nko.ru"):
        with pytest.raises(ValidationError, match="занято центром"):
            read_hostname(typed)


def test_reserved_word_is_free_under_a_domain_of_one_s_own() -> None:
    assert read_hostname("www.dobro-kirov.ru") == "www.dobro-kirov.ru"


def test_admin_host_of_another_domain_is_refused(settings: Settings) -> None:
    settings.ADMIN_HOST = "office.example.org"
    with pytest.raises(ValidationError):
        read_hostname("office.example.org")


def test_punycode_is_shown_as_people_read_it() -> None:
    assert show_hostname("xn--e1afmkfd.xn--p1ai") == "пример.рф"
    assert show_hostname(read_hostname("ёлка.рф")) == "ёлка.рф"
    assert show_hostname("dobro.so-nko.ru") == "dobro.so-nko.ru"
    assert show_hostname("xn--zzzzzzzz.ru") == "xn--zzzzzzzz.ru"
