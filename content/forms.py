from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.coreutils import string_to_ascii
from wagtail.models import Page

# First parts of addresses that are not pages; tests/content compares them with the URL patterns.
RESERVED_SLUGS = frozenset(
    {"-", "admin", "documents", "donations", "embed", "embed.js", "healthz", "internal", "legal"}
    | {"media", "oembed", "og", "static", "theme"}
) | {code for code, _name in settings.LANGUAGES}


class SitePageForm(WagtailAdminPageForm):
    """The address of a page: made from the title when it is left empty, never one of our own."""

    fallback_slug = "page"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"] or self._slug_of_title()
        if slug in RESERVED_SLUGS:
            raise ValidationError(_("The system itself uses this address. Choose another one."))
        return slug

    def _slug_of_title(self) -> str:
        """A free slug. Wagtail's own makes nothing of Cyrillic letters or of pictures."""
        title = self.cleaned_data.get("title", "")
        letters = "".join(char if char.isalnum() else " " for char in title)
        base = slugify(string_to_ascii(letters))
        base = base[:200] or self.fallback_slug
        number, slug = 1, base
        while slug in RESERVED_SLUGS or not Page._slug_is_available(
            slug, self.parent_page, self.instance
        ):
            number += 1
            slug = f"{base}-{number}"
        return slug
