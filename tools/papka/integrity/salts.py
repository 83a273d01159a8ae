"""Salts: each unit that has a folder, and each register entry, has its own from its first commit.

A tree or a digest that outlives a destroyed unit must confirm no guess (R-6.4). Invariants: of one
unit one finding. Absent on purpose: that a salt stays as it is, which is a rule of steps, and
orders, which have no salt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from papka.core.codes import units as codes
from papka.core.findings import Finding, Location
from papka.core.layout import SALT_BYTES, place, unit
from papka.core.store import TrackedFile
from papka.integrity.chronicle import Step

_NAME = ".salt"


@lru_cache(maxsize=1 << 18)
def salt_of(path: str) -> str | None:
    """The salt file due to the unit that a path lies in; None when no such unit keeps one."""
    folder = unit(path)
    if folder is None or not path.startswith(f"{folder}/"):
        return None  # an order and a register entry are files beside each other
    return f"{folder}/{_NAME}"


def salted_units(files: Iterable[str]) -> dict[str, str]:
    """Salt file due -> a file of that unit."""
    found: dict[str, str] = {}
    known = ""
    for path in files:
        if known and path.startswith(known):
            continue  # beside one that is counted: paths come folder by folder
        salt = salt_of(path)
        if salt is not None:
            found.setdefault(salt, path)
            known = salt.removesuffix(_NAME)
    return found


def judge_salts(
    files: Mapping[str, TrackedFile], steps: Iterable[Step], salts: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """`salts`: path of a salt file or of a register entry -> its salt; None where none is found."""
    late = _without_at_first(steps)
    for salt, path in salted_units(files).items():
        if salt in late:
            detail = "первая запись с этой папкой сделана без неё"
            yield codes.SALT_MISSING.at(Location(path, commit=late[salt]), detail=detail)
        elif salt not in files:
            yield codes.SALT_MISSING.at(Location(path), detail="нет файла .salt")
    owners: dict[bytes, str] = {}
    for path in sorted(salts):
        value = salts[path]
        if value is None or len(value) != SALT_BYTES:
            yield codes.SALT_MISSING.at(Location(path), detail="в ней не 32 байта")
            continue
        other = owners.setdefault(value, path)
        if other != path:
            yield codes.SALT_REUSED.at(Location(path), other=other)


def is_register(path: str) -> bool:
    found = place(path)
    return found is not None and found.kind == "register"


def _without_at_first(steps: Iterable[Step]) -> dict[str, str]:
    """Salt file added later than its unit -> the commit that made the unit.

    A unit removed whole and made anew is another unit; one whose salt was there before these steps
    is not theirs to judge.
    """
    left: dict[str, set[str]] = {}
    without: dict[str, str] = {}
    late: dict[str, str] = {}
    for step in steps:
        added = {change.path for change in step.changes if change.added}
        for change in step.changes:
            salt = salt_of(change.path)
            if salt is None:
                continue
            files = left.setdefault(salt, set())
            if change.added and not files:
                late.pop(salt, None)
                without.pop(salt, None)
                if salt not in added:
                    without[salt] = step.commit.id
            if change.path == salt and change.added and salt in without:
                late[salt] = without.pop(salt)
            if change.deleted:
                files.discard(change.path)
            else:
                files.add(change.path)
    return late
