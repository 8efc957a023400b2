"""A table of a demo's file, read strictly: a key too many is a slip too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"

Table = Mapping[str, Any]
Kind = TypeVar("Kind")


class DemoDataError(ValueError):
    """A file of the demo lacks something or says something unknown."""


def check_keys(table: Table, where: str, required: str, optional: str = "") -> None:
    missing = set(required.split()) - set(table)
    unknown = set(table) - set(required.split()) - set(optional.split())
    if missing or unknown:
        raise DemoDataError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def read_plain(kind: type[Kind], table: Table, where: str) -> Kind:
    optional = {name for name in kind.__annotations__ if hasattr(kind, name)}  # with a default
    required = [name for name in kind.__annotations__ if name not in optional]
    check_keys(table, where, " ".join(required), " ".join(optional))
    return kind(**table)
