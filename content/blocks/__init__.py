"""Blocks that stand on any page. Templates only draw: what they need is in the value."""

from wagtail import blocks

from content.blocks.columns import ColumnsBlock
from content.blocks.contacts import ContactsBlock
from content.blocks.documents import DocumentsBlock
from content.blocks.people import PartnersBlock, PeopleBlock, TestimonialsBlock
from content.blocks.pictures import GalleryBlock, PictureBlock, VideoBlock
from content.blocks.table import TableBlock
from content.blocks.words import FaqBlock, QuoteBlock, TextBlock

CONTENT_BLOCKS: list[tuple[str, blocks.Block]] = [
    ("text", TextBlock()),
    ("quote", QuoteBlock()),
    ("faq", FaqBlock()),
    ("table", TableBlock()),
    ("columns", ColumnsBlock()),
    ("picture", PictureBlock()),
    ("gallery", GalleryBlock()),
    ("video", VideoBlock()),
    ("people", PeopleBlock()),
    ("testimonials", TestimonialsBlock()),
    ("partners", PartnersBlock()),
    ("documents", DocumentsBlock()),
    ("contacts", ContactsBlock()),
]
