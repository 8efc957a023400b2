"""Whose rows are whose: everything in the database with a path to a site.

Nobody keeps a list of models: foreign keys, generic keys and translation keys are followed from the
site's own rows, so a model that is added tomorrow is in the walk tomorrow.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from wagtail.models import Collection, Locale, Page, Site
from wagtail_localize.models import TranslatableObject

from accounts.models import User
from tenancy.models import RoleGroup, SiteWalls

Model = type[models.Model]
Row = dict[str, Any]  # attname → value
Rows = dict[Model, dict[Any, Row]]  # model → primary key → row
Key = tuple[Model, str]  # a row: its root model, its primary key as text

# Everybody's: a row of these belongs to no site by being pointed at.
SHARED = (ContentType, Permission, Locale, Page, Collection, Site)
# Kept by the machinery of the test itself.
TRANSIENT = {"sessions.session", "django_tasks_database.dbtaskresult"}


def all_models() -> list[Model]:
    """Every table there is, many-to-many ones too."""
    tables = set(connection.introspection.table_names())
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in tables and model._meta.label_lower not in TRANSIENT
    ]


def root_of(model: Model) -> Model:
    """The model that holds the primary key of multi-table children: Page for HomePage."""
    parents = model._meta.get_parent_list()
    return parents[-1] if parents else model._meta.concrete_model or model


def read(kinds: list[Model] | None = None) -> Rows:
    """All rows of these models, each with the fields of its own table only.

    In the order of their keys: PostgreSQL's own order depends on what earlier tests left in the
    table, and "the first page" would be another one each time.
    """
    found: Rows = {}
    for model in kinds or all_models():
        fields = [field.attname for field in model._meta.local_concrete_fields]
        key = model._meta.pk.attname
        rows: Any = models.QuerySet(model).order_by(key).values(*dict.fromkeys([key, *fields]))
        found[model] = {row[key]: row for row in rows}
    return found


def pointers(model: Model, row: Row, kinds: dict[int, Model]) -> Iterator[Key]:
    """What the row points at."""
    for field in model._meta.local_concrete_fields:
        target = field.related_model
        if field.is_relation and row[field.attname] is not None and target is not None:
            yield root_of(target), str(row[field.attname])
            if target is ContentType and "object_id" in row:
                named = kinds.get(row[field.attname])
                if named is not None and not field.name.startswith("to_"):
                    yield root_of(named), str(row["object_id"])
    if "to_object_id" in row and row["to_content_type_id"] in kinds:  # the reference index
        yield root_of(kinds[row["to_content_type_id"]]), str(row["to_object_id"])


def content_types() -> dict[int, Model]:
    found = {kind.pk: kind.model_class() for kind in ContentType.objects.all()}
    return {pk: model for pk, model in found.items() if model is not None}


class Belongings:
    """The rows of one site at one moment."""

    def __init__(self, site: Site, rows: Rows | None = None) -> None:
        self.site = site
        self.kinds = content_types()
        self.rows = rows or read()
        self.points: dict[Key, set[Key]] = defaultdict(set)
        self.pointed_at_by: dict[Key, set[Key]] = defaultdict(set)
        for model, row in self._every_row():
            key = (root_of(model), str(row[model._meta.pk.attname]))
            for target in pointers(model, row, self.kinds):
                if target != key:
                    self.points[key].add(target)
                    self.pointed_at_by[target].add(key)
        own = self._below(self._seeds(site.pk))
        others = {key for pk in self.rows[Site] if pk != site.pk for key in self._seeds(pk)}
        self.keys = self._with_those_above(own, self._below(others))

    def _every_row(self) -> Iterator[tuple[Model, Row]]:
        for model, rows in self.rows.items():
            for row in rows.values():
                yield model, row

    def _seeds(self, site_id: int) -> set[Key]:
        pages, collections = self.rows[Page], self.rows[Collection]
        key = pages[self.rows[Site][site_id]["root_page_id"]]["translation_key"]
        homes = tuple(page["path"] for page in pages.values() if page["translation_key"] == key)
        below = {pk: row for pk, row in pages.items() if row["path"].startswith(homes)}
        walls = [row for row in self.rows[SiteWalls].values() if row["site_id"] == site_id]
        media = tuple(collections[row["collection_id"]]["path"] for row in walls)
        return {
            (Site, str(site_id)),
            *((Page, str(pk)) for pk in below),
            *((TranslatableObject, str(row["translation_key"])) for row in below.values()),
            *(
                (Collection, str(pk))
                for pk, row in collections.items()
                if row["path"].startswith(media)
            ),
            *self._people(site_id),
        }

    def _people(self, site_id: int) -> set[Key]:
        """The site's groups, and those who are in no other site's."""
        roles = self.rows[RoleGroup].values()
        groups = {row["group_id"] for row in roles if row["site_id"] == site_id}
        memberships = self.rows[User.groups.through].values()
        others = {row["user_id"] for row in memberships if row["group_id"] not in groups}
        members = {row["user_id"] for row in memberships if row["group_id"] in groups} - others
        return {(User, str(pk)) for pk in members} | {(Group, str(pk)) for pk in groups}

    def _below(self, keys: set[Key]) -> set[Key]:
        """These and all that points at them, however far."""
        found, fresh = set(keys), set(keys)
        while fresh:
            fresh = {row for key in fresh for row in self.pointed_at_by[key]} - found
            fresh = {row for row in fresh if row[0] not in SHARED}
            found |= fresh
        return found

    def _with_those_above(self, own: set[Key], foreign: set[Key]) -> set[Key]:
        """What rows of this site point at and no other site's do is its own: a tag, a workflow."""
        asked: set[Key] = set()
        while True:
            above = {row for key in own for row in self.points[key]} - own - asked
            above = {row for row in above if row[0] not in SHARED}
            if not above:
                return own
            asked |= above
            for row in above:
                below = self._below({row})
                if not below & foreign:
                    own = own | below

    def of(self, model: Model) -> list[Any]:
        """Primary keys of the site's rows of the model."""
        root = root_of(model)
        return [pk for pk in self.rows.get(model, {}) if (root, str(pk)) in self.keys]

    def has(self, model: Model, pk: Any) -> bool:
        return (root_of(model), str(pk)) in self.keys


def written_tables() -> dict[str, int]:
    """How much has been written to each table since the transaction began. PostgreSQL counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def differences(before: Rows, after: Rows) -> Iterator[tuple[Model, Any, Row | None, Row | None]]:
    """Rows that are new, changed or gone."""
    for model, rows in after.items():
        old = before[model]
        for pk in old.keys() | rows.keys():
            if old.get(pk) != rows.get(pk):
                yield model, pk, old.get(pk), rows.get(pk)
