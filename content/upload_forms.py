"""Forms in which pictures and documents come in: Wagtail's, with our gate before them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from content.uploads import checked_document, drawn_anew, refuse_without_room


class PictureField(WagtailImageField):
    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return super().to_python(data)
        try:
            file = super().to_python(data)
        except ValidationError:
            raise
        except Exception as error:  # a broken GIF ends Wagtail's own check with a 500
            raise ValidationError(
                _("This picture cannot be read. Save it again as JPEG or PNG.")
            ) from error
        # Drawn anew and looked at again: Wagtail reads width and height from what it is given.
        return super().to_python(drawn_anew(file))


class RoomMixin:
    """Refuses what the site has no room for."""

    def clean(self: Any) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc]
        file = cleaned.get("file")
        # With one collection to choose from Wagtail does not ask.
        collection = cleaned.get("collection") or self.collections[0]
        if file and "file" in self.changed_data:
            try:
                refuse_without_room(collection=collection, size=file.size)
            except ValidationError as error:
                self.add_error("file", error)
        return cleaned


class PictureForm(RoomMixin, BaseImageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            stock = self.fields["file"]
            self.fields["file"] = PictureField(
                label=stock.label, required=stock.required, widget=stock.widget
            )


class AttachmentForm(RoomMixin, BaseDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        return checked_document(file) if file and "file" in self.changed_data else file
