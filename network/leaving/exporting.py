"""Out of the network: everything of one site, and nothing of another, into one file."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from accounts.models import User
from donations.actions.funds import check_totals
from donations.models import Donation, Fund
from donations.secrets import KeysUnavailable, unseal
from network.leaving import Refused
from network.leaving.archive import Writer, digest_of, writing
from network.leaving.inventory import (
    LEFT_OUT,
    SHARED,
    Belongings,
    Model,
    leaving_models,
    unknown_models,
)
from network.leaving.passphrase import Box, new_box
from network.leaving.rows import (
    Fields,
    Names,
    Row,
    fields_of,
    highest_number,
    model_named,
    plain,
    renamed,
    target_of,
)
from site_settings.models import RecipientAgreement
from tenancy.models import AuditEntry
from tenancy.scope import scoped, site_scope, unrestricted

# (table, rows done, rows in all)
Tell = Callable[[str, int, int], None]
STEP = 2000
# Texts name these by number. Their next numbers must not be given to something else elsewhere.
NAMED_IN_TEXTS = ("wagtailcore.Page", "content.Picture", "content.Attachment", "accounts.User")


@dataclass(frozen=True)
class Exported:
    path: Path
    digest: str
    rows: int
    files: int
    missing: list[str]
    cut: dict[str, int]


def export_site(*, site: Site, to: Path, passphrase: str | None, tell: Tell) -> Exported:
    """Write the site's file. The site itself stays as it is.

    With a passphrase payment secrets go along, sealed with it; without one they stay. Raises
    Refused, and leaves no file, when the books do not add up or a table is not known.
    """
    unknown = unknown_models()
    if unknown:
        raise Refused(
            _("Nobody has said whether these tables leave with a site: %(names)s")
            % {"names": ", ".join(unknown)}
        )
    box = None if passphrase is None else new_box(passphrase)
    with unrestricted("a site leaves the network"), writing(to) as writer, snapshot():
        _refuse_shared_books(site)
        _refuse_wrong_totals(site)
        out = _Out(site, box, writer, tell)
        out.write()
    rows = sum(facts["rows"] for facts in writer.tables.values())
    with unrestricted("a site leaves the network"):
        AuditEntry.objects.create(
            site=site,
            by=None,
            what="site exported",
            details={"rows": rows, "with_secrets": box is not None},
        )
    return Exported(to, digest_of(to), rows, len(writer.files), out.missing, dict(out.cut))


@contextmanager
def snapshot() -> Iterator[None]:
    """One moment of the database, whatever is written meanwhile. Nobody waits for us."""
    if connection.vendor == "sqlite":
        # IMMEDIATE would hold the write lock while the file grows.
        engine: Any = connection
        mode, engine.transaction_mode = engine.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            engine.transaction_mode = mode
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def migrations() -> dict[str, str]:
    """The last migration of every app whose rows leave."""
    wanted = {model._meta.app_label for model in leaving_models()}
    leaves = MigrationLoader(None).graph.leaf_nodes()
    return {app: name for app, name in leaves if app in wanted}


def _refuse_shared_books(site: Site) -> None:
    """Gifts of a group are in its recipient's books: neither of the two leaves with them."""
    gifts = Donation._base_manager.filter(site=site).exclude(account__site=site)
    if gifts.exists():
        raise Refused(
            _("Gifts of this group are in the books of its recipient: they cannot leave with it.")
        )
    if RecipientAgreement._base_manager.filter(recipient=site, withdrawn_at=None).exists():
        raise Refused(
            _("This organisation receives gifts of a group of the network. End that first.")
        )
    if Donation._base_manager.filter(account__site=site).exclude(site=site).exists():
        raise Refused(
            _(
                "Gifts of a group of the network are in the books of this organisation: they"
                " cannot leave with it."
            )
        )


def _refuse_wrong_totals(site: Site) -> None:
    with scoped(site_scope(site)):
        if check_totals():
            raise Refused(
                _("A total differs from its donations. Look at `manage.py check_totals` first.")
            )


