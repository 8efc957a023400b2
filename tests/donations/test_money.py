"""Roubles in Python, kopecks in the database, and nothing in between."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max, Sum, Value
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Site

from campaigns.models import CampaignIndexPage, CampaignPage
from donations.models import Donation, Fund
from donations.money import (
    NO_BREAK_SPACE,
    MoneyField,
    MoneyFormField,
    format_roubles,
    from_kopecks,
    parse_sum,
    to_kopecks,
)

Give = Callable[..., Donation]
KOPECKS = st.integers(min_value=0, max_value=99_999_999_999)


def roubles(text: str) -> Value:
    return Value(Decimal(text), output_field=MoneyField())


def raised_in_the_database(fund: Fund) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT raised FROM donations_fund WHERE id = %s", [fund.pk])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


# --- the field


def test_roubles_are_whole_kopecks_in_the_database(fund: Fund) -> None:
    fund.raised = Decimal("90071992547409.93")  # a float would read …94
    fund.save()
    assert raised_in_the_database(fund) == 9_007_199_254_740_993
    fund.refresh_from_db()
    assert fund.raised == Decimal("90071992547409.93")


def test_sums_are_added_in_roubles_by_an_expression_of_money(fund: Fund) -> None:
    Fund.objects.filter(pk=fund.pk).update(raised=roubles("500.00"))
    Fund.objects.filter(pk=fund.pk).update(raised=F("raised") + roubles("1.50"))
    fund.refresh_from_db()
    assert fund.raised == Decimal("501.50")
    Fund.objects.filter(pk=fund.pk).update(raised=F("raised") - roubles("0.49"))
    fund.refresh_from_db()
    assert fund.raised == Decimal("501.01")


@pytest.mark.parametrize(
    "expression",
    [
        F("raised") + Decimal("1"),
        F("raised") - Decimal("1"),
        F("raised") + 1,
        F("raised") * 2,
        F("raised") + F("count"),
        Value(Decimal("501")),
        Value(501),
        F("count"),
    ],
    ids=str,
)
def test_an_expression_that_is_not_money_is_refused(fund: Fund, expression: object) -> None:
    Fund.objects.filter(pk=fund.pk).update(raised=roubles("500.00"))
    with pytest.raises(FieldError), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(raised=expression)
    fund.refresh_from_db()
    assert fund.raised == Decimal("500.00")


@pytest.mark.parametrize("value", [1.5, "500", "500.00", Decimal("0.001"), Decimal("NaN"), True])
def test_only_whole_kopecks_of_a_decimal_are_saved(fund: Fund, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        Fund.objects.filter(pk=fund.pk).update(raised=value)


def test_sum_order_comparison_and_bulk_update_speak_roubles(fund: Fund, give: Give) -> None:
    gifts = [give(fund, amount) for amount in ("100.10", "9.90", "1000.00")]
    everything = Donation.objects.all()
    assert everything.aggregate(sum=Sum("amount"))["sum"] == Decimal("1110.00")
    assert everything.aggregate(top=Max("amount"))["top"] == Decimal("1000.00")
    assert list(everything.order_by("amount").values_list("amount", flat=True)) == [
        Decimal("9.90"),
        Decimal("100.10"),
        Decimal("1000.00"),
    ]
    assert everything.filter(amount__gt=Decimal("100.09")).count() == 2
    assert everything.filter(amount__in=[Decimal("9.90")]).get() == gifts[1]
    assert everything.filter(amount__range=(Decimal("9.90"), Decimal("100.10"))).count() == 2
    for gift in gifts:
        gift.amount += Decimal("0.05")
    Donation.objects.bulk_update(gifts, ["amount"])
    assert everything.aggregate(sum=Sum("amount"))["sum"] == Decimal("1110.15")


def test_annotated_sums_are_exact_at_the_goal(fund: Fund, give: Give) -> None:
    """Ten times ten kopecks are one rouble; as floats they are 0.9999999999999999."""
    fund.smallest, fund.goal = Decimal("1.00"), Decimal("11.00")
    fund.save()
    for _number in range(10):
        give(fund, "1.10")
    reached = Fund.objects.annotate(given=Sum("donations__amount")).filter(given__gte=F("goal"))
    assert [row.given for row in reached] == [Decimal("11.00")]


def test_constraints_compare_in_kopecks(fund: Fund) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Fund.objects.filter(pk=fund.pk).update(smallest=roubles("0.99"))
    Fund.objects.filter(pk=fund.pk).update(smallest=roubles("1.00"))


@pytest.mark.parametrize("value", [Decimal("10.555"), Decimal("0.001")])
def test_parts_of_a_kopeck_do_not_pass_full_clean(fund: Fund, value: Decimal) -> None:
    fund.goal = value
    with pytest.raises(ValidationError) as refused:
        fund.full_clean()
    assert list(refused.value.message_dict) == ["goal"]


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 10.5, "1e3", "١٠٠"])
def test_what_is_no_sum_does_not_pass_full_clean(fund: Fund, value: Any) -> None:
    fund.goal = value
    with pytest.raises(ValidationError) as refused:
        fund.full_clean()
    assert list(refused.value.message_dict) == ["goal"]


@given(kopecks=st.integers(min_value=-(10**15), max_value=10**15))
def test_what_a_serializer_writes_is_read_back(kopecks: int) -> None:
    field = MoneyField(name="goal")
    field.set_attributes_from_name("goal")
    amount = from_kopecks(kopecks)
    written = field.value_to_string(type("Row", (), {"goal": amount})())
    assert field.to_python(written) == amount
    assert to_kopecks(amount) == kopecks


def test_a_revision_brings_the_goal_back_to_the_kopeck(site: Site) -> None:
    index = CampaignIndexPage.objects.descendant_of(site.root_page).get()
    page = index.add_child(
        instance=CampaignPage(title="Крыша", slug="krysha", lead="Течёт", goal=Decimal("38000.01"))
    )
    revision = page.save_revision()
    revision.refresh_from_db()  # as JSON, the way it will be read in a year
    assert revision.content["goal"] == "38000.01"
    page.goal = Decimal("5.00")
    page.save()
    assert revision.as_object().goal == Decimal("38000.01")
    revision.publish()
    page.refresh_from_db()
    assert page.goal == Decimal("38000.01")
    assert Fund.objects.get(key=page.fund_key).goal == Decimal("38000.01")


# --- what people type


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("850", "850.00"),
        ("99,50", "99.50"),
        ("850.5", "850.50"),
        ("1 000", "1000.00"),
        ("1\u00a0000,50", "1000.50"),
        ("1\u202f000", "1000.00"),
        ("1\u2009000 000", "1000000.00"),
        ("100 ₽", "100.00"),
        ("100 руб.", "100.00"),
        ("100р", "100.00"),
        (" 100\n", "100.00"),
        ("0", "0.00"),
    ],
)
def test_a_sum_is_read_as_people_write_it(text: str, amount: str) -> None:
    assert str(parse_sum(text)) == amount


NO_SUMS = [
    *("", "   ", "-100", "\u2212100", "+100", "1e3", "1E3", "1e999999999", "NaN", "sNaN"),
    *("Infinity", "-Infinity", "0x64", "1_000", "١٠٠", "１００", "½", "²", "1'000"),
    *("1,000.00", "1.000,00", "1.000", "1,000", "10,555", "10 00", "1 0000", "100.", ",50"),
    *("1 000 000 000", "1  000", "сто рублей", "100; DROP TABLE donations_donation", "100\x00"),
    *("\u202e001", "<b>100</b>", "100 20", "100 $", "₽100", "100₽₽", "1" * 10_000),
]


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_could_mean_two_sums_is_no_sum(text: str) -> None:
    with pytest.raises(ValueError, match="not a sum"):
        parse_sum(text)


@given(kopecks=KOPECKS)
def test_a_shown_sum_is_read_as_itself(kopecks: int) -> None:
    amount = from_kopecks(kopecks)
    assert parse_sum(format_roubles(amount)) == amount
    assert parse_sum(format_roubles(amount, space=NO_BREAK_SPACE)) == amount


@given(text=st.text(max_size=40))
def test_any_text_is_a_sum_of_whole_kopecks_or_a_value_error(text: str) -> None:
    try:
        amount = parse_sum(text)
    except ValueError:
        return
    assert amount >= 0
    assert from_kopecks(to_kopecks(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0 ₽"),
        ("850.00", "850 ₽"),
        ("1234.5", "1\u202f234,50 ₽"),
        ("-1234567.89", "\u22121\u202f234\u202f567,89 ₽"),
        ("1E+3", "1\u202f000 ₽"),
    ],
)
def test_a_sum_is_shown_with_narrow_spaces(amount: str, shown: str) -> None:
    assert format_roubles(Decimal(amount)) == shown.replace(" ₽", "\u00a0₽")


# --- the form field


def test_the_form_field_names_its_limits() -> None:
    field = MoneyFormField(smallest=Decimal("10.00"), largest=Decimal("350000.00"))
    assert field.clean("10") == Decimal("10.00")
    assert field.clean("350 000,00") == Decimal("350000.00")
    for text, code, limit in (
        ("9,99", "min_value", "10\u00a0₽"),
        ("0", "min_value", "10\u00a0₽"),
        ("350000.01", "max_value", "350\u202f000\u00a0₽"),
    ):
        with pytest.raises(ValidationError) as refused:
            field.clean(text)
        assert refused.value.code == code
        assert limit in refused.value.messages[0]


@pytest.mark.parametrize("text", [text for text in NO_SUMS if text.strip()])
def test_the_form_field_says_invalid_for_no_sum(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MoneyFormField().clean(text)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("text", ["", "   ", None])
def test_an_empty_sum_is_none_or_required(text: str | None) -> None:
    assert MoneyFormField(required=False).clean(text) is None
    with pytest.raises(ValidationError) as refused:
        MoneyFormField().clean(text)
    assert refused.value.code == "required"


@given(kopecks=st.integers(min_value=100, max_value=9_999_999_999))
def test_what_the_form_field_shows_it_takes_back(kopecks: int) -> None:
    field, amount = MoneyFormField(), from_kopecks(kopecks)
    assert field.clean(field.prepare_value(amount)) == amount
    assert not field.has_changed(amount, field.prepare_value(amount))
    assert field.has_changed(amount, field.prepare_value(amount + Decimal("0.01")))


def test_a_model_form_shows_and_takes_sums_as_people_write_them() -> None:
    field = MoneyField().formfield()
    assert isinstance(field, MoneyFormField)
    assert field.prepare_value(Decimal("1000.50")) == "1 000,50"
    assert field.widget.attrs["inputmode"] == "decimal"
