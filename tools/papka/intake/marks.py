"""Read an export by its layout: students, marks of programme parts, a kind for every row.

Invariants: columns are found by header words, or by place where the header agrees; every column is
mapped, named as not needed, or told of; a flaw of the layout or of a column's rule is told once, at
the column's header. `row` is the file's own number, `column` counts from 1, `raw` is the cell
unchanged. Rows of one student come together; a mark named twice, a name that does not go with its
key and a row about nobody are told, never chosen between, unless the layout says which attempt
counts.

A mark appears only by the layout's declared rule (`mark_rules`). The layout does not know whose row
it reads: where editions differ in the scale, it must name one, or a column that does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from papka.core import cells
from papka.core.findings import Finding
from papka.core.phrases import suggest
from papka.intake import intake_codes
from papka.intake.headers import (
    Header,
    Pattern,
    compile_pattern,
    find_header,
    join_second_list,
    normalise,
    person_columns,
    read_name,
)
from papka.intake.mark_rules import (
    ADVICE,
    MarkRule,
    Origin,
    Wrong,
    exact,
    mark_of,
    shown,
)
from papka.intake.tables import Export, FieldPlace, Row
from papka.records.acts import Order
from papka.records.school import (
    ExportLayout,
    FieldColumn,
    MarkColumn,
    Program,
    RowRule,
    Scale,
)
from papka.records.student import Mark, Name

RowKind = Literal["header", "aggregate", "student", "refused"]
"""«header»: down to the row of headers, a row of maxima, an empty row: nothing about a person;
«refused»: a row that the caller leaves for later."""


@dataclass(frozen=True, slots=True)
class MarkContext:
    """What the archive declares; `date`, the day of the export, is for columns without one.

    `orders` are for lists that name them; `origin`: who filled the file in; `refused`: rows that
    are left for later, as if they were not there.
    """

    programs: Mapping[str, Program]
    scales: Mapping[str, Scale]
    date: dt.date | None = None
    orders: Mapping[str, Order] = field(default_factory=dict)
    origin: Origin = "платформа"
    refused: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class StudentRow:
    """All rows of one student.

    `name` is the whole name, `person` its parts where they are sure; "" and None where the file
    says nothing. `skipped`: by the layout's rule without marks, such as a trial account, and so no
    fault when nobody is found for it; all his rows are. `fields` are those of a card or an
    enrolment in the record's own words.
    """

    rows: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    key: str = ""
    email: str = ""
    name: str = ""
    person: Name | None = None
    birth_date: dt.date | None = None
    skipped: bool = False
    fields: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of the first row."""
        return self.rows[0]


@dataclass(frozen=True, slots=True)
class MappedMark:
    """A mark; `student` is the first row of its StudentRow.

    What else a result needs is in `rule`: part, kind, origin, control.
    """

    student: int
    row: int
    column: int
    header: str
    program: str
    rule: MarkColumn
    raw: str
    mark: Mark
    date: dt.date
    by_hand: str | None = None

    @property
    def part(self) -> str:
        return self.rule.part


@dataclass(frozen=True, slots=True)
class Rows:
    """What a layout makes of a file; with an error among the findings the rest is not to be used.

    `kinds` has every row of the table by number; `findings` also tell each column nobody asked for;
    `fields`: field of a card or an enrolment -> where it stands.
    """

    layout: ExportLayout
    table: str
    students: tuple[StudentRow, ...] = ()
    marks: tuple[MappedMark, ...] = ()
    kinds: Mapping[int, RowKind] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    fields: Mapping[str, FieldPlace] = field(default_factory=dict)


def read_rows(export: Export, layout: ExportLayout, context: MarkContext) -> Rows:
    """Read everything the layout can say about the file."""
    whole, lost = join_second_list(export, layout)
    header = find_header(whole, layout)
    if isinstance(header, Finding):
        return Rows(layout, "", findings=(*lost, header))
    reading = _MarkReading(header, layout, context, is_typed=export.layout != "csv")
    rows = header.table.rows
    kinds: dict[int, RowKind] = {row.number: "header" for row in rows[: header.first]}
    kinds |= {row.number: reading.kind(row) for row in rows[header.first :]}
    for row in rows[header.first :]:
        if kinds[row.number] == "student":
            reading.take(row)
    return Rows(
        layout,
        header.table.name,
        tuple(reading.students()),
        tuple(reading.marks),
        kinds,
        (*lost, *header.findings, *reading.unused()),
        reading.fields,
    )


