"""What the settings read while the suite runs: the same on every machine, whatever stands in .env.

A pytest plugin (see `addopts`) and not a conftest: Django's settings are read before any conftest.
"""

import os
from pathlib import Path

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
    LOG_LEVEL="WARNING",
)
# The engine is the one thing that is chosen: scripts/with-postgres says it.
os.environ.setdefault("DATABASE_URL", "sqlite:///var/test.sqlite3")
# Where the settings keep what is made: the test databases too.
Path(__file__).resolve().parent.parent.joinpath("var").mkdir(exist_ok=True)
