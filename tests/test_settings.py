"""The settings file and its example say the same, and an empty environment is safe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"')
PRODUCTION = {
    "SECRET_KEY": "s" * 60,
    "BASE_DOMAIN": "so-nko.example",
    "FIELD_KEYS": "k",
    "EMAIL_URL": "smtp://localhost:25",
}
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


@pytest.mark.bad_input("encryption_key_missing")
def test_without_a_key_for_the_keys_of_shops_nothing_starts_outside_development() -> None:
    assert "FIELD_KEYS" in start_error(SECRET_KEY="s" * 60, BASE_DOMAIN="so-nko.example")


@pytest.mark.bad_input("cookie_toss_session", "cookie_toss_parent")
def test_cookies_of_the_admin_can_be_set_by_the_admins_host_only_outside_development() -> None:
    """The browser takes a `__Host-` cookie from no other host, whatever its Domain says."""
    shown = started(
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        "getattr(s, 'SESSION_COOKIE_DOMAIN', None), getattr(s, 'SESSION_COOKIE_PATH', '/'))",
        **PRODUCTION,
    )
    assert shown == ["__Host-sessionid", "__Host-csrftoken", "True", "None", "/"]


def test_without_a_mail_server_nothing_starts_outside_development() -> None:
    assert "EMAIL_URL" in start_error(**{**PRODUCTION, "EMAIL_URL": ""})


def test_an_empty_line_means_the_default() -> None:
    shown = started(
        "print(s.ADMIN_HOST, s.DATABASES['default']['ENGINE'])",
        **{**PRODUCTION, "ADMIN_HOST": "", "DATABASE_URL": ""},
    )
    assert shown == ["admin.so-nko.example", "django.db.backends.sqlite3"]


def started(look: str, **environment: str) -> list[str]:
    """What the settings are with this environment only; no .env is read."""
    code = (
        "import environ; environ.Env.read_env = staticmethod(lambda *a, **k: None);"
        f"import sonko_cms.settings as s; {look}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


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