class _Out:
    """One export: what is known of the rows that leave, and where they go."""

    def __init__(self, site: Site, box: Box | None, writer: Writer, tell: Tell) -> None:
        self.site, self.box, self.writer, self.tell = site, box, writer, tell
        self.own = Belongings(site)
        self.names = Names()
        self.at = timezone.now()
        self.cut: Counter[str] = Counter()
        self.files: dict[str, None] = {}
        self.missing: list[str] = []
        self.ids: dict[str, set[Any]] = {}

    def write(self) -> None:
        leaving = leaving_models()
        for label in _targets(leaving):
            self.ids[label] = set(_numbers(self.own.of(apps.get_model(label))))
        strangers = self._strangers(leaving)
        self.ids["accounts.User"] |= strangers
        for model in leaving:
            self._look_into_texts(model)
            self._write_table(model, strangers if model is User else set())
        for name in self.files:
            self._write_file(name)
        self.writer.finish(self._manifest())

    def _strangers(self, leaving: list[Model]) -> set[Any]:
        """People who did something here and are not of the site: of the centre, or gone."""
        named: set[Any] = set()
        for model in leaving:
            for field in fields_of(model):
                if target_of(field) == "accounts.User":
                    rows = self.own.of(model).exclude(**{field.name: None})
                    named |= set(rows.order_by().values_list(field.attname, flat=True).distinct())
        # A log outlives the people it tells of.
        known = set(_numbers(User._base_manager.filter(pk__in=named)))
        return known - self.ids["accounts.User"]

    def _look_into_texts(self, model: Model) -> None:
        """Count what rich text and blocks, a draft's too, name of other sites.

        Their numbers stay in the text: nothing at the new home ever gets them, so the place is
        empty there, as where a picture was deleted.
        """
        texts: list[Any] = [
            field for field in fields_of(model) if hasattr(field, "extract_references")
        ]
        for row in self.own.of(model).iterator(chunk_size=STEP) if texts else ():
            versions = [row]
            if isinstance(row, Page) and row.has_unpublished_changes:
                versions.append(row.get_latest_revision_as_object())
            for field in texts:
                foreign = self._foreign(field, versions)
                if foreign:
                    self.cut[f"{model._meta.label}.{field.name}"] += foreign

    def _foreign(self, field: Any, versions: list[Any]) -> int:
        named: dict[Model, set[str]] = defaultdict(set)
        for version in versions:
            for target, number, *_path in field.extract_references(
                field.value_from_object(version)
            ):
                named[target].add(number)
        return sum(
            target._base_manager.filter(pk__in=numbers)
            .exclude(pk__in=self.own.of(target).values("pk"))
            .count()
            for target, numbers in named.items()
        )

    def _write_table(self, model: Model, strangers: set[Any]) -> None:
        label, rows = model._meta.label, self.own.of(model)
        total = rows.count() + len(strangers)
        fields = fields_of(model)

        def lines() -> Iterator[Row]:
            for done, row in enumerate(self._rows(rows, fields), start=1):
                yield row
                if done % STEP == 0:
                    self.tell(label, done, total)
            for number in sorted(strangers):
                yield self._row(_values(_stand_in(number), fields), fields)
            self.tell(label, total, total)

        self.writer.add_table(label, lines())

    def _rows(self, rows: models.QuerySet[Any], fields: Fields) -> Iterator[Row]:
        columns = [field.attname for field in fields]
        for values in rows.order_by("pk").values_list(*columns).iterator(chunk_size=STEP):
            yield self._row(values, fields)

    def _row(self, values: Any, fields: Fields) -> Row:
        row = {
            field.name: self._value(value, field)
            for field, value in zip(fields, values, strict=True)
        }
        change = CHANGES.get(fields[0].model._meta.label)
        return change(self, row) if change else row

    def _value(self, value: Any, field: models.Field[Any, Any]) -> Any:
        if value is None:
            return None
        if field.name.startswith("sealed_"):
            return self._sealed(value)
        if isinstance(field, models.FileField) and value:
            self.files[str(value)] = None
        target = target_of(field)
        if target in SHARED:
            return self.names.words(target, value)
        if target and (target in LEFT_OUT or value not in self.ids[target]):
            return self._cut(field)
        return plain(value, field)

    def _cut(self, field: models.Field[Any, Any]) -> None:
        """What is pointed at is not the site's: the thread is cut, if the row can live so."""
        name = f"{field.model._meta.label}.{field.name}"
        if not field.null:
            raise Refused(
                _("A row of %(name)s points at another site's. Mend it first.") % {"name": name}
            )
        self.cut[name] += 1

    def _sealed(self, value: str) -> str:
        if not value or self.box is None:
            return ""
        try:
            return self.box.seal(unseal(value))
        except KeysUnavailable:
            raise Refused(
                _("FIELD_KEYS of this installation does not open the payment secrets.")
            ) from None

    def _write_file(self, name: str) -> None:
        if not default_storage.exists(name):
            self.missing.append(name)
            return
        with default_storage.open(name, "rb") as source:
            self.writer.add_file(name, source)

    def _manifest(self) -> dict[str, Any]:
        funds = Fund._base_manager.filter(site=self.site).order_by("pk")
        return {
            "made_at": self.at.isoformat(),
            "host": self.site.hostname,
            "name": self.site.site_name,
            "migrations": migrations(),
            "funds": [
                {
                    "public_id": str(fund.public_id),
                    "purpose": fund.purpose,
                    "raised": str(fund.raised),
                    "refunded": str(fund.refunded),
                    "count": fund.count,
                    "people": fund.people,
                }
                for fund in funds
            ],
            "numbering": {label: highest_number(apps.get_model(label)) for label in NAMED_IN_TEXTS},
            "secrets": self.box.about if self.box else None,
            "cut": dict(sorted(self.cut.items())),
            "missing": self.missing,
        }


