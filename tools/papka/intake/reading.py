"""Rows of students, one after another, to students and marks.

Invariants: rows of one student come together; a mark named twice, a name that does not go with its
key and a row about nobody are told, never chosen between.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from papka.core.codes import mappings as codes
from papka.core.findings import Finding
from papka.core.table import Row
from papka.intake.headers import Header
from papka.intake.mapped import Context, MappedMark, StudentRow
from papka.intake.patterns import plain
from papka.intake.people import name_of
from papka.intake.plan import Plan
from papka.intake.scales import Wrong
from papka.intake.targets import Target
from papka.intake.values import day
from papka.model.export_layout import ExportLayout, FieldColumn
from papka.model.results import Mark

_day = lru_cache(maxsize=4096)(day)


class Reading:
    """Rows of students, one after another; rows of one student come together."""

    def __init__(self, header: Header, plan: Plan, layout: ExportLayout, context: Context) -> None:
        self._header, self._plan, self._layout = header, plan, layout
        self._date = context.date
        self._found: dict[tuple[object, ...], StudentRow] = {}
        self._seen: set[tuple[int, int, int]] = set()
        self._idle: Counter[tuple[int, str]] = Counter()
        self.marks: list[MappedMark] = []

    def students(self) -> Iterable[StudentRow]:
        return self._found.values()

    def unused(self) -> Iterator[Finding]:
        """Texts of conditions that no rule asks for, each with the number of its rows."""
        for (column, text), count in self._idle.items():
            yield codes.EXPORT_ROWS_UNUSED.at(
                self._header.at(column),
                count=count,
                name=self._header.names[column - 1],
                text=text,
            )

    def take(self, row: Row) -> None:
        student = self._student(row)
        if not student.skipped:
            self._mark(row, student)

    def _student(self, row: Row) -> StudentRow:
        """The row's student, with all rows so far."""
        columns = self._plan.people
        if not any(row.cell(column).strip() for column in columns.named):
            self._tell(codes.EXPORT_ROW_WITHOUT_STUDENT.at(self._header.at(row=row.number)))
        key, email = row.cell(columns.key).strip(), row.cell(columns.email).strip()
        person = name_of(row, columns)
        name = person.full if person else ""
        born = self._read_day(row, columns.birth_date, must=False)
        known = ("key", key) if key else (email.casefold(), plain(name), born)
        before = self._found.get(known)
        if before is None:
            found = StudentRow(
                (row.number,),
                (row.cells,),
                *(key, email, name, person, born),
                self._plan.skipped.apply(row),
                self._fields(row),
            )
        else:
            if plain(before.name) != plain(name):
                where = self._header.at(columns.key, row.number)
                self._tell(codes.EXPORT_STUDENT_DIFFERS.at(where, first=before.first))
            elif self._plan.fields or self._layout.target == "карточки":
                where = self._header.at(row=row.number)
                self._tell(codes.EXPORT_STUDENT_TWICE.at(where, first=before.first))
            found = StudentRow(
                (*before.rows, row.number),
                (*before.cells, row.cells),
                *(key, before.email, before.name, before.person, before.birth_date),
                before.skipped,
                before.fields,
            )
        self._found[known] = found
        return found

    def _mark(self, row: Row, student: StudentRow) -> None:
        idle: set[int] = set()
        applied = repeated = False
        for number, target in enumerate(self._plan.targets):
            if target.condition is not None:
                column, text = target.condition
                if not text.matches(row.cell(column)):
                    idle.add(column)
                    continue
            applied = True
            raw = row.cell(target.column)
            mark = target.mark(raw)
            if mark is None:
                continue
            if isinstance(mark, Wrong):
                self._tell(mark.at(self._header.at(target.column, row.number)))
                continue
            place = (student.first, number, target.column)
            repeated = repeated or place in self._seen
            self._seen.add(place)
            self._add(row, student, target, raw, mark)
        if repeated:
            where = self._header.at(row=row.number)
            self._tell(codes.EXPORT_STUDENT_TWICE.at(where, first=student.first))
        if not applied:
            self._idle.update((column, row.cell(column).strip()) for column in idle)

    def _add(self, row: Row, student: StudentRow, target: Target, raw: str, mark: Mark) -> None:
        date = self._read_day(row, target.date) if target.date else self._date
        if date is None:
            return
        by_hand = target.by_hand(row)
        self.marks.append(
            MappedMark(
                *(student.first, row.number, target.column, target.rule.name, target.program),
                *(target.source, raw, mark, date, by_hand),
            )
        )

    def _read_day(self, row: Row, column: int, *, must: bool = True) -> dt.date | None:
        """A day that cannot be read is told, and so is one that must stand but does not."""
        text = row.cell(column)
        found = _day(text, self._layout.dates)
        if found is None and (must or text.strip()):
            name = self._header.names[column - 1] if column else ""
            where = self._header.at(column, row.number)
            self._tell(codes.EXPORT_DATE_UNREADABLE.at(where, name=name, form=self._layout.dates))
        return found

    def _fields(self, row: Row) -> Mapping[str, Mark]:
        """Fields of a card or an enrolment; an empty cell is no field."""
        found: dict[str, Mark] = {}
        for column, source in self._plan.fields:
            text = " ".join(row.cell(column).split())
            if not text:
                continue
            value = self._field(row, column, source, text)
            if value is not None:
                found[source.field] = value
        return found

    def _field(self, row: Row, column: int, source: FieldColumn, text: str) -> Mark | None:
        for word in source.words:
            if plain(word.text) == plain(text):
                return word.mark
        if source.field == "start":
            found = self._read_day(row, column)
            return found.isoformat() if found else None
        if source.field == "edition" and text.isdecimal():
            return int(text)
        return text

    def _tell(self, finding: Finding) -> None:
        self._header.findings.append(finding)
