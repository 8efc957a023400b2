"""References are checked on save.

A chooser is only a face: a crafted POST may name any id. So whatever an object points at (foreign
keys, StreamField, rich text) must lie inside the scope of the person who saves it, and belong to
the site it stands on: somebody who serves two sites, or all of them, still shows A's visitors
nothing of B's.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, ReferenceIndex, Site

from tenancy.scope import Scope, current, is_centre, scoped, site_scope

Ids = dict[type[models.Model], set[str]]


def check_references(instance: models.Model, exclude: Iterable[str] | None = None) -> None:
    """Raise ValidationError, by field, when `instance` points at what is another site's.

    Fields of `exclude` are looked at too, but are not on the form: what is said stands above it.
    """
    errors: dict[str, list[str]] = {}
    shown = {field.name for field in instance._meta.fields} - set(exclude or ())
    scopes = [one for one in (current(), _scope_of_its_site(instance)) if isinstance(one, Scope)]
    for field, wanted in _pointed_at(instance).items() if scopes else ():
        if not all(
            _all_visible(model, ids, scope) for model, ids in wanted.items() for scope in scopes
        ):
            errors[field if field in shown else NON_FIELD_ERRORS] = [
                _(
                    "Something here (a link, a picture or a document) belongs to another site. "
                    "Choose your own; a page of another site can be named by its address."
                )
            ]
    if errors:
        raise ValidationError(errors)


def _pointed_at(instance: models.Model) -> dict[str, Ids]:
    """Field name → what it points at."""
    found: dict[str, Ids] = defaultdict(lambda: defaultdict(set))
    # Wagtail's own extraction: it knows rich text and StreamField, and has no public twin.
    for kind, pk, path, _content in ReferenceIndex._extract_references_from_object(instance):
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None:
            found[path.partition(".")[0]][model].add(str(pk))
    for field in instance._meta.concrete_fields:  # and it forgets these
        value = field.value_from_object(instance)
        one = field.remote_field if field.one_to_one else None
        if one is not None and not one.parent_link and value is not None:
            found[field.name][one.model].add(str(value))
    return found


def _scope_of_its_site(instance: Any) -> Scope | None:
    """What may stand on the site of this page or row; None when it is (yet) of no site."""
    if not isinstance(instance, Page):
        site = getattr(instance, "site", None)
    else:
        # A page that is being written has no place yet; its form says where it will lie.
        path = instance.path or getattr(instance, "parent_path", "")
        above = [path[:end] for end in range(Page.steplen, len(path) + 1, Page.steplen)]
        keys = Page.objects.filter(path__in=above).values("translation_key")
        site = Site.objects.filter(root_page__translation_key__in=keys).first()
    if not isinstance(site, Site):
        return None
    if is_centre(site):  # it leads to all sites of the network, by links that outlive their names
        return replace(site_scope(site), page_paths=("",))
    homes = site.root_page.get_translations(inclusive=True).values_list("path", flat=True)
    return replace(site_scope(site), page_paths=tuple(homes))


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
    if hasattr(model._default_manager, "condition_class"):
        # People are of no site: only who asks decides whom they may name.
        if scope.user_id is None and issubclass(model, get_user_model()):
            return True
        existing = model._base_manager.filter(pk__in=ids).count()
        with scoped(scope):
            return model._default_manager.filter(pk__in=ids).count() == existing
    return True
