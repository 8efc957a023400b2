"""Lists of Wagtail's own screens that show everybody's things and take no manager of ours.

They are narrowed where Wagtail keeps them; a test asks each screen, so an upgrade that moves one
is noticed.
"""

from typing import Any

from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from taggit.models import Tag
from wagtail.admin import filters
from wagtail.admin.views.pages.listing import GenericPageFilterSet, PageFilterSet
from wagtail.images.views import chooser
from wagtail.models import Site

from tenancy.scope import Scope, current


def own_sites(request: HttpRequest | None = None) -> QuerySet[Site]:
    scope = current()
    sites = Site.objects.all()
    return sites.filter(pk__in=scope.site_ids) if isinstance(scope, Scope) else sites


def own_popular_tags(model: type[Model], count: int = 10) -> QuerySet[Any]:
    """Tags of the pictures or documents one sees, the commonest first."""
    seen = model._default_manager.values("pk")
    return (
        Tag.objects.filter(
            taggit_taggeditem_items__content_type__model=model._meta.model_name,
            taggit_taggeditem_items__content_type__app_label=model._meta.app_label,
            taggit_taggeditem_items__object_id__in=seen,
        )
        .annotate(item_count=Count("taggit_taggeditem_items"))
        .order_by("-item_count")[:count]
    )


def narrow() -> None:
    for filterset in (PageFilterSet, GenericPageFilterSet):
        filterset.base_filters["site"].queryset = own_sites
    filters.popular_tags_for_model = own_popular_tags
    chooser.popular_tags_for_model = own_popular_tags
