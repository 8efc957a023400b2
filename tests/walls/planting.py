"""A site with a row in every table that can hold one, and a mark in every text of it."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, models, transaction
from django.utils import timezone
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import (
    SegmentOverride,
    StringTranslation,
    Translation,
    TranslationSource,
)
from wagtail_localize.operations import translate_object

from campaigns.news import UpdatePage
from donations.models import Donation
from network.actions import OpenedSite
from tenancy.scope import Unrestricted, scoped
from tests.home.pages import add_event, add_news
from tests.tenancy.conftest import Things, plant
from tests.walls.rows import SHARED, Belongings, Model, all_models, root_of

TEXTS = (models.CharField, models.TextField)
# Texts that are addresses, states or keys: another word in them would break the site, not mark it.
TECHNICAL = {
    "path",
    "url_path",
    "slug",
    "language",
    "language_code",
    "preferred_language",
    "hostname",
    "file",
    "current_time_zone",
    "object_id",
    "to_object_id",
    "parent_object_id",
    "filter_spec",
    "action",
    "state",
    "focal_point_key",
    "password",
    "avatar",
    "accent",
    "second",
    "file_hash",
    "hash",
    "key_hash",
    "content_json",
    "data_json",
    "schema_version",
    "template_format",
    "model_path",
    "content_path",
    "contentpath",
    "sealed_secret",
    "sealed_method",
    "token",
    "digest",
    "from_state",
    "to_state",
    "page_path",
    "confirmation_url",
    "time_zone",
    "attrs",
    "field_path",
    "home",
    "clean_name",
}
# Nobody can make such a row of a site, or it is everybody's.
NEVER_A_SITE_S = {
    "contenttypes.ContentType",
    "auth.Permission",
    "wagtailcore.Locale",
    "wagtailcore.Site",
    "wagtailcore.APIToken",
    "accounts.User_user_permissions",
    "auth.Group_permissions",
    "wagtaildocs.Document",
    "wagtailimages.Image",
    "wagtailimages.Rendition",
    "wagtailadmin.Admin",
    "wagtailembeds.Embed",
    "wagtail_localize.LocaleSynchronization",
    "tenancy.Counter",
    "wagtail_localize.Template",
    "wagtail_localize.TemplateSegment",
    "wagtail_localize.RelatedObjectSegment",
    "wagtailsearch.IndexEntry",
    "wagtailcore.WorkflowContentType",
    "donations.SandboxPayment",
    "donations.SandboxRefund",
    "site_settings.RecipientAgreement",  # of two sites that know each other
}

NUMBERS = count()


def furnish(opened: OpenedSite, mark: str, give: Callable[..., Donation]) -> Things:
    """Everything the site's people could have made, and one row of whatever is still missing."""
    things = plant(opened.site, mark, give)
    _tell(things, mark)
    _translate(things)
    make_missing(things)
    mark_texts(Belongings(opened.site), mark)
    _save_again(things, mark)
    return things


def _tell(things: Things, mark: str) -> None:
    """News below the campaign: a page cannot be made by itself."""
    words = [{"type": "text", "value": f"<p>{mark} words</p>"}]
    news = UpdatePage(title=f"{mark} news", slug="novost", body=words, live=False)
    things.draft.add_child(instance=news)
    news.save_revision(user=things.editor).publish()
    site = things.site
    for page in (
        add_news(site, f"{mark} of the site", slug="novost-saita", body=words),
        add_event(site, f"{mark} event", date(2026, 1, 1), slug="sobytie", body=words),
    ):
        page.save_revision(user=things.editor).publish()


def _translate(things: Things) -> None:
    """The home and a page in English too, with words of a translator and a picture of their own."""
    english, _created = Locale.objects.get_or_create(language_code="en")
    type(things.home).objects.filter(pk=things.home.pk).update(picture=things.picture)
    things.home.refresh_from_db()
    for page in (things.home, things.about):
        translate_object(page, [english])
        source = TranslationSource.objects.get(object_id=page.translation_key)
        for segment in source.stringsegment_set.all():
            StringTranslation.objects.create(
                translation_of=segment.string,
                locale=english,
                context=segment.context,
                data="Words",
                translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
                last_translated_by=things.editor,
            )
        for overridable in source.overridablesegment_set.all():
            SegmentOverride.objects.create(
                locale=english,
                context=overridable.context,
                data_json=overridable.data_json,
                last_translated_by=things.editor,
            )
        Translation.objects.get(source=source).save_target(publish=True)


def make_missing(things: Things) -> dict[str, str]:
    """A row of every model that points at the site's rows and has none yet.

    Round by round: a reply needs its comment first. Gives what could not be made, and why.
    """
    missing: dict[str, str] = {}
    for _round in range(6):
        own = Belongings(things.site)
        empty = [
            model
            for model in all_models()
            if model._meta.label not in NEVER_A_SITE_S and not own.of(model)
        ]
        if not empty:
            return {}
        missing = {model._meta.label: _make(model, own) for model in empty}
    return {label: why for label, why in missing.items() if why}


