"""Addresses of mirrors: which are accepted, where they lead, when two of them are one place.

Invariants: no password in an address, nothing in it that a program could take for an option; a
folder is kept by its full path, so it means the same wherever papka is started.
Absent on purpose: any protocol but ssh and https, which nobody checks who listens to.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from papka.core.errors import Refused

_HOST = r"(?:[A-Za-z0-9][\w.-]*@)?[A-Za-z0-9][\w.-]+"
_ELSEWHERE = re.compile(rf"(?:ssh|https)://{_HOST}(?::\d+)?/\S+|{_HOST}:(?!//|[:\\-])\S+", re.ASCII)
_PARTS = re.compile(
    r"(?:(?P<scheme>ssh|https)://)?(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:]+)"
    r"(?::(?P<port>\d+)(?=/))?[:/](?P<path>.*)",
    re.DOTALL,
)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_KINDS = "Годятся папка, ssh://… и https://…"
_USUAL_PORTS = ("22", "443")


def is_elsewhere(address: str) -> bool:
    """Whether it leads to another computer, over ssh or https."""
    return address.isprintable() and _ELSEWHERE.fullmatch(address) is not None


def accept(address: str, base: Path | None) -> str:
    """The address as it is to be written down; a folder becomes a full path, links resolved.

    `base`: the folder a relative path starts from; None: only full paths. Raises Refused.
    """
    if not address.isprintable() or not address.strip():
        raise Refused("Адрес зеркала не годится: в нём невидимые знаки", _KINDS)
    if is_elsewhere(address):
        return address
    written = address.removeprefix("file://")
    if _is_no_path(written):
        raise Refused(f"Адрес зеркала не годится: {address}", _KINDS)
    if base is None and not Path(written).is_absolute():
        raise Refused(f"Адрес зеркала не годится: {address}", "Укажите полный путь к папке")
    try:
        return str(((base or Path()) / written).resolve())
    except (OSError, RuntimeError) as error:
        raise Refused(f"Папка зеркала не открывается: {address}", _KINDS) from error


def folder_of(root: Path, address: str) -> Path:
    """Where a written address that is not elsewhere leads; `root` is the archive's folder."""
    return root / address.removeprefix("file://")


def is_one_place(one: str, other: str) -> bool:
    """Whether two written addresses are the same store, however they are spelled."""
    if is_elsewhere(one) or is_elsewhere(other):
        return is_elsewhere(one) and is_elsewhere(other) and _key(one) == _key(other)
    return _is_same(Path(one), Path(other))


def overlaps(place: Path, others: Iterable[Path]) -> bool:
    """Whether a folder is one of the others, lies inside one, or holds one."""
    return any(
        any(_is_same(place, above) for above in (other, *other.parents))
        or any(_is_same(other, above) for above in place.parents)
        for other in (each.resolve() for each in others)
    )


def _is_no_path(written: str) -> bool:
    """What git or the system would not take for a folder: an option, a protocol, a host."""
    drive = _DRIVE.match(written) is not None
    if sys.platform == "win32":
        foreign = ":" in written and not drive
    else:
        foreign = "\\" in written or drive or ":" in written.partition("/")[0]
    return foreign or written.startswith("-") or "://" in written or "::" in written


def _key(address: str) -> tuple[str, ...]:
    """Equal for the spellings of one store on a server: by ssh or https, with `.git` or without."""
    match = _PARTS.fullmatch(address)
    if match is None:
        return (address,)
    user, port, path = match["user"] or "", match["port"] or "", match["path"]
    return (
        "" if user == "git" else user,
        match["host"].casefold(),
        "" if port in _USUAL_PORTS else port,
        re.sub(r"/+", "/", path).strip("/").removesuffix(".git").rstrip("/"),
    )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(one) == os.path.normcase(other)
