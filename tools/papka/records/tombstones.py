"""What acts of destruction took away: the one place that knows of a thing that it is not missing.

A unit is known by its path, the scan of a document by the address of its line in the inventory.
Nothing here says what a thing was. An act is looked through as bytes, in the shape in which the
program writes it, for acts gather over the years and are asked at every step; `checks` and the
rules of history judge whether it is right.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from msgspec.structs import replace

from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.core.places import RECORDS, place, student_folder, unit
from papka.records.school import Series
from papka.records.student import Document, Student

_WHAT = re.compile(rb"^what:[ \t]*\n((?:[ \t#].*\n?|\n)*)", re.MULTILINE)
_DATE = re.compile(rb"^date: *[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_ITEM = re.compile(
    rb"^(?P<dash> *)- path: *[\"']?(?P<path>[^\s\"']+)[\"']?[ \t]*(?:\n|\Z)"
    rb"(?P<more>(?:(?P=dash) +.*\n?)*)",
    re.MULTILINE,
)
_ENTRY = re.compile(rb"^ +entry: *[\"']?(\d{4}-\d+#[a-z]\d+)", re.MULTILINE)


class Tombstone(NamedTuple):
    """What stands where something lawfully destroyed was; `entry`: whose scan alone went."""

    act: int
    date: dt.date
    path: str
    entry: str = ""

    @property
    def words(self) -> str:
        return f"уничтожено по акту №\u00a0{self.act} от {self.date:%d.%m.%Y}"


def read_act(path: str, data: bytes) -> Iterator[Tombstone]:
    """Yield what the file of an act names; nothing of a file that is no act."""
    found, what, date = place(path), _WHAT.search(data), _DATE.search(data)
    if found is None or found.kind != "act" or not found.key.isdecimal() or not (what and date):
        return
    try:
        day = dt.date.fromisoformat(date[1].decode())
    except ValueError:
        return
    for item in _ITEM.finditer(what[1]):
        entry = _ENTRY.search(item["more"])
        yield Tombstone(
            int(found.key),
            day,
            item["path"].decode("utf-8", "replace"),
            entry[1].decode() if entry else "",
        )


def number_on_paper(key: str, series: Mapping[str, Series]) -> str:
    """Return the number that an issued document bore, by the key of its register entry; "" where
    the archive declares no such series."""
    book, year, name = (*key.split("/"), "", "")[:3]
    if f"{book}/{year}/{name}" != key:
        return ""
    code, _, sequence = name.rpartition("-")
    return series[code].number(year, sequence) if code in series else ""


class Tombstones:
    """All that the acts of an archive name; they are read when something is first looked for."""

    def __init__(self, acts: Iterable[tuple[str, bytes]] = ()) -> None:
        """`acts`: the files of all acts, path and bytes."""
        self._acts = acts

    @cached_property
    def _known(self) -> Mapping[str, Tombstone]:
        return {
            stone.entry or stone.path: stone
            for path, data in self._acts
            for stone in read_act(path, data)
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
        keys = self.list_keys("registers")
        found = (key for key in keys if number_on_paper(key, series) == number)
        return next(map(self.of_register, found), None)

    def list_keys(self, folder: str) -> Iterator[str]:
        """Yield the keys of whole units destroyed in a folder of `records/`."""
        start = f"{RECORDS}/{folder}/"
        return (path[len(start) :] for path in self._known if path.startswith(start))

    def of_scan(self, student: Student, document: Document) -> Tombstone | None:
        """Return that of a document's file that is gone, named by an act for it or for another line
        of this file."""
        if document.file is None or document.file in student.attachments:
            return None
        found = self._known.get(f"{student.id}#{document.id}")
        return found or self.files_of(student).get(document.file)

    def without_scan(self, student: Student, document: Document) -> Document:
        """Return a line of the inventory as it stands now: one whose scan was destroyed keeps its
        sheets, names no file and says by which act."""
        stone = self.of_scan(student, document)
        if stone is None:
            return document
        note = ". ".join(filter(None, (document.note, stone.words.capitalize())))
        medium = document.medium if document.sheets is not None else "только файл"
        return replace(document, file=None, sha256=None, note=note, medium=medium)

    def files_of(self, student: Student) -> dict[str, Tombstone]:
        """Return the names of all scans that were destroyed of a personal file which goes on."""
        found: dict[str, Tombstone] = {}
        for each in documents_of(student) if self._known else ():
            stone = self._known.get(f"{student.id}#{each.id}")
            if stone is not None and each.file is not None:
                found[each.file] = stone
        return found


def no_file(
    destroyed: Tombstones, student: str, known: Iterable[str], where: str = " в архиве"
) -> NotFound:
    """Return the error for a personal file that is not there: destroyed, or never was; `known`:
    the numbers of those that are."""
    if gone := destroyed.of_student(student):
        return NotFound(
            f"Личное дело {student} {gone.words}",
            f"Что о нём осталось в приказах и книгах: papka find {student}; сам акт — "
            f"records/acts/{gone.act}/act.yaml",
        )
    return NotFound(f"Дела {student}{where} нет", f"Все дела: papka find.{suggest(student, known)}")


def documents_of(student: Student) -> Iterator[Document]:
    """Yield all lines of the inventory, those made by mistake too."""
    yield from student.documents
    for gone in student.voided.values():
        for _, each in gone:
            if isinstance(each, Document):
                yield each


def names_destroyed(acts: Iterable[tuple[str, bytes]], folder: str) -> Iterator[str]:
    """Yield the names in a folder that the files of acts name; each is given to nothing else."""
    start = f"{folder}/"
    for path, data in acts:
        for stone in read_act(path, data):
            if stone.path.startswith(start):
                yield stone.path[len(start) :].partition("/")[0]