def _find_scale(source: MarkColumn, program: str, context: MarkContext) -> Scale | Wrong:
    """Return the scale of the part: the same in every edition, unless the column names one."""
    unknown = intake_codes.EXPORT_PART_UNKNOWN
    known = context.programs.get(program)
    if known is None:
        what = f"программы «{program}»" if program else "программа не названа"
        words = {"what": what, "may_be": suggest(program, context.programs)}
        return Wrong(unknown, {"name": source.column, **words})
    editions = [each for each in known.editions if source.edition in (None, each.edition)]
    if not editions:
        what = f"редакции {source.edition} программы «{program}»"
        return Wrong(unknown, {"name": source.column, "what": what, "may_be": ""})
    parts = [part for each in editions if (part := each.part(source.part)) is not None]
    if not parts:
        hint = suggest(source.part, (part.part for each in editions for part in each.parts))
        what = f"части «{source.part}» программы «{program}»"
        return Wrong(unknown, {"name": source.column, "what": what, "may_be": hint})
    scales = {part.scale for part in parts}
    if len(scales) > 1:
        return Wrong(intake_codes.EXPORT_SCALE_UNSURE, {"part": source.part})
    scale = context.scales.get(scales.pop() or "")
    return scale or Wrong(intake_codes.EXPORT_PART_WITHOUT_SCALE, {"part": source.part})


@dataclass(slots=True)
class _Target:
    """A column of marks. Values repeat, so what they become is remembered.

    `conditions` are columns and the texts they must hold, `edition` a column and its number of the
    programme's edition; `date`, `flag` and `reason` are columns, 0 for none.
    """

    column: int
    program: str
    source: MarkColumn
    rule: MarkRule
    conditions: tuple[tuple[int, Pattern], ...] = ()
    edition: tuple[int, int] | None = None
    date: int = 0
    flag: int = 0
    reason: int = 0
    _made: dict[str, Mark | Wrong | None] = field(default_factory=dict)

    def mark(self, raw: str) -> Mark | Wrong | None:
        """Return the mark of a cell; None when the cell says that there is none."""
        if raw not in self._made:
            self._made[raw] = mark_of(raw, self.rule)
        return self._made[raw]

    def by_hand(self, row: Row) -> str | None:
        """Return what the row says about who set the value, if not the platform."""
        if self.source.by_hand is None:
            return None
        told = row.cell(self.flag).strip()
        texts = self.source.by_hand.texts
        if not told or (texts and not any(compile_pattern(text).matches(told) for text in texts)):
            return None
        return " ".join(row.cell(self.reason).split()) or told


_RowRules = tuple[tuple[tuple[int, ...], Pattern], ...]
"""How some rows are known: the columns to look at, and the text."""


def _match(rules: _RowRules, row: Row) -> bool:
    for columns, text in rules:
        for column in columns:
            if text.matches(row.cell(column)):
                return True
    return False


_TOTAL = re.compile(
    r"(?:итог|итого|итоги|всего|сумма|общее среднее|средн(?:ее|ий|яя)|медиана)\b.*"
    r"|(?:(?:grand|overall|class|course) )?(?:totals?|average|mean|median|max(?:imum)?|min(?:imum)?"
    r"|sum|std\.? dev\.?|standard deviation)(?:[ :(].*[\d)])?:?"
    r"|(?:максимум|минимум|макс\.?|мин\.?)(?:[ :(].*[\d)])?:?"
)
"""How a row about all is called, where its layout does not say."""
_DATES_ADVICE = "Исправьте на платформе и выгрузите снова либо назовите вид дат в раскладке: dates"
_moment = lru_cache(maxsize=65536)(cells.moment)
_EDITION = re.compile(r"(?:ред[а-я]*\.? *)?(\d{1,4})(?:[.,]0+)?")


def _read_edition(text: str) -> int:
    """Return the number of an edition as people write it, 0 for none."""
    found = _EDITION.fullmatch(normalise(text))
    return int(found[1]) if found else 0


