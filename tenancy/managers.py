"""Managers that narrow themselves by the scope.

The scope is read when SQL is compiled, not when the queryset is built: form classes and choosers
keep querysets for the life of the process, and one built in A's request must not show A's rows in
B's. `_base_manager` (foreign keys, refresh, save) stays Django's own and is not narrowed.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler
from wagtail.models import Collection

from tenancy.references import check_references
from tenancy.scope import Scope, Unrestricted, current, unrestricted

Sql = tuple[str, list[Any]]
NOTHING = "1 = 0"


class InScope(Lookup):
    """A condition on a column, filled in from the scope at compile time.

    A lookup and not a function: the search index asks every condition which column it is about.
    """

    lookup_name = "in_scope"
    prepare_rhs = False

    def __init__(self, column: Any, _rhs: object = None) -> None:
        super().__init__(F(column) if isinstance(column, str) else column, True)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Sql:
        visibility = current()
        if isinstance(visibility, Unrestricted):
            return "1 = 1", []
        column, params = compiler.compile(self.lhs)
        sql, more = self.condition(column, visibility, connection)
        return (sql, [*params, *more]) if sql != NOTHING else (sql, [])

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        raise NotImplementedError


def _one_of(column: str, values: frozenset[int]) -> Sql:
    if not values:
        return NOTHING, []
    return f"{column} IN ({', '.join(['%s'] * len(values))})", sorted(values)


class SiteInScope(InScope):
    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        return _one_of(column, scope.site_ids)


class CollectionInScope(InScope):
    """In one's own collections or below them. The tree is read as it is when the query runs."""

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        own, params = _one_of("own.id", scope.collection_ids)
        table = connection.ops.quote_name(Collection._meta.db_table)
        # Only names of our own tables and columns are written into the SQL; values are parameters.
        below = "substr(below.path, 1, length(own.path)) = own.path"
        found = f"SELECT below.id FROM {table} own, {table} below WHERE {own} AND {below}"  # noqa: S608
        return f"{column} IN ({found})", params


class PersonInScope(InScope):
    """Oneself, and those who share a group with one's sites."""

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        members, params = _one_of("m.group_id", scope.group_ids)
        through = connection.ops.quote_name(get_user_model().groups.through._meta.db_table)
        sql = f"{column} IN (SELECT m.user_id FROM {through} m WHERE {members})"  # noqa: S608
        return f"({sql} OR {column} = %s)", [*params, scope.user_id or 0]


class ScopedManager(models.Manager):
    """Narrows every query by `condition_class` on `column`. Subclasses say which."""

    condition_class: ClassVar[type[InScope]] = SiteInScope
    column: ClassVar[str] = "site_id"

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(self.condition_class(self.column))


class ScopedModel(models.Model):
    """A model whose default manager is narrowed. It points at things of its own site only, and
    uniqueness is asked of all rows, seen or not."""

    class Meta:
        abstract = True

    def full_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        super().full_clean(exclude, validate_unique, validate_constraints)
        check_references(self, exclude)

    def validate_unique(self, exclude: Any = None) -> None:
        with unrestricted("uniqueness check"):
            super().validate_unique(exclude=exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        with unrestricted("uniqueness check"):
            super().validate_constraints(exclude=exclude)
