"""Give out what is saved: results as a table for other programs, and a blank sheet for a teacher.

Invariants: the saved state, never unsaved edits; the same state gives the same bytes; text never
turns into a formula. A person is known by the number of the personal file; names, and words that
people wrote and that may name somebody, are there only with names; diagnostics and special needs
are never there (R-4.2); nothing is averaged or converted.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal

from papka.core.errors import NotFound, Refused
from papka.core.phrases import suggest
from papka.core.places import RESTRICTED, STUDENTS, is_student_id, place
from papka.desk.approval import SavedActs
from papka.desk.filling import open_period
from papka.intake.people_headings import blank_list
from papka.intake.sheet_writing import write_csv, write_xlsx
from papka.intake.tables import Sheet
from papka.intake.teacher_sheet import make_blank
from papka.paper.form import State
from papka.paper.forms import management
from papka.paper.forms.self_examination import count_students
from papka.records.archive import Archive, load, load_kinds
from papka.records.derived.approvals import ApprovalState, approval_states
from papka.records.derived.membership import find_group, group_until
from papka.records.derived.result_facts import (
    counting_results,
    enrolment_of,
    part_of,
    scale_of,
)
from papka.records.schemas import SchemaSet
from papka.records.school import Period
from papka.records.student import Enrolment, Result, Source, Student
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.dot_papka import FOLDER, make_folder
from papka.repository.git_values import MAIN

Value = str | int | Decimal | dt.date | None
States = Mapping[str, Mapping[str, ApprovalState]]


@dataclass(frozen=True, slots=True)
class _Case:
    """A result with all that a column may say of it."""

    archive: Archive
    student: Student
    period: str
    result: Result
    enrolment: Enrolment | None
    state: str
    holds: str
    group: str | None


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column; `key` names it for programs, `title` for people, `says` what stands in it."""

    key: str
    title: str
    says: str
    of: Callable[[_Case], Value]
    is_personal: bool = False


def _find_part_title(case: _Case) -> Value:
    found = part_of(case.archive, case.enrolment, case.result.part)
    return found.title if found else None


def _find_scale(case: _Case) -> Value:
    found = scale_of(case.archive, case.enrolment, case.result.part)
    return found.scale if found and case.result.mark is not None else None


def _exact_mark(case: _Case) -> Value:
    found = case.result.mark
    return Decimal(str(found)) if isinstance(found, float) else found


def _field(owner: Enrolment | Source | None, name: str) -> Value:
    """Return a field of the enrolment or of the platform's cell, when the result has one."""
    found: Value = getattr(owner, name) if owner else None
    return found