class _MarkReading:
    """A layout fixed to one file, and the students and marks of the rows taken so far.

    Findings go to the header's. Rows of one student come together.
    """

    def __init__(
        self, header: Header, layout: ExportLayout, context: MarkContext, *, is_typed: bool
    ) -> None:
        self._header, self._layout, self._context = header, layout, context
        self._is_typed = is_typed
        self._people = person_columns(header, layout.student)
        self._maxima = self._fix_rules((layout.maxima,) if layout.maxima else ())
        self._above_maxima = self._find_above_maxima()
        self._aggregates = self._fix_rules(layout.aggregates)
        self._skipped = self._fix_rules(layout.skipped)
        self._fields = [(header.one(each.column), each) for each in layout.fields]
        self._targets = sorted(self._make_targets(), key=lambda each: each.column)
        header.findings += header.unknown(layout.ignored)
        self._found: dict[tuple[object, ...], StudentRow] = {}
        self._seen: dict[tuple[int, int, int], int] = {}
        self._idle: Counter[tuple[int, str]] = Counter()
        self._undated: set[tuple[int, int]] = set()
        self._rows = {row.number: row for row in header.table.rows} if layout.attempts else {}
        self._editions: dict[int, set[int]] = {}
        for target in self._targets:
            if target.edition:
                column, number = target.edition
                self._editions.setdefault(column, set()).add(number)
        self.marks: list[MappedMark] = []

    @property
    def fields(self) -> dict[str, FieldPlace]:
        """Return where each field of a card or an enrolment stands."""
        return {
            source.field: FieldPlace(column, cells.tidy(source.column))
            for column, source in self._fields
            if column
        }

    def students(self) -> Iterable[StudentRow]:
        return self._found.values()

    def kind(self, row: Row) -> RowKind:
        """Tell what a row below the headers is about."""
        if row.number in self._context.refused:
            return "refused"
        if not any(map(str.strip, row.cells)) or _match(self._maxima, row):
            return "header"
        if row.number in self._above_maxima:
            return "header"
        if _match(self._aggregates, row) or self._is_total(row):
            return "aggregate"
        names = self._header.names
        if normalise(row.cell(1)) == normalise(names[0]) and [*map(normalise, row.cells)] == [
            *map(normalise, names)
        ]:
            self._report(intake_codes.EXPORT_HEADER_TWICE.at(self._header.at(row=row.number)))
            return "header"
        return "student"

    def _find_above_maxima(self) -> frozenset[int]:
        """Return the rows between the headers and the row of maxima, unless one names somebody."""
        above: list[int] = []
        for row in self._header.table.rows[self._header.first :]:
            if _match(self._maxima, row):
                return frozenset(above)
            if any(row.cell(column).strip() for column in self._people.named):
                break
            above.append(row.number)
        return frozenset()

    def _is_total(self, row: Row) -> bool:
        """Whether a word of totals stands in the row instead of everything that names a person."""
        first = next((column for column, cell in enumerate(row.cells, 1) if cell.strip()), 0)
        if any(column != first and row.cell(column).strip() for column in self._people.named):
            return False
        return _TOTAL.fullmatch(normalise(row.cell(first))) is not None

    def unused(self) -> Iterator[Finding]:
        """Find texts of conditions that no rule asks for, each with the number of its rows."""
        for (column, text), count in self._idle.items():
            where, name = self._header.at(column), self._header.names[column - 1]
            yield intake_codes.EXPORT_ROWS_UNUSED.at(where, count=count, name=name, text=text)

    def take(self, row: Row) -> None:
        student = self._find_student(row)
        if not _match(self._skipped, row):
            self._read_marks(row, student)

    def _fix_rules(self, rules: tuple[RowRule, ...]) -> _RowRules:
        """Fix rules to columns; one that names none looks where students are named, and first."""
        usual = tuple(dict.fromkeys((1, *self._people.named)))
        return tuple(
            (
                usual if rule.column is None else (self._header.one(rule.column),),
                compile_pattern(rule.text),
            )
            for rule in rules
        )

    def _make_targets(self) -> Iterator[_Target]:
        """Make the columns of marks, exact names first: a pattern takes what they left."""
        header, layout = self._header, self._layout
        rows = header.table.rows[header.first :]
        maxima = next((row for row in rows if _match(self._maxima, row)), None)
        taken: set[int] = set()
        for source in sorted(
            layout.columns, key=lambda each: not compile_pattern(each.column).is_exact
        ):
            columns = [at for at in header.some(source.column) if at not in taken]
            if not source.conditions:
                taken.update(columns)
            rest = (
                header.one(source.date),
                header.one(source.by_hand.column) if source.by_hand else 0,
                header.one(source.by_hand.reason) if source.by_hand else 0,
            )
            when = tuple(
                (header.one(each.column), compile_pattern(each.text)) for each in source.conditions
            )
            program = source.program or layout.program or ""
            editions = self._find_editions(source, program)
            for column in columns:
                if maxima and not self._is_worth_points(source, column, maxima):
                    continue
                for each, edition in editions:
                    rule = self._make_rule(each, program, column, maxima)
                    if isinstance(rule, Wrong):
                        self._report(rule.at(header.at(column)))
                        editions = []
                        break
                    yield _Target(column, program, each, rule, when, edition, *rest)

    def _find_editions(
        self, source: MarkColumn, program: str
    ) -> list[tuple[MarkColumn, tuple[int, int] | None]]:
        """Return the column's rule for each edition that a column of the file may name."""
        column = self._header.one(source.edition_column)
        known = self._context.programs.get(program)
        if not column or known is None:
            return [(source, None)]
        with_part = (each for each in known.editions if each.part(source.part) is not None)
        return [
            (source.of_edition(each.edition), (column, each.edition)) for each in with_part
        ] or [(source, None)]

    def _is_worth_points(self, source: MarkColumn, column: int, maxima: Row) -> bool:
        """Tell a column whose row of maxima says that nothing can be got in it."""
        conversion = source.conversion or self._layout.conversion
        if conversion is None or conversion.value != "баллы" or conversion.of is not None:
            return True
        most = cells.number(maxima.cell(column), self._decimal)
        if most is None or most > 0:
            return True
        name = self._header.names[column - 1]
        worthless = intake_codes.EXPORT_COLUMN_WITHOUT_POINTS
        self._report(worthless.at(self._header.at(column), name=name))
        return False

    def _make_rule(
        self, source: MarkColumn, program: str, column: int, maxima: Row | None
    ) -> MarkRule | Wrong:
        layout = self._layout
        scale = _find_scale(source, program, self._context)
        if isinstance(scale, Wrong):
            return scale
        name = self._header.names[column - 1]
        conversion = source.conversion or layout.conversion
        if conversion is None:
            return Wrong(intake_codes.EXPORT_RULE_MISSING, {"name": name})
        if source.date is None and self._context.date is None:
            return Wrong(intake_codes.EXPORT_DATE_UNKNOWN, {"name": name})
        # «(из 0)» says nothing
        maximum = compile_pattern(source.column).maximum(name) or None
        if conversion.of is not None:
            maximum = exact(conversion.of)
        elif maxima and not maximum:
            maximum = cells.number(maxima.cell(column), self._decimal)
        empty = frozenset(map(normalise, layout.empty))
        own = False
        if conversion.value == "баллы" and maximum is None:
            rows = self._header.table.rows[self._header.first :]
            own = any(cells.ratio(row.cell(column)) for row in rows)
        shares = conversion.value == "процент" and self._holds_shares(column)
        rule = MarkRule(
            *(name, conversion, scale, empty, layout.decimal, maximum, self._context.origin, own),
            has_shares=shares,
            is_typed=self._is_typed,
        )
        return rule.flaw or rule

    def _holds_shares(self, column: int) -> bool:
        """Tell a column of numbers none of which is above 1, and one at least is a fraction."""
        told = (row.cell(column).strip() for row in self._header.table.rows[self._header.first :])
        numbers = [cells.small_number(text) for text in told if any(map(str.isdigit, text))]
        known = [number for number in numbers if number is not None and 0 <= number <= 1]
        return len(known) == len(numbers) and any(number % 1 for number in known)

    @property
    def _decimal(self) -> str:
        return "," if self._layout.decimal == "запятая" else "."

    def _find_student(self, row: Row) -> StudentRow:
        """Return the row's student, with all rows so far."""
        columns = self._people
        if not any(row.cell(column).strip() for column in columns.named):
            self._report(
                intake_codes.EXPORT_ROW_WITHOUT_STUDENT.at(self._header.at(row=row.number))
            )
        key, email = _clue(row.cell(columns.key)), _clue(row.cell(columns.email))
        person = read_name(row, columns)
        name = person.full if person else ""
        born = self._read_day(row, columns.birth_date, must=False)
        known: tuple[object, ...]
        known = ("key", key) if key else (email.casefold(), normalise(name), born)
        if self._layout.target != "результаты":
            known = ("row", row.number)  # a person with two programmes has two rows
        before = self._found.get(known)
        if before is None:
            found = StudentRow(
                (row.number,),
                (row.cells,),
                *(key, email, name, person, born),
                _match(self._skipped, row),
                self._read_fields(row),
            )
        else:
            if normalise(before.name) != normalise(name):
                where = self._header.at(columns.key, row.number)
                self._report(intake_codes.EXPORT_STUDENT_DIFFERS.at(where, first=before.first))
            rows, cells = (*before.rows, row.number), (*before.cells, row.cells)
            skipped = before.skipped and _match(self._skipped, row)
            found = replace(before, rows=rows, cells=cells, skipped=skipped)
        self._found[known] = found
        return found

    def _read_marks(self, row: Row, student: StudentRow) -> None:
        idle: set[int] = set()
        applied = repeated = False
        if not self._names_known_editions(row):
            return
        for index, target in enumerate(self._targets):
            unmet = [at for at, text in target.conditions if not text.matches(row.cell(at))]
            if unmet:
                idle.update(unmet)
                continue
            applied = True
            if target.edition and _read_edition(row.cell(target.edition[0])) != target.edition[1]:
                continue
            raw = row.cell(target.column)
            mark = target.mark(raw)
            if mark is None:
                continue
            if isinstance(mark, Wrong):
                self._report(mark.at(self._header.at(target.column, row.number)))
                continue
            repeated |= not self._add_mark(row, student, index, target, raw, mark)
        if repeated:
            where = self._header.at(row=row.number)
            twice = intake_codes.EXPORT_STUDENT_TWICE
            related = [self._header.at(row=student.first)]
            self._report(twice.at(where, first=student.first, related=related))
        if not applied:
            self._idle.update((column, row.cell(column).strip()) for column in idle)

    def _names_known_editions(self, row: Row) -> bool:
        """Tell a cell that should name an edition of the programme and does not."""
        for column, numbers in self._editions.items():
            text = row.cell(column)
            if _read_edition(text) not in numbers:
                may = ", ".join(map(str, sorted(numbers)))
                self._report_cell(row, column, "это не номер редакции программы", may)
                return False
        return True

    def _add_mark(  # noqa: PLR0913 - what a mark is made of
        self, row: Row, student: StudentRow, index: int, target: _Target, raw: str, mark: Mark
    ) -> bool:
        """Add a mark, or choose between attempts; False when it was told before."""
        date = self._read_day(row, target.date) if target.date else self._context.date
        if date is None:
            return True
        by_hand = target.by_hand(row)
        made = MappedMark(
            *(student.first, row.number, target.column, target.rule.name, target.program),
            *(target.source, raw, mark, date, by_hand),
        )
        place = (student.first, index, target.column)
        before = self._seen.setdefault(place, len(self.marks))
        if before == len(self.marks):
            self.marks.append(made)
            return True
        if self._layout.attempts is None:
            return False
        if self._is_better(made, self.marks[before], target):
            self.marks[before] = made
        return True

    def _is_better(self, made: MappedMark, before: MappedMark, target: _Target) -> bool:
        """Whether an attempt counts instead of the one that was read before it."""
        if self._layout.attempts == "лучшая":
            scale = target.rule.scale
            return _rank_mark(made.mark, scale) > _rank_mark(before.mark, scale)
        if not target.date:
            return True
        then, now = (
            _moment(self._rows[each.row].cell(target.date), self._layout.dates)
            for each in (before, made)
        )
        return then is None or now is None or now >= then

    def _read_day(self, row: Row, column: int, *, must: bool = True) -> dt.date | None:
        """Read a day; tell one that cannot be read, or that must stand but does not."""
        text = row.cell(column)
        found = _moment(text, self._layout.dates)
        if found is None and (row.number, column) in self._undated:
            return None
        if found is None and (must or not cells.is_nothing(text)):
            self._undated.add((row.number, column))
            name = self._header.names[column - 1] if column else ""
            where = self._header.at(column, row.number)
            origin = self._context.origin
            advice = _DATES_ADVICE if origin == "платформа" else ADVICE[origin]
            said = {"name": name, "value": shown(text), "advice": advice}
            what = "день не написан" if cells.is_nothing(text) else _why_no_day(text)
            wrong = Wrong(intake_codes.EXPORT_DATE_UNREADABLE, {**said, "what": what})
            self._report(wrong.at(where))
        return found.date() if found else None

    def _report_cell(self, row: Row, column: int, what: str, may: str) -> None:
        said = {
            "name": self._header.names[column - 1],
            "value": shown(row.cell(column)),
            "what": what,
            "may": may,
            "advice": ADVICE[self._context.origin],
        }
        wrong = Wrong(intake_codes.EXPORT_VALUE_UNREADABLE, said)
        self._report(wrong.at(self._header.at(column, row.number)))

    def _read_fields(self, row: Row) -> Mapping[str, Mark]:
        """Return the fields of a card or an enrolment; an empty cell is no field."""
        found: dict[str, Mark] = {}
        for column, source in self._fields:
            text = cells.tidy(row.cell(column))
            if cells.is_nothing(text):
                continue
            value = self._read_field(row, column, source, text)
            if value is not None:
                found[source.field] = value
        return found

    def _read_field(self, row: Row, column: int, source: FieldColumn, text: str) -> Mark | None:
        for word in source.words:
            if normalise(word.text) == normalise(text):
                return word.mark
        if source.field == "start":
            found = self._read_day(row, column)
            return found.isoformat() if found else None
        read = _FIELDS.get(source.field)
        if read is None:
            return self._read_reference(row, column, source.field, text)
        value = read.of(text)
        if value is None:
            self._report_cell(row, column, read.what, read.may)
        return value

    def _read_reference(self, row: Row, column: int, kind: str, text: str) -> Mark | None:
        """Read what names something declared elsewhere: an edition, a programme, an order."""
        if kind == "edition":
            number = _read_edition(text)
            if not number:
                self._report_cell(row, column, "это не номер редакции", "номер: 1, 2")
            return number or None
        if kind == "program":
            return self._read_program(row, column, text)
        if kind == "order":
            return self._read_order(row, column, text)
        return text

    def _read_program(self, row: Row, column: int, text: str) -> str | None:
        """Return the code of the programme that a cell names by its code or its title."""
        known = self._context.programs
        same = [
            code
            for code, program in known.items()
            if normalise(text).strip('"') in (normalise(code), normalise(program.title).strip('"'))
        ]
        if len(same) == 1:
            return same[0]
        may = ", ".join(f"«{each.title}»" for each in known.values())
        self._report_cell(row, column, "такой программы нет", may)
        return None

    def _read_order(self, row: Row, column: int, text: str) -> str | None:
        """Return the key of the order that a cell names by its key or its number on paper."""
        known = self._context.orders
        said = cells.order(text)
        if text in known or said is None or not known:
            return text
        number, day = said
        same = {
            key: order
            for key, order in known.items()
            if normalise(order.number) == number and day in (None, order.date)
        }
        if len(same) > 1 and self._context.date is not None:
            year = self._context.date.year
            same = {key: order for key, order in same.items() if order.date.year == year} or same
        if len(same) == 1:
            return next(iter(same))
        what = "таких приказов несколько" if same else "такого приказа нет"
        may = ", ".join(f"{each.number} от {each.date:%d.%m.%Y}" for each in same.values())
        self._report_cell(row, column, what, may or "номер приказа, который сохранён: 2-к")
        return None

    def _report(self, finding: Finding) -> None:
        self._header.findings.append(finding)


