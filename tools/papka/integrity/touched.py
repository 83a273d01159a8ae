"""What must be read to judge one commit's step, told from the names of what it changed.

Invariants: only what the commit changed or took away is asked for, and the few files that say
whether it might; what is new is asked for only where something new may be forbidden; a link or a
submodule stands in a file's place with nothing in it. Absent on purpose: reading, judging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from papka.core.history import Change
from papka.core.layout import (
    ACTS,
    CARDS,
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    SCHEMA_OF,
    Place,
    import_file,
    place,
    record_file,
    record_folder,
    student_folder,
)
from papka.model.imported import LIST

_PLAIN = "100"
_APPROVALS = record_folder("approval") + "/"
EMPTY = "-"
"""In place of a blob id: what stands there is no file."""
_REFERRING = ("/enrolments.yaml", "/consents.yaml")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a step. `blobs`: path -> blob id of what is to be read; `parts`: parts of
    imports, which need only be there; `cards`: which of the students touched have a card; `acts`:
    the names of all acts there are."""

    blobs: Mapping[str, str]
    parts: tuple[str, ...]
    cards: frozenset[str]
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Touched:
    """`is_shared`: it changed what any personal file may refer to."""

    before: Side
    after: Side
    is_shared: bool


class Files:
    """The records as they stand after the commits gone through: path -> blob id."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {path: id_ for path, id_ in files.items() if path.startswith(RECORDS + "/")}
        self._acts = frozenset(_acts(self._files))
        self._closed = any(path.startswith(_APPROVALS) for path in self._files)

    def touched(self, changes: Iterable[Change]) -> Touched | None:
        """What the next commit touched of all that stood; None when nothing."""
        new = {change.path: _id(change) for change in changes}
        known = {path: at for path in new if (at := self._judged(path)) is not None}
        if not known:
            return None
        students = {at.student for at in known.values() if at.student}
        asked = sorted({*known, *_companions(known.values()), *_beside(new, students)})
        return Touched(
            _side(asked, students, lambda path: self._files.get(path, ""), self._acts),
            _side(
                asked,
                students,
                lambda path: new[path] if path in new else self._files.get(path, ""),
                self._acts | frozenset(_acts(new)),
            ),
            any(path == ORGANIZATION or at.kind == "program" for path, at in known.items()),
        )

    def advance(self, changes: Iterable[Change]) -> None:
        """Goes that commit further."""
        for change in changes:
            if not change.path.startswith(RECORDS + "/"):
                continue
            if id_ := _id(change):
                self._files[change.path] = id_
                self._closed = self._closed or change.path.startswith(_APPROVALS)
            else:
                self._files.pop(change.path, None)
            if change.path.startswith(ACTS):
                self._acts |= frozenset(_acts([change.path]))

    def referring(self) -> dict[str, str]:
        """All that a change of what is shared is looked up in: programmes and who goes by them."""
        programs = record_folder("program") + "/"
        return {
            path: id_
            for path, id_ in self._files.items()
            if path.startswith(programs) or path.endswith(_REFERRING)
        }

    def _judged(self, path: str) -> Place | None:
        """Where a changed path belongs, if a rule may look at its change."""
        stood = path in self._files
        if not stood and not (self._closed and "/results/" in path):
            return None
        at = place(path)
        if at is None or not (at.kind in SCHEMA_OF or at.kind == "salt" or _is_import(at)):
            return None
        return at if stood or record_file("approval", at.key) in self._files else None


def _side(
    asked: Iterable[str],
    students: Iterable[str],
    found: Callable[[str], str],
    acts: frozenset[str],
) -> Side:
    cards = frozenset(
        each for each in students if any(found(student_folder(each) + end) for end in CARDS)
    )
    there = {path: id_ for path in asked if (id_ := found(path))}
    parts = tuple(path for path in there if path.startswith(IMPORTS) and _is_part(path))
    return Side({p: id_ for p, id_ in there.items() if p not in parts}, parts, cards, acts)


def content(mode: str, id_: str) -> str:
    """The blob id of what stands at a path; empty when nothing does."""
    return id_ if not id_ or mode.startswith(_PLAIN) else EMPTY


def _id(change: Change) -> str:
    return content(change.new_mode, change.new_id)


def _acts(paths: Iterable[str]) -> Iterator[str]:
    return (path.split("/")[2] for path in paths if path.startswith(ACTS))


def _is_part(path: str) -> bool:
    at = place(path)
    return at is not None and at.kind.startswith("import-") and not path.endswith(f"/{LIST}")


def _is_import(at: Place) -> bool:
    return at.kind.startswith("import")


def _beside(new: Iterable[str], students: set[str]) -> Iterator[str]:
    """The other files of the same people: an entry may have moved to a new one."""
    folders = tuple(student_folder(student) + "/" for student in students)
    for path in new:
        if path.startswith(folders) and (at := place(path)) is not None and at.kind in SCHEMA_OF:
            yield path


def _companions(touched: Iterable[Place]) -> Iterator[str]:
    """What says whether a change is allowed: the period's approval, the import's own lists."""
    for at in touched:
        if at.kind == "results":
            yield record_file("approval", at.key) or ""
        elif _is_import(at):
            yield import_file(at.key, "manifest.yaml")
            yield import_file(at.key, LIST)
            yield record_file("approval", at.key.partition("/")[0]) or ""
