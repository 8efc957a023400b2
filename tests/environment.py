"""What the settings read while the suite runs: the same on every machine, whatever stands in .env.

A pytest plugin (see `addopts`) and not a conftest: Django's settings are read before any conftest.
"""

import os

os.environ.update(
    SECRET_KEY="only-for-tests-" + "0123456789abcdef" * 4,
    FIELD_KEYS="b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZmc=",
    DEBUG="on",
    BASE_DOMAIN="localhost",
    ADMIN_HOST="admin.localhost",
    NETWORK="on",
    REQUIRE_2FA="off",
    REDIS_URL="",
    EMAIL_URL="memorymail://",
    LOG_LEVEL="WARNING",
)
# The engine is the one thing that is chosen: scripts/with-postgres says it.
os.environ.setdefault("DATABASE_URL", "sqlite:///var/test.sqlite3")