def _clue(text: str) -> str:
    """Return a number or an address that tells a person, "" where the cell says there is none."""
    return "" if cells.is_nothing(text) else cells.tidy(text)


_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{1,2}-\d{1,2}", re.ASCII)


def _why_no_day(text: str) -> str:
    """Tell a day that the calendar lacks from what is no day, with the days it may mean."""
    if _DAY.match(text.strip()):
        return "такого дня нет в календаре"
    days = cells.days_meant(text) or ()
    may_be = " или ".join(f"{day:%d.%m.%Y}" for day in days[:2])
    return "это не читается как день" + (f"; может быть, это {may_be}?" if may_be else "")


def _rank_mark(mark: Mark, scale: Scale) -> tuple[bool, float]:
    """Return a key by which a better mark of a scale is greater."""
    if not isinstance(mark, str):
        return True, float(mark)
    return mark in scale.passing_marks, scale.marks.index(mark) if mark in scale.marks else -1.0


class _Reader(NamedTuple):
    """How a field's cell is read; `what` is wrong when it cannot be, and what `may` stand there."""

    of: Callable[[str], str | None]
    what: str
    may: str


_FIELDS = {
    "sex": _Reader(cells.sex, "это не пол", "м, ж, мужской, женский"),
    "phone": _Reader(
        cells.phone, "это не читается как один телефон", "+7 900 123-45-67, 8 (900) 123-45-67"
    ),
    "snils": _Reader(cells.snils, "это не СНИЛС", "112-233-445 95"),
}
