"""Blocks that stand on any page. Templates only draw: what they need is in the value."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from content.video import FRAME_HOSTS, Video, video_of

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class RichTextBlock(blocks.RichTextBlock):
    """Wagtail's own answers 500 when what should be the editor's JSON is something else."""

    def value_from_datadict(self, data: Any, files: Any, prefix: str) -> Any:
        try:
            return super().value_from_datadict(data, files, prefix)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # refused as empty


class TextBlock(RichTextBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        label = _("Text")
        icon = "pilcrow"
        template = "content/blocks/text.html"


class PictureBlock(blocks.StructBlock):
    picture = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        label = _("Picture")
        icon = "image"
        template = "content/blocks/picture.html"


class VideoValue(blocks.StructValue):
    @property
    def video(self) -> Video | None:
        return video_of(self.get("url") or "")


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("What the video is about"), max_length=150)
    url = blocks.URLBlock(
        label=_("Address of the video"), help_text=_("From VK Video, Rutube or YouTube")
    )
    poster = ImageChooserBlock(label=_("Picture before the start"), required=False)

    class Meta:
        label = _("Video")
        icon = "media"
        template = "content/blocks/video.html"
        value_class = VideoValue

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        video = video_of(cleaned["url"])
        if video is None or not video.player:
            message = _("We can show videos from VK Video, Rutube and YouTube only.")
            if video is not None:
                message = _("Open the video itself and copy its address from there.")
            raise blocks.StructBlockValidationError({"url": ValidationError(message)})
        cleaned["url"] = video.link
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["video"] = value.video
        if context["video"] is not None and "request" in context:
            # The page's policy lets the players in: on pages with a video and no others.
            context["request"].frame_hosts = FRAME_HOSTS
        return context


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Words"), max_length=1000)
    who = blocks.CharBlock(label=_("Whose words"), required=False, max_length=150)

    class Meta:
        label = _("Quote")
        icon = "openquote"
        template = "content/blocks/quote.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=250)
    answer = RichTextBlock(label=_("Answer"), features=["bold", "italic", "link", "ul"])

    class Meta:
        label = _("Question and answer")
        icon = "help"


class FaqBlock(blocks.StructBlock):
    items = blocks.ListBlock(QuestionBlock(), label=_("Questions"))

    class Meta:
        label = _("Questions and answers")
        icon = "help"
        template = "content/blocks/faq.html"


CONTENT_BLOCKS: list[tuple[str, blocks.Block]] = [
    ("text", TextBlock()),
    ("picture", PictureBlock()),
    ("video", VideoBlock()),
    ("quote", QuoteBlock()),
    ("faq", FaqBlock()),
]
