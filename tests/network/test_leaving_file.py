"""A file that is not what the old home wrote changes nothing at the new one."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from wagtail.models import Site

from accounts.models import User
from donations.models import Fund
from network.leaving import Refused, importing
from network.leaving.archive import MANIFEST, is_safe
from network.leaving.exporting import export_site
from tests.network.leaving import HOST, Left, arrive, everything, silent

FUNDS = "rows/donations.Fund.jsonl"
PEOPLE = "rows/accounts.User.jsonl"
ROWS = "rows/donations.Donation.jsonl"


class Forger:
    """Takes the file apart and puts it together again, with checksums that agree or without."""

    def __init__(self, source: Path, target: Path) -> None:
        self.target = target
        with zipfile.ZipFile(source) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.methods = {
            name: zipfile.ZIP_STORED if name.startswith("files/") else zipfile.ZIP_DEFLATED
            for name in self.parts
        }
        self.manifest = json.loads(self.parts.pop(MANIFEST))

    def picture(self) -> str:
        return next(name for name in self.parts if name.startswith("files/original_images/"))

    def agree(self, name: str) -> None:
        """Write down what is in the part now, as who forges well would do."""
        folder, _slash, rest = name.partition("/")
        table = self.manifest["tables"] if folder == "rows" else self.manifest["files"]
        key = rest.removesuffix(".jsonl") if folder == "rows" else rest
        text = self.parts[name]
        facts = table.setdefault(key, {})
        facts.update(bytes=len(text), sha256=hashlib.sha256(text).hexdigest())
        if folder == "rows":
            facts["rows"] = text.count(b"\n")

    def write(self) -> Path:
        with zipfile.ZipFile(self.target, "w") as archive:
            for name, text in self.parts.items():
                method = self.methods.get(name, zipfile.ZIP_DEFLATED)
                archive.writestr(name, text, compress_type=method)
            archive.writestr(MANIFEST, json.dumps(self.manifest))
        return self.target


def _changed_letter(forger: Forger) -> None:
    forger.parts[ROWS] = forger.parts[ROWS].replace(b"anna@", b"evil@")


def _other_sum(forger: Forger) -> None:
    forger.parts[FUNDS] = forger.parts[FUNDS].replace(b'"raised":"', b'"raised":"9')
    forger.agree(FUNDS)


def _other_sum_everywhere(forger: Forger) -> None:
    """The list agrees as well; the donations do not."""
    _other_sum(forger)
    for fund in forger.manifest["funds"]:
        fund["raised"] = f"9{fund['raised']}"


def _lost_gift(forger: Forger) -> None:
    """Nothing may point at what is not there."""
    forger.parts[ROWS] = b"".join(forger.parts[ROWS].splitlines(keepends=True)[1:])
    forger.agree(ROWS)


def _same_gift_twice(forger: Forger) -> None:
    first = forger.parts[ROWS].splitlines(keepends=True)[0]
    forger.parts[ROWS] += first
    forger.agree(ROWS)


def _half_a_row(forger: Forger) -> None:
    forger.parts[ROWS] = forger.parts[ROWS][:-30]
    forger.agree(ROWS)


def _row_of_no_shape(forger: Forger) -> None:
    forger.parts[ROWS] += b"[1, 2]\n"
    forger.agree(ROWS)


def _unknown_column(forger: Forger) -> None:
    forger.parts[ROWS] = forger.parts[ROWS].replace(b'{"id"', b'{"extra":1,"id"', 1)
    forger.agree(ROWS)


def _nonsense_in_a_column(forger: Forger) -> None:
    forger.parts[ROWS] = forger.parts[ROWS].replace(b'"amount":"', b'"amount":"x', 1)
    forger.agree(ROWS)


def _no_list(forger: Forger) -> None:
    forger.manifest = []


def _list_without_funds(forger: Forger) -> None:
    del forger.manifest["funds"]


def _unknown_table(forger: Forger) -> None:
    forger.parts["rows/evil.Table.jsonl"] = b"{}\n"
    forger.agree("rows/evil.Table.jsonl")


def _one_file_more(forger: Forger) -> None:
    forger.parts["files/evil.html"] = b"<script>"


def _climbing_file(forger: Forger) -> None:
    forger.parts["files/../../evil.txt"] = b"x"
    forger.methods["files/../../evil.txt"] = zipfile.ZIP_STORED
    forger.agree("files/../../evil.txt")


def _rooted_file(forger: Forger) -> None:
    forger.parts["files//etc/evil.txt"] = b"x"
    forger.methods["files//etc/evil.txt"] = zipfile.ZIP_STORED
    forger.agree("files//etc/evil.txt")


def _bomb_of_a_file(forger: Forger) -> None:
    name = forger.picture()
    forger.parts[name] = bytes(20_000_000)
    forger.methods[name] = zipfile.ZIP_DEFLATED
    forger.agree(name)


def _bomb_of_rows(forger: Forger) -> None:
    forger.parts[ROWS] += b" " * 30_000_000 + b"\n"
    forger.agree(ROWS)


def _other_picture(forger: Forger) -> None:
    forger.parts[forger.picture()] = b"GIF89a"


def _newer_format(forger: Forger) -> None:
    forger.manifest["format"] = 2


def _newer_version(forger: Forger) -> None:
    forger.manifest["migrations"]["donations"] = "9999_from_the_future"


def _older_version(forger: Forger) -> None:
    forger.manifest["migrations"]["donations"] = "0001_books"


FORGERIES: dict[Callable[[Forger], None], str] = {
    _changed_letter: "broken",
    _other_sum: "broken",
    _other_sum_everywhere: "broken",
    _lost_gift: "broken",
    _same_gift_twice: "broken",
    _half_a_row: "broken",
    _row_of_no_shape: "broken",
    _unknown_column: "broken",
    _nonsense_in_a_column: "broken",
    _no_list: "broken",
    _list_without_funds: "broken",
    _unknown_table: "broken",
    _one_file_more: "broken",
    _climbing_file: "broken",
    _rooted_file: "broken",
    _bomb_of_a_file: "broken",
    _bomb_of_rows: "broken",
    _other_picture: "broken",
    _newer_format: "newer version",
    _newer_version: "newer version",
    _older_version: "older version",
}


@pytest.fixture
def nothing_changes(home: Path) -> Any:
    before = everything()
    yield
    assert everything() == before
    assert not home.exists() or not [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__.strip("_"))
def test_a_changed_file_is_refused(
    left: Left, tmp_path: Path, forge: Callable[[Forger], None], english: None
) -> None:
    forger = Forger(left.file, tmp_path / "forged.zip")
    forge(forger)
    with pytest.raises(Refused, match=FORGERIES[forge]):
        arrive(forger.write())


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("share", [0, 1, 50, 99])
def test_a_cut_file_is_refused(left: Left, tmp_path: Path, share: int, english: None) -> None:
    whole = left.file.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) * share // 100])
    with pytest.raises(Refused, match="broken"):
        arrive(tmp_path / "cut.zip")


@pytest.mark.usefixtures("nothing_changes")
def test_any_byte_turned_over_is_noticed(left: Left, tmp_path: Path) -> None:
    whole = bytearray(left.file.read_bytes())
    with zipfile.ZipFile(left.file) as archive:
        parts = [part for part in archive.infolist() if part.file_size]
    for part in parts[:: len(parts) // 12]:
        # Behind the local header: a time that stands there is read by nobody.
        lengths = whole[part.header_offset + 26 : part.header_offset + 30]
        name, extra = (int.from_bytes(lengths[at : at + 2], "little") for at in (0, 2))
        place = part.header_offset + 30 + name + extra + part.compress_size // 2
        forged = whole.copy()
        forged[place] ^= 0xFF
        (tmp_path / "turned.zip").write_bytes(forged)
        with pytest.raises(Refused):
            arrive(tmp_path / "turned.zip")


@pytest.mark.usefixtures("nothing_changes")
def test_a_network_takes_no_site_in(left: Left, settings: Settings) -> None:
    settings.NETWORK = True
    with pytest.raises(Refused, match="NETWORK=off"):
        arrive(left.file)


def test_an_installation_with_somebody_in_it_is_left_alone(left: Left, home: Path) -> None:
    User.objects.create(email="first@example.org")
    with pytest.raises(Refused, match=r"1 × accounts.User"):
        arrive(left.file)
    assert User.objects.get().email == "first@example.org"
    assert not Fund.objects.exists()


def test_a_second_site_is_not_taken_in(left: Left, home: Path) -> None:
    arrive(left.file)
    before = everything()
    with pytest.raises(Refused):
        arrive(left.file)
    assert everything() == before


def test_files_that_are_there_already_are_not_overwritten(left: Left, home: Path) -> None:
    name = sorted(left.pictures)[-1]
    (home / name).parent.mkdir(parents=True)
    (home / name).write_bytes(b"somebody else's")
    with pytest.raises(Refused, match="MEDIA_ROOT"):
        arrive(left.file)
    assert [path for path in home.rglob("*") if path.is_file()] == [home / name]
    assert not Fund.objects.exists()


def test_what_a_killed_import_left_behind_does_not_stand_in_the_way(left: Left, home: Path) -> None:
    with zipfile.ZipFile(left.file) as archive:
        for name in left.pictures:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(archive.read(f"files/{name}"))
    assert arrive(left.file).site.hostname == HOST


def test_what_fails_after_the_site_is_here_is_not_blamed_on_the_file(
    left: Left, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_search(*args: Any, **kwargs: Any) -> None:
        raise KeyError("search")

    monkeypatch.setattr(importing, "call_command", no_search)
    with pytest.raises(KeyError):
        arrive(left.file)
    assert Site.objects.get().hostname == HOST


def test_an_export_that_fails_leaves_no_file(left: Left, home: Path, tmp_path: Path) -> None:
    arrived = arrive(left.file)
    Fund.objects.filter(count__gt=0).update(raised=1)
    with pytest.raises(Refused, match="check_totals"):
        export_site(site=arrived.site, to=tmp_path / "wrong.zip", passphrase=None, tell=silent)
    assert [path.name for path in tmp_path.iterdir() if "wrong" in path.name] == []


def test_an_export_overwrites_nothing(left: Left, home: Path, tmp_path: Path) -> None:
    arrived = arrive(left.file)
    (tmp_path / "there.zip").write_text("a letter")
    with pytest.raises(Refused):
        export_site(site=arrived.site, to=tmp_path / "there.zip", passphrase=None, tell=silent)
    assert (tmp_path / "there.zip").read_text() == "a letter"


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\b", "", ".", "a/..", "a\0b"]
)
def test_a_name_that_leads_elsewhere_is_not_safe(name: str) -> None:
    assert not is_safe(name)


def test_a_plain_name_is_safe() -> None:
    assert is_safe("original_images/дом..старый.jpg")
