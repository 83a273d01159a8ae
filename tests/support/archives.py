"""Archives of the tests, as dictionaries."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from papka.core.snapshot import DictSnapshot
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet

PROJECT = Path(__file__).resolve().parents[2]
BAD = PROJECT / "tests" / "archives" / "bad"


def files_below(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Every file below a folder: path -> bytes."""
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def _schemas() -> dict[str, bytes]:
    return files_below(PROJECT / "schema", "schema/")


@cache
def _good() -> dict[str, bytes]:
    return files_below(PROJECT / "tests" / "archives" / "good")


def good() -> dict[str, bytes]:
    """The smallest archive with one of everything, without a finding."""
    return _good() | _schemas()


def sample() -> dict[str, bytes]:
    """The sample school."""
    return files_below(PROJECT / "records", "records/") | _schemas()


def lay_sample(folder: Path) -> Path:
    """The sample school as a folder, without a history."""
    for name in ("records", "schema"):
        shutil.copytree(PROJECT / name, folder / name)
    return folder


def restricted() -> dict[str, bytes]:
    """The twin of the sample school for diagnostics and special needs."""
    return files_below(PROJECT / "tests" / "archives" / "restricted") | _schemas()


def destroyed() -> dict[str, bytes]:
    """The good archive years later, after an act of destruction."""
    return good() | files_below(PROJECT / "tests" / "archives" / "destroyed")


def snapshot(files: dict[str, bytes]) -> DictSnapshot:
    return DictSnapshot(files)


def loaded(
    files: dict[str, bytes],
    wanted: Callable[[str], bool] | None = None,
    day: dt.date | None = None,
) -> Archive:
    """The archive of these files, or what `wanted` lets through, as saved on a day."""
    return load(snapshot(files), SchemaSet.load(snapshot(files)), wanted=wanted, day=day)
