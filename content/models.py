from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.files import File
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.documents.models import AbstractDocument, DocumentQuerySet
from wagtail.images.image_operations import FilterOperation
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, ImageQuerySet
from wagtail.models import Page, PageViewRestriction

from content import structured
from content.forms import SitePageForm
from content.texts import refuse_long_texts
from site_settings.card_numbers import refuse_card_numbers
from tenancy.managers import CollectionInScope, InScope, ScopedManager, ScopedModel
from tenancy.references import check_references


class CollectionScoped(ScopedManager):
    condition_class: ClassVar[type[InScope]] = CollectionInScope
    column: ClassVar[str] = "collection_id"


KEPT_IN_RENDITIONS = {"icc_profile", "transparency", "background", "duration", "loop"}


class WithoutMetadata(FilterOperation):
    """Forgets where and by whom a photo was taken. The turn it asks for is done before."""

    def construct(self) -> None:
        """No arguments."""

    def run(self, willow: Any, image: AbstractImage, env: dict[str, Any]) -> Any:
        info = willow.image.info
        willow.image.info = {key: info[key] for key in KEPT_IN_RENDITIONS & info.keys()}
        return willow


class PublicFilter(Filter):
    """Wagtail copies EXIF, and with it the place of the photo, into every rendition."""

    @property
    def filter_operations(self) -> list[FilterOperation]:
        return [WithoutMetadata("without-metadata"), *super().filter_operations]


class Picture(ScopedModel, AbstractImage):
    """A picture in a site's own collection. Named so because `Image` clashes with Wagtail's."""

    alt_text = models.CharField(
        _("what is to be seen"),
        max_length=255,
        blank=True,
        help_text=_("Read aloud to those who do not see the picture"),
    )

    admin_form_fields = (
        "title",
        "file",
        "alt_text",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    objects = CollectionScoped.from_queryset(ImageQuerySet)()

    class Meta(AbstractImage.Meta):
        abstract = False
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    @property
    def default_alt_text(self) -> str:
        # Wagtail falls back on the title, which is usually a file name: worse than silence.
        return self.alt_text

    def generate_rendition_file(self, filter: Filter, *, source: File | None = None) -> File:
        return super().generate_rendition_file(PublicFilter(spec=filter.spec), source=source)


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="one_rendition_per_filter"
            ),
        )
        # Every picture of a page is looked up by its name: whose is it?
        indexes = (models.Index(fields=("file",), name="rendition_by_file"),)


# For `prefetch_related` of pages in a list: all their pictures in one question.
RENDITIONS = "picture__renditions"


class Attachment(ScopedModel, AbstractDocument):
    """A document in a site's own collection."""

    admin_form_fields = ("title", "file", "collection", "tags")

    objects = CollectionScoped.from_queryset(DocumentQuerySet)()

    class Meta(AbstractDocument.Meta):
        abstract = False
        verbose_name = _("document")
        verbose_name_plural = _("documents")


class BasePage(Page):
    """What every page type of ours shares. Wagtail's stock Page stays the concrete parent."""

    base_form_class = SitePageForm

    # The tree path of the page a new one will lie under, said by its form.
    parent_path: str = ""

    # A list that holds nothing yet need not lead anybody astray.
    in_menu_when_empty: ClassVar[bool] = True

    # Visitors have no cookies, so nobody could sign in to a private page.
    private_page_options: ClassVar[list[str]] = []

    def get_view_restrictions(self) -> QuerySet:
        """None, and nobody is asked: see above."""
        return PageViewRestriction.objects.none()

    promote_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("show_in_menus"),
            ],
            heading=_("For search engines and the menu"),
        )
    ]

    class Meta:
        abstract = True

    @property
    def fund_key(self) -> Any:
        """The key of the fund that donations on this page go to; None is the general fund."""
        return None

    def shown_versions(self) -> QuerySet:
        """The page in every language visitors may read it in."""
        return Page.objects.live().filter(translation_key=self.translation_key, alias_of=None)

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        structured.passed(request).append(self)
        return super().route(request, path_components)

    def structured_data(self, request: HttpRequest) -> list[structured.Thing]:
        """What the page says of itself to search engines; page types add their own."""
        return [structured.organisation(request), *structured.breadcrumbs(self, request)]

    def full_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        super().full_clean(exclude, validate_unique, validate_constraints)
        check_references(self, exclude)

    def clean(self) -> None:
        super().clean()
        refuse_long_texts(self)
        refuse_card_numbers(self)
