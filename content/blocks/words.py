"""Words: text, somebody's words, questions with their answers."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from content.blocks.sections import WORDS, SectionBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class RichTextBlock(blocks.RichTextBlock):
    """Wagtail's own answers 500 when what should be the editor's JSON is something else."""

    def value_from_datadict(self, data: Any, files: Any, prefix: str) -> Any:
        try:
            value = super().value_from_datadict(data, files, prefix)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # refused as empty
        # An address without its scheme is whole too, and is treated as every outer one.
        value.source = value.source.replace('href="//', 'href="https://')
        return value


class TextBlock(RichTextBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        label = _("Text")
        icon = "pilcrow"
        group = WORDS
        description = _("Headings, paragraphs, lists, links to pages and documents")
        preview_value = "<h2>Как мы работаем</h2><p>Приезжаем, меряем и чертим.</p>"
        template = "content/blocks/text.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Words"), max_length=1000)
    who = blocks.CharBlock(label=_("Whose words"), required=False, max_length=150)

    class Meta:
        label = _("Quote")
        icon = "openquote"
        group = WORDS
        description = _("One strong sentence in somebody's own words")
        preview_value: ClassVar = {"text": "Сам заехал и взял книгу.", "who": "Иван, читатель"}
        template = "content/blocks/quote.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=250)
    answer = RichTextBlock(label=_("Answer"), features=["bold", "italic", "link", "ul"])

    class Meta:
        label = _("Question and answer")
        icon = "help"


class FaqBlock(SectionBlock):
    """An accordion: it opens without a script, and a search on the page finds what is folded."""

    items = blocks.ListBlock(QuestionBlock(), label=_("Questions"))

    class Meta:
        label = _("Questions and answers")
        icon = "help"
        group = WORDS
        description = _(
            "Lines that unfold. With a heading of your own it holds not only questions: "
            "rules, steps, addresses"
        )
        preview_value: ClassVar = {
            "items": [
                {"question": "Что привезти?", "answer": "<p>Старые одеяла и крупу.</p>"},
                {"question": "Когда можно приехать?", "answer": "<p>В субботу с 11 до 15.</p>"},
            ]
        }
        template = "content/blocks/faq.html"
