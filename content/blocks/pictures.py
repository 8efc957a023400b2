"""Pictures, many of them, and videos."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from content.blocks.sections import PICTURES, SectionBlock
from content.video import FRAME_HOSTS, Video, video_of


class PictureBlock(blocks.StructBlock):
    picture = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Line under the picture"), required=False, max_length=250)

    class Meta:
        label = _("Picture")
        icon = "image"
        group = PICTURES
        description = _("One picture across the page, with a caption")
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
        group = PICTURES
        description = _("A picture; the video itself opens when it is pressed")
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


class GalleryBlock(SectionBlock):
    pictures = blocks.ListBlock(
        PictureBlock(), label=_("Pictures"), min_num=1, max_num=24, icon="image"
    )

    class Meta:
        label = _("Gallery")
        icon = "grid"
        group = PICTURES
        description = help_text = _("Up to 24 pictures side by side; each opens larger")
        template = "content/blocks/gallery.html"
        wide = True

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        # A draft may have a row nothing was chosen in; a chosen picture may be gone.
        context["pictures"] = [row for row in value["pictures"] if row["picture"]]
        return context
