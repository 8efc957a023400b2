"""Money is roubles as `Decimal` in Python and whole kopecks in the database.

SQLite keeps decimals as floats: a campaign exactly at its goal can miss `raised >= goal`. Whole
numbers are exact on every engine.
"""

import re
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import expressions
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SetType = TypeVar("SetType", contravariant=True)
GetType = TypeVar("GetType", covariant=True)

KOPECKS = 100
ZERO = Decimal("0.00")
LARGEST = Decimal("100000000.00")
NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"

# «1 000», «1 000,50», «850.5»: groups by any space people paste, one comma or dot, ASCII digits.
SUM_TEXT = re.compile(
    r"(?:[0-9]{1,9}|[0-9]{1,3}(?:[ \u00a0\u202f\u2009][0-9]{3}){1,2})(?:[.,][0-9]{1,2})?\Z"
)
# How a serializer writes a Decimal (revisions, fixtures): any sign and size, nothing to guess.
SERIALIZED = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,2})?\Z")
CURRENCY = re.compile(r"[ \u00a0\u202f]?(?:₽|руб\.?|р\.?)\Z", re.IGNORECASE)


def to_kopecks(roubles: Decimal) -> int:
    """Whole kopecks. Raises ValueError for a part of a kopeck, NaN, infinity or a float."""
    if not isinstance(roubles, Decimal) or not roubles.is_finite():
        raise ValueError("money is a finite Decimal")
    kopecks = roubles * KOPECKS
    if kopecks != kopecks.to_integral_value():
        raise ValueError("money has no parts of a kopeck")
    return int(kopecks)


def from_kopecks(kopecks: int) -> Decimal:
    return Decimal(kopecks).scaleb(-2)


def parse_sum(text: str) -> Decimal:
    """Roubles from what a person typed. Raises ValueError for anything that could mean two sums."""
    cleaned = CURRENCY.sub("", text.strip())
    if not SUM_TEXT.match(cleaned):
        raise ValueError("not a sum")
    digits = re.sub(r"[ \u00a0\u202f\u2009]", "", cleaned).replace(",", ".")
    return Decimal(digits).quantize(ZERO)


def format_roubles(amount: Decimal, *, space: str = NARROW_SPACE) -> str:
    """«1 234 ₽»; kopecks only when there are any. Letters and PDF take `space=NO_BREAK_SPACE`."""
    amount = amount.quantize(ZERO)
    whole, _dot, kopecks = f"{abs(amount):,.2f}".partition(".")
    sign = "−" if amount < 0 else ""
    number = sign + whole.replace(",", space) + ("" if kopecks == "00" else f",{kopecks}")
    return f"{number}{NO_BREAK_SPACE}₽"


class MoneyField(models.Field[SetType, GetType], Generic[SetType, GetType]):
    """Roubles in Python, kopecks in a BIGINT column. Adds to and subtracts from its own kind only.

    It is not a subclass of BigIntegerField on purpose: there `F("raised") + Decimal("1")` would
    silently add a kopeck. In expressions write `F("raised") + Value(x, output_field=MoneyField())`.
    """

    # Read by the django-stubs plugin: what may be assigned, and what comes back.
    _pyi_private_set_type: Decimal | int
    _pyi_private_get_type: Decimal

    description = gettext_lazy("Sum in roubles")
    empty_strings_allowed = False

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: int | None, *args: Any) -> Decimal | None:
        return None if value is None else from_kopecks(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or (isinstance(value, Decimal) and value.is_finite()):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and SERIALIZED.match(value):
            return Decimal(value).quantize(ZERO)
        try:
            return parse_sum(value if isinstance(value, str) else "")
        except ValueError:
            raise ValidationError(
                _("Write the sum in roubles, for example 850 or 99,50.")
            ) from None

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]  # an expression is compiled by Django
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        return to_kopecks(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            return value
        return self.get_db_prep_value(value, connection)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        if hasattr(value, "as_sql"):
            output = getattr(value, "_output_field_or_none", None)
            if not isinstance(output, MoneyField):
                raise FieldError("An expression for money must have output_field=MoneyField().")
        return "%s"

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if value is None:
            return
        try:
            to_kopecks(value)
        except ValueError:
            raise ValidationError(_("A sum has at most two digits after the comma.")) from None

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": MoneyFormField, **kwargs})


for connector in (expressions.Combinable.ADD, expressions.Combinable.SUB):
    expressions.register_combinable_fields(MoneyField, connector, MoneyField, MoneyField)


class MoneyFormField(forms.CharField):
    """A sum as people type it. Django's DecimalField takes `1e3` and refuses «100,50»."""

    def __init__(
        self, *, smallest: Decimal = Decimal("1.00"), largest: Decimal = LARGEST, **kwargs: Any
    ) -> None:
        self.smallest, self.largest = smallest, largest
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(max_length=30, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return format_roubles(value, space=" ").removesuffix(f"{NO_BREAK_SPACE}₽")
        return value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            amount = parse_sum(text)
        except ValueError:
            raise ValidationError(
                _("Write the sum in digits, for example 850 or 99,50."), code="invalid"
            ) from None
        return amount

    def run_validators(self, value: Any) -> None:
        """CharField's validators speak of text; the text was checked when it was read."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.smallest:
            raise ValidationError(
                _("The smallest sum is %(sum)s."),
                code="min_value",
                params={"sum": format_roubles(self.smallest)},
            )
        if value > self.largest:
            raise ValidationError(
                _("The largest sum is %(sum)s."),
                code="max_value",
                params={"sum": format_roubles(self.largest)},
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))
        except ValidationError:
            return True
