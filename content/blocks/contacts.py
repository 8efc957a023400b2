"""Where to come and whom to call. The map is the editor's own picture: nobody else is asked."""

import re
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from content.blocks.sections import FACTS, LinkBlock, SectionBlock

MAPS = {
    "yandex.ru": _("Yandex Maps"),
    "yandex.com": _("Yandex Maps"),
    "maps.yandex.ru": _("Yandex Maps"),
    "2gis.ru": "2ГИС",
    "go.2gis.com": "2ГИС",
    "openstreetmap.org": "OpenStreetMap",
    "osm.org": "OpenStreetMap",
}
PHONE = r"\A\+?[0-9][0-9 \u00a0()\u2010-\u2013-]{3,22}[0-9]\Z"


def map_of(link: str) -> str:
    """The name of the map service behind an address; «» for anybody else's."""
    try:
        parts = urlsplit(link)
        if parts.username is not None or parts.port is not None:
            return ""  # a name before «@» leads elsewhere than it seems to
    except ValueError:
        return ""
    return str(MAPS.get((parts.hostname or "").removeprefix("www."), ""))


class PhoneValue(blocks.StructValue):
    @property
    def tel(self) -> str:
        """As a telephone dials it: «8 (8332)…» is the same as «+7 8332…»."""
        number = re.sub(r"[^\d+]", "", self.get("number") or "")
        return f"+7{number[1:]}" if len(number) == 11 and number[0] == "8" else number


class PhoneBlock(blocks.StructBlock):
    number = blocks.CharBlock(
        label=_("Phone"),
        max_length=25,
        validators=[RegexValidator(PHONE, _("Write it as +7 8332 12-34-56."))],
    )
    note = blocks.CharBlock(
        label=_("Who answers"),
        required=False,
        max_length=80,
        help_text=_("An extension number belongs here too"),
    )

    class Meta:
        label = _("Phone")
        icon = "mobile-alt"
        value_class = PhoneValue


class ContactsBlock(SectionBlock):
    address = blocks.CharBlock(label=_("Address"), required=False, max_length=250)
    phones = blocks.ListBlock(PhoneBlock(), label=_("Phones"), default=[], max_num=6)
    email = blocks.EmailBlock(label=_("E-mail"), required=False)
    hours = blocks.TextBlock(
        label=_("When you are there"),
        required=False,
        max_length=300,
        rows=3,
        help_text=_("A line for each: Mon to Fri 10:00 to 18:00"),
    )
    picture = ImageChooserBlock(
        label=_("Picture of the map"),
        required=False,
        help_text=_(
            "Yours: a drawing or a screenshot with the way from the stop. Say in its description "
            "how to find the door"
        ),
    )
    caption = blocks.CharBlock(
        label=_("Line under the map"),
        required=False,
        max_length=150,
        help_text=_("Whose map it is, if the service asks for it: © OpenStreetMap contributors"),
    )
    link = LinkBlock(
        label=_("Link to the map"),
        required=False,
        help_text=_(
            "From Yandex Maps, 2GIS or OpenStreetMap: «Share», copy the link. Empty: the address "
            "is looked up on Yandex Maps"
        ),
    )

    class Meta:
        label = _("Contacts and map")
        icon = "site"
        group = FACTS
        description = _("Address, phones, hours, your own picture of the map")
        template = "content/blocks/contacts.html"
        wide = True
        preview_value: ClassVar = {
            "address": "Киров, улица Примерная, 1, вход с торца",
            "phones": [{"number": "+7 8332 00-00-10", "note": "Надежда, координатор"}],
            "email": "hello@example.org",
            "hours": "По будням с 10 до 18",
        }

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("link") and not map_of(cleaned["link"]):
            message = _("Copy the link from Yandex Maps, 2GIS or OpenStreetMap.")
            raise blocks.StructBlockValidationError({"link": ValidationError(message)})
        told = ("address", "phones", "email", "hours", "picture", "link")
        if not self.is_deferred_validation and not any(cleaned.get(name) for name in told):
            message = _("Write at least one way to reach you.")
            raise blocks.StructBlockValidationError(non_block_errors=[ValidationError(message)])
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        link, address = value.get("link") or "", value.get("address") or ""
        if not map_of(link) and address:
            link = f"https://yandex.ru/maps/?text={quote(address)}"
        context["map_link"], context["map_name"] = link, map_of(link)
        return context
