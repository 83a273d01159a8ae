"""One act on many people: the same entry for each, or the end of each one's study, and its order.

Invariants: everything is one step, written and saved whole or not at all; what each one's own file
decides (who signs, which contract, which study) is taken from that file and never guessed: whoever
it does not decide for is named, and nothing is written; who has just this entry already is left
out, so the same act again changes nothing; where the act rests on an order and none is named, it is
written and names them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from papka.core.cells import folded
from papka.core.errors import NotFound, Refused
from papka.core.phrases import count_phrase, suggest
from papka.desk.command_end import WriteStep
from papka.desk.entries import add_entry, end_entry
from papka.desk.filling import Filling, find_only_study
from papka.desk.numbers import next_lying, orders
from papka.desk.open_records import Desk, EntryKind, find_entry
from papka.desk.order_writing import (
    OrderBook,
    OrderDraft,
    compose_end,
    compose_enrolment,
    compose_transfer,
)
from papka.records.archive import Archive, load_kinds
from papka.records.derived.leadership import signatory_on
from papka.records.derived.membership import find_group, members_on
from papka.records.search import is_minor
from papka.records.student import Student, to_mapping
from papka.records.wording import OWN
from papka.repository.worktree import WorktreeSnapshot

ORDERED: Mapping[str, str] = {
    "award": "поощрение",
    "enrolment": "зачисление",
    "transfer": "перевод",
}
"""Kinds of entries that rest on an order of this kind."""
OF_EACH: Mapping[str, frozenset[str]] = {
    "award": frozenset({"order", "document"}),
    "consent": frozenset({"signed_by", "document"}),
    "notice": frozenset({"told", "document"}),
    "enrolment": frozenset({"order", "contract", "continues"}),
    "transfer": frozenset({"enrolment", "order"}),
    "result": frozenset({"enrolment", "resits", "replaces"}),
    "document": frozenset({"replaces"}),
}
"""Kind -> fields that each one's own file decides, or nobody answers for many."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Somebody the act is about; `enrolment` is the one in the group, "" where none was meant."""

    student: str
    enrolment: str = ""


def everybody(root: Path) -> Archive:
    """Load names and study of the whole archive as they lie in the folder."""
    kinds = {"organization", "program", "student", "enrolments", "transfers"}
    return load_kinds(WorktreeSnapshot(root), kinds)


def choose_group(archive: Archive, group: str, day: dt.date) -> list[Chosen]:
    """Return who studies in the group on a day. Raises NotFound, Refused for nobody."""
    named = find_group(archive, group)
    if named is None:
        raise NotFound(
            f"Группы «{group}» нет",
            f"Группы объявлены в records/organization.yaml.{suggest(group, archive.groups)}",
        )
    found = [
        Chosen(student.id, enrolment.id or "")
        for student, enrolment in members_on(archive, named, day)
    ]
    if not found:
        raise Refused(
            f"В группе {group} на {day:%d.%m.%Y} никто не учится",
            "Проверьте группу и день; кто в ней был: papka find ГРУППА",
        )
    return sorted(found, key=lambda each: each.student)