def _targets(leaving: list[Model]) -> list[str]:
    """Tables that rows of the file point at."""
    known = {model._meta.label for model in leaving}
    pointed_at = {target_of(field) for model in leaving for field in fields_of(model)}
    return sorted((pointed_at & known) | {"accounts.User"})


def _numbers(rows: models.QuerySet[Any]) -> Iterator[Any]:
    return rows.order_by().values_list("pk", flat=True).iterator(chunk_size=STEP)


def _values(row: models.Model, fields: Fields) -> list[Any]:
    return [getattr(row, field.attname) for field in fields]


def _stand_in(number: int) -> User:
    """Stands where a person stood whose name is no business of the new home."""
    with translation.override(settings.LANGUAGE_CODE):
        name = _("Somebody of the network")
    return User(
        pk=number,
        email=f"person-{number}@left.invalid",
        last_name=name,
        is_active=False,
        date_joined=datetime(2000, 1, 1, tzinfo=UTC),
    )


def _person(out: _Out, row: Row) -> Row:
    return {**row, "password": "", "last_login": None, "is_superuser": False}


def _node(children: Callable[[_Out], int]) -> "Change":
    """The root of a tree has the site's branches only."""
    return lambda out, row: {**row, "numchild": children(out)} if row["depth"] == 1 else row


def _revision(out: _Out, row: Row) -> Row:
    model = model_named(row["content_type"])
    return {**row, "content": renamed(row["content"], model, out.names.words)}


def _source(out: _Out, row: Row) -> Row:
    model = model_named(row["specific_content_type"])
    content = renamed(json.loads(row["content_json"]), model, out.names.words)
    return {**row, "content_json": json.dumps(content)}


def _log_entry(out: _Out, row: Row) -> Row:
    """A page that came from another site brought the title of the other one along."""
    return {**row, "data": _without_strangers(row["data"], out.ids["wagtailcore.Page"])}


def _without_strangers(data: Any, pages: set[Any]) -> Any:
    if isinstance(data, list):
        return [_without_strangers(each, pages) for each in data]
    if not isinstance(data, dict):
        return data
    kept = {key: _without_strangers(value, pages) for key, value in data.items()}
    if "title" in kept and "id" in kept and kept["id"] not in pages:
        kept["title"] = ""
    return kept


Change = Callable[[_Out, Row], Row]

CHANGES: dict[str, Change] = {
    "accounts.User": _person,
    "wagtailcore.Page": _node(lambda out: len(out.own.homes)),
    "wagtailcore.Collection": _node(lambda out: 1),
    "wagtailcore.Revision": _revision,
    "wagtailcore.PageLogEntry": _log_entry,
    "wagtailcore.ModelLogEntry": _log_entry,
    "wagtail_localize.TranslationSource": _source,
}
