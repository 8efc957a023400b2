"""What blocks have in common: their places in the chooser, a heading, links that lead to pages."""

from typing import Any

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

WORDS = _("Words")
PICTURES = _("Pictures and video")
PEOPLE = _("People")
FACTS = _("To look up")


class SectionBlock(blocks.StructBlock):
    """A part of a page under a heading of its own; most have a usual one."""

    # A default: what was saved before there was a heading has none, and localize wants words.
    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=100, default="")


class LinkBlock(blocks.URLBlock):
    """An address on the web. Django's own field takes file servers too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=500, validators=[URLValidator(schemes=["http", "https"])], **kwargs
        )
