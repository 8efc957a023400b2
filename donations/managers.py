"""Gifts are seen by the site they were given on, and by whoever keeps the account they went to.

The two differ when an organisation receives the gifts of a group: they are in its books, whatever
becomes of the agreement later.
"""

from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from site_settings.models import RecipientAgreement
from tenancy.managers import NOTHING, InScope, ScopedManager, SiteInScope, Sql, _one_of
from tenancy.scope import Scope


class InBooks(InScope):
    """The column is one of `FOUND`: the SQL that finds its values for accounts of these sites."""

    FOUND: ClassVar[dict[str, str]] = {
        "account_id": "SELECT a.id FROM {account} a WHERE {kept}",
        "donation_id": (
            "SELECT d.id FROM {gift} d JOIN {account} a ON a.id = d.account_id WHERE {kept}"
        ),
        "subscription_id": (
            "SELECT s.id FROM {monthly} s JOIN {account} a ON a.id = s.account_id WHERE {kept}"
        ),
        # What was only begun is nobody's money, unless it waits for a person to decide on it.
        "id": (
            "SELECT d.fund_id FROM {gift} d JOIN {account} a ON a.id = d.account_id"
            " WHERE {kept} AND (d.state <> 'canceled' OR d.flag <> '')"
        ),
    }

    def __init__(self, column: Any, _rhs: object = None) -> None:
        super().__init__(column)
        if isinstance(column, str):
            self.found = self.FOUND[column]

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        if not scope.ledger_site_ids:
            return NOTHING, []
        kept, params = _one_of("a.site_id", scope.ledger_site_ids)
        tables = {
            name: connection.ops.quote_name(apps.get_model("donations", model)._meta.db_table)
            for name, model in TABLES.items()
        }
        # Only names of our own tables are written into the SQL; values are parameters.
        return f"{column} IN ({self.found.format(kept=kept, **tables)})", params


TABLES = {"account": "PaymentAccount", "gift": "Donation", "monthly": "Subscription"}


class BookManager(ScopedManager):
    """Narrowed to rows of one's sites, and rows in the books one keeps."""

    through: ClassVar[str] = "account_id"

    def get_queryset(self) -> models.QuerySet:
        rows = super(ScopedManager, self).get_queryset()
        return rows.filter(models.Q(SiteInScope("site_id")) | models.Q(InBooks(self.through)))


class OfDonationManager(BookManager):
    through = "donation_id"


class OfSubscriptionManager(BookManager):
    through = "subscription_id"


class ReceivedInBooks(InScope):
    """The column is a site whose gifts go into one's books by an agreement in force."""

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        if not scope.ledger_site_ids:
            return NOTHING, []
        kept, params = _one_of("r.recipient_id", scope.ledger_site_ids)
        table = connection.ops.quote_name(RecipientAgreement._meta.db_table)
        # Only names of our own tables are written into the SQL; values are parameters.
        now = f"SELECT r.site_id FROM {table} r WHERE {kept} AND r.withdrawn_at IS NULL"  # noqa: S608
        return f"{column} IN ({now})", params


class FundManager(BookManager):
    """A fund is in the books of whoever received money for it, or receives gifts of its site."""

    through = "id"

    def get_queryset(self) -> models.QuerySet:
        rows = super(ScopedManager, self).get_queryset()
        in_books = models.Q(InBooks(self.through)) | models.Q(ReceivedInBooks("site_id"))
        return rows.filter(models.Q(SiteInScope("site_id")) | in_books)


class CorrectedInBooks(InScope):
    """The column is a correction of a whole fund, made while the gifts of its site went into one's
    books: by the agreement of that time, whatever becomes of it later."""

    def condition(self, column: str, scope: Scope, connection: BaseDatabaseWrapper) -> Sql:
        if not scope.ledger_site_ids:
            return NOTHING, []
        kept, params = _one_of("r.recipient_id", scope.ledger_site_ids)
        tables = (apps.get_model("donations", "Correction"), RecipientAgreement)
        made, agreed = (connection.ops.quote_name(table._meta.db_table) for table in tables)
        # Only names of our own tables are written into the SQL; values are parameters.
        then = (
            f"SELECT c.id FROM {made} c JOIN {agreed} r ON r.site_id = c.site_id"  # noqa: S608
            " AND r.recorded_at <= c.at AND (r.withdrawn_at IS NULL OR c.at < r.withdrawn_at)"
            f" WHERE {kept} AND c.donation_id IS NULL"
        )
        return f"{column} IN ({then})", params


class CorrectionManager(OfDonationManager):
    """That of a gift is in the gift's books, that of a whole fund in those of whoever received
    the gifts of its site then."""

    def get_queryset(self) -> models.QuerySet:
        rows = super(ScopedManager, self).get_queryset()
        in_books = models.Q(InBooks(self.through)) | models.Q(CorrectedInBooks("id"))
        return rows.filter(models.Q(SiteInScope("site_id")) | in_books)
