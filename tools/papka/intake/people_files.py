"""The commit that a list of people is laid beside: whose cards, which numbers, what files.

Invariants: numbers of personal files and of orders are counted from one commit, so a plan made on
the primary's head takes nobody's; of all cards only those that hold a word of the list are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from papka.core import cells
from papka.core.findings import Location
from papka.desk.numbers import next_number, orders
from papka.desk.order_writing import OrderBook
from papka.intake.marks import StudentRow
from papka.intake.people_folder import Folder, ListWish, folder_files, paths_of
from papka.intake.people_list import PersonRow
from papka.intake.people_matching import People
from papka.intake.people_plan import ListPlan
from papka.intake.tables import FieldPlace
from papka.records.archive import Archive
from papka.records.student import Person, Student


class OpenCommit(Protocol):
    """What is asked of the commit."""

    @property
    def archive(self) -> Archive:
        """The shared records."""

    def people_of(self, texts: Iterable[str], named: Collection[str]) -> dict[str, Person]:
        """Return the cards that hold a word of these texts, and those of the `named`."""

    def students(self, ids: Collection[str]) -> dict[str, Student]:
        """Return whole personal files."""

    def lying(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return what those of the paths hold that are there."""


@dataclass(slots=True)
class Numbers:
    """Free numbers of the commit: of personal files and, by year, of orders."""

    root: Path
    head: str
    year: int
    card: int

    def next_card(self) -> str:
        """Return the next number of a personal file, and count on."""
        number = f"{self.year}-{self.card:04d}"
        self.card += 1
        return number

    def order_book(self, desk: OpenCommit) -> OrderBook:
        """Return a book of the orders there are; a year's first free number is looked up once."""
        return OrderBook(desk.archive.orders, _FirstNumbers(self.root, self.head))


class _FirstNumbers(dict[int, int]):
    """Year -> first free number of an order's file, found when it is asked for."""

    def __init__(self, root: Path, head: str) -> None:
        super().__init__()
        self._root, self._head = root, head

    def get(self, year: int, default: int = 1) -> int:  # type: ignore[override]  # always there
        del default
        if year not in self:
            self[year] = next_number(self._root, self._head, orders(year))
        return self[year]


@dataclass(frozen=True, slots=True)
class OpenedPeople:
    """Everybody a list may be about, and what they are called."""

    index: People
    names: Mapping[str, str]

    def named(self, ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of the ids who are there."""
        return {id_: self.names[id_] for id_ in ids if id_ in self.names}


def open_people(desk: OpenCommit, rows: Iterable[PersonRow], named: Iterable[str]) -> OpenedPeople:
    """Read the cards of everyone the rows may be about."""
    listed = list(rows)
    texts = [
        text
        for row in listed
        for text in (
            row.number, row.former, *row.keys.values(), row.card.get("email", ""),
            row.card.get("phone", ""), row.name.full if row.name else "",
        )
    ]  # fmt: skip
    wanted = {*named, *(row.number for row in listed if row.number)}
    cards = desk.people_of(texts, wanted)
    return OpenedPeople(
        People.of_cards(cards), {id_: person.name.full for id_, person in cards.items()}
    )


def open_plan(wish: ListWish, desk: OpenCommit, people: OpenedPeople, numbers: Numbers) -> ListPlan:
    """Return the plan that rows are laid by."""
    return ListPlan(
        wish,
        desk.archive,
        people.index,
        lambda ids: desk.students(set(ids)),
        numbers.next_card,
        numbers.order_book(desk),
    )


def files_of(
    desk: OpenCommit,
    folders: Iterable[Folder],
    book: OrderBook,
    salt: Callable[[str], bytes],
) -> dict[str, bytes]:
    """Return path -> bytes of all that laid rows change; `salt` gives a new file's, by number."""
    changed = [each for each in folders if each.changes]
    lying = desk.lying([*paths_of(changed), *book.paths()])
    made = {
        path: data
        for each in changed
        for path, data in folder_files(each, lying, salt(each.student.id) if each.is_new else b"")
    }
    return made | book.files(lying)


_NOWHERE: Mapping[str, FieldPlace] = {}
_RENAMED = {"contract": "contract_id"}
_CARD: Mapping[str, Callable[[str], str | None]] = {
    "sex": cells.sex,
    "phone": cells.phone,
    "address": cells.tidy,
    "snils": cells.snils,
}


def origins_of(folders: Iterable[Folder]) -> dict[tuple[str, str], Location]:
    """Return path and pointer of everything laid -> the row or cell that says so."""
    return {key: where for each in folders for key, where in each.origins.items()}


def rows_of_export(
    rows: Iterable[StudentRow], platform: str, columns: Mapping[str, FieldPlace] = _NOWHERE
) -> list[PersonRow]:
    """Return the rows of a platform's export of cards or enrolments as rows of a list.

    `columns` are those of the fields.
    """
    at = {_RENAMED.get(key, key): column for key, column in columns.items()}
    found = []
    for row in rows:
        said = {key: str(value) for key, value in row.fields.items() if key not in _CARD}
        start = said.pop("start", "")
        card = {
            key: read(text) or text
            for key, read in _CARD.items()
            if (text := str(row.fields.get(key, "")))
        }
        found.append(
            PersonRow(
                row=row.first,
                name=row.person,
                birth_date=row.birth_date,
                card=card | ({"email": row.email} if row.email else {}),
                keys={platform: row.key} if row.key else {},
                said={_RENAMED.get(key, key): value for key, value in said.items()},
                days={"start": dt.date.fromisoformat(start)} if start else {},
                at=at,
            )
        )
    return found
