"""The commands themselves, as processes, between SQLite and PostgreSQL, both ways."""

import json
import os
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.network.alone import Installation, on_sqlite
from tests.network.leaving import HOST, Left

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_postgres(db: None, tmp_path: Path) -> Iterator[Installation]:
    """A second database beside the suite's own."""
    name = f"home_{uuid.uuid4().hex[:12]}"
    own = connection.settings_dict
    _maintain(f'CREATE DATABASE "{name}"')
    base, _slash, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    assert own["ENGINE"].endswith("postgresql")
    yield Installation(url, tmp_path / "postgres")
    _maintain(f'DROP DATABASE "{name}" WITH (FORCE)')


def _maintain(statement: str) -> None:
    """Databases are made outside of any transaction."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def same_rows(left: Left, file: Path) -> list[str]:
    """Tables that are not what they were at the old home."""
    changed = []
    with zipfile.ZipFile(file) as archive:
        for path in sorted((left.folder / "rows").glob("*.jsonl")):
            now = archive.read(f"rows/{path.name}").decode()
            if now != path.read_text():
                changed.append(path.stem)
        pictures = json.loads(archive.read("manifest.json"))["files"]
    assert {name: facts["sha256"] for name, facts in pictures.items()} == left.pictures
    return changed


# A note of the move, letters that are not sent twice, the port of this machine.
TOUCHED = [
    "campaigns.UpdateLetter",
    "donations.Follower",
    "donations.Letter",
    "donations.StaffLetter",
    "tenancy.AuditEntry",
]


def test_a_site_moves_to_an_sqlite_file_by_the_commands(left: Left, tmp_path: Path) -> None:
    home = on_sqlite(tmp_path)
    told = home.run("import_site", str(left.with_secrets))
    assert f"  donations.Donation: {len(left.books[1])} / {len(left.books[1])}" in told
    assert "http://admin.new-home.example.org" in told
    assert "veloput@example.org" in told
    home.run("check_totals")
    home.run("export_site", HOST, "--to", str(tmp_path / "again.zip"))
    assert same_rows(left, tmp_path / "again.zip") == TOUCHED


@pytest.mark.postgres
def test_a_site_moves_from_postgresql_to_sqlite_and_back(
    left: Left, tmp_path: Path, on_postgres: Installation
) -> None:
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    sqlite_home = on_sqlite(tmp_path)
    sqlite_home.run("import_site", str(left.with_secrets))
    sqlite_home.run("export_site", HOST, "--to", str(first), "--with-secrets")
    on_postgres.run("migrate", "--verbosity=0")
    on_postgres.run("import_site", str(first))
    on_postgres.run("check_totals")
    on_postgres.run("export_site", HOST, "--to", str(again))
    assert same_rows(left, again) == TOUCHED
    # Numbers go on where they were: a new page takes none that is taken.
    on_postgres.run("shell", "-v0", "-c", NEW_ROWS)


NEW_ROWS = """
from home.models import HomePage, StandardPage
from tenancy.models import AuditEntry
home = HomePage.objects.first()
home.add_child(instance=StandardPage(title="Новая", slug="novaya")).save_revision().publish()
AuditEntry.objects.create(what="tried", site=None, by=None)
"""
