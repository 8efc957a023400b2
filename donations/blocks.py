from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Site

from donations.giving_form import form_context
from donations.models import LARGEST, SMALLEST, Fund
from donations.money import MoneyFormField
from donations.wall import wall_of

MONEY = _("Money and campaigns")


class MoneyBlock(blocks.FieldBlock):
    """A sum in roubles; kept as text so that JSON holds no float."""

    def __init__(
        self,
        required: bool = True,
        help_text: Any = "",
        smallest: Decimal = SMALLEST,
        largest: Decimal = LARGEST,
        **kwargs: Any,
    ) -> None:
        self.field = MoneyFormField(
            required=required, help_text=help_text, smallest=smallest, largest=largest
        )
        super().__init__(**kwargs)

    def value_from_form(self, value: Any) -> Any:
        """Called with the text as it was typed, and again with the sum once it is clean."""
        return f"{value:.2f}" if isinstance(value, Decimal) else value

    def value_for_form(self, value: Any) -> Any:
        amount = self.to_amount(value)
        return value if amount is None else self.field.prepare_value(amount)

    def to_amount(self, value: Any) -> Decimal | None:
        """The stored sum; None for one that a draft holds unfinished."""
        try:
            return self.field.to_python(value)
        except ValidationError:
            return None


class PresetBlock(blocks.StructBlock):
    amount = MoneyBlock(label=_("Sum"))
    meaning = blocks.CharBlock(label=_("What it is enough for"), required=False, max_length=60)

    class Meta:
        label = _("Sum")
        icon = "decimal"


class DonationBlock(blocks.StructBlock):
    """The donation form: on a campaign for the campaign, elsewhere for the general fund."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=100)
    intro = blocks.TextBlock(label=_("A line above the form"), required=False, max_length=300)
    presets = blocks.ListBlock(
        PresetBlock(), label=_("Sums to choose from"), min_num=0, max_num=4, default=[]
    )

    class Meta:
        label = _("Donation form")
        icon = "form"
        group = MONEY
        description = _("Sums to choose from, e-mail, one button. One form on a page")
        template = "donations/blocks/donation_block.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        self._drop_repeated(cleaned["presets"])
        sums = [row["amount"] for row in cleaned["presets"]]
        if len(set(sums)) != len(sums):
            raise blocks.StructBlockValidationError(
                {"presets": ValidationError(_("Two sums are the same."))}
            )
        return cleaned

    @staticmethod
    def _drop_repeated(presets: Any) -> None:
        """The same sum once more with nothing new said of it is a slip of the hand."""
        said: dict[str, str] = {}
        repeated = []
        for number, row in enumerate(presets):
            amount, meaning = row["amount"], row["meaning"]
            if amount in said and meaning in ("", said[amount]):
                repeated.append(number)
            said.setdefault(amount, meaning)
        for number in reversed(repeated):
            del presets[number]

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        if request is None:
            return context
        fund = self.fund_for(value, context)
        context.update(form_context(request, fund=fund, sums=sums_of(value)))
        return context

    def fund_for(self, value: Any, context: dict[str, Any]) -> Fund | None:
        """The fund of the page the form stands on; None on a draft, which has none yet."""
        if "fund" in context:  # the page has looked already
            return context["fund"]
        site = Site.find_for_request(context["request"])
        key = getattr(context.get("page"), "fund_key", None)
        return Fund.objects.of_site(site).filter(key=key).first() if site else None


def sums_of(value: Any) -> list[tuple[Decimal, str]]:
    """(roubles, meaning) of a donation block; those a draft holds unfinished are left out."""
    amounts = value.block.child_blocks["presets"].child_block.child_blocks["amount"]
    return [
        (amount, row["meaning"])
        for row in value["presets"]
        if (amount := amounts.to_amount(row["amount"])) is not None
    ]


class DonorWallBlock(blocks.StructBlock):
    """Who helped: on a campaign those of the campaign, elsewhere those of the whole site."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=100)

    class Meta:
        label = _("Who helped")
        icon = "group"
        group = MONEY
        description = _("Names of those who agreed to be named; it fills itself")
        template = "donations/blocks/donor_wall.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        request, page = context.get("request"), context.get("page")
        site = Site.find_for_request(request) if request is not None else None
        # A campaign that keeps its figures back does not show how many gave by naming them.
        context["is_kept_back"] = getattr(context.get("progress"), "is_quiet", False)
        if context["is_kept_back"]:
            return context
        key = getattr(page, "fund_key", None)
        context["wall"] = wall_of(site, key) if site else None
        return context
