"""What a donor may type, and what comes back with words beside the field."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.utils import translation
from wagtail.models import Site

from donations.forms import DonationForm
from donations.giving_form import carried_sums, sums_carried
from donations.models import Donation, DonationState, Fund, PaymentAccount
from donations.tokens import is_page_token, page_token, site_token
from tests.conftest import SiteClient
from tests.donations.conftest import Submit, Typed, assert_nothing_happened
from tests.donations.screen import error_at, fields_of, fields_with_errors, in_russian, words_of
from tests.emulator import YooKassaEmulator

DIGITS = "Write the sum in digits, for example 850 or 99,50."
CHOOSE = "Choose a sum or write your own."
SMALLEST = "The smallest sum is %(sum)s."
LARGEST = "The largest sum is %(sum)s."
EMAIL = "Check the e-mail: it is written like name@example.ru."
UNPRINTABLE = "There is a character here that cannot be printed. Type it again."
KEPT = {"name": "Анна", "message": "Держитесь!", "email": "anna@example.org", "show_name": "on"}


def assert_refused(answer: Any, field: str, words: str) -> None:
    """The form again, with Russian words at that one field."""
    assert answer.status_code == 422
    assert fields_with_errors(answer) == {field}
    assert error_at(answer, field) == words
    assert any("а" <= letter <= "я" for letter in words.lower()), "not in Russian"
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def shop_calls(shop: PaymentAccount, emulator: YooKassaEmulator) -> YooKassaEmulator:
    """The site is paid through the emulator, so that a call would be seen."""
    return emulator


# --- the sum

NO_SUMS = {
    "amount_negative": "-100",
    "amount_unicode_minus": "\u2212100",
    "amount_plus_sign": "+100",
    "amount_1e3": "1e3",
    "amount_1e999999999": "1e999999999",
    "amount_nan": "NaN",
    "amount_snan": "sNaN",
    "amount_inf": "Infinity",
    "amount_minf": "-Infinity",
    "amount_hex": "0x64",
    "amount_arabic_digits": "١٠٠",
    "wide digits": "１００",
    "amount_half_char": "½",
    "amount_superscript": "²",
    "amount_apostrophe": "1'000",
    "amount_us_thousands": "1,000.00",
    "amount_eu_thousands": "1.000,00",
    "amount_dot_three": "1.000",
    "three decimals": "10,555",
    "amount_text": "сто рублей",
    "amount_sql": "100; DROP TABLE donations_donation",
    "amount_null_byte": "100\x00",
    "amount_rtl": "\u202e001",
    "amount_html": '"><b>100</b>',
    "ten thousand digits": "7" * 10_000,
}


@pytest.mark.parametrize(
    ("amount", "words", "limit"),
    [
        pytest.param("", CHOOSE, "", id="amount_empty"),
        pytest.param("   ", CHOOSE, "", id="amount_spaces"),
        pytest.param("0", SMALLEST, "10\u00a0₽", id="amount_zero"),
        pytest.param("0.99", SMALLEST, "10\u00a0₽", id="amount_below_min"),
        ("9,99", SMALLEST, "10\u00a0₽"),
        pytest.param("350000.01", LARGEST, "350\u202f000\u00a0₽", id="amount_max_plus_kop"),
        ("999999999", LARGEST, "350\u202f000\u00a0₽"),
        *(pytest.param(text, DIGITS, "", id=name) for name, text in NO_SUMS.items()),
    ],
)
def test_a_sum_that_cannot_be_taken_comes_back_with_words(
    shop_calls: YooKassaEmulator, submit: Submit, amount: str, words: str, limit: str
) -> None:
    answer = submit(amount=amount, **KEPT)
    assert_refused(answer, "amount", in_russian(words, sum=limit) if limit else in_russian(words))
    returned = fields_of(answer)
    assert {name: returned[name] for name in KEPT} == KEPT
    assert returned["amount"].strip("\n") == amount.strip("\n")
    assert returned["preset"] == "own"
    assert returned["consent"] == "on"
    assert "<b>100" not in answer.content.decode()
    assert_nothing_happened(shop_calls)


@pytest.mark.parametrize(
    ("amount", "kopecks"),
    [
        pytest.param("100,50", 10050, id="amount_comma"),
        pytest.param("1 000", 100000, id="amount_space_thousands"),
        pytest.param("1\u00a0000,50", 100050, id="amount_nbsp_thousands"),
        pytest.param("1\u202f000", 100000, id="amount_nnbsp_thousands"),
        pytest.param("100\n", 10000, id="amount_newline"),
        pytest.param("100 ₽", 10000, id="amount_trailing_currency"),
        ("100.1", 10010),
        ("350000", 35000000),
    ],
)
def test_a_sum_as_people_write_it_is_asked_for_to_the_kopeck(
    shop_calls: YooKassaEmulator, submit: Submit, amount: str, kopecks: int
) -> None:
    answer = submit(amount=amount)
    donation = Donation.objects.get()
    assert donation.amount == Decimal(kopecks) / 100
    assert answer.status_code == 303
    assert answer["Location"] == donation.confirmation_url
    [call] = shop_calls.requests
    assert call.body is not None
    assert call.body["amount"] == {
        "value": f"{kopecks // 100}.{kopecks % 100:02d}",
        "currency": "RUB",
    }


def test_a_chosen_sum_is_taken(submit: Submit) -> None:
    assert submit(preset="1000.00", amount="").status_code == 303
    assert Donation.objects.get().amount == Decimal("1000.00")


def test_a_sum_beside_a_chosen_one_keeps_the_limits(submit: Submit) -> None:
    answer = submit(preset="500.00", amount="1")
    assert_refused(answer, "amount", in_russian(SMALLEST, sum="10\u00a0₽"))
    assert_nothing_happened()


@pytest.mark.parametrize("preset", ["NaN", "1e3", "-5", "<script>", "١٠٠"])
def test_nonsense_instead_of_a_chosen_sum_is_refused(submit: Submit, preset: str) -> None:
    assert_refused(submit(preset=preset, amount=""), "amount", in_russian(CHOOSE))
    assert_nothing_happened()


def test_a_chosen_sum_keeps_the_limits_too(submit: Submit) -> None:
    answer = submit(preset="5.00", amount="")
    assert_refused(answer, "amount", in_russian(SMALLEST, sum="10\u00a0₽"))
    assert_nothing_happened()


def test_nothing_chosen_and_nothing_written_is_refused(submit: Submit) -> None:
    assert_refused(submit(preset=None, amount=None), "amount", in_russian(CHOOSE))
    assert_nothing_happened()


def test_limits_are_those_of_the_fund(fund: Fund, submit: Submit) -> None:
    fund.smallest, fund.largest = Decimal("300.00"), Decimal("600.00")
    fund.save()
    assert_refused(submit(amount="299.99"), "amount", in_russian(SMALLEST, sum="300\u00a0₽"))
    assert_refused(submit(amount="600.01"), "amount", in_russian(LARGEST, sum="600\u00a0₽"))
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("repeated", "field"),
    [
        ({"amount": ["100", "100000"]}, "amount"),
        ({"preset": ["300.00", "500.00"], "amount": ""}, "amount"),
        ({"email": ["anna@example.org", "boris@example.org"]}, "email"),
        ({"name": ["Анна", "Борис"]}, "name"),
        ({"message": ["раз", "два"]}, "message"),
        ({"token": ["a", "b"]}, "amount"),
    ],
    ids=["amount_list", "preset", "email", "name", "message", "token"],
)
def test_a_field_sent_twice_is_never_the_last_one_silently(
    submit: Submit, repeated: dict[str, Any], field: str
) -> None:
    answer = submit(**repeated)
    assert_refused(answer, field, in_russian("This was sent twice. Write it once more."))
    assert_nothing_happened()


# --- the e-mail


@pytest.mark.parametrize(
    ("email", "words"),
    [
        pytest.param(
            "", "Write your e-mail: we will send a letter there.", id="email_empty_when_required"
        ),
        pytest.param("a@b.ru\nBcc: x@y.ru", EMAIL, id="email_header_injection"),
        pytest.param("a@b.ru,c@d.ru", EMAIL, id="email_two"),
        pytest.param("<a@b.ru>", EMAIL, id="email_angle"),
        pytest.param("иван@пример.рф", EMAIL, id="email_cyrillic_local"),
        pytest.param("ivan@mail.r\u0443", EMAIL, id="email_homoglyph"),
        pytest.param("a@[127.0.0.1]", EMAIL, id="email_bracket_ip"),
        pytest.param("=cmd|'/c calc'!A1@b.ru", EMAIL, id="email_formula"),
        *((text, EMAIL) for text in ("ivan@m\u0430il.ru", "a@b", "a.b.ru", "@b.ru", "a@b..ru")),
        *((text, EMAIL) for text in ("a@-b.ru", "a b@c.ru", "a@" + "б" * 120)),
        ("a\x1fb@b.ru", UNPRINTABLE),
    ],
)
def test_an_address_no_letter_can_reach_comes_back_with_words(
    shop_calls: YooKassaEmulator, submit: Submit, email: str, words: str
) -> None:
    answer = submit(email=email, amount="750")
    assert_refused(answer, "email", in_russian(words))
    assert fields_of(answer)["email"] == email
    assert fields_of(answer)["amount"] == "750"
    assert_nothing_happened(shop_calls)


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("a@b.ru\x00", id="email_null"),
        "a" * 10_000 + "@b.ru",
        "a" * 243 + "@example.org",
    ],
)
def test_an_address_with_nul_or_too_long_is_refused_in_russian(submit: Submit, email: str) -> None:
    answer = submit(email=email)
    assert answer.status_code == 422
    assert fields_with_errors(answer) == {"email"}
    assert any("а" <= letter <= "я" for letter in error_at(answer, "email"))
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("email", "stored"),
    [
        pytest.param("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai", id="email_cyrillic_domain"),
        pytest.param("a@b.ru\u200b", "a@b.ru", id="email_trailing_zwsp"),
        ("\ufeff a@b.ru ", "a@b.ru"),
        pytest.param("IVAN@MAIL.RU", "IVAN@mail.ru", id="email_disposable_case"),
        ("a@xn--e1afmkfd.xn--p1ai", "a@xn--e1afmkfd.xn--p1ai"),
        ("anna+sbor@example.org", "anna+sbor@example.org"),
    ],
)
def test_an_address_is_stored_as_mail_wants_it(submit: Submit, email: str, stored: str) -> None:
    assert submit(email=email).status_code == 303
    assert Donation.objects.get().email == stored


def test_an_address_that_grows_past_the_column_is_refused(submit: Submit) -> None:
    """250 characters as typed, more than 254 in punycode: PostgreSQL would not take it."""
    domain = ".".join(["б" * 40] * 4) + ".рф"
    answer = submit(email="a" * 60 + "@" + domain)
    assert_refused(answer, "email", in_russian(EMAIL))
    assert_nothing_happened()


# --- name, message, consent


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        pytest.param("\u202eIvan", "Ivan", id="name_rtl_override"),
        ("{{ settings.SECRET_KEY }}{% debug %}", "{{ settings.SECRET_KEY }}{% debug %}"),
        pytest.param("\u3000", "", id="name_only_spaces"),
        pytest.param("\ufeffИван", "Иван", id="name_bom"),
        pytest.param("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", id="name_emoji_zwj"),
        pytest.param("Ivan\r\nSubject: x", "Ivan Subject: x", id="name_newlines"),
        pytest.param("И\u0438\u0306", "И\u0439", id="name_nfd"),
        ("  Анна   Мария ", "Анна Мария"),
        ("И" * 100, "И" * 100),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_name_is_stored_as_one_plain_line(submit: Submit, name: str, stored: str) -> None:
    assert submit(name=name).status_code == 303
    assert Donation.objects.get().name == stored


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "z\u0351\u036b\u0343" * 20,
            "There are too many marks over one letter.",
            id="name_zalgo",
        ),
        ("a\x1bb", UNPRINTABLE),
        ("a\x9bb", UNPRINTABLE),
        ("\ufffd\ufffd\ufffd\ufffd", UNPRINTABLE),
    ],
)
def test_a_name_that_cannot_be_printed_comes_back(submit: Submit, name: str, words: str) -> None:
    answer = submit(name=name)
    assert_refused(answer, "name", in_russian(words))
    assert fields_of(answer)["name"] == name
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("name", "И" * 101, id="name_101"),
        ("name", "\u0958" * 60),  # normalised, each of these is two characters
        pytest.param("name", "a\x00b", id="name_null"),
        pytest.param("name", "я" * 10_000, id="long name"),
        pytest.param("message", "а" * 1001, id="long message"),
        pytest.param("message", "а" * 10_001, id="comment_10k"),
        ("message", "a\x00b"),
    ],
)
def test_too_long_or_nul_is_refused_in_russian_and_kept(
    shop_calls: YooKassaEmulator, submit: Submit, field: str, text: str
) -> None:
    answer = submit(**{field: text})
    assert answer.status_code == 422
    assert fields_with_errors(answer) == {field}
    assert any("а" <= letter <= "я" for letter in error_at(answer, field))
    assert fields_of(answer)[field].lstrip("\n") == text
    assert_nothing_happened(shop_calls)


@pytest.mark.bad_input("comment_links")
def test_a_message_of_fifty_links_is_taken_and_shown_to_staff_only(
    submit: Submit, visitor: SiteClient, fund: Fund
) -> None:
    submit(message="http://spam.example " * 50)
    donation = Donation.objects.get()
    assert donation.message == " ".join(["http://spam.example"] * 50)
    for path in ("/", f"/donations/{donation.public_id}/"):
        assert b"spam.example" not in visitor.get(path).content


def test_a_message_keeps_its_lines(submit: Submit) -> None:
    submit(message="\u202eСпасибо  вам\r\n\r\nАнна ")
    assert Donation.objects.get().message == "Спасибо вам\n\nАнна"


@pytest.mark.parametrize(
    "consent",
    [
        None,
        pytest.param("", id="consent_missing"),
        pytest.param("false", id="consent_false"),
        "False",
    ],
)
def test_without_consent_nothing_is_taken(
    shop_calls: YooKassaEmulator, submit: Submit, consent: str | None
) -> None:
    answer = submit(consent=consent, name="Анна")
    words = in_russian("Without this consent we may not take the donation.")
    assert_refused(answer, "consent", words)
    assert "consent" not in fields_of(answer)
    assert fields_of(answer)["name"] == "Анна"
    assert_nothing_happened(shop_calls)


def test_every_mistake_is_told_at_once(submit: Submit) -> None:
    answer = submit(amount="1e3", email="a", name="a\x00", message="б" * 1001, consent="")
    assert fields_with_errors(answer) == {"amount", "email", "name", "message", "consent"}
    assert_nothing_happened()


# --- the fund and the words


TYPED = {
    "amount": "750,50",
    "name": "Анна",
    "message": "Держитесь!",
    "email": "anna@example.org",
    "show_name": "on",
    "consent": "on",
}


def test_a_closed_campaign_keeps_what_was_typed_and_offers_another_purpose(
    site: Site, fund: Fund, other_site: Site, visitor: SiteClient, typed: Typed
) -> None:
    closed, going_on = (
        Fund.objects.create(site=site, key=uuid4(), purpose=purpose, accepts=accepts)
        for purpose, accepts in (("Старый сбор", False), ("Новый сбор", True))
    )
    Fund.objects.create(site=other_site, key=uuid4(), purpose="Сбор соседей")
    sent = typed(fund=str(closed.public_id), token=page_token(closed), **TYPED)
    answer = visitor.send_form("/donations/start/", sent)

    assert answer.status_code == 409
    words = words_of(answer)
    assert in_russian("This collection is closed. Thank you to all who helped.") in words
    assert words.index(fund.purpose) < words.index(going_on.purpose)
    assert "Сбор соседей" not in words
    assert_nothing_happened()
    kept = fields_of(answer)
    assert {name: kept[name].strip() for name in TYPED} == TYPED
    assert kept["fund"] == str(fund.public_id)

    again = visitor.send_form("/donations/start/", {**kept, "fund": str(going_on.public_id)})
    assert again.status_code == 303
    donation = Donation.objects.get()
    assert (donation.fund, donation.amount) == (going_on, Decimal("750.50"))


def test_a_token_of_the_whole_site_is_not_taken_elsewhere(
    fund: Fund, other_site: Site, submit: Submit
) -> None:
    assert is_page_token(site_token(fund.site_id), fund)
    answer = submit(token=site_token(other_site.pk))
    assert answer.status_code == 200  # the page that asks
    assert_nothing_happened()


def test_without_any_other_purpose_what_was_typed_is_one_button_away(
    fund: Fund, visitor: SiteClient, typed: Typed
) -> None:
    Fund.objects.filter(pk=fund.pk).update(accepts=False)
    answer = visitor.send_form("/donations/start/", typed(**TYPED))
    assert answer.status_code == 409
    assert fields_with_errors(answer) == set()
    kept = fields_of(answer)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert_nothing_happened()
    Fund.objects.filter(pk=fund.pk).update(accepts=True)
    assert visitor.send_form("/donations/start/", kept).status_code == 303


def test_a_site_without_an_account_takes_nothing(fund: Fund, submit: Submit) -> None:
    PaymentAccount.objects.update(is_active=False)
    answer = submit()
    assert answer.status_code == 409
    words = "Donations are not accepted yet: the organisation is preparing for it."
    assert in_russian(words) in words_of(answer)
    assert_nothing_happened()


@pytest.mark.bad_input(
    "currency_injected",
    "shop_id_injected",
    "status_injected",
    "return_url_injected",
    "next_injected",
    "recurring_flag_when_disabled",
)
def test_a_gift_carries_only_what_the_form_has(
    shop_calls: YooKassaEmulator, visitor: SiteClient, typed: Typed
) -> None:
    injected = {
        "currency": "USD",
        "shop_id": "999",
        "state": "succeeded",
        "status": "succeeded",
        "return_url": "https://evil.example/",
        "next": "//evil.example/",
        "recurring": "1",
        "save_payment_method": "1",
        "counted": "1",
        "site": "1",
        "account": "1",
        "account_id": "999",
    }
    visitor.send_form("/donations/start/", {**typed(amount="100"), **injected})
    donation = Donation.objects.get()
    assert donation.state == DonationState.PENDING
    assert (donation.counted, donation.paid_at) == (False, None)
    [call] = shop_calls.requests
    assert call.shop == "100500"
    assert call.body == {
        "amount": {"value": "100.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {
            "type": "redirect",
            "return_url": f"{donation.site.root_url}/donations/{donation.public_id}/",
        },
        "description": f"Пожертвование: {donation.purpose}",
        "metadata": {
            "donation": str(donation.public_id),
            "fund": str(donation.fund.public_id),
            "cms_name": "yookassa_sdk_python",
        },
        "statements": [],
        "transfers": [],
    }


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", "/a\nb"]
)
@pytest.mark.bad_input("thanks_url_external")
def test_the_way_back_leads_nowhere_but_to_this_site(submit: Submit, page: str) -> None:
    submit(page=page)
    assert Donation.objects.get().page_path == ""


def test_words_of_the_form_follow_the_language_of_the_page(fund: Fund) -> None:
    for language, words in (("ru", in_russian(CHOOSE)), ("en", CHOOSE)):
        with translation.override(language):
            form = DonationForm({"preset": "own", "email": "a@b.ru", "consent": ""}, fund=fund)
            form.errors.pop("consent")
            assert form.errors == {"amount": [words]}


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({}, []),
        ({"wrong_key": True}, []),
        ({"methods": ["sberbank", "bank_card", "sbp", "new"]}, ["СБП, банковская карта, SberPay"]),
        ({"methods": ["bank_card"]}, ["Банковская карта"]),
    ],
)
def test_methods_the_shop_is_known_to_have_stand_at_the_button(
    told: dict[str, Any], named: list[str], fund: Fund, shop: PaymentAccount, visitor: SiteClient
) -> None:
    PaymentAccount.objects.filter(pk=shop.pk).update(facts=told)
    page = BeautifulSoup(visitor.get("/donations/give/").content, "html.parser")
    lines = [line.get_text() for line in page.select("form .methods")]
    assert lines == named


def test_the_pretend_bank_names_what_a_shop_has_in_life(fund: Fund, visitor: SiteClient) -> None:
    page = BeautifulSoup(visitor.get("/donations/give/").content, "html.parser")
    assert page.select("form .methods")[0].get_text() == "СБП, банковская карта, SberPay"


# --- what the page offered, and words of many lines


def test_after_an_error_the_sums_of_the_page_and_their_meanings_stand_there_again(
    fund: Fund, campaign: Fund, submit: Submit
) -> None:
    sums = [(Decimal("300.00"), ""), (Decimal("850.00"), "доска")]
    answer = submit(email="", preset="850.00", amount="", sums=carried_sums(fund, sums))
    page = BeautifulSoup(answer.content, "html.parser")
    cards = [card.get_text("|", strip=True) for card in page.select("#give-sum label.sum")]
    assert cards == ["300\u00a0₽", "850\u00a0₽|доска"]
    assert [box["value"] for box in page.select("[name=preset][checked]")] == ["850.00"]
    assert sums_carried(fund, fields_of(answer)["sums"]) == sums
    for forged in ("", "nonsense", carried_sums(campaign, sums)):
        page = BeautifulSoup(submit(email="", preset="own", sums=forged).content, "html.parser")
        assert "доска" not in page.get_text()
        assert len(page.select("#give-sum label.sum")) == 3


def test_the_end_of_a_line_is_one_character_as_the_browser_counts_it(submit: Submit) -> None:
    lines = [*["а" * 99] * 9, "а" * 100]
    assert submit(message="\r\n".join(lines)).status_code == 303
    assert Donation.objects.get().message == "\n".join(lines)


@pytest.mark.parametrize(("field", "most"), [("message", 1000), ("name", 100)])
def test_too_many_characters_are_counted_for_whoever_wrote_them(
    field: str, most: int, submit: Submit
) -> None:
    said = f"Слишком длинно: сюда помещается знаков — {most}, а у вас {most + 3}."
    assert_refused(submit(**{field: "а" * (most + 3)}), field, said)
