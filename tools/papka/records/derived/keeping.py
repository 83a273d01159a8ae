"""Terms of keeping: what starts them, when they end, what still forbids destroying (R-6.4).

A term is counted from 1 January of the year after its event, so its last day is a 31 December
(приказ Росархива № 237). Two stages: the term has passed, then the head decides that the thing is
needed no more. Everything in a personal folder, scans and notices too, has the term of the folder.
Nothing is destroyed by the table alone: an unconfirmed term or a hold in force forbids it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from papka.core.places import Place, place, unit
from papka.records.acts import Import, Order, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.in_force import end_of, school_year
from papka.records.school import UNCONFIRMED, KeptUnit, Retention
from papka.records.student import Hold, NeedEnded, Student
from papka.records.wording import NBSP

PERSONAL_FOLDER: KeptUnit = "личное дело"
STUDY_ENDED = "окончание последнего обучения"
YEAR_ENDED = "конец учебного года"
_TAKEN = "дата выгрузки"
EVENTS: Mapping[KeptUnit, tuple[str, ...]] = {
    PERSONAL_FOLDER: (STUDY_ENDED, YEAR_ENDED),
    "запись реестра": ("дата выдачи документа", YEAR_ENDED),
    "приказ": ("дата приказа", YEAR_ENDED),
    "оригинал выгрузки": (YEAR_ENDED, _TAKEN),
    "несопоставленные строки выгрузки": (YEAR_ENDED, _TAKEN),
}
"""The events that may start a term, by the word in `since` of its row."""
_OLDER_WORDS = {
    "окончание обучения": STUDY_ENDED,
    "выдача документа": "дата выдачи документа",
}
"""Words that archives were once founded with."""

_UNIT_OF: Mapping[str, KeptUnit] = {
    "order": "приказ",
    "order-scan": "приказ",
    "register": "запись реестра",
    "import-original": "оригинал выгрузки",
    "import-unmatched": "несопоставленные строки выгрузки",
}

Obstacle = Literal[
    "обучение не окончено",
    "событие не наступило",
    "нет срока хранения",
    "неизвестно, от какого события считать",
    "срок хранения не подтверждён",
    "срок хранения не истёк",
    "действует запрет",
    "надобность не признана миновавшей",
]
KeepingState = Literal[
    "не закрыто", "срок не установлен", "срок идёт", "запрет", "срок истёк", "надобность миновала"
]


@dataclass(frozen=True, slots=True)
class Keeping:
    """The term of keeping of one unit, as it stands on a day.

    `closed`: the day of the event, None while it has not come or the table does not name one;
    `decision`: the head's, that the unit is needed no more, once it is in force; `obstacles`: all
    that forbids destruction, none left means it is due.
    """

    unit: KeptUnit
    rule: Retention | None
    closed: dt.date | None
    holds: tuple[Hold, ...]
    decision: NeedEnded | None
    obstacles: tuple[Obstacle, ...]

    @property
    def first(self) -> dt.date | None:
        """The first day of the term."""
        return dt.date(min(self.closed.year + 1, dt.MAXYEAR), 1, 1) if self.closed else None

    @property
    def last(self) -> dt.date | None:
        """The last day of the term; the end of the calendar is the latest."""
        return _last_day(self.closed, self.rule)

    @property
    def due(self) -> bool:
        return not self.obstacles

    @property
    def state(self) -> KeepingState:
        """The stage it is in; a hold is told once nothing but people's will keeps the unit."""
        if {"обучение не окончено", "событие не наступило"} & {*self.obstacles}:
            return "не закрыто"
        if self.last is None:
            return "срок не установлен"
        if "срок хранения не истёк" in self.obstacles:
            return "срок идёт"
        if self.holds:
            return "запрет"
        return "надобность миновала" if self.due else "срок истёк"


def find_term(archive: Archive, unit: KeptUnit) -> Retention | None:
    """Return the row of the table for a kind of unit."""
    rules = archive.organization.retention if archive.organization else ()
    return next((rule for rule in rules if rule.unit == unit), None)


def event_of(rule: Retention) -> str | None:
    """Return the event that starts a term; None when its word is none of those for its unit."""
    event = _OLDER_WORDS.get(rule.since, rule.since)
    return event if event in EVENTS[rule.unit] else None


def say_start(rule: Retention) -> str:
    """Say from when a personal file's term is counted; of an event nobody can find, its words."""
    events = {STUDY_ENDED: "окончанием обучения", YEAR_ENDED: "концом учебного года"}
    event = event_of(rule)
    if event is None:
        return f"; отсчёт — {rule.since}"
    return f" с{NBSP}1{NBSP}января года, следующего за {events[event]}"


def last_day_of_file(archive: Archive, student: Student) -> dt.date | None:
    """Return the last day of a file's term, None while it does not run; reads no other file."""
    rule = find_term(archive, PERSONAL_FOLDER)
    return _last_day(_day_counted(archive, rule, studied_until(student)), rule)


def keeping(archive: Archive, student: Student, on: dt.date) -> Keeping:
    """Return the term of a personal file and of all that lies in it.

    No term runs while anyone studies, and a return opens the file again: then an earlier decision
    that it is needed no more does not count.
    """
    ended, person = studied_until(student), student.person
    found = person.need_ended if person else None
    is_made = found is not None and found.date <= on and not (ended and found.date < ended)
    decision = found if is_made else None
    return _judge(archive, PERSONAL_FOLDER, ended, on, holds_on(student, on), decision)


