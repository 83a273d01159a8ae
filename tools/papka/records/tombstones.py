"""What acts of destruction took away: the one place that knows of a thing that it is not missing.

A unit is known by its path, the scan of a document by the address of its line in the inventory. An
act that was rejected, or none, leaves a thing missing. Nothing here says what a thing was.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from papka.core.places import RECORDS, student_folder, unit
from papka.records.acts import DestroyedThing, Destruction
from papka.records.school import Series
from papka.records.student import Document, Student

_PATH = re.compile(rb"^[ -]+path: *[\"']?([^ \"'#\r\n]+)", re.MULTILINE)


class Tombstone(NamedTuple):
    """What stands where something lawfully destroyed was."""

    act: int
    date: dt.date
    thing: DestroyedThing

    @property
    def words(self) -> str:
        return f"уничтожено по акту №\u00a0{self.act} от {self.date:%d.%m.%Y}"


class Tombstones:
    """All that the acts of an archive name; they are read when something is first looked for."""

    def __init__(self, acts: Mapping[str, Destruction]) -> None:
        self._acts = acts

    @cached_property
    def _known(self) -> Mapping[str, Tombstone]:
        return {
            thing.entry or thing.path: Tombstone(int(key), act.date, thing)
            for key, act in self._acts.items()
            if key.isdecimal()
            for thing in act.what
        }

    def __iter__(self) -> Iterator[Tombstone]:
        return iter(self._known.values())

    def of_path(self, path: str) -> Tombstone | None:
        """Return that of the unit a path is, or lies in; None where nothing was destroyed."""
        found = self._known.get(path)
        if found is None and (whole := unit(path)) is not None:
            found = self._known.get(whole)
        return found

    def of_student(self, student: str) -> Tombstone | None:
        try:
            return self._known.get(student_folder(student))
        except ValueError:  # no number of a personal file
            return None

    def of_address(self, address: str) -> Tombstone | None:
        """Return that of a personal file or of one with this entry; not of an entry's scan."""
        return self.of_student(address.partition("#")[0])

    def of_order(self, key: str) -> Tombstone | None:
        return self._known.get(f"{RECORDS}/orders/{key}")

    def of_register(self, key: str) -> Tombstone | None:
        """Return that of a register entry by its key `issued/2026/progress-0001`."""
        return self._known.get(f"{RECORDS}/registers/{key}")

    def of_number(self, number: str, series: Mapping[str, Series]) -> Tombstone | None:
        """Return that of an issued document by the number that was printed on it."""
        for key in self.list_keys("registers"):
            _, year, name = key.split("/")
            code, _, sequence = name.rpartition("-")
            if code in series and series[code].number(year, sequence) == number:
                return self.of_register(key)
        return None

    def list_keys(self, folder: str) -> Iterator[str]:
        """Yield the keys of whole units destroyed in a folder of `records/`."""
        start = f"{RECORDS}/{folder}/"
        return (path[len(start) :] for path in self._known if path.startswith(start))

    def of_scan(self, student: Student, document: Document) -> Tombstone | None:
        """Return that of a document's file: named by an act for it or for another of this file."""
        found = self._known.get(f"{student.id}#{document.id}")
        if found is None and document.file is not None:
            found = self.files_of(student).get(document.file)
        return found

    def files_of(self, student: Student) -> dict[str, Tombstone]:
        """Return the names of all scans that were destroyed of a personal file which goes on."""
        found: dict[str, Tombstone] = {}
        for each in documents_of(student) if self._known else ():
            stone = self._known.get(f"{student.id}#{each.id}")
            if stone is not None and each.file is not None:
                found[each.file] = stone
        return found


def documents_of(student: Student) -> Iterator[Document]:
    """Yield all lines of the inventory, those made by mistake too."""
    yield from student.documents
    for gone in student.voided.values():
        for _, each in gone:
            if isinstance(each, Document):
                yield each


def names_destroyed(acts: Iterable[bytes], folder: str) -> Iterator[str]:
    """Yield the names in a folder that the files of acts name, found in bytes: nothing is judged.

    Each stood there once and is given to nothing else.
    """
    start = f"{folder}/"
    for data in acts:
        for found in _PATH.finditer(data):
            path = found[1].decode("utf-8", "replace")
            if path.startswith(start):
                yield path[len(start) :].partition("/")[0]
