"""SQLite's test database starts as a copy of one that an earlier run has migrated.

Migrating from nothing takes a dozen seconds of each worker of each run. The copy is kept under
`var/tests/`, named by the migrations it holds; PostgreSQL is always migrated from nothing.
"""

import hashlib
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection

PLACE = Path(settings.BASE_DIR) / "var" / "tests"


def on_sqlite() -> bool:
    return connection.vendor == "sqlite"


def template() -> Path:
    """Where the copy for today's migrations is, or would be."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for file in sorted(settings.BASE_DIR.glob("*/migrations/*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return PLACE / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


def lay_out() -> None:
    """Put the copy where the test database will be opened; `migrate` finds nothing left to do."""
    database = Path(connection.settings_dict["TEST"]["NAME"])
    if template().exists() and not database.exists():
        shutil.copyfile(template(), database)


def keep() -> None:
    """Keep a copy of the database just migrated. Several workers may do it at once."""
    kept = template()
    if kept.exists():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    for old in PLACE.glob("migrated-*.sqlite3"):
        old.unlink(missing_ok=True)
    own = PLACE / f"{os.getpid()}.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(own)])
    own.replace(kept)
