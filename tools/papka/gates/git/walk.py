"""Walks a history by the parents written in each commit's own bytes.

Invariants: git's list of commits is only a hint what to fetch in bulk (a commit-graph may lie);
parents come before children; what cannot be read is told, and the walk goes on elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.errors import GitFailed
from papka.core.history import Commit, Malformed, parse_commit
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects


@dataclass(frozen=True, slots=True)
class Walked:
    """`commits`, parents first; `unreadable` as (id, why)."""

    commits: tuple[Commit, ...]
    unreadable: tuple[tuple[str, str], ...]


def walk(room: CleanRoom, tip: str) -> Walked:
    """Everything that `tip` descends from, and itself."""
    source = _Source(room, tip)
    ordered: list[Commit] = []
    unreadable: list[tuple[str, str]] = []
    done: set[str] = set()
    stack: list[str | Commit] = [tip]
    while stack:
        at = stack.pop()
        if isinstance(at, Commit):
            ordered.append(at)
        elif at not in done:
            done.add(at)
            try:
                commit = source.commit(at)
            except (KeyError, GitFailed):
                unreadable.append((at, "её нет в хранилище или она повреждена"))
            except Malformed as error:
                unreadable.append((at, str(error)))
            else:
                stack += [commit, *reversed(commit.parents)]
    return Walked(tuple(ordered), tuple(unreadable))


class _Source:
    """Commits by id: those hinted at in bulk, the rest one by one."""

    def __init__(self, room: CleanRoom, tip: str) -> None:
        self._one = Objects(room.folder)
        self._bulk: dict[str, tuple[str, bytes]] = {}
        hinted = room.likely_commits([tip])
        try:
            for id_, found in zip(hinted, self._one.find_many(hinted), strict=False):
                if found is not None:
                    self._bulk[id_] = found
        except GitFailed:
            return  # damaged somewhere: the rest is asked for one by one

    def commit(self, id_: str) -> Commit:
        kind, raw = self._bulk.pop(id_) if id_ in self._bulk else self._one.read(id_)
        if kind != "commit":
            raise Malformed(f"это {kind}, а не запись")
        return parse_commit(id_, raw)
