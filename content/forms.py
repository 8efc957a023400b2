from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.coreutils import string_to_ascii
from wagtail.models import Page

from content.texts import printable

# First parts of addresses that are not pages; tests/content compares them with the URL patterns.
RESERVED_SLUGS = frozenset(
    {"-", "admin", "documents", "donations", "embed", "embed.js", "healthz", "internal", "legal"}
    | {
        "media",
        "messages",
        "oembed",
        "og",
        "robots.txt",
        "search",
        "sitemap.xml",
        "static",
        "theme",
    }
) | {code for code, _name in settings.LANGUAGES}


def letters_of(text: str) -> str:
    """The text as an address can hold it: «dobroe-delo» of «Доброе дело!»."""
    letters = "".join(char if char.isalnum() else " " for char in text)
    return slugify(string_to_ascii(letters))


class AddressField(forms.SlugField):
    """Takes letters of any script: an address in Russian is written in Latin ones."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text if text.isascii() else letters_of(text)


class SitePageForm(WagtailAdminPageForm):
    """The address of a page: made from the title when it is left empty, never one of our own."""

    fallback_slug = "page"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.parent_page is not None:
            self.instance.parent_path = self.parent_page.path
        if "slug" in self.fields:
            given = self.fields["slug"]
            self.fields["slug"] = AddressField(
                label=given.label,
                help_text=given.help_text,
                widget=given.widget,
                max_length=255,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = printable(value)
        if self._is_out_of_date():
            self.add_error(
                None,
                _(
                    "Somebody has saved this page since you opened it. What you typed stands "
                    "below: compare it with theirs in the history, then save once more."
                ),
            )
        return cleaned

    def _is_out_of_date(self) -> bool:
        """Wagtail asks this of saving by itself; pressed, the button would write over the other."""
        latest = self.instance.latest_revision if self.instance.pk else None
        saved_last = self.data.get("overwrite_revision_id")
        known = saved_last or self.data.get("loaded_revision_id")
        if latest is None or not known:
            return False
        if not (str(known).isascii() and str(known).isdecimal()):
            return True
        # The editor saves by itself while its preview is asked for with the older number: what
        # the same person has saved since is no surprise to them.
        me = getattr(self.for_user, "pk", None)
        if self.instance.revisions.filter(pk__gt=known).exclude(user_id=me).exists():
            return True
        if saved_last or latest.pk != int(known) or latest.user_id == me:
            return False
        at = self.data.get("loaded_revision_created_at", "")
        return bool(at != latest.created_at.isoformat())

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"] or self._slug_of_title()
        if slug in RESERVED_SLUGS:
            raise ValidationError(_("The system itself uses this address. Choose another one."))
        return slug

    def _slug_of_title(self) -> str:
        """A free slug. Wagtail's own makes nothing of Cyrillic letters or of pictures."""
        base = letters_of(self.cleaned_data.get("title", ""))[:200] or self.fallback_slug
        number, slug = 1, base
        while slug in RESERVED_SLUGS or not Page._slug_is_available(
            slug, self.parent_page, self.instance
        ):
            number += 1
            slug = f"{base}-{number}"
        return slug
