"""Into an empty stand-alone installation: rows with their numbers, then the files, or nothing."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import AutoField
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, ReferenceIndex, Site

from accounts.models import User
from campaigns.news import UpdateLetter
from donations.actions.funds import check_totals
from donations.models import (
    Follower,
    Fund,
    Letter,
    PaymentAccount,
    StaffLetter,
    Subscription,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionState,
)
from donations.secrets import KeysUnavailable, seal
from home.models import FormMessage
from network.actions.states import reopen_site
from network.leaving import Refused
from network.leaving.archive import Reader, broken, newer, reading
from network.leaving.exporting import Tell, migrations
from network.leaving.inventory import SHARED, SKELETON, Model, leaving_models
from network.leaving.passphrase import Box, box_of
from network.leaving.rows import (
    Names,
    Row,
    build,
    fields_of,
    highest_number,
    insert,
    model_named,
    renamed,
    target_of,
)
from tenancy.models import AuditEntry, Role
from tenancy.scope import unrestricted

NEVER = timedelta(days=36500)
LEFT_BEHIND = "left with the old home"
ROOM = 3  # a row takes more place in a table, with its indexes, than in the file
# Their places in texts are kept in an index of references; money is not spoken of in texts.
INDEXED_APPS = ("content", "site_settings", "home", "campaigns")


@dataclass
class Imported:
    site: Site
    rows: int
    files: int
    managers: list[str]
    people: int
    accounts: list[str] = field(default_factory=list)
    stopped: int = 0


def import_site(*, path: Path, ask_passphrase: Callable[[], str], tell: Tell) -> Imported:
    """Take a site in. All of it, or nothing: Refused says why.

    Live payment accounts take no money here until somebody gives their key at the new home, so
    that two installations never charge the same monthly gift.
    """
    if settings.NETWORK:
        raise Refused(
            _("A site is taken in by a stand-alone installation: set NETWORK=off in its settings.")
        )
    with unrestricted("a site arrives at its new home"):
        with reading(path) as archive:
            _refuse_other_version(archive)
            box = _box(archive, ask_passphrase)
            arrived = _take_all(archive, box, tell)
        # The site is here: what goes wrong from now on is no fault of the file.
        cache.clear()
        call_command("update_index", verbosity=0)
    return arrived


def _take_all(archive: Reader, box: Box | None, tell: Tell) -> Imported:
    saved: list[str] = []
    try:
        with transaction.atomic():
            arrived = _In(archive, box, tell).take()
            _save_files(archive, saved)
    except BaseException as error:
        for name in saved:
            default_storage.delete(name)
        # A database that is full or gone is no fault of the file, and says so itself.
        if isinstance(error, IntegrityError | DataError | ValidationError | ValueError):
            raise broken() from error
        raise
    return arrived


def _refuse_other_version(archive: Reader) -> None:
    theirs, ours = archive.manifest["migrations"], migrations()
    if theirs == ours:
        return
    known = MigrationLoader(None).disk_migrations
    if any((app, name) not in known for app, name in theirs.items()):
        raise newer()
    raise Refused(
        _(
            "The file was made by an older version of the program. Take it in with that version, "
            "then upgrade."
        )
    )


def _box(archive: Reader, ask_passphrase: Callable[[], str]) -> Box | None:
    about = archive.manifest.get("secrets")
    return box_of(about, ask_passphrase()) if about else None


class _In:
    """One import, inside a transaction."""

    def __init__(self, archive: Reader, box: Box | None, tell: Tell) -> None:
        self.archive, self.box, self.tell = archive, box, tell
        self.names = Names()

    def take(self) -> Imported:
        refuse_unless_empty()
        self._refuse_without_room()
        _clear_the_skeleton()
        tables = {model._meta.label: model for model in leaving_models()}
        if set(self.archive.tables) != set(tables):
            raise broken()
        for label, model in tables.items():
            self._take_table(model, self.archive.tables[label]["rows"])
        connection.check_constraints()
        self._count_on()
        site = Site.objects.get()
        self._check(site)
        arrived = self._settle_in(site)
        _index_references()
        return arrived

    def _refuse_without_room(self) -> None:
        place = Path(settings.MEDIA_ROOT)
        while not place.exists():
            place = place.parent
        if self.archive.size * ROOM > shutil.disk_usage(place).free:
            raise Refused(_("There is not enough room on the disk for this site."))

    def _take_table(self, model: Model, total: int) -> None:
        label, done = model._meta.label, 0
        for done in insert(model, self._objects(model)):
            self.tell(label, done, total)
        if done != total:
            raise broken()
        if not total:
            self.tell(label, 0, 0)

    def _objects(self, model: Model) -> Iterator[models.Model]:
        fields = fields_of(model)
        change = CHANGES.get(model._meta.label)
        for row in self.archive.rows(model._meta.label):
            for column in fields:
                row[column.name] = self._value(row[column.name], column)
            yield build(model, change(self, row) if change else row, fields)

    def _value(self, value: Any, column: models.Field[Any, Any]) -> Any:
        if column.name.startswith("sealed_") and value:
            return self._sealed(value)
        target = target_of(column)
        if target in SHARED and value is not None:
            return self.names.number(target, value)
        return value

    def _sealed(self, value: str) -> str:
        if self.box is None:
            raise broken()
        try:
            return seal(self.box.open(value))
        except KeysUnavailable:
            raise Refused(
                _("Set FIELD_KEYS first: payment secrets are kept sealed with it.")
            ) from None

    def _count_on(self) -> None:
        """New rows get numbers that nothing in the network's texts stood for."""
        tables = leaving_models()
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(sql)
            for label, highest in self.archive.manifest["numbering"].items():
                _go_on_from(cursor, apps.get_model(label), int(highest))

    def _check(self, site: Site) -> None:
        """The books say what they said at the old home, to the kopeck."""
        funds = {
            str(fund.public_id): [str(fund.raised), str(fund.refunded), fund.count, fund.people]
            for fund in Fund.objects.all()
        }
        promised = {
            row["public_id"]: [row["raised"], row["refunded"], row["count"], row["people"]]
            for row in self.archive.manifest["funds"]
        }
        if funds != promised or check_totals():
            raise broken()
        if any(Page.find_problems()) or any(Collection.find_problems()):
            raise broken()
        if site.hostname == settings.ADMIN_HOST:
            raise Refused(
                _("ADMIN_HOST of this installation is the site's own name. Choose another one.")
            )

    def _settle_in(self, site: Site) -> Imported:
        PaymentAccount.objects.update(home=[])
        # The old home sends what it owes. Here staff see it, and may send it if it does not.
        owed = Letter.objects.filter(sent_at=None)
        owed.filter(attempts=0).update(attempts=1)
        owed.update(next_try_at=timezone.now() + NEVER, last_error=LEFT_BEHIND)
        for model in (UpdateLetter, Follower, FormMessage, StaffLetter):
            model.objects.filter(sent_at=None).update(
                next_try_at=timezone.now() + NEVER, last_error=LEFT_BEHIND
            )
        stopped = _stop_without_cards()
        # It was paused there for the time of the move; nothing here could open it.
        reopen_site(site=site, by=None)
        AuditEntry.objects.create(
            site=site,
            by=None,
            what="site imported",
            details={"made_at": self.archive.manifest["made_at"]},
        )
        people = User.objects.filter(is_active=True).order_by("email")
        managers = people.filter(groups__role_group__role=Role.MANAGER)
        live = PaymentAccount.objects.active().filter(is_live=True)
        return Imported(
            site=site,
            rows=sum(facts["rows"] for facts in self.archive.tables.values()),
            files=len(self.archive.files),
            managers=list(managers.values_list("email", flat=True)),
            people=people.count(),
            accounts=[str(account) for account in live],
            stopped=stopped,
        )


