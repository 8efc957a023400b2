"""A test database starts as a copy of one that an earlier run has migrated.

Migrating from nothing takes a dozen seconds of each worker on SQLite, more on PostgreSQL. The copy
lies under `var/tests/`, named by the migrations it holds: a file of SQLite's, or the SQL that fills
a database of `scripts/with-postgres` (on a server of somebody's own everything is migrated).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection

PLACE = Path(settings.BASE_DIR) / "var" / "tests"
TOOLS = os.environ.get("POSTGRES_TOOLS")  # programs of the throw-away cluster
TEMPLATE = "sonko_migrated"  # PostgreSQL makes a database as a copy of this one


def on_sqlite() -> bool:
    return connection.vendor == "sqlite"


def copy(kind: str) -> Path:
    """Where the copy for today's migrations is, or would be: "sqlite3" or "sql"."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for file in sorted(settings.BASE_DIR.glob("*/migrations/*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return PLACE / f"migrated-{digest.hexdigest()[:16]}.{kind}"


def lay_out() -> None:
    """Let the test database begin as the copy, if there is one; `migrate` finds nothing to do."""
    test = connection.settings_dict["TEST"]
    if on_sqlite():
        database = Path(test["NAME"])
        if copy("sqlite3").exists() and not database.exists():
            shutil.copyfile(copy("sqlite3"), database)
    elif TOOLS and copy("sql").exists():
        with (PLACE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the workers share one server
            if TEMPLATE not in _run("psql", "--list", "--quiet", "--tuples-only", "postgres"):
                _run("createdb", TEMPLATE)
                _run("psql", "--quiet", "--file", str(copy("sql")), TEMPLATE)
        test["TEMPLATE"] = TEMPLATE


def keep() -> None:
    """Keep a copy of the database just migrated. Several workers may do it at once."""
    kept = copy("sqlite3" if on_sqlite() else "sql")
    if kept.exists() or not (on_sqlite() or TOOLS):
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    for old in PLACE.glob(f"migrated-*{kept.suffix}"):
        old.unlink(missing_ok=True)
    own = PLACE / f"{os.getpid()}{kept.suffix}"
    if on_sqlite():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(own)])
    else:
        _run("pg_dump", "--file", str(own), connection.settings_dict["NAME"])
    own.replace(kept)


def _run(program: str, *arguments: str) -> str:
    server = connection.get_connection_params()
    address = ["--host", server["host"], "--username", server["user"]]
    command = [f"{TOOLS}/{program}", *address, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
