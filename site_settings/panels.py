"""What is drawn in the forms of the settings."""

from contextlib import suppress
from typing import Any

from django import forms
from wagtail.admin.panels import FieldPanel, Panel

from site_settings.colours import shown


class ColourInput(forms.TextInput):
    """The browser's own colour picker; the panel below tells what becomes of the colour."""

    input_type = "color"

    class Media:
        js = ("site_settings/colours.js",)


class NumberInput(forms.TextInput):
    """A long number as it is pasted from a contract: in groups, with spaces between them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return "".join(value.split()) if isinstance(value, str) else value

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(*args, **kwargs)
        attrs.pop("maxlength", None)  # it would cut the pasted number off
        return attrs


def numbers(*names: str) -> list[FieldPanel]:
    return [FieldPanel(name, widget=NumberInput) for name in names]


def described(accent: str, second: str) -> dict[str, Any]:
    """For `site_settings/colours.html`. Raises ValueError for what is no colour."""
    day, night = shown(accent, second), shown(accent, second, night=True)
    return {"main": (day[0], night[0]), "second": (day[1], night[1])}


class ColoursPanel(Panel):
    """The two colours as the site shows them, by day and by night, and what was adjusted."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "site_settings/colours_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            with suppress(ValueError):  # the form tells at the field
                context.update(described(self.instance.accent, self.instance.second))
            return context
