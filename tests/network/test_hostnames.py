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
        pytest.param("dobro", "dobro.so-nko.ru", id="label_only"),
        ("  dobro  ", "dobro.so-nko.ru"),
        ("Klub-Dymka", "klub-dymka.so-nko.ru"),
        ("24chasa", "24chasa.so-nko.ru"),
        ("a", "a.so-nko.ru"),
        pytest.param("dobro.so-nko.ru", "dobro.so-nko.ru", id="full"),
        pytest.param("DOBRO.SO-NKO.RU", "dobro.so-nko.ru", id="upper"),
        pytest.param("dobro.so-nko.ru.", "dobro.so-nko.ru", id="trailing_dot"),
        pytest.param("https://dobro.so-nko.ru", "dobro.so-nko.ru", id="scheme"),
        ("HTTPS://Dobro.so-nko.ru/", "dobro.so-nko.ru"),
        ("http://dobro.so-nko.ru/", "dobro.so-nko.ru"),
        pytest.param("добро", "xn--90af4abj.so-nko.ru", id="cyrillic_label"),
        ("ДОБРО", "xn--90af4abj.so-nko.ru"),
        pytest.param("ёлка.рф", "xn--80atc1g.xn--p1ai", id="yo"),
        pytest.param("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", id="punycode_ok"),
        pytest.param("dobro．so-nko．ru", "dobro.so-nko.ru", id="fullwidth_dot"),
        pytest.param("dobro。so-nko。ru", "dobro.so-nko.ru", id="ideographic_dot"),
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
        pytest.param("", id="empty"),
        pytest.param("   ", id="spaces"),
        ".",
        "https://",
        pytest.param(".so-nko.ru", id="leading_dot"),
        "dobro..so-nko.ru",
        pytest.param("dobro.so-nko.ru/admin", id="path"),
        pytest.param("dobro.so-nko.ru?x", id="query"),
        "dobro.so-nko.ru#x",
        pytest.param("dobro:8080", id="duplicate_other_port"),
        "dobro.so-nko.ru:443",
        pytest.param("a@dobro.so-nko.ru", id="userinfo"),
        "ftp://dobro.so-nko.ru",
        "javascript://dobro",
        pytest.param("dob ro.so-nko.ru", id="space_inside"),
        "dob\tro",
        "-dobro",
        pytest.param("dobro-.so-nko.ru", id="trailing_hyphen"),
        pytest.param("ab--cd.so-nko.ru", id="hyphen_34"),
        "xn--zzzzzzzz.so-nko.ru",
        "xn--a.so-nko.ru",
        pytest.param("my_ngo.so-nko.ru", id="underscore"),
        pytest.param("_acme-challenge", id="reserved_acme"),
        "a" * 64,
        pytest.param(f"{'a' * 64}.so-nko.ru", id="label_64"),
        pytest.param("a." * 126 + "so-nko.ru", id="total_256"),
        pytest.param("[::1]", id="ip6"),
        "::1",
        pytest.param("*", id="wildcard"),
        pytest.param("*.so-nko.ru", id="wildcard_sub"),
        pytest.param("\u202eorbod.so-nko.ru", id="rtl"),
        "do\u200bbro\u202e",
        pytest.param("❤.so-nko.ru", id="emoji"),
        "🐶",
        pytest.param("\x00a.so-nko.ru", id="null"),
        "a\x00",
        pytest.param("a.so-nko.ru\r\nX: y", id="crlf"),
        pytest.param("<script>alert(1)</script>", id="script"),
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
    "typed",
    [
        pytest.param("192.168.1.1", id="ip4"),
        pytest.param("2130706433", id="ip4_decimal"),
        "127.0.0.1",
        "10.0",
        "１２７.0.0.1",
    ],
)
def test_network_address_is_no_name(typed: str) -> None:
    with pytest.raises(ValidationError):
        read_hostname(typed)


@pytest.mark.bad_input("localhost")
@pytest.mark.parametrize("word", sorted(RESERVED), ids=lambda word: f"reserved_{word}")
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
