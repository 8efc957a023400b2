"""Sizes of all pictures of a page, read at once: with an empty cache each would ask by itself."""

from collections.abc import Iterator
from typing import Any

from django.db.models import prefetch_related_objects
from wagtail.blocks import StreamValue, StructValue
from wagtail.blocks.list_block import ListValue

from content.models import Picture


def read_renditions(*held: Any) -> None:
    """Those of the pictures in these values (pictures, blocks, lists of such) by one query."""
    prefetch_related_objects(list(_pictures_in(held)), "renditions")


def _pictures_in(value: Any) -> Iterator[Picture]:
    if isinstance(value, Picture):
        yield value
    if isinstance(value, StructValue):
        value = list(value.values())
    if isinstance(value, StreamValue):
        value = [block.value for block in value]
    if isinstance(value, list | tuple | ListValue):
        for each in value:
            yield from _pictures_in(each)
