"""Results as a flat table for other programs: one row a result, de-identified unless asked.

Invariants: a person is known by the number of the personal file; names, and words that people
wrote and that may name somebody, are there only with names; diagnostics and special needs are
never there (R-4.2); nothing is averaged or converted. What each column means is in COLUMNS, which
is also what the documentation shows. Absent on purpose: files and their formats.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from papka.model.archive import Archive
from papka.model.derived.approval import ApprovalState
from papka.model.derived.chains import counting
from papka.model.derived.scales import enrolment_of, part_of, scale_of
from papka.model.results import Result
from papka.model.student import Student
from papka.model.study import Enrolment

Value = str | int | Decimal | dt.date | None
States = Mapping[str, Mapping[str, ApprovalState]]


@dataclass(frozen=True, slots=True)
class _Case:
    archive: Archive
    student: Student
    period: str
    result: Result
    enrolment: Enrolment | None
    state: str
    holds: str


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it for programs, `title` for people, `says` what stands in it."""

    key: str
    title: str
    says: str
    of: Callable[[_Case], Value]
    is_personal: bool = False


def _name(case: _Case) -> Value:
    return case.student.person.name.full if case.student.person else None


def _part_title(case: _Case) -> Value:
    found = part_of(case.archive, case.enrolment, case.result.part)
    return found.title if found else None


def _scale(case: _Case) -> Value:
    found = scale_of(case.archive, case.enrolment, case.result.part)
    return found.scale if found and case.result.mark is not None else None


def _mark(case: _Case) -> Value:
    found = case.result.mark
    return Decimal(str(found)) if isinstance(found, float) else found


def _study(field: str) -> Callable[[_Case], Value]:
    """Of the enrolment, when the record names one there is."""

    def of(case: _Case) -> Value:
        found: Value = getattr(case.enrolment, field) if case.enrolment else None
        return found

    return of


def _cell(field: str) -> Callable[[_Case], Value]:
    """Of the platform's cell, when the result came from one."""

    def of(case: _Case) -> Value:
        found: Value = getattr(case.result.source, field) if case.result.source else None
        return found

    return of


COLUMNS: tuple[Column, ...] = (
    Column("student", "Номер дела", "номер личного дела", lambda c: c.student.id),
    Column("name", "ФИО", "имя по карточке; только с --names", _name, is_personal=True),
    Column("enrolment", "Обучение", "запись об обучении в деле", lambda c: c.result.enrolment),
    Column("program", "Программа", "код программы", _study("program")),
    Column("edition", "Редакция", "её редакция", _study("edition")),
    Column("group", "Группа", "группа сейчас", _study("group")),
    Column("period", "Период", "учебный период, в котором работа должна быть сделана",
           lambda c: c.period),
    Column("entry", "Запись", "номер результата в деле", lambda c: c.result.id),
    Column("kind", "Вид", "учебный, внеурочный, личностный (п. 4.4)", lambda c: c.result.kind),
    Column("origin", "Откуда", "происхождение (п. 4.5)", lambda c: c.result.origin),
    Column("event", "Мероприятие", "номер в events/", lambda c: c.result.event),
    Column("part", "Часть", "слово части программы", lambda c: c.result.part),
    Column("part_title", "Название части", "как она названа в программе", _part_title),
    Column("control", "Контроль", "текущий, за период, итоговый", lambda c: c.result.control),
    Column("date", "Дата", "день результата", lambda c: c.result.date),
    Column("mark", "Отметка", "как в записи, без пересчёта; пусто у личностных", _mark),
    Column("scale", "Шкала", "шкала, на которой стоит отметка", _scale),
    Column("assessed_by", "Оценил", "номер сотрудника", lambda c: c.result.assessed_by),
    Column("author", "Автор", "«обучающийся» у самооценки", lambda c: c.result.author),
    Column("resit_by", "Пересдать до", "срок пересдачи", lambda c: c.result.resit_by),
    Column("resits", "Пересдача", "какую запись пересдали", lambda c: c.result.resits),
    Column("replaces", "Исправление", "какую запись исправили", lambda c: c.result.replaces),
    Column("holds", "Действует", "да: последняя в цепочке исправлений и пересдач",
           lambda c: c.holds),
    Column("state", "Состояние", "утверждено руководителем или черновик (п. 5.6)",
           lambda c: c.state),
    Column("import", "Выгрузка", "откуда взято, если с платформы",
           _cell("export")),
    Column("row", "Строка", "строка в части этого обучающегося",
           _cell("row")),
    Column("column", "Столбец", "столбец, считая с 1",
           _cell("column")),
    Column("raw", "Исходный текст", "ячейка платформы без изменений; только с --names",
           _cell("raw"), is_personal=True),
    Column("text", "Словами", "описание результата; только с --names", lambda c: c.result.text,
           is_personal=True),
    Column("reason", "Причина", "причина исправления; только с --names",
           lambda c: c.result.reason, is_personal=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """Which results: every named thing narrows; an empty set does not."""

    periods: Collection[str] = ()
    groups: Collection[str] = ()
    programs: Collection[str] = ()
    students: Collection[str] = ()

    def has(self, student: str, period: str, enrolment: Enrolment | None) -> bool:
        group, program = (enrolment.group, enrolment.program) if enrolment else (None, None)
        return (
            (not self.periods or period in self.periods)
            and (not self.groups or group in self.groups)
            and (not self.programs or program in self.programs)
            and (not self.students or student in self.students)
        )


def columns(*, names: bool) -> tuple[Column, ...]:
    """Those that are shown."""
    return tuple(column for column in COLUMNS if names or not column.is_personal)


def rows(
    archive: Archive, choice: Choice, states: Callable[[Student], States], *, names: bool
) -> Iterator[tuple[Value, ...]]:
    """By student, period, then in the order of the records."""
    shown = columns(names=names)
    for student in archive.students.values():
        chosen = [
            (period, result, enrolment)
            for period, result in student.results
            if choice.has(student.id, period, enrolment := enrolment_of(student, result.enrolment))
        ]
        known = states(student) if chosen else {}
        holding = {
            period: {id(each) for each in counting(student.periods[period])}
            for period in {period for period, _, _ in chosen}
        }
        for period, result, enrolment in chosen:
            state = known.get(period, {}).get(result.id or "", "черновик")
            holds = "да" if id(result) in holding[period] else "нет"
            case = _Case(archive, student, period, result, enrolment, state, holds)
            yield tuple(column.of(case) for column in shown)
