"""How much text a page may hold, and which characters."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from wagtail.fields import StreamField

# A book of fifty pages; nobody reads more at once, and every visitor would load it.
LONGEST = 100_000
# Nobody sees them, and XML cannot hold them; they come along when text is pasted.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def printable(text: str) -> str:
    return UNPRINTABLE.sub("", text)


def refuse_long_texts(instance: models.Model) -> None:
    """Raise ValidationError by field for blocks that together hold more than `LONGEST` letters."""
    errors = {}
    for field in instance._meta.concrete_fields:
        if not isinstance(field, StreamField):
            continue
        texts = field.get_searchable_content(field.value_from_object(instance))
        if sum(map(len, texts)) > LONGEST:
            errors[field.name] = _("Too long for one page: over 100,000 letters. Part it in two.")
    if errors:
        raise ValidationError(errors)
