"""Two columns side by side; on a phone one under the other. No columns inside of columns."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from content.blocks.documents import DocumentsBlock
from content.blocks.pictures import PictureBlock, VideoBlock
from content.blocks.sections import WORDS
from content.blocks.words import QuoteBlock, TextBlock


class ColumnBlock(blocks.StreamBlock):
    text = TextBlock()
    picture = PictureBlock()
    video = VideoBlock()
    quote = QuoteBlock()
    documents = DocumentsBlock()


class ColumnsBlock(blocks.StructBlock):
    left = ColumnBlock(label=_("Left column"), max_num=6)
    right = ColumnBlock(
        label=_("Right column"), max_num=6, help_text=_("On a phone it stands under the left one")
    )

    class Meta:
        label = _("Two columns")
        icon = "copy"
        group = WORDS
        description = _("Text beside a picture, or two things of the same weight")
        template = "content/blocks/columns.html"
        wide = True
        preview_value: ClassVar[dict[str, Any]] = {
            "left": [("text", "<h2>Днём</h2><p>Лепим и красим.</p>")],
            "right": [("text", "<h2>Вечером</h2><p>Репетируем во дворе.</p>")],
        }

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["sizes"] = "(min-width: 80rem) 36rem, (min-width: 48rem) 45vw, 100vw"
        return context
