"""The database is away, or the disk is full."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from pytest_django.fixtures import Settings
from wagtail.models import Site

from donations import views
from sonko_cms.cache import FileCache
from sonko_cms.settings import REDIS_CACHE
from tenancy.roots import forget
from tests.conftest import SiteClient


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (OperationalError("away"), 503, "10"),
        (InterfaceError("connection already closed"), 503, "10"),
        (OperationalError("no such table: donations_fund"), 500, None),
        (IntegrityError("away"), 500, None),
    ],
)
def test_what_passes_by_itself_is_told_apart_from_what_is_broken(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, retry: Any
) -> None:
    def fail(*_args: Any) -> None:
        raise error

    monkeypatch.setattr(views, "is_same_origin", fail)
    client = SiteClient(site.hostname, raise_request_exception=False)
    answer = client.post("/donations/start/")
    assert (answer.status_code, answer.get("Retry-After")) == (status, retry)
    assert "деньги не потеряются" in answer.content.decode()


def test_value_that_cannot_be_kept_is_forgotten_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FileCache(str(tmp_path), {})
    cache.set("roots", "old")

    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.cache.backends.filebased.pickle.dumps", full)
    cache.set("roots", "new")
    assert cache.get("roots") is None


def test_pages_go_on_while_the_shared_cache_is_away(
    site: Site, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = "redis://127.0.0.1:1/0"
    settings.CACHES = settings.CACHES | {"default": REDIS_CACHE | {"LOCATION": nobody}}
    with caplog.at_level(logging.ERROR, "django_redis.cache"):
        forget()
        answer = SiteClient(site.hostname).get("/")
    assert answer.status_code == 200
    assert "Exception ignored" in caplog.text
