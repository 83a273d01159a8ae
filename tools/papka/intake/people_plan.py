"""Plan what a list of people changes: cards, representatives, contracts, consents, study, orders.

Invariants: a row is one person or a question; two rows of a person are laid on one file, one after
the other; what stands already is not written again, so the same list taken twice changes nothing; a
fact of study that is written down otherwise is told, never overwritten; a card takes what it lacked
and a newer phone, e-mail or address, a former surname stays in it. Whom the list enrols, moves or
ends an order names: the one in the row's own cell, else one that is written with the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from papka.core import cells
from papka.core.findings import Code, Finding, Severity
from papka.desk.order_writing import OrderBook
from papka.intake import intake_codes
from papka.intake import people_codes as codes
from papka.intake.export_matching import NEW, SKIP, Matched, OpenRow
from papka.intake.people_card import CardLaying, complete_card, new_card
from papka.intake.people_folder import Folder, ListWish, Telling
from papka.intake.people_list import NAMES, PersonRow
from papka.intake.people_matching import (
    Answer,
    Clues,
    People,
    clues_of_name,
    contacts_of,
    digits,
)
from papka.intake.people_study import CARD, OPENED, SAME, WRONG, StudyLaying
from papka.intake.tables import row_word
from papka.records.archive import Archive
from papka.records.student import Student


@dataclass(frozen=True, slots=True)
class LaidList:
    """What a list comes to. `opened`: first row -> number of a new file; `verdicts`: row -> what
    came of it, of VERDICTS."""

    matched: Matched
    folders: Mapping[str, Folder]
    opened: Mapping[int, str]
    verdicts: Mapping[int, tuple[str, ...]]
    orders: OrderBook
    findings: tuple[Finding, ...]

    def count(self, verdict: str) -> int:
        """Count the rows of which this came, alone or among others."""
        return sum(verdict in words for words in self.verdicts.values())


@dataclass(slots=True)
class ListPlan:
    """Lays rows; `students` opens whole files of those that were found."""

    wish: ListWish
    archive: Archive
    people: People
    students: Callable[[Iterable[str]], Mapping[str, Student]]
    next_card: Callable[[], str]
    orders: OrderBook
    telling: Telling = field(default_factory=lambda: Telling(""))
    folders: dict[str, Folder] = field(default_factory=dict)
    opened: dict[int, str] = field(default_factory=dict)
    verdicts: dict[int, list[str]] = field(default_factory=dict)
    _heaps: dict[str, dict[str, OpenRow]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _strangers: dict[str, None] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)

    def know(self, people: People) -> None:
        """Take in more people that rows may be about."""
        self.people.numbers.update(people.numbers)
        for person, clues in people.clues.items():
            if person not in self.people.clues:
                self.people.add(person, clues)

    def lay(self, rows: Iterable[PersonRow]) -> LaidList:
        """Match every row, then lay those that are somebody's; one list after another."""
        self.telling = Telling(self.wish.file)
        self.opened, self.verdicts = {}, {}
        self._heaps = {"ambiguous": {}, "unmatched": {}, "skipped": {}}
        self._used, self._strangers = set(), {}
        listed = list(rows)
        found = [(row, person) for row in listed if (person := self._whose(row))]
        known = {person for _, person in found if not _is_row(person)} - self.folders.keys()
        opened = self.students(known)
        for person in known:
            self.folders[person] = Folder(opened.get(person, Student(person)), is_new=False)
        for row, person in found:
            if _is_row(person) and person not in self._numbers:
                number = self._numbers[person] = self.next_card()
                self.folders[number] = Folder(Student(number), is_new=True)
                self.opened[row.row] = number
                self._put(row, "unmatched", Answer("", reason="новое дело"), alone=True)
        study = StudyLaying(self.wish, self.archive, self.telling, self.orders)
        matched: dict[int, str] = {}
        for row, person in found:
            matched[row.row] = self._numbers.get(person, person)
            self._lay_row(row, self.folders[matched[row.row]], study)
        study.write_orders()
        wrong = {row.row for row in listed if row.unread}
        wrong |= {
            each.where.line for each in self.telling.findings if each.severity >= Severity.ERROR
        }
        self.verdicts |= {number: [WRONG] for number in wrong}
        asked, left, skipped = (tuple(heap.values()) for heap in self._heaps.values())
        return LaidList(
            Matched(
                matched,
                asked,
                left,
                skipped,
                used=frozenset(self._used),
                strangers=tuple(self._strangers),
            ),
            self.folders,
            self.opened,
            {row: tuple(words) for row, words in self.verdicts.items()},
            self.orders,
            tuple(self.telling.findings),
        )

    def _whose(self, row: PersonRow) -> str:
        """Return the person of a row, by what it was first called; "" when that is not known."""
        clues = _clues_of(row)
        place = row_word(row.row) if not self._numbers else f"{row_word(row.row)} {self.wish.file}"
        answer = self._answer(row)
        found = self._by_number(row) if row.number and not answer else self.people.find(clues)
        if found is None:
            return ""
        if answer == SKIP:
            self._put(row, "skipped", Answer("", reason="пропущена по ответу"))
            return ""
        person = found.person
        if answer == NEW:
            person, found = "", Answer("")
        elif answer:
            person = self.people.numbers.get(answer, answer)
            if person not in self.people.clues:
                self._strangers[row.word] = None
                person = ""
        if not person and (found.candidates or not self.wish.opens):
            self._put(row, "ambiguous" if found.candidates else "unmatched", found)
            return ""
        if not person and row.name is None:
            if not row.unread & set(NAMES):
                at = next((name for name in NAMES if name in row.at), "")
                self.telling.tell(_nameless(self.wish), row, at)
            return ""
        if not person and row.says_a_name_alone and self.wish.updates and answer != NEW:
            self.telling.tell(codes.LIST_NAME_ALONE, row, row.at_name)
            return ""
        person = person or place
        self.people.add(person, clues)
        return person

    def _answer(self, row: PersonRow) -> str:
        for word in (row_word(row.row), row.word) if self.wish.answers else ():
            if word in self.wish.answers:
                self._used.add(word)
                return self.wish.answers[word]
        return ""

    def _by_number(self, row: PersonRow) -> Answer | None:
        """Return whose number it is; tell a number of nobody, or of somebody with another name."""
        kept = self.people.numbers.get(row.number, "")
        known = self.people.clues.get(kept)
        own = clues_of_name(row.name) if row.name else None
        is_other = (
            known is not None
            and own is not None
            and all(own[1] != name[1] and not set(own[0]) & set(name[0]) for name in known.names)
        )
        if known is None or is_other:
            self.telling.tell(codes.LIST_NUMBER_STRANGE, row, "number", number=row.number)
            return None
        return Answer(kept)

    def _put(self, row: PersonRow, heap: str, found: Answer, *, alone: bool = False) -> None:
        """Put a row with those of the same word; `alone`: the first row stands for them."""
        word = row.word
        rows = None if alone else self._heaps[heap].get(word)
        numbers = (*rows.rows, row.row) if rows else (row.row,)
        reason = found.reason or "в архиве такого человека нет"
        candidates = tuple(sorted(found.candidates))
        self._heaps[heap][word] = OpenRow(numbers, word, reason, candidates)

    def _lay_row(self, row: PersonRow, folder: Folder, study: StudyLaying) -> None:
        before = folder.size
        done = self.verdicts.setdefault(row.row, [])
        if folder.is_new and not folder.record:
            folder.record = new_card(folder.student.id, row, self.wish)
            done.append(OPENED)
        elif folder.is_new:
            complete_card(folder.record, row)
        contract = None
        if self.wish.updates:
            contract = CardLaying(self.wish, self.archive, self.telling).lay(row, folder)
        if folder.size != before and not folder.is_new:
            done.append(CARD)
        study.lay(row, folder, contract, done)
        if folder.size != before:
            folder.trace(self.wish.file, row)
        if not done:
            done.append(SAME)


def _nameless(wish: ListWish) -> Code:
    return codes.LIST_NAME_MISSING if wish.updates else intake_codes.EXPORT_CARD_WITHOUT_NAME


def _is_row(person: str) -> bool:
    return person.startswith("строка ")


def _clues_of(row: PersonRow) -> Clues:
    contacts = contacts_of(row.card.get("phone"), row.card.get("email"))
    for each in row.relatives:
        contacts |= contacts_of(each.phone, each.email)
    return Clues(
        names=(clues_of_name(row.name),) if row.name else (),
        former=tuple(cells.folded(row.former).split()),
        sex=row.card.get("sex", ""),
        born=row.birth_date,
        keys=frozenset(row.keys.items()),
        snils=digits(row.card.get("snils", "")),
        contacts=frozenset(contacts),
    )
