"""What the settings read while the suite runs: the same on every machine, whatever stands in .env.

A pytest plugin (see `addopts`) and not a conftest: Django's settings are read before any conftest.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY, ENOUGH = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a place of its own is made in it


def _fast_place() -> Path | None:
    """Memory that looks like a disk, where there is enough: SQLite waits for every write."""
    is_good = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if is_good and shutil.disk_usage(MEMORY).free > ENOUGH else None


# What one run makes, or one of its workers: never a developer's own data, never a neighbour's. (The
# cache holds the sites' root paths, and every worker has a database of its own.) Gone at the end.
PLACE = Path(tempfile.mkdtemp(prefix="sonko-tests-", dir=_fast_place()))
atexit.register(shutil.rmtree, PLACE, ignore_errors=True)

os.environ.update(
    SECRET_KEY="only-for-tests-" + "0123456789abcdef" * 4,
    FIELD_KEYS="b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZmc=",
    DEBUG="on",
    BASE_DOMAIN="localhost",
    ADMIN_HOST="admin.localhost",
    PORT="8000",
    NETWORK="on",
    TRUSTED_PROXIES="0",
    YOOKASSA_API_URL="https://api.yookassa.ru/v3",
    REQUIRE_2FA="off",
    REDIS_URL="",
    EMAIL_URL="memorymail://",
    MEDIA_ROOT=str(PLACE / "media"),
    LOG_LEVEL="WARNING",
)
# The engine is the one thing that is chosen: scripts/with-postgres says it.
os.environ.setdefault("DATABASE_URL", f"sqlite:///{PLACE / 'never-opened.sqlite3'}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    from django.conf import settings  # noqa: PLC0415 (settings read the lines above)

    # Argon2 is slow by design, and every person of a test has a password.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES["default"]["LOCATION"] = str(PLACE / "cache")
    settings.CACHES["drawn"]["LOCATION"] = str(PLACE / "drawn")
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(PLACE / "test.sqlite3")
