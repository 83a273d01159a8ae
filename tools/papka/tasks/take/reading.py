"""What a take needs of the archive, as saved last: shared records, cards, the folders it touches.

Invariants: everything comes from one commit, never from unsaved edits; each file is fetched and
read once, and the judgement of the step (`save`) goes on with the same readings. Of personal files
that no row is about only the card is looked at, and read only if it may hold a row's clue.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from papka.core.layout import STUDENTS, import_file, place
from papka.core.snapshot import Remembered
from papka.gates.git.reading import CommitSnapshot
from papka.intake.mapped import StudentRow
from papka.intake.order import Order, read_order
from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.reading import load, load_students
from papka.model.readings import Readings
from papka.model.student import Student
from papka.text.schemas import SchemaSet

_SHARED = frozenset({"organization", "platform", "program", "approval", "import"})
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Desk:
    """One commit (`head`), open for a take."""

    root: Path
    head: str

    def __post_init__(self) -> None:
        self.readings = Readings()
        self.snapshot = Remembered(CommitSnapshot(self.root, self.head))
        self.schemas = SchemaSet.load(self.snapshot)

    @cached_property
    def archive(self) -> Archive:
        """The shared records."""
        return load(self.snapshot, self.schemas, wanted=_is_shared, readings=self.readings)

    def people(self, rows: Iterable[StudentRow], named: Collection[str]) -> dict[str, Person]:
        """Cards of everyone a row may be about, and of those `named`."""
        cards = [path for path in self.snapshot.paths() if path.endswith("/student.yaml")]
        words = set(_clue_words(rows))
        wanted = {
            path
            for path, data in self.snapshot.read_many(cards)
            if b"duplicate_of" in data
            or path.split("/")[3] in named
            or not words.isdisjoint(_words(data.decode(errors="ignore")))
        }
        found = load(
            self.snapshot, self.schemas, wanted=wanted.__contains__, readings=self.readings
        ).students
        return {id_: student.person for id_, student in found.items() if student.person}

    def students(self, ids: Collection[str]) -> dict[str, Student]:
        """Whole personal files."""
        return load_students(self.snapshot, self.schemas, ids, self.readings)

    def lying(self, paths: Iterable[str]) -> dict[str, bytes]:
        """What those of the paths hold that are there."""
        known = self._paths
        return dict(self.snapshot.read_many(path for path in paths if path in known))

    def orders(self) -> Iterator[tuple[str, Order]]:
        """Every import whose original is still kept."""
        for key in self.archive.imports:
            data = self.lying([import_file(key, "original/order.txt")])
            for each in data.values():
                order = read_order(each)
                if order is not None:
                    yield key, order

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self.snapshot.paths())


def _is_shared(path: str) -> bool:
    if path.startswith(STUDENTS + "/"):
        return False
    found = place(path)
    return found is not None and (found.kind in _SHARED or path.endswith("/parts.txt"))


def _clue_words(rows: Iterable[StudentRow]) -> Iterator[str]:
    for row in rows:
        for text in (row.key, row.email, row.name):
            yield from _words(text)


def _words(text: str) -> set[str]:
    """The same of a clue and of a card: either may write a name its own way."""
    return set(_WORD.findall(text.casefold().replace("ё", "е")))
