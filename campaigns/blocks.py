"""What a campaign consists of: visible stages, and lines of its budget."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from donations.blocks import MoneyBlock
from donations.money import LARGEST, ZERO


class StageBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("What will be there"), max_length=100)
    amount = MoneyBlock(label=_("Sum"), largest=LARGEST)

    class Meta:
        label = _("Stage")
        icon = "flag"


class BudgetLineBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("What for"), max_length=150)
    amount = MoneyBlock(label=_("Sum"), largest=LARGEST)
    spent = MoneyBlock(
        label=_("Spent"),
        required=False,
        smallest=ZERO,
        largest=LARGEST,
        help_text=_("Filled in when the money is spent; so are the two below"),
    )
    document = DocumentChooserBlock(label=_("Receipt or act"), required=False)
    picture = ImageChooserBlock(label=_("Photo"), required=False)

    class Meta:
        label = _("Line")
        icon = "list-ul"


def lines_of(stream: Any) -> list[tuple[str, Decimal]]:
    """(title, sum) of each stage or line; those a draft holds unfinished are left out."""
    found = []
    for block in stream or ():
        amount = block.block.child_blocks["amount"].to_amount(block.value["amount"])
        if amount is not None and block.value["title"]:
            found.append((block.value["title"], amount))
    return found


def total(lines: Iterable[tuple[str, Decimal]]) -> Decimal:
    return sum((amount for _title, amount in lines), ZERO)
