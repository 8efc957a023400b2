from typing import Any

from wagtail import fields


class StreamField(fields.StreamField):
    """A StreamField whose block definitions stay out of migrations: they change no column."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, kwargs = super(fields.StreamField, self).deconstruct()
        return name, path, [[]], kwargs