def _make(model: Model, own: Belongings) -> str:
    """Make a row out of the site's own rows; say why not, if not."""
    relations: list[Any] = [
        field.related_model for field in model._meta.concrete_fields if field.is_relation
    ]
    if not any(own.of(target) or target is ContentType for target in relations):
        return "nothing of the site to point at"
    try:
        with transaction.atomic():
            _new(model, own)
    except (DatabaseError, LookupError, ValidationError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _new(model: Model, own: Belongings) -> Any:
    instance = model(**_values(model, own))
    models.Model.save_base(instance, raw=True, force_insert=True)
    return instance.pk


def _values(model: Model, own: Belongings) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.is_relation:
            values[field.attname] = _related(field, own)
        elif field.primary_key or field.has_default() or (field.null and not _wanted(field)):
            continue
        else:
            values[field.attname] = _plain(field, own)
    return {name: value for name, value in values.items() if value is not None}


def _wanted(field: Any) -> bool:
    return field.name == "object_id"


def _related(field: Any, own: Belongings) -> Any:
    target = field.related_model
    if target is ContentType:
        about_something = any(other.name == "object_id" for other in field.model._meta.fields)
        return ContentType.objects.get_for_model(Page if about_something else field.model).pk
    if target is Locale:
        return Locale.objects.get(language_code="en").pk
    mine = own.of(target)
    if mine:
        return mine[0]
    return None if field.null else _new(target, own)


def _plain(field: Any, own: Belongings) -> Any:
    if field.name == "object_id":
        return str(own.of(Page)[0])
    if field.choices:
        return field.flatchoices[0][0]
    if field.name.endswith("_json"):
        return '"words"'
    text = f"planted{next(NUMBERS)}"
    kinds: dict[type[models.Field], Any] = {
        models.DateTimeField: timezone.now(),
        models.DateField: date(2026, 1, 1),
        models.BooleanField: False,
        models.JSONField: {},
        models.UUIDField: uuid4(),
        models.DurationField: timedelta(0),
        models.DecimalField: Decimal(1),
        models.IntegerField: 1,
        models.FileField: f"{text}.txt",
        models.CharField: text[: field.max_length],
        models.TextField: text,
    }
    for kind, value in kinds.items():
        if isinstance(field, kind):
            return value
    return Decimal(1)  # our money


def mark_texts(own: Belongings, mark: str) -> None:
    """Write the mark into every text, one field at a time: what the database refuses stays."""
    for model in all_models():
        if root_of(model) in SHARED and model._meta.label_lower.startswith("contenttypes"):
            continue
        for pk in own.of(model):
            for field in model._meta.local_concrete_fields:
                marked = _marked(field, own.rows[model][pk], pk, mark)
                if marked is not None:
                    _write(model, pk, field.attname, marked)


def _write(model: Model, pk: Any, name: str, value: Any) -> None:
    try:
        with transaction.atomic(), scoped(Unrestricted("planting")):
            models.QuerySet(model).filter(pk=pk).update(**{name: value})
    except DatabaseError:
        return  # a constraint knows better what stands here


def _marked(field: Any, row: dict[str, Any], pk: Any, mark: str) -> Any:
    if field.is_relation or field.primary_key or field.choices or field.name in TECHNICAL:
        return None
    if isinstance(field, models.JSONField):
        return _marked_json(row[field.attname], mark)
    if not isinstance(field, TEXTS) or isinstance(field, models.FileField):
        return None
    if type(field).__name__ == "StreamField" or str(row[field.attname]).startswith("[{"):
        return None  # blocks are written by _save_again
    number = "" if isinstance(pk, UUID) else str(pk)
    if isinstance(field, models.EmailField):
        return f"{mark}-{field.name}{number}@example.org"
    if isinstance(field, models.URLField):
        return f"https://{mark}.example.org/{field.name}"
    return f"{mark}{number} {field.name}"[: field.max_length or 200]


def _marked_json(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {**{key: _marked_json(inner, mark) for key, inner in value.items()}}
    if isinstance(value, list):
        return [_marked_json(inner, mark) for inner in value]
    if isinstance(value, str) and value and not value.isdigit() and len(value) < 200:
        return f"{mark} {value}"
    return value


def _save_again(things: Things, mark: str) -> None:
    """Revisions and the search index repeat what stands in the pages, blocks included."""
    body = [{"type": "text", "value": f"<p>{mark} words</p>"}]
    for page in Page.objects.filter(
        translation_key__in=Page.objects.filter(path__startswith=things.home.path).values(
            "translation_key"
        )
    ).specific():
        if hasattr(page, "body"):
            page.body = json.dumps(body)
            type(page).objects.filter(pk=page.pk).update(body=page.body)
        revision = page.save_revision(user=things.editor)
        Revision.objects.filter(object_id=str(page.pk)).update(
            content=revision.content, object_str=f"{mark} revision"
        )
    call_command("update_index", verbosity=0)