def keeping_of_units(
    archive: Archive, paths: Iterable[str], on: dt.date
) -> Iterator[tuple[str, Keeping]]:
    """Yield every unit that these paths lie in, once, with its term; those not read are left out.

    What concerns somebody whose file is held is held too. Of units other than personal files the
    order of destruction is the decision, so none is recorded before it.
    """
    held = tuple(
        (student, holds)
        for student in archive.students.values()
        if (holds := holds_on(student, on))
    )
    for name, path in {unit(path): path for path in paths}.items():
        where = place(path)
        if name is None or where is None:
            continue
        if where.student:
            student = archive.students.get(where.student)
            if student is not None:
                yield name, keeping(archive, student, on)
        elif (found := _find_record(archive, where)) is not None:
            kept, record, key = found
            holds = tuple(hold for who, own in held if _concerns(record, key, who) for hold in own)
            own = _own_day(archive, find_term(archive, kept), record)
            yield name, _judge(archive, kept, own, on, holds, None)


def list_old_units(archive: Archive, paths: Iterable[str], on: dt.date) -> Iterator[str]:
    """Yield the files of orders, register entries and exports whose year lets a term be over.

    The years stand in the paths; of exports the manifests must be read.
    """
    for path in paths:
        where = place(path)
        kept = _UNIT_OF.get(where.kind) if where else None
        rule = find_term(archive, kept) if kept else None
        if where is None or rule is None:
            continue
        if where.kind.startswith("import"):
            found = archive.imports.get(where.key)
            own = _own_day(archive, rule, found) if found else None
            if own is not None and own.year + rule.years < on.year:
                yield path
        elif (year := path.split("/")[-2]).isdecimal() and int(year) + rule.years < on.year:
            yield path


def studied_until(student: Student) -> dt.date | None:
    """Return the day the last enrolment ended; None while one goes on or there has been none."""
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    return max(ends) if ends and len(ends) == len(student.enrolments) else None


def holds_on(student: Student, on: dt.date) -> tuple[Hold, ...]:
    """Return the bans on destroying the file that are in force on a day, their last included."""
    return tuple(
        hold
        for hold in (student.person.holds if student.person else ())
        if hold.since <= on and (hold.until is None or hold.until >= on)
    )


def _last_day(closed: dt.date | None, rule: Retention | None) -> dt.date | None:
    if closed is None or rule is None:
        return None
    return dt.date(min(closed.year + rule.years, dt.MAXYEAR), 12, 31)


def _day_counted(archive: Archive, rule: Retention | None, day: dt.date | None) -> dt.date | None:
    """Return the day of the event that the row names, from the unit's own day; None: no such."""
    if day is None or rule is None:
        return day
    event = event_of(rule)
    if event is None:
        return None
    return end_of(archive, school_year(archive, day)) if event == YEAR_ENDED else day


def _find_record(
    archive: Archive, where: Place
) -> tuple[KeptUnit, Order | RegisterEntry | Import, str] | None:
    """Return what kind of unit a place belongs to, its record and the key of that."""
    kept = _UNIT_OF.get(where.kind)
    if kept is None:
        return None
    key = where.key.split(".")[0] if kept == "приказ" else where.key
    records: Mapping[str, Order | RegisterEntry | Import] = archive.imports
    if kept == "приказ":
        records = archive.orders
    elif kept == "запись реестра":
        records = archive.registers
    return (kept, record, key) if (record := records.get(key)) is not None else None


def _own_day(
    archive: Archive, rule: Retention | None, record: Order | RegisterEntry | Import
) -> dt.date | None:
    """Return the day of a record; of an export, whose year counts, the last one of its period."""
    if not isinstance(record, Import):
        return record.date
    if rule is not None and rule.since == _TAKEN:
        return record.taken
    period = archive.periods.get(record.period)
    return end_of(archive, period.school_year) if period else None


def _concerns(record: Order | RegisterEntry | Import, key: str, student: Student) -> bool:
    if isinstance(record, Import):
        return any(each.source and each.source.export == key for _, each in student.results)
    if isinstance(record, RegisterEntry):
        return record.student.partition("#")[0] == student.id
    return any(
        address.partition("#")[0] == student.id
        for item in record.items
        for address in item.students
    )


def _judge(  # noqa: PLR0913 - the parts of a term
    archive: Archive,
    kept: KeptUnit,
    own: dt.date | None,
    on: dt.date,
    holds: tuple[Hold, ...],
    decision: NeedEnded | None,
) -> Keeping:
    """Put a term together; `own`: the unit's own day, None while it has not come."""
    rule = find_term(archive, kept)
    closed = _day_counted(archive, rule, own)
    last = _last_day(closed, rule)
    found: list[Obstacle] = []
    if own is None or (closed or own) > on:
        found.append("обучение не окончено" if kept == PERSONAL_FOLDER else "событие не наступило")
    if rule is None:
        found.append("нет срока хранения")
    elif event_of(rule) is None:
        found.append("неизвестно, от какого события считать")
    if rule is not None and UNCONFIRMED in rule.source:
        found.append("срок хранения не подтверждён")
    if last is not None and last >= on:
        found.append("срок хранения не истёк")
    if holds:
        found.append("действует запрет")
    if decision is None:
        found.append("надобность не признана миновавшей")
    return Keeping(kept, rule, closed, holds, decision, tuple(found))
