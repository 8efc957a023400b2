"""Stand-alone installations, each with settings, a database and files of its own."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests import migrated
from tests.network.leaving import PASSPHRASE

OTHER_KEYS = "YW5vdGhlci1pbnN0YWxsYXRpb24tMDEyMzQ1Njc4OTA="


class Installation:
    """A stand-alone installation of its own: settings, database, files."""

    def __init__(self, url: str, place: Path) -> None:
        place.mkdir()
        self.environment = {
            **os.environ,
            "NETWORK": "off",
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(place / "media"),
            "FIELD_KEYS": OTHER_KEYS,
            "ADMIN_HOST": "admin.new-home.example.org",
            "SITE_FILE_PASSPHRASE": PASSPHRASE,
        }

    def run(self, *arguments: str) -> str:
        """What the command says when all is well."""
        done = self._manage(arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *arguments: str) -> str:
        """What the command complains of."""
        done = self._manage(arguments)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def _manage(self, arguments: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def on_sqlite(place: Path) -> Installation:
    """Its content types have other numbers than ours, as after years of upgrades."""
    file = place / "home.sqlite3"
    home = Installation(f"sqlite:///{file}", place / "sqlite")
    if migrated.copy("sqlite3").exists():
        shutil.copyfile(migrated.copy("sqlite3"), file)
    home.run("migrate", "--verbosity=0")
    base = sqlite3.connect(file)
    for table, column in (
        ("django_content_type", "id"),
        ("auth_permission", "content_type_id"),
        ("wagtailcore_page", "content_type_id"),
        ("wagtailcore_task", "content_type_id"),
    ):
        base.execute(f"UPDATE {table} SET {column} = {column} + 1000")  # noqa: S608
    base.commit()
    base.close()
    return home
