"""The same command again: what was asked for stands already, when a kill took only the answer.

Invariants: before anything is written a note says what will be, and it goes when the answer was
given; a note counts only while every file is, byte for byte, what it says, so a wrong one repeats
nothing. Asked again after its answer, it is asked for a second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.history import object_id
from papka.core.seals import TRUST
from papka.core.store import MAIN
from papka.gates import begun, drafts
from papka.gates.folders import read_present
from papka.gates.git import reading
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.tracing import newest_change


@dataclass(frozen=True, slots=True)
class Noted:
    """`names`: addresses of what was to be written; `files`: path -> id of its bytes."""

    names: tuple[str, ...]
    files: Mapping[str, str]


def note(root: Path, request: bytes, names: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Before the work; `request` is equal each time the same is asked for."""
    ids = {path: object_id("blob", data) for path, data in files.items()}
    begun.keep(root, request, json.dumps([list(names), ids]).encode())


def noted(root: Path, request: bytes) -> Noted | None:
    """What the same request, whose answer was not given, was about to write."""
    found = begun.find(root, request)
    try:
        names, files = json.loads(found) if found else ((), {})
        known = Noted(tuple(map(str, names)), {str(k): str(v) for k, v in files.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return known if known.files else None


def answered(root: Path, request: bytes) -> None:
    """The answer was given: asked once more, it is asked for a second time."""
    if request:
        begun.drop(root, request)


def saved_in(root: Path, known: Noted) -> str | None:
    """The commit that saved it, while the last one still has it so."""
    tree = CommitTree(root, MAIN)
    if any(tree.id_of(path) != id_ for path, id_ in known.files.items()):
        return None
    return newest_change(root, known.files, tree.commit) or tree.commit


def lying(root: Path, known: Noted) -> dict[str, bytes] | None:
    """The bytes in the folder, while they are what was to be written."""
    found = read_present(root, list(known.files))
    ids = {path: object_id("blob", data) for path, data in found.items()}
    return found if ids == known.files else None


def draft_of(root: Path, known: Noted) -> str | None:
    """The draft it was kept as, waiting for its number."""
    for draft in drafts.kept(root):
        if {path: object_id("blob", data) for path, data in draft.files.items()} == known.files:
            return draft.name
    return None


def note_trust(root: Path, request: bytes, told: str, marks: Sequence[str]) -> None:
    """Before one commit that adds lines of trust: each of `marks` will stand in one of them;
    `told` is what will be said of it."""
    begun.keep(root, request, json.dumps([reading.head(root), told, list(marks)]).encode())


def trust_noted(root: Path, request: bytes) -> tuple[str, str] | None:
    """The last commit, when it is the one noted, and what is said of it."""
    found, head = begun.find(root, request), reading.head(root)
    try:
        before, told, marks = json.loads(found) if found else ("", "", ())
        marks = [str(mark) for mark in marks]
    except (ValueError, TypeError, RecursionError):
        return None
    if head is None or not marks or reading.read_commit(root, head).parents != (before,):
        return None
    new = _lines_of_trust(root, head) - _lines_of_trust(root, before)
    stands = all(any(mark in line for line in new) for mark in marks)
    return (head, str(told)) if stands else None


def _lines_of_trust(root: Path, commit: str) -> set[str]:
    tree = CommitTree(root, commit)
    files = tree.read_many(tree.below(TRUST))
    return {line for _, data in files for line in data.decode("utf-8", "replace").splitlines()}