def refuse_unless_empty() -> None:
    """Only what `migrate` has made may be here."""
    for model in leaving_models():
        rows = model._base_manager.all()
        label = model._meta.label
        if label in ("wagtailcore.Page", "wagtailcore.Collection"):
            rows = rows.filter(depth__gt=1)
        elif label == "auth.Group":
            rows = rows.exclude(role_group=None)
        elif label in SKELETON:
            continue
        number = rows.count()
        if number:
            raise Refused(
                _(
                    "This installation is not empty: %(number)s × %(name)s. A site is taken in by "
                    "a new database, where only `migrate` has run."
                )
                % {"number": number, "name": label}
            )


def _clear_the_skeleton() -> None:
    """The roots, the language and Wagtail's own groups give way to those of the file."""
    labels = [*SKELETON, "wagtailcore.GroupApprovalTask_groups", "wagtailcore.WorkflowPage"]
    for label in labels:
        # Raw: foreign keys are looked at when everything has arrived.
        rows = apps.get_model(label)._base_manager.all()
        rows._raw_delete(rows.db)


def _go_on_from(cursor: Any, model: Model, highest: int) -> None:
    table, key = model._meta.db_table, model._meta.pk
    if not isinstance(key, AutoField) or highest < 1:
        return
    last = max(highest, highest_number(model))
    if connection.vendor == "postgresql":
        sequence = "SELECT setval(pg_get_serial_sequence(%s, %s), %s)"
        cursor.execute(sequence, [f'"{table}"', key.column, last])
    else:
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _stop_without_cards() -> int:
    """A monthly gift whose card stayed behind can never be charged: it says so at once, by no
    letter. The donor may begin a new one."""
    rows = Subscription.objects.exclude(state=SubscriptionState.STOPPED).filter(sealed_method="")
    number = 0
    for row in rows:
        SubscriptionEvent.objects.create(
            subscription=row,
            site_id=row.site_id,
            source="staff",
            what=SubscriptionChange.STOPPED,
            details={"why": LEFT_BEHIND},
        )
        number += 1
    rows.update(
        state=SubscriptionState.STOPPED,
        stopped_at=timezone.now(),
        reason=LEFT_BEHIND,
        method_title="",
    )
    return number


