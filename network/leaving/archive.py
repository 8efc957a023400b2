"""The file a site leaves in: a zip of

    rows/<table>.jsonl    a row a line
    files/<name>          pictures and documents, not packed any tighter
    manifest.json         what the rest must be, to the byte; written last

Reading trusts nothing: every name, size and checksum is that of the manifest, or nothing is read.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

from network.leaving import Refused
from network.leaving.rows import Row, write

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 50 * 1024 * 1024
LARGEST_ROW = 32 * 1024 * 1024
# Rows shrink ten to thirty times. What claims more than this was made to fill a disk.
TIGHTEST = 200
CHUNK = 1024 * 1024
ONE_DAY = (2000, 1, 1, 0, 0, 0)


class Writer:
    """Puts tables and files into a zip and remembers their sums."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self.tables: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}

    def add_table(self, label: str, rows: Iterable[Row]) -> None:
        number = 0

        def lines() -> Iterator[bytes]:
            nonlocal number
            for row in rows:
                number += 1
                yield write(row)

        facts = self._add(f"rows/{label}.jsonl", lines(), zipfile.ZIP_DEFLATED)
        self.tables[label] = {"rows": number, **facts}

    def add_file(self, name: str, source: IO[bytes]) -> None:
        chunks = iter(lambda: source.read(CHUNK), b"")
        self.files[name] = self._add(f"files/{name}", chunks, zipfile.ZIP_STORED)

    def finish(self, manifest: dict[str, Any]) -> None:
        whole = {"format": FORMAT, **manifest, "tables": self.tables, "files": self.files}
        text = json.dumps(whole, ensure_ascii=False, indent=1)
        self._add(MANIFEST, [text.encode()], zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        self._zip.close()

    def _add(self, name: str, chunks: Iterable[bytes], method: int) -> dict[str, Any]:
        entry = zipfile.ZipInfo(name, ONE_DAY)
        entry.compress_type = method
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        return {"bytes": size, "sha256": digest.hexdigest()}


class Reader:
    """A file that was checked from end to end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = _manifest(archive)
        self.tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        self.files: dict[str, dict[str, Any]] = self.manifest["files"]
        self._check_names()
        for name, facts in self._expected().items():
            self._check(name, facts)

    @property
    def size(self) -> int:
        """Bytes that all of it takes when unpacked."""
        return sum(facts["bytes"] for facts in self._expected().values())

    def rows(self, label: str) -> Iterator[Row]:
        with self._zip.open(f"rows/{label}.jsonl") as source:
            while line := source.readline(LARGEST_ROW + 1):
                if len(line) > LARGEST_ROW:
                    raise broken()
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise broken()
                yield row

    def open_file(self, name: str) -> IO[bytes]:
        return self._zip.open(f"files/{name}")

    def _expected(self) -> dict[str, dict[str, Any]]:
        return {
            **{f"rows/{label}.jsonl": facts for label, facts in self.tables.items()},
            **{f"files/{name}": facts for name, facts in self.files.items()},
        }

    def _check_names(self) -> None:
        names = [entry.filename for entry in self._zip.infolist()]
        if sorted(names) != sorted([MANIFEST, *self._expected()]):
            raise broken()
        if not all(is_safe(name) for name in self.files):
            raise broken()

    def _check(self, name: str, facts: dict[str, Any]) -> None:
        entry = self._zip.getinfo(name)
        stored = entry.compress_type == zipfile.ZIP_STORED
        tight = entry.file_size > TIGHTEST * max(entry.compress_size, 1024)
        packed_file = name.startswith("files/") and not stored
        if entry.file_size != facts["bytes"] or tight or packed_file or entry.flag_bits & 1:
            raise broken()
        digest = hashlib.sha256()
        with self._zip.open(entry) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != facts["sha256"]:
            raise broken()


def is_safe(name: str) -> bool:
    """A plain relative name: it cannot leave the folder it is put into."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not any(
        (name.startswith("/"), "\\" in name, "\0" in name, ":" in name, ".." in parts)
    )


def broken() -> Refused:
    return Refused(
        _("The file is broken, cut off or was changed on its way. Ask for it once more.")
    )


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Raises Refused for what was not written by `Writer` of a version we can read."""
    try:
        entry = archive.getinfo(MANIFEST)
    except KeyError:
        raise Refused(_("This is not a site's file: it has no list of what is inside.")) from None
    if entry.file_size > LARGEST_MANIFEST:
        raise broken()
    found = json.loads(archive.read(entry))
    if not isinstance(found, dict) or not isinstance(found.get("format"), int):
        raise broken()
    if found["format"] > FORMAT:
        raise newer()
    for key in ("tables", "files", "migrations", "funds", "numbering"):
        found[key]
    return found


def newer() -> Refused:
    return Refused(
        _("The file was made by a newer version of the program. Install that version first.")
    )


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open and check the file. Whatever is wrong with it is told as Refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Reader(archive)
    except FileNotFoundError:
        raise Refused(_("There is no such file: %(path)s") % {"path": path}) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise broken() from error
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise broken() from error
    except (KeyError, TypeError, AttributeError) as error:
        raise broken() from error


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A file that is there whole or not at all, for its owner's eyes only: it names donors."""
    if path.exists():
        raise Refused(_("%(path)s is there already. Choose another name.") % {"path": path})
    if not path.parent.is_dir():
        raise Refused(_("There is no such folder: %(path)s") % {"path": path.parent})
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            with closing(Writer(target)) as writer:
                yield writer
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """SHA-256 of the whole file, to be compared by two people over the telephone."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
