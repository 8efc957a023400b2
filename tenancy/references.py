"""References are checked on save.

A chooser is only a face: a crafted POST may name any id. So whatever an object points at (foreign
keys, StreamField, rich text) must lie inside the scope of the person who saves it.
"""

from collections import defaultdict

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, ReferenceIndex, Site

from tenancy.scope import Scope, Unrestricted, current


def check_references(instance: models.Model) -> None:
    """Raise ValidationError when `instance` points at a page or a scoped row outside the scope."""
    visibility = current()
    if isinstance(visibility, Unrestricted):
        return
    wanted: dict[type[models.Model], set[str]] = defaultdict(set)
    # Wagtail's own extraction: it knows rich text and StreamField, and has no public twin.
    for content_type_id, object_id, *_paths in ReferenceIndex._extract_references_from_object(
        instance
    ):
        model = ContentType.objects.get_for_id(content_type_id).model_class()
        if model is not None:
            wanted[model].add(str(object_id))
    for field in instance._meta.concrete_fields:  # and it forgets these
        value = field.value_from_object(instance)
        one = field.remote_field if field.one_to_one else None
        if one is not None and not one.parent_link and value is not None:
            wanted[one.model].add(str(value))
    for model, ids in wanted.items():
        if not _all_visible(model, ids, visibility):
            raise ValidationError(
                _("Something here (a link, a picture or a document) belongs to another site.")
            )


def _all_visible(model: type[models.Model], ids: set[str], scope: Scope) -> bool:
    if issubclass(model, Page):
        paths = Page.objects.filter(pk__in=ids).values_list("path", flat=True)
        # A page that is gone is a dead link, not a leak.
        return all(scope.has_page(path) for path in paths)
    if issubclass(model, Site):
        return {int(pk) for pk in ids} <= scope.site_ids
    if issubclass(model, Collection):
        own = Collection.objects.filter(pk__in=scope.collection_ids)
        homes = tuple(own.values_list("path", flat=True))
        # The root is a form's default until the only collection there is is put in; nobody sees it.
        named = Collection.objects.filter(pk__in=ids, depth__gt=1)
        return all(path.startswith(homes) for path in named.values_list("path", flat=True))
    if _is_narrowed(model):
        existing = model._base_manager.filter(pk__in=ids).count()
        return model._default_manager.filter(pk__in=ids).count() == existing
    return True


def _is_narrowed(model: type[models.Model]) -> bool:
    return hasattr(model._default_manager, "condition_class")
