"""The donation form as a block of a page: what an editor types and what a page shows."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from wagtail import blocks

from donations.blocks import DonationBlock, MoneyBlock
from donations.giving_form import presets_of


def posted(*sums: str) -> dict[str, str]:
    data = {"b-heading": "Помочь", "b-intro": "", "b-presets-count": str(len(sums))}
    for number, text in enumerate(sums):
        row = f"b-presets-{number}"
        data |= {
            f"{row}-deleted": "",
            f"{row}-order": str(number),
            f"{row}-type": "item",
            f"{row}-id": "",
            f"{row}-value-amount": text,
            f"{row}-value-meaning": f"на {number}",
        }
    return data


def read(*sums: str) -> Any:
    block = DonationBlock()
    block.set_name("b")
    return block, block.value_from_datadict(posted(*sums), MultiValueDict(), "b")


def test_sums_are_typed_as_people_write_them_and_kept_as_text() -> None:
    block, value = read("300", "1 000,50")
    cleaned = block.clean(value)
    assert [row["amount"] for row in cleaned["presets"]] == ["300.00", "1000.50"]
    stored = block.get_prep_value(cleaned)
    assert [row["value"]["amount"] for row in stored["presets"]] == ["300.00", "1000.50"]


@pytest.mark.parametrize("text", ["", "1e3", "0", "-5", "сто", "10,555"])
@pytest.mark.bad_input("presets_neg")
def test_a_sum_that_is_none_is_told_at_its_field_and_shown_again(text: str) -> None:
    block, value = read("300", text)
    with pytest.raises(blocks.StructBlockValidationError) as refused:
        block.clean(value)
    assert set(refused.value.block_errors) == {"presets"}
    amount = block.child_blocks["presets"].child_block.child_blocks["amount"]
    assert amount.value_for_form(value["presets"][1]["amount"]) == text


@pytest.mark.bad_input("presets_dup")
def test_the_same_sum_once_more_is_one_choice() -> None:
    block, value = read("100", "100,00", "300", "100")
    for row in value["presets"]:
        row["meaning"] = ""
    cleaned = block.clean(value)
    assert [row["amount"] for row in cleaned["presets"]] == ["100.00", "300.00"]


def test_two_equal_sums_with_different_words_are_refused() -> None:
    block, value = read("300", "300,00")
    with pytest.raises(blocks.StructBlockValidationError):
        block.clean(value)


@pytest.mark.bad_input("presets_20")
def test_five_sums_are_too_many() -> None:
    for number in (5, 20):
        block, value = read(*(str(100 * one) for one in range(1, number + 1)))
        with pytest.raises(ValidationError):
            block.clean(value)


@pytest.mark.parametrize(
    ("stored", "shown", "amount"),
    [
        ("1000.50", "1 000,50", Decimal("1000.50")),
        ("300.00", "300", Decimal("300.00")),
        ("nonsense", "nonsense", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_a_stored_sum_is_shown_to_the_editor_as_written(
    stored: str | None, shown: str | None, amount: Decimal | None
) -> None:
    assert MoneyBlock().value_for_form(stored) == shown
    assert MoneyBlock().to_amount(stored) == amount


def test_the_second_sum_is_chosen_until_somebody_chooses() -> None:
    sums = [(Decimal("300.00"), "корм"), (Decimal("500.00"), ""), (Decimal("1000.00"), "")]
    assert [row["checked"] for row in presets_of(sums, None)] == [False, True, False]
    assert [row["checked"] for row in presets_of(sums, "1000.00")] == [False, False, True]
    assert not any(row["checked"] for row in presets_of(sums, "own"))
    assert presets_of(sums[:1], None)[0]["checked"]
    assert presets_of(sums, None)[0] == {
        "value": "300.00",
        "label": "300\u00a0₽",
        "meaning": "корм",
        "checked": False,
    }
    assert [row["value"] for row in presets_of([], None)] == ["300.00", "500.00", "1000.00"]


def test_a_chosen_sum_the_page_does_not_know_is_kept_after_an_error() -> None:
    rows = presets_of([], "850.00")
    assert [row["value"] for row in rows if row["checked"]] == ["850.00"]
