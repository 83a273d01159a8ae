"""A personal file while rows of a list are laid on it, and the files that come of it.

Invariants: of a file that is there every byte stays but the values set; entries go below those
there are; a new file has its keys in the order of its schema.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from papka.core.findings import Code, Finding, Location
from papka.core.places import student_folder
from papka.desk.entries import render_file
from papka.intake.people_list import PersonRow
from papka.records.editing import append_entries, set_value
from papka.records.student import Enrolment, Student, Transfer


@dataclass(frozen=True, slots=True)
class ListWish:
    """How a list is laid. `updates`: cards take what the list says (a platform's export only opens
    cards and enrols); `opens`: a stranger gets a personal file; `writes_orders`: those enrolled,
    moved or ended without an order get one. `platform` is whose export it is, "" for the school's
    own list."""

    file: str
    today: dt.date
    answers: Mapping[str, str] = field(default_factory=dict)
    updates: bool = True
    opens: bool = True
    writes_orders: bool = True
    platform: str = ""
    program: str = ""


@dataclass(slots=True)
class Telling:
    """What is wrong with the rows of a list, told at their cells."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def tell(self, code: Code, row: PersonRow, at: str = "", /, **words: Any) -> None:  # noqa: ANN401 - as the code asks
        words = {"cell": row.cell(at), "value": row.shown(at), **words}
        known = {name: words[name] for name in code.fields if name in words}
        self.findings.append(code.at(cell_of(self.file, row, at), **known))


def cell_of(file: str, row: PersonRow, at: str) -> Location:
    """Return the cell that a field stands in; the whole row for a field without a column."""
    column = row.at.get(at)
    return Location(file, line=row.row, column=column.number if column else 0)


@dataclass(slots=True)
class FolderStudy:
    """An enrolment of a file, there already (`entry`) or new (`fresh`)."""

    id: str
    program: str
    edition: int
    start: dt.date
    group: str | None
    entry: Enrolment | None = None
    fresh: dict[str, Any] | None = None
    ended: dt.date | None = None


@dataclass(slots=True)
class Folder:
    """A personal file while rows are laid on it.

    `record` is the whole card of a new file; `sets`: path and pointer -> value; `added`: file
    and list -> entries below those there are; `origins`: path and pointer of what is laid -> the
    row or cell that says so.
    """

    student: Student
    is_new: bool
    record: dict[str, Any] = field(default_factory=dict)
    sets: dict[tuple[str, str], Any] = field(default_factory=dict)
    added: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    studies: list[FolderStudy] = field(default_factory=list)
    moves: list[Transfer] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    origins: dict[tuple[str, str], Location] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.student.entries():
            if entry.id:
                self.last[entry.id[0]] = max(self.last.get(entry.id[0], 0), int(entry.id[1:]))
        self.studies = [
            FolderStudy(
                each.id or "", each.program, each.edition, each.start, each.group, each,
                ended=each.ended.date if each.ended else None,
            )
            for each in self.student.enrolments
        ]  # fmt: skip
        self.moves = list(self.student.transfers)

    def add(self, name: str, letter: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Add an entry to a file of one list; returns it with its id."""
        made = {"id": self.next_id(letter), **given(entry)}
        self.added.setdefault((name, name), []).append(made)
        return made

    def next_id(self, letter: str) -> str:
        """Return the next free id of entries with this letter, and count on."""
        self.last[letter] = self.last.get(letter, 0) + 1
        return f"{letter}{self.last[letter]}"

    def add_to_card(self, name: str, entry: dict[str, Any]) -> None:
        """Add an entry to a list of the card, new or there."""
        if self.is_new:
            self.record.setdefault(name, []).append(entry)
        else:
            self.added.setdefault(("student", name), []).append(entry)

    def laid_on_card(self, name: str) -> Sequence[dict[str, Any]]:
        """Return what rows so far have added to a list of the card."""
        found: Sequence[dict[str, Any]] = (
            self.record.get(name, ()) if self.is_new else self.added.get(("student", name), ())
        )
        return found

    def has(self, name: str, **fields: object) -> dict[str, Any] | None:
        """Return the new entry of a list with these values."""
        for entry in self.added.get((name, name), ()):
            if all(entry.get(key) == value for key, value in fields.items()):
                return entry
        return None

    def trace(self, file: str, row: PersonRow) -> None:
        """Note the row as the origin of what is laid since the last trace."""
        place = student_folder(self.student.id)
        found = {key: cell_of(file, row, key[1].rpartition("/")[2]) for key in self.sets}
        for (kind, name), entries in self.added.items():
            owner = self.student.person if kind == "student" else self.student
            first = len(getattr(owner, name)) if owner else 0
            for position, entry in enumerate(entries, first):
                path, pointer = f"{place}/{kind}.yaml", f"/{name}/{position}"
                found[path, pointer] = cell_of(file, row, "")
                found |= {
                    (path, f"{pointer}/{key}"): cell_of(file, row, key)
                    for key in entry.keys() & row.at.keys()
                }
        self.origins = found | self.origins

    @property
    def size(self) -> tuple[int, int]:
        """How much is laid so far: values set, entries added."""
        return len(self.sets), sum(map(len, self.added.values()))

    @property
    def changes(self) -> bool:
        return self.is_new or bool(self.sets or self.added)


def given(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, dt.date) else value
        for key, value in entry.items()
        if value not in (None, "")
    }


_CARD_KEYS = (
    *("id", "name", "sex", "birth_date", "phone", "email", "address", "snils"),
    *("representatives", "accounts"),
)


_STUDY_KEYS = (
    *("id", "program", "edition", "group", "form", "contract", "start", "planned_end", "order"),
    "ended",
)


def folder_files(
    folder: Folder, lying: Mapping[str, bytes], salt: bytes = b""
) -> Iterator[tuple[str, bytes]]:
    """Yield path -> bytes of every file of the folder that changes; `salt` is for a new one."""
    place = student_folder(folder.student.id)
    if folder.is_new:
        record = {key: folder.record[key] for key in _CARD_KEYS if key in folder.record}
        card = f"{place}/student.yaml"
        yield card, render_file(card, "student", record)
        yield f"{place}/.salt", salt
    edited: dict[str, bytes] = {}
    fresh: dict[str, dict[str, Any]] = {}
    for (path, pointer), value in folder.sets.items():
        edited[path] = set_value(edited.get(path, lying[path]), pointer, value)
    for (kind, name), entries in folder.added.items():
        listed = [_in_order(entry) for entry in entries] if name == "enrolments" else entries
        path = f"{place}/{kind}.yaml"
        if path in lying:
            edited[path] = append_entries(edited.get(path, lying[path]), name, listed)
        else:
            fresh.setdefault(kind, {})[name] = listed
    for kind, whole in fresh.items():
        path = f"{place}/{kind}.yaml"
        yield path, render_file(path, kind, whole)
    yield from edited.items()


def _in_order(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _STUDY_KEYS if key in entry}


def paths_of(folders: Iterable[Folder]) -> list[str]:
    """Return the files of these folders that may lie there already and change."""
    found: dict[str, None] = {}
    for folder in folders:
        if not folder.is_new:
            place = student_folder(folder.student.id)
            found |= dict.fromkeys(path for path, _ in folder.sets)
            found |= dict.fromkeys(f"{place}/{kind}.yaml" for kind, _ in folder.added)
    return list(found)