def _save_files(archive: Reader, saved: list[str]) -> None:
    """Put the files in place; `saved` grows, so that they can be taken away again."""
    for name, facts in archive.files.items():
        if default_storage.exists(name):
            if not _is_same(archive, name, facts["bytes"]):
                raise Refused(
                    _("There are other files in MEDIA_ROOT already: %(name)s") % {"name": name}
                )
            continue
        with archive.open_file(name) as source:
            stored = default_storage.save(name, File(source, name=name))
        saved.append(stored)
        if stored != name:
            raise broken()


def _is_same(archive: Reader, name: str, size: int) -> bool:
    """Left by an import that was killed between the files and the end of its transaction."""
    if default_storage.size(name) != size:
        return False
    with archive.open_file(name) as theirs, default_storage.open(name, "rb") as ours:
        return bool(theirs.read() == ours.read())


def _index_references() -> None:
    for model in leaving_models():
        if model._meta.app_label in INDEXED_APPS and ReferenceIndex.model_is_indexable(model):
            for row in model._base_manager.iterator():
                ReferenceIndex.create_or_update_for_object(row)


def _person(arriving: _In, row: Row) -> Row:
    """A password nobody knows, and not «none»: to one who has none no letter is sent."""
    unknown = make_password(secrets.token_urlsafe(32))
    return {**row, "password": unknown, "is_superuser": False}


def _revision(arriving: _In, row: Row) -> Row:
    model = apps.get_model("wagtailcore", "Revision")
    kind = model._meta.get_field("content_type")
    words = arriving.names.words(target_of(kind), row["content_type"])
    content = renamed(row["content"], model_named(words), arriving.names.number)
    return {**row, "content": content}


def _source(arriving: _In, row: Row) -> Row:
    words = arriving.names.words("contenttypes.ContentType", row["specific_content_type"])
    content = renamed(json.loads(row["content_json"]), model_named(words), arriving.names.number)
    return {**row, "content_json": json.dumps(content)}


def _site(arriving: _In, row: Row) -> Row:
    return {**row, "port": settings.SITE_PORT, "is_default_site": False}


CHANGES: dict[str, Callable[[_In, Row], Row]] = {
    "accounts.User": _person,
    "wagtailcore.Revision": _revision,
    "wagtailcore.Site": _site,
    "wagtail_localize.TranslationSource": _source,
}
