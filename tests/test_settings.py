"""The settings file and its example say the same, and an empty environment is safe."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"')
WRITTEN = re.compile(r"^([A-Z0-9_]+)=", re.MULTILINE)


def test_every_variable_stands_in_the_example_and_no_other() -> None:
    read = set(READ.findall((ROOT / "sonko_cms/settings.py").read_text()))
    written = set(WRITTEN.findall((ROOT / ".env.example").read_text()))
    assert read == written


def test_without_a_secret_key_nothing_starts() -> None:
    assert "SECRET_KEY" in start_error()


def test_a_short_secret_key_is_refused_outside_development() -> None:
    assert "at least 50" in start_error(SECRET_KEY="short", BASE_DOMAIN="so-nko.example")


def test_without_a_domain_nothing_starts_outside_development() -> None:
    assert "BASE_DOMAIN" in start_error(SECRET_KEY="s" * 60)


def test_without_a_mail_server_nothing_starts_outside_development() -> None:
    assert "EMAIL_URL" in start_error(SECRET_KEY="s" * 60, BASE_DOMAIN="so-nko.example")


def test_an_empty_line_means_the_default() -> None:
    code = (
        "import environ; environ.Env.read_env = staticmethod(lambda *a, **k: None);"
        "import sonko_cms.settings as s; print(s.ADMIN_HOST, s.DATABASES['default']['ENGINE'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "s" * 60,
            "BASE_DOMAIN": "so-nko.example",
            "ADMIN_HOST": "",
            "DATABASE_URL": "",
            "EMAIL_URL": "smtp://localhost:25",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["admin.so-nko.example", "django.db.backends.sqlite3"]


def start_error(**environment: str) -> str:
    """What importing the settings complains of with this environment only; no .env is read."""
    code = (
        "import environ; environ.Env.read_env = staticmethod(lambda *a, **k: None);"
        "import sonko_cms.settings"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr
