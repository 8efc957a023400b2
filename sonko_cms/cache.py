"""The cache beside SQLite."""

import logging
from contextlib import suppress
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

log = logging.getLogger(__name__)


class FileCache(FileBasedCache):
    """Django's, but a disk that is full breaks no page: what cannot be kept is made anew."""

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        try:
            super().set(key, value, timeout, version)
        except OSError as error:
            log.warning("the cache cannot be written: %s", error.strerror)
            with suppress(OSError):
                self.delete(key, version)  # the old value would be wrong by now
