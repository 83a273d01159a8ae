"""The histories of many folders at once: which commits touched each, and what they did there.

Invariants: one git process, whatever the number of folders and commits; memory follows the
changes, kept as the bytes git gave; its output is read strictly. A student's files go by their
folder, any other path by itself. Absent on purpose: judging, and commits beside the first parent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.core.history import Change, Commit, parse_commit
from papka.core.layout import place, student_folder
from papka.gates.git.objects import Objects
from papka.gates.git.reading import parse_raw_diff
from papka.gates.git.runner import open_git

_OPTIONS = (
    *("--first-parent", "--diff-merges=first-parent", "--raw", "-r", "-z", "--no-abbrev"),
    *("--no-renames", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-color"),
    *("--no-decorate", "--no-ext-diff", "--no-textconv", "--no-relative", "-O/dev/null"),
    "--ignore-submodules=none",
    "--format=//%H",
)
_HEADER = re.compile(rb"//([0-9a-f]{40})")
_STATUS = re.compile(rb":[0-7]{6} [0-7]{6} [0-9a-f]{40} [0-9a-f]{40} [A-Z]")
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Touched:
    """A commit and what it changed among the paths asked for."""

    commit: Commit
    changes: tuple[Change, ...]


class Histories:
    """All up to `tip` (a full id); with `paths` only what touched these files and folders."""

    def __init__(self, root: Path, tip: str, paths: Iterable[str] = ()) -> None:
        self._objects = Objects(root)
        self._commits: dict[str, Commit] = {}
        self._order: list[str] = []
        self._units: defaultdict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for commit, changes in _walk(root, tip, tuple(paths)):
            at = len(self._order)
            self._order.append(commit)
            for status, path in changes:
                unit = _unit(path.decode("utf-8", "surrogateescape"))
                self._units[unit].append((at, status, path))

    def of(self, units: Iterable[str]) -> tuple[Touched, ...]:
        """Commits that touched these personal folders or single files, the latest first."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for unit in units:
            for at, status, path in self._units.get(unit, ()):
                found[at] += (status, path)
        return tuple(
            Touched(self._commit(self._order[at]), tuple(parse_raw_diff(found[at])))
            for at in sorted(found)
        )

    def _commit(self, id_: str) -> Commit:
        if id_ not in self._commits:
            self._commits[id_] = parse_commit(id_, self._objects.read(id_)[1])
        return self._commits[id_]


def _unit(path: str) -> str:
    at = place(path)
    return student_folder(at.student) if at and at.student else path


def _walk(
    root: Path, tip: str, paths: tuple[str, ...]
) -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    asked = ("log", *_OPTIONS, "--end-of-options", tip, "--", *paths)
    with open_git(*asked, folder=root, config=("log.showRoot=true",)) as process:
        assert process.stdout is not None
        parts = _parts(process.stdout)
        commit, changes = "", list[tuple[bytes, bytes]]()
        for part in parts:
            header = _HEADER.fullmatch(part)
            if header:
                if commit:
                    yield commit, changes
                commit, changes = header[1].decode(), []
                continue
            status, path = part.removeprefix(b"\n"), next(parts, b"")
            if not commit or not path or _STATUS.fullmatch(status) is None:
                raise GitFailed("log", "ответ git не разобрать")
            changes.append((status, path))
        if commit:
            yield commit, changes
        if process.wait() != 0:
            raise GitFailed("log", "история не прочиталась до конца")


def _parts(output: IO[bytes]) -> Iterator[bytes]:
    """What zero bytes end; raises GitFailed when the last one is missing."""
    rest = b""
    while piece := output.read(_PIECE):
        *parts, rest = (rest + piece).split(b"\0")
        yield from parts
    if rest:
        raise GitFailed("log", "ответ git обрывается")
