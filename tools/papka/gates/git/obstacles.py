"""Finds what git would wait at for ever in a store of ours: a pipe or a device in place of a file.

Invariants: names and kinds are looked at, nothing is opened; little files before every git, the
loose objects once in a command. Absent on purpose: judging a suspect store (`store.observe`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from papka.core.errors import PapkaError
from papka.gates.plain_file import SMALL, NotPlain, blocks, read_plain

_FLAT = ("", "info", "objects/info", "objects/pack")
_DEEP = ("refs", "logs")
_IN_THE_TREE = (".gitattributes", ".gitignore", ".gitmodules", ".mailmap")
_INCLUDED = re.compile(rb'(?im)^[ \t]*path[ \t]*=[ \t]*"?([^"\0\r\n]+?)"?[ \t]*$')
"""A file that the settings include is read by every git."""
_looked: set[str] = set()


class StoreBlocked(PapkaError):
    """Reading the store would never end."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: здесь канал или устройство вместо файла, git ждал бы его без конца",
            "Его подложили или диск повреждён: уберите его и проверьте архив: papka verify",
        )


def refuse_obstacles(folder: Path, variables: Mapping[str, str]) -> None:
    """Raises StoreBlocked when a git that is started in this folder could hang."""
    store = _store(folder, variables)
    if store is None:
        return
    found = next(_obstacles(store), None) or _in_the_tree(folder)
    if found is not None:
        raise StoreBlocked(found)


def refuse_obstacles_among_files(folder: Path) -> None:
    """Raises StoreBlocked for a pipe among the files of a work tree, whatever folder it lies in.

    For a git that is long silent: to walk through all of them before every git would cost more.
    """
    for path, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            if blocks(f"{path}/{name}"):
                raise StoreBlocked(f"{path}/{name}")


def obstacle(store: Path) -> str:
    """The first file of a store that is none, loose objects left out; empty when there is none."""
    return next(_small(store), "")


def _store(folder: Path, variables: Mapping[str, str]) -> str | None:
    named = variables.get("GIT_DIR")
    if named is not None:
        return None if named == os.devnull else os.path.join(folder, named)  # noqa: PTH118 - before every git
    dot = f"{folder}/.git"
    if os.path.isdir(dot):  # noqa: PTH112 - as above
        return dot
    return None if os.path.lexists(dot) else str(folder)


def _obstacles(store: str) -> Iterator[str]:
    yield from _small(store)
    if store not in _looked:
        _looked.add(store)
        for fan in _listed(f"{store}/objects"):
            if len(fan.name) == 2:
                yield from _blocking(fan.path)


def _small(store: str | Path) -> Iterator[str]:
    for name in _FLAT:
        yield from _blocking(f"{store}/{name}" if name else str(store))
    for name in _DEEP:
        yield from _below(f"{store}/{name}")
    for written in _INCLUDED.findall(_settings(store)):
        path = os.path.join(store, os.path.expanduser(os.fsdecode(written)))  # noqa: PTH111, PTH118 - any bytes
        if blocks(path):
            yield path


def _settings(store: str | Path) -> bytes:
    try:
        return read_plain(Path(store) / "config", most=SMALL, follow=True)
    except (OSError, NotPlain):
        return b""


def _below(folder: str) -> Iterator[str]:
    yield from _blocking(folder)
    for entry in _listed(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)


def _blocking(folder: str) -> Iterator[str]:
    for entry in _listed(folder):
        if not (entry.is_file() or entry.is_dir()) and blocks(entry.path):
            yield entry.path


def _in_the_tree(folder: Path) -> str | None:
    return next((f"{folder}/{name}" for name in _IN_THE_TREE if blocks(f"{folder}/{name}")), None)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    """The entries of a folder; none where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