COLUMNS: tuple[ResultColumn, ...] = (
    ResultColumn("student", "Номер дела", "номер личного дела", lambda c: c.student.id),
    ResultColumn("name", "ФИО", "имя по карточке; только с --names",
                 lambda c: c.student.person.name.full if c.student.person else None,
                 is_personal=True),
    ResultColumn("enrolment", "Обучение", "запись об обучении в деле",
                 lambda c: c.result.enrolment),
    ResultColumn("program", "Программа", "код программы", lambda c: _field(c.enrolment, "program")),
    ResultColumn("edition", "Редакция", "её редакция", lambda c: _field(c.enrolment, "edition")),
    ResultColumn("group", "Группа", "группа в последний день обучения в периоде",
                 lambda c: c.group),
    ResultColumn("period", "Период", "учебный период, в котором работа должна быть сделана",
                 lambda c: c.period),
    ResultColumn("entry", "Запись", "номер результата в деле", lambda c: c.result.id),
    ResultColumn("kind", "Вид", "учебный, внеурочный, личностный (п. 4.4)",
                 lambda c: c.result.kind),
    ResultColumn("origin", "Откуда", "происхождение (п. 4.5)", lambda c: c.result.origin),
    ResultColumn("event", "Мероприятие", "номер в events/", lambda c: c.result.event),
    ResultColumn("part", "Часть", "слово части программы", lambda c: c.result.part),
    ResultColumn("part_title", "Название части", "как она названа в программе", _find_part_title),
    ResultColumn("control", "Контроль", "текущий, за период, итоговый", lambda c: c.result.control),
    ResultColumn("date", "Дата", "день результата", lambda c: c.result.date),
    ResultColumn("mark", "Отметка", "как в записи, без пересчёта; пусто у личностных", _exact_mark),
    ResultColumn("scale", "Шкала", "шкала, на которой стоит отметка", _find_scale),
    ResultColumn("assessed_by", "Оценил", "номер сотрудника", lambda c: c.result.assessed_by),
    ResultColumn("author", "Автор", "«обучающийся» у самооценки", lambda c: c.result.author),
    ResultColumn("resit_by", "Пересдать до", "срок пересдачи", lambda c: c.result.resit_by),
    ResultColumn("resits", "Пересдача", "какую запись пересдали", lambda c: c.result.resits),
    ResultColumn("replaces", "Исправление", "какую запись исправили", lambda c: c.result.replaces),
    ResultColumn("holds", "Действует", "да: последняя в цепочке исправлений и пересдач",
                 lambda c: c.holds),
    ResultColumn("state", "Состояние", "утверждено или не утверждено руководителем (п. 5.6)",
                 lambda c: c.state),
    ResultColumn("import", "Выгрузка", "откуда взято, если с платформы",
                 lambda c: _field(c.result.source, "export")),
    ResultColumn("row", "Строка", "строка в части этого обучающегося",
                 lambda c: _field(c.result.source, "row")),
    ResultColumn("column", "Столбец", "столбец, считая с 1",
                 lambda c: _field(c.result.source, "column")),
    ResultColumn("raw", "Исходный текст", "ячейка платформы без изменений; только с --names",
                 lambda c: _field(c.result.source, "raw"), is_personal=True),
    ResultColumn("text", "Словами", "описание результата; только с --names",
                 lambda c: c.result.text,
                 is_personal=True),
    ResultColumn("reason", "Причина", "причина исправления; только с --names",
                 lambda c: c.result.reason, is_personal=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which results: every named thing narrows; an empty set does not."""

    periods: Collection[str] = ()
    groups: Collection[str] = ()
    programs: Collection[str] = ()
    students: Collection[str] = ()

    def has(
        self, student: str, period: str, enrolment: Enrolment | None, group: str | None
    ) -> bool:
        program = enrolment.program if enrolment else None
        return (
            (not self.periods or period in self.periods)
            and (not self.groups or group in self.groups)
            and (not self.programs or program in self.programs)
            and (not self.students or student in self.students)
        )


def shown_columns(*, names: bool) -> tuple[ResultColumn, ...]:
    """Return the columns that are given out."""
    return tuple(column for column in COLUMNS if names or not column.is_personal)


def iter_rows(
    archive: Archive, choice: ResultFilter, states: Callable[[Student], States], *, names: bool
) -> Iterator[tuple[Value, ...]]:
    """Yield the results by student, period, then in the order of the records."""
    shown = shown_columns(names=names)
    for student in archive.students.values():
        chosen = [
            (period, result, enrolment, group)
            for period, result in student.results
            if choice.has(
                student.id,
                period,
                enrolment := enrolment_of(student, result.enrolment),
                group := _group_of(archive, student, enrolment, period),
            )
        ]
        known = states(student) if chosen else {}
        holding = {
            period: {id(each) for each in counting_results(student.periods[period])}
            for period in {period for period, *_ in chosen}
        }
        for period, result, enrolment, group in chosen:
            state = known.get(period, {}).get(result.id or "", "не утверждено")
            holds = "да" if id(result) in holding[period] else "нет"
            case = _Case(archive, student, period, result, enrolment, state, holds, group)
            yield tuple(column.of(case) for column in shown)


def _group_of(
    archive: Archive, student: Student, enrolment: Enrolment | None, period: str
) -> str | None:
    """Return the group of the period, as its sheet shows it."""
    if enrolment is None:
        return None
    known = archive.periods.get(period)
    return group_until(student, enrolment, known.end if known else dt.date.max)


Format = Literal["csv", "xlsx", "json"]
_AT_ONCE = 4_000
_SHEET_NAME = 31
"""Characters that the name of a sheet may have."""
_BAD_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]+")
"""Personal files held in memory together: some 70 MB."""


@dataclass(frozen=True, slots=True)
class Results:
    """A file of `count` results, as of `commit`."""

    name: str
    data: bytes
    count: int
    commit: str


def give_results(
    root: Path, wanted: Iterable[str], form: Format, *, names: bool = False
) -> Results:
    """Give the results. `wanted`: periods, groups, programmes, personal files; each kind narrows.

    Raises NotFound, and Refused in a restricted archive.
    """
    snapshot = CommitSnapshot(root, MAIN)
    schemas = SchemaSet.load(snapshot)
    archive = load(snapshot, schemas, wanted=partial(_is_read, students=()))
    if archive.organization is not None and archive.organization.kind == RESTRICTED:
        raise Refused(
            "Из ограниченного архива результатов не выдают: их там нет",
            "Выдайте результаты из основного архива",
        )
    asked = tuple(wanted)
    choice = chosen(archive, asked)
    acts = SavedActs(root, snapshot.commit)
    found: list[tuple[Value, ...]] = []
    everybody = sorted(choice.students or archive.folders)
    for at in range(0, len(everybody), _AT_ONCE):
        some = frozenset(everybody[at : at + _AT_ONCE])
        part = load(snapshot, schemas, wanted=partial(_is_read, students=some))
        states = partial(approval_states, replace(part, stood=acts))
        found += iter_rows(part, choice, states, names=names)
    name = "-".join(("results", *(_file_name_part(word) for word in asked)))
    data = write_results(found, form, snapshot.commit, names=names, spill=make_folder(root, FOLDER))
    return Results(f"{name}.{form}", data, len(found), snapshot.commit)


@dataclass(frozen=True, slots=True)
class ManagementBook:
    """A workbook with the tables of a period; `sheets` counts them."""

    name: str
    data: bytes
    sheets: int
    commit: str


def give_management(root: Path, period: str, now: dt.datetime) -> ManagementBook:
    """Give the management tables of a period or a school year as a workbook (R-2.2.12).

    The same tables as the paper's, of the last commit; counts are numbers. Raises NotFound.
    """
    snapshot = CommitSnapshot(root, MAIN)
    archive = load(snapshot, SchemaSet.load(snapshot))
    told = management.view(State(archive, now, now.date(), snapshot.commit), period)
    sheets = [
        Sheet(
            f"{at} {_BAD_IN_SHEET_NAME.sub(' ', table.title)}"[:_SHEET_NAME],
            (table.columns, *(tuple(map(_count_or_words, row)) for row in table.rows)),
        )
        for at, table in enumerate(told.tables, 1)
    ]
    notes = tuple((f"{table.title}: {table.note}",) for table in told.tables if table.note)
    said = ((note,) for note in told.notes)
    sheets.append(Sheet("О таблицах", ((f"{told.heading}, {told.span}",), *notes, *said)))
    name = f"management-{_file_name_part(period)}.xlsx"
    return ManagementBook(name, write_xlsx(sheets), len(sheets), snapshot.commit)


@dataclass(frozen=True, slots=True)
class CountsTable:
    """A table of how many study by each of so many `programs`, as of `commit`."""

    name: str
    data: bytes
    programs: int
    commit: str


def give_counts(root: Path, form: Literal["csv", "xlsx"], now: dt.datetime) -> CountsTable:
    """Give how many study by each programme today, as the paper has it (273-ФЗ, ст. 29).

    Of the last commit; counts are numbers.
    """
    snapshot = CommitSnapshot(root, MAIN)
    archive = load(snapshot, SchemaSet.load(snapshot))
    told = count_students(State(archive, now, now.date(), snapshot.commit), "")
    (table,) = told.tables
    rows = (table.columns, *(tuple(map(_count_or_words, row)) for row in table.rows))
    name = f"student-counts-{now:%Y-%m-%d}.{form}"
    if form == "csv":
        data = write_csv(Sheet("", rows))
    else:
        about = ((told.heading,), (table.note if table.rows else table.absence,))
        data = write_xlsx((Sheet("Численность", rows), Sheet("О таблице", about)))
    return CountsTable(name, data, len(table.rows), snapshot.commit)


def _count_or_words(cell: str) -> str | int:
    return int(cell) if cell.isdecimal() else cell


def chosen(archive: Archive, wanted: Iterable[str]) -> ResultFilter:
    """Return what the words name. Raises NotFound for a word that names nothing."""
    known = {
        "periods": archive.periods,
        "groups": archive.groups,
        "programs": archive.programs,
        "students": archive.folders,
    }
    kinds: dict[str, list[str]] = {kind: [] for kind in known}
    for word in wanted:
        kind = next((kind for kind, names in known.items() if word in names), None)
        if kind is None:
            words = [*archive.periods, *archive.groups, *archive.programs]
            words += archive.folders if is_student_id(word) else ()
            raise NotFound(
                f"Нет ни периода, ни группы, ни программы, ни дела «{word}»",
                f"Периоды: {', '.join(archive.periods)}; группы: {', '.join(archive.groups)}; "
                f"программы: {', '.join(archive.programs)}."
                f"{suggest(word, words, are_told=True)}",
            )
        kinds[kind].append(word)
    return ResultFilter(**kinds)


def _is_read(path: str, *, students: Collection[str] | None = None) -> bool:
    """Choose the records that results are made of; of personal files, those of `students`."""
    if path.startswith(STUDENTS + "/"):
        if students is not None and path.split("/", 4)[3] not in students:
            return False
        found = place(path)
        return found is not None and found.kind in {
            "student",
            "enrolments",
            "transfers",
            "results",
            "credits",
            "salt",
        }
    found = place(path)
    return found is not None and found.kind in {
        "organization",
        "program",
        "approval",
        "approval-entries",
    }


def write_results(
    found: list[tuple[Value, ...]],
    form: Format,
    commit: str,
    *,
    names: bool,
    spill: Path | None = None,
) -> bytes:
    """Write the rows as a file of this kind; `commit` says whose state they are.

    `spill` is a folder for what a large workbook cannot hold in memory while it is made.
    """
    shown = shown_columns(names=names)
    if form == "json":
        report = {
            "scheme": "papka-results/1",
            "commit": commit,
            "columns": {column.key: f"{column.title}: {column.says}" for column in shown},
            "results": [
                {c.key: _json_value(v) for c, v in zip(shown, row, strict=True) if v is not None}
                for row in found
            ],
        }
        return f"{json.dumps(report, ensure_ascii=False, indent=1)}\n".encode()
    header = tuple(column.title for column in shown)
    if form == "csv":
        return write_csv(Sheet("", (header, *(tuple(map(_csv_value, row)) for row in found))))
    meanings = tuple((column.title, column.says) for column in shown)
    return write_xlsx(
        (
            Sheet("Результаты", (header, *found)),
            Sheet("Колонки", (("Колонка", "Что в ней"), *meanings, ("Сохранение", commit))),
        ),
        spill=spill,
    )


def _json_value(value: Value) -> str | float | None:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _csv_value(value: Value) -> str | int | None:
    """Write a decimal with a comma: a Russian spreadsheet would take 4.5 for a date."""
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    return value.isoformat() if isinstance(value, dt.date) else value


def _file_name_part(word: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in word)


@dataclass(frozen=True, slots=True)
class BlankList:
    """A blank list of people."""

    name: str
    data: bytes


def people_list(root: Path, *, today: dt.date) -> BlankList:
    """Make a blank list of people, with this archive's programmes and groups to choose from."""
    archive = load_kinds(CommitSnapshot(root, MAIN), {"organization", "program", "platform"})
    return BlankList("список.xlsx", write_xlsx(blank_list(archive, today)))


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank sheet with `rows` students and `parts` columns to fill."""

    name: str
    data: bytes
    period: str
    rows: int
    parts: int


def give_sheet(root: Path, group: str, *, today: dt.date, period: str | None = None) -> Blank:
    """Make the group's blank for the period, by default the open one. Raises NotFound, Refused."""
    snapshot = CommitSnapshot(root, MAIN)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=_is_read)
    named = find_group(archive, group)
    if named is None:
        raise NotFound(
            f"Группы {group} в архиве нет",
            "Группы объявлены в records/organization.yaml, раздел groups."
            f"{suggest(group, archive.groups)}",
        )
    found = _find_period(archive, period, today)
    made = make_blank(archive, named, found)
    count = len(made.rows) - 1
    if not count:
        raise Refused(
            f"В периоде {found.period} никто из группы {group} не должен отметок",
            "Проверьте группу и период: papka print group-sheet",
        )
    file = f"sheet-{_file_name_part(named)}-{found.period}.xlsx"
    return Blank(file, write_xlsx((made,)), found.period, count, len(made.rows[0]) - 5)


def _find_period(archive: Archive, asked: str | None, today: dt.date) -> Period:
    name = asked or open_period(archive, today)
    if name is None:
        raise Refused(
            f"День {today:%d.%m.%Y} не попадает ни в один открытый период",
            "Назовите период: --period ПЕРИОД",
        )
    if name not in archive.periods:
        raise NotFound(f"Периода «{name}» нет", f"Есть: {', '.join(archive.periods)}")
    if name in archive.approvals:
        raise Refused(
            f"Период {name} закрыт: отметки в него больше не вносят",
            "Исправляют papka fix, пересдают papka add НОМЕР result --resits ЗАПИСЬ",
        )
    return archive.periods[name]
