from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from content.blocks.sections import FACTS, SectionBlock


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(
        label=_("Name on the page"),
        required=False,
        max_length=150,
        help_text=_("Empty: as the document is called"),
    )

    class Meta:
        label = _("Document")
        icon = "doc-full"


class DocumentsBlock(SectionBlock):
    documents = blocks.ListBlock(DocumentBlock(), label=_("Documents"), min_num=1, max_num=50)

    class Meta:
        label = _("Documents")
        icon = "doc-full"
        group = FACTS
        description = help_text = _("Charter, reports, receipts: each with its kind and size")
        template = "content/blocks/documents.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["documents"] = [row for row in value["documents"] if row["document"]]
        return context
