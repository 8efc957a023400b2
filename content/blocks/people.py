"""People and those who stand beside them: the team, those who were helped, partners."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from content.blocks.sections import PEOPLE, LinkBlock, SectionBlock


class PersonBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Name"), max_length=100)
    role = blocks.CharBlock(
        label=_("What they do"),
        required=False,
        max_length=100,
        help_text=_("As you would say it to a neighbour: leads the lessons, keeps the books"),
    )
    about = blocks.CharBlock(label=_("One line"), required=False, max_length=200)
    photo = ImageChooserBlock(
        label=_("Photo"), required=False, help_text=_("Without one the first letter stands here")
    )

    class Meta:
        label = _("Person")
        icon = "user"


class PeopleBlock(SectionBlock):
    people = blocks.ListBlock(PersonBlock(), label=_("People"), min_num=1, max_num=40)

    class Meta:
        label = _("Team")
        icon = "group"
        group = PEOPLE
        description = _("Who does the work: name, what they do, photo, a line")
        template = "content/blocks/people.html"
        wide = True
        preview_value: ClassVar = {
            "people": [
                {"name": "Ольга Собакина", "role": "ведёт приют", "about": "Знает всех по именам."},
                {"name": "Сергей", "role": "ставит крыши", "about": ""},
            ]
        }


class TestimonialBlock(blocks.StructBlock):
    words = blocks.TextBlock(label=_("Words"), max_length=600)
    who = blocks.CharBlock(
        label=_("Who says it"),
        max_length=100,
        help_text=_(
            "As the person wishes to be called: the name may be another one. For a child the "
            "parents decide"
        ),
    )
    about = blocks.CharBlock(
        label=_("About them"),
        required=False,
        max_length=100,
        help_text=_("Mother of Misha, reader of the library. No illness and no address"),
    )
    photo = ImageChooserBlock(
        label=_("Photo"),
        required=False,
        help_text=_(
            "Only with the person's consent in writing, for a child with the parents'; keep it. "
            "When they change their mind, take the words and the photo off the page"
        ),
    )

    class Meta:
        label = _("Words of a person")
        icon = "openquote"


class TestimonialsBlock(SectionBlock):
    words = blocks.ListBlock(
        TestimonialBlock(), label=_("Words of those who were helped"), min_num=1, max_num=12
    )

    class Meta:
        label = _("Those who were helped")
        icon = "openquote"
        group = PEOPLE
        description = _("Words of people you helped, with a photo if they agreed to it")
        template = "content/blocks/testimonials.html"
        wide = True
        preview_value: ClassVar = {
            "words": [
                {
                    "words": "Сын пришёл на полчаса и остался на три года.",
                    "who": "Наталья",
                    "about": "мама Миши",
                }
            ]
        }


class PartnerBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Name"), max_length=100)
    logo = ImageChooserBlock(
        label=_("Logo"), required=False, help_text=_("Without one the name stands here")
    )
    link = LinkBlock(label=_("Their site"), required=False)

    class Meta:
        label = _("Partner")
        icon = "link"


class PartnersBlock(SectionBlock):
    partners = blocks.ListBlock(PartnerBlock(), label=_("Partners"), min_num=1, max_num=30)

    class Meta:
        label = _("Partners")
        icon = "link"
        group = PEOPLE
        description = _("Logos or names of those who help you, with links to them")
        template = "content/blocks/partners.html"
        wide = True
        preview_value: ClassVar = {
            "partners": [{"name": "Библиотека на Примерной"}, {"name": "Завод «Кирпич»"}]
        }