@dataclass(slots=True)
class ActOnMany:
    """One step for many people in the making. `order_number`: what the order shall bear on paper,
    "" for the next one; `writes_order` is false where the contract is the basis."""

    root: Path
    people: Sequence[Chosen]
    order_number: str = ""
    writes_order: bool = True
    desk: Desk = field(init=False)
    before: dict[str, bytes | None] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    order: str = ""
    draft: OrderDraft | None = None
    book: OrderBook = field(default_factory=lambda: OrderBook({}, {}))

    def __post_init__(self) -> None:
        self.desk = Desk(self.root, among=[each.student for each in self.people])

    def add(self, filling: Filling, kind: EntryKind, *, period: str | None = None) -> WriteStep:
        """Return the step that gives each one this entry. Raises Refused, naming all it fails."""
        word = kind.listing.kind
        said = filling.record
        order = str(said.get("order", ""))
        if word in ORDERED and not order and self.writes_order:
            order = self._open_order(ORDERED[word], min(day_of(said, filling.today), filling.today))
        troubles: list[str] = []
        for each in self.people:
            desk = self.desk.at(each.student)
            own, trouble = self._own_fields(word, desk.person, each, said, filling.today)
            if trouble:
                troubles.append(f"{each.student}: {trouble}")
                continue
            own |= {"order": order} if order and word in ORDERED else {}
            one = filling.same_at(desk, own)
            if _stands(desk.person, word, one.record):
                continue
            step = add_entry(one, kind, period=period)
            self._take(step)
            if order and self.draft is not None:
                self.draft.add(_point_of(self.desk.archive, word, one.record), step.names[0])
        self._refuse(troubles)
        return self._finish(b"add for many ")

    def end(self, filling: Filling) -> WriteStep:
        """Return the step that ends each one's study. Raises Refused, naming all it fails."""
        troubles: list[str] = []
        for each in self.people:
            desk = self.desk.at(each.student)
            study = each.enrolment or find_only_study(desk.person)
            if not study:
                troubles.append(f"{each.student}: неясно, какое обучение закончилось")
                continue
            found = find_entry(desk, study)
            if "ended" in found.value:
                continue
            one = filling.same_at(desk, {})
            record = one.record
            day = dt.date.fromisoformat(record["date"])
            if day < dt.date.fromisoformat(str(found.value["start"])):
                troubles.append(f"{found.address}: обучение началось позже")
                continue
            if "order" not in record and self.writes_order:
                one.filled["order"] = self.order or self._open_order(
                    "отчисление", min(day, one.today)
                )
            step = end_entry(found, one)
            self._take(step)
            if self.draft is not None:
                program = self.desk.archive.programs.get(str(found.value["program"]))
                title = program.title if program else str(found.value["program"])
                self.draft.add(compose_end(day, record["reason"], title), found.address)
        self._refuse(troubles)
        return self._finish(b"end for many ")

    def _own_fields(
        self, word: str, student: Student, each: Chosen, said: Mapping[str, Any], today: dt.date
    ) -> tuple[dict[str, Any], str]:
        """Return the fields that the person's own file decides, or why it does not."""
        own: dict[str, Any] = {}
        signer = {"consent": "signed_by", "notice": "told"}.get(word)
        if signer and signer not in said:
            found = signer_of(student, day_of(said, today))
            if not found:
                return own, "в карточке нет представителя, а обучающийся несовершеннолетний"
            own[signer] = found
        if word in {"result", "transfer"}:
            study = each.enrolment or find_only_study(student)
            if not study:
                return own, "неясно, о каком обучении речь"
            own["enrolment"] = study
        if word == "enrolment" and (contract := _free_contract(student)):
            own["contract"] = contract
        return own, ""

    def _open_order(self, kind: str, day: dt.date) -> str:
        archive = self.desk.archive
        signatory = signatory_on(archive, day)
        signer = signatory.staff if signatory else ""
        self.draft = OrderDraft(kind, day, signer, self.order_number)
        first = next_lying(self.root, orders(day.year))
        self.book = OrderBook(archive.orders, {day.year: first})
        self.order = self.book.open(self.draft)
        return self.order

    def _take(self, step: WriteStep) -> None:
        self.before |= {path: data for path, data in step.before.items() if path not in self.after}
        self.after |= step.after
        self.names += step.names

    def _refuse(self, troubles: list[str]) -> None:
        if troubles:
            count = count_phrase(len(troubles), "человека", "человек", "человек")
            raise Refused(
                f"Не получается для {count}: " + "; ".join(troubles),
                "Исправьте их дела (papka show НОМЕР) или назовите остальных списком (--list); "
                "ничего не записано",
            )

    def _finish(self, request: bytes) -> WriteStep:
        if self.draft is not None and self.draft.points:
            files = self.book.files({})
            self.before |= dict.fromkeys(files)
            self.after |= files
        else:
            self.order = ""
        asked = request + repr(sorted((name for name in self.after), key=str)).encode()
        return WriteStep(self.before, self.after, tuple(self.names), asked if self.after else b"")


def day_of(said: Mapping[str, Any], today: dt.date) -> dt.date:
    """Return the day of an entry: its own, or that on which study starts."""
    return dt.date.fromisoformat(str(said.get("date") or said.get("start") or today))


def signer_of(student: Student, day: dt.date) -> str:
    """Return who signs or is told: a grown-up himself, else the first representative, or ""."""
    person = student.person
    if person is None or not is_minor(person, day):
        return OWN
    return next((each.id for each in person.representatives if each.id), "")


def _free_contract(student: Student) -> str:
    """Return the last contract that no enrolment rests on yet."""
    used = {each.contract for each in student.enrolments}
    found = [
        each.id
        for each in student.documents
        if folded(each.kind) == "договор" and each.id and each.id not in used
    ]
    return found[-1] if found else ""


def _stands(student: Student, word: str, record: Mapping[str, Any]) -> bool:
    """Tell whether the file holds this very entry, whatever order and number it bears."""
    left = {"id", "order"}
    wanted = {key: value for key, value in record.items() if key not in left}
    for entry in student.entries():
        if entry.void is None and type(entry).__name__.casefold() == word:
            known = {key: value for key, value in to_mapping(entry).items() if key not in left}
            if known == wanted:
                return True
    return False


def _point_of(archive: Archive, word: str, record: Mapping[str, Any]) -> str:
    if word == "award":
        return f"Наградить ({record['award']}): {record['text']}"
    if word == "transfer":
        return compose_transfer(dt.date.fromisoformat(str(record["date"])), str(record["group"]))
    program = archive.programs.get(str(record["program"]))
    title = program.title if program else str(record["program"])
    start = dt.date.fromisoformat(str(record["start"]))
    return compose_enrolment(start, title, record.get("group"))
