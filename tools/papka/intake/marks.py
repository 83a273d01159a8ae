"""Read an export by its layout: students, marks of programme parts, a kind for every row.

Invariants: columns are found by header words, or by place where the header agrees; every column is
mapped, named as not needed, or told of; a flaw of the layout or of a column's rule is told once, at
the column's header. `row` is the file's own number, `column` counts from 1, `raw` is the cell
unchanged. Rows of one student come together; a mark named twice, a name that does not go with its
key and a row about nobody are told, never chosen between.

A mark appears only by the layout's declared rule and stands on the part's declared scale; between
scales nothing is converted (R-2.2.3), and what does not fit is told, never bent to fit. The layout
does not know whose row it reads: where editions differ in the scale, it must name one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Literal

from papka.core.findings import Finding, Location
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
    read_day,
    read_name,
    read_number,
)
from papka.intake.tables import Export, Row
from papka.records.school import (
    NOT_ATTESTED,
    Conversion,
    ExportLayout,
    FieldColumn,
    MarkColumn,
    Program,
    RowRule,
    Scale,
)
from papka.records.student import Mark, Name

RowKind = Literal["header", "aggregate", "student"]
"""«header»: down to the row of headers, a row of maxima, an empty row: nothing about a person."""


@dataclass(frozen=True, slots=True)
class MarkContext:
    """What the archive declares; `date`, the day of the export, is for columns without one."""

    programs: Mapping[str, Program]
    scales: Mapping[str, Scale]
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """All rows of one student.

    `name` is the whole name, `person` its parts where they are sure; "" and None where the file
    says nothing. `skipped`: by the layout's rule without marks, such as a trial account, and so no
    fault when nobody is found for it. `fields` are those of a card or an enrolment in the record's
    own words.
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

    `kinds` has every row of the table by number; `findings` also tell each column nobody asked for.
    """

    layout: ExportLayout
    table: str
    students: tuple[StudentRow, ...] = ()
    marks: tuple[MappedMark, ...] = ()
    kinds: Mapping[int, RowKind] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read_rows(export: Export, layout: ExportLayout, context: MarkContext) -> Rows:
    """Read everything the layout can say about the file."""
    whole, lost = join_second_list(export, layout)
    header = find_header(whole, layout)
    if isinstance(header, Finding):
        return Rows(layout, "", findings=(*lost, header))
    reading = _MarkReading(header, layout, context, is_text=export.layout == "csv")
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
    )


_ROUNDING = {"по правилам": ROUND_HALF_UP, "вниз": ROUND_FLOOR, "вверх": ROUND_CEILING}
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is no mark; the caller knows the place."""

    at: Callable[[Location], Finding]


@dataclass(frozen=True, slots=True)
class MarkRule:
    """A column's rule with all it needs; `maximum` is of points, None where there are none."""

    name: str
    conversion: Conversion
    scale: Scale
    empty: frozenset[str]
    decimal: str
    is_text: bool
    maximum: Decimal | None = None

    @property
    def flaw(self) -> Wrong | None:
        """What is wrong with the rule itself, whatever the value."""
        if self.conversion.value == "отметка":
            return None
        if self.conversion.value == "баллы" and self.maximum is None:
            return Wrong(partial(intake_codes.EXPORT_MAXIMUM_UNKNOWN.at, name=self.name))
        hundred = (self.scale.lowest, self.scale.highest) == (0, 100)
        if not self.conversion.bands and not hundred:
            needs = intake_codes.EXPORT_SCALE_NEEDS_BANDS
            return Wrong(partial(needs.at, name=self.name, scale=self.scale.title))
        return None


def mark_of(text: str, rule: MarkRule) -> Mark | Wrong | None:
    """Return the mark of a cell; None when the cell says that there is none."""
    word = normalise(text)
    for known in rule.conversion.words:
        if normalise(known.text) == word:
            return _check_scale(known.mark, rule)
    if not word or word in rule.empty:
        return None
    if rule.conversion.value == "отметка":
        return _read_mark(text, word, rule)
    percent = _read_percent(text, rule)
    return percent if isinstance(percent, Wrong) else _convert_percent(percent, rule)


def _read_mark(text: str, word: str, rule: MarkRule) -> Mark | Wrong:
    for mark in (*rule.scale.marks, NOT_ATTESTED):
        if normalise(mark) == word:
            return mark
    value = read_number(text, rule.decimal, is_text=rule.is_text)
    if value is not None:
        return _check_scale(_plain_number(value), rule)
    if rule.scale.marks:
        return _off_scale(rule, "")
    return _unreadable(text, rule)


def _read_percent(text: str, rule: MarkRule) -> Decimal | Wrong:
    """Read a percentage, from 0 to 100."""
    kind = rule.conversion.value
    digits = text.strip()
    if kind == "процент":
        digits = digits.removesuffix("%")
    value = read_number(digits, rule.decimal, is_text=rule.is_text)
    if value is None:
        return _unreadable(text, rule)
    most = {"процент": _HUNDRED, "доля": Decimal(1)}.get(kind, rule.maximum)
    if most is None:
        return Wrong(partial(intake_codes.EXPORT_MAXIMUM_UNKNOWN.at, name=rule.name))
    if not 0 <= value <= most:
        what = "меньше нуля" if value < 0 else f"больше {_plain_number(most)}"
        return Wrong(partial(intake_codes.EXPORT_VALUE_OUT_OF_RANGE.at, name=rule.name, what=what))
    return value * _HUNDRED / most


def _convert_percent(percent: Decimal, rule: MarkRule) -> Mark | Wrong:
    if rule.conversion.bands:
        reached = [band for band in rule.conversion.bands if _exact(band.at_least) <= percent]
        if not reached:
            return _off_scale(rule, ": ниже всех порогов")
        return _check_scale(max(reached, key=lambda band: band.at_least).mark, rule)
    if rule.conversion.rounding is not None:
        step = _exact(rule.scale.step)
        steps = (percent / step).to_integral_value(_ROUNDING[rule.conversion.rounding])
        percent = steps * step
    return _check_scale(_plain_number(percent), rule)


def _check_scale(mark: Mark, rule: MarkRule) -> Mark | Wrong:
    if rule.scale.has(mark):
        return mark
    between = (
        not isinstance(mark, str)
        and rule.scale.lowest is not None
        and rule.scale.highest is not None
        and rule.scale.lowest <= mark <= rule.scale.highest
    )
    return _off_scale(rule, ": между делениями" if between else "")


def _off_scale(rule: MarkRule, why: str) -> Wrong:
    off = intake_codes.EXPORT_MARK_OFF_SCALE
    return Wrong(partial(off.at, name=rule.name, scale=rule.scale.title, why=why))


def _unreadable(text: str, rule: MarkRule) -> Wrong:
    what = "это не число"
    for other, sign in (("точка", "точкой"), ("запятая", "запятой")):
        digits = text.strip().removesuffix("%")
        if other != rule.decimal and read_number(digits, other, is_text=True) is not None:
            what = f"дробь записана с {sign}, а в раскладке не так"
        elif "%" in text and rule.conversion.value != "процент":
            what = "это процент, а в раскладке не так"
    return Wrong(partial(intake_codes.EXPORT_VALUE_UNREADABLE.at, name=rule.name, what=what))


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _plain_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _find_scale(source: MarkColumn, program: str, context: MarkContext) -> Scale | Wrong:
    """Return the scale of the part: the same in every edition, unless the column names one."""
    unknown = partial(intake_codes.EXPORT_PART_UNKNOWN.at, name=source.column)
    known = context.programs.get(program)
    if known is None:
        what = f"программы «{program}»" if program else "программа не названа"
        return Wrong(partial(unknown, what=what, may_be=suggest(program, context.programs)))
    editions = [each for each in known.editions if source.edition in (None, each.edition)]
    if not editions:
        what = f"редакции {source.edition} программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=""))
    parts = [part for each in editions if (part := each.part(source.part)) is not None]
    if not parts:
        hint = suggest(source.part, (part.part for each in editions for part in each.parts))
        what = f"части «{source.part}» программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=hint))
    scales = {part.scale for part in parts}
    if len(scales) > 1:
        return Wrong(partial(intake_codes.EXPORT_SCALE_UNSURE.at, part=source.part))
    scale = context.scales.get(scales.pop() or "")
    return scale or Wrong(partial(intake_codes.EXPORT_PART_WITHOUT_SCALE.at, part=source.part))


@dataclass(slots=True)
class _Target:
    """A column of marks. Values repeat, so what they become is remembered.

    `condition` is a column and the text it must hold; `date`, `flag` and `reason` are columns, 0
    for none.
    """

    column: int
    program: str
    source: MarkColumn
    rule: MarkRule
    condition: tuple[int, Pattern] | None = None
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


_day = lru_cache(maxsize=4096)(read_day)


class _MarkReading:
    """A layout fixed to one file, and the students and marks of the rows taken so far.

    Findings go to the header's. Rows of one student come together.
    """

    def __init__(
        self, header: Header, layout: ExportLayout, context: MarkContext, *, is_text: bool
    ) -> None:
        self._header, self._layout, self._context = header, layout, context
        self._is_text = is_text
        self._people = person_columns(header, layout.student)
        self._maxima = self._fix_rules((layout.maxima,) if layout.maxima else ())
        self._aggregates = self._fix_rules(layout.aggregates)
        self._skipped = self._fix_rules(layout.skipped)
        self._fields = [(header.one(each.column), each) for each in layout.fields]
        self._targets = sorted(self._make_targets(), key=lambda each: each.column)
        header.findings += header.unknown(layout.ignored)
        self._found: dict[tuple[object, ...], StudentRow] = {}
        self._seen: set[tuple[int, int, int]] = set()
        self._idle: Counter[tuple[int, str]] = Counter()
        self.marks: list[MappedMark] = []

    def students(self) -> Iterable[StudentRow]:
        return self._found.values()

    def kind(self, row: Row) -> RowKind:
        """Tell what a row below the headers is about."""
        if not any(map(str.strip, row.cells)) or _match(self._maxima, row):
            return "header"
        if _match(self._aggregates, row):
            return "aggregate"
        names = self._header.names
        if normalise(row.cell(1)) == normalise(names[0]) and [*map(normalise, row.cells)] == [
            *map(normalise, names)
        ]:
            self._report(intake_codes.EXPORT_HEADER_TWICE.at(self._header.at(row=row.number)))
            return "header"
        return "student"

    def unused(self) -> Iterator[Finding]:
        """Find texts of conditions that no rule asks for, each with the number of its rows."""
        for (column, text), count in self._idle.items():
            where, name = self._header.at(column), self._header.names[column - 1]
            yield intake_codes.EXPORT_ROWS_UNUSED.at(where, count=count, name=name, text=text)

    def take(self, row: Row) -> None:
        student = self._find_student(row)
        if not student.skipped:
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
            if source.when is None:
                taken.update(columns)
            date = header.one(source.date)
            flag = header.one(source.by_hand.column) if source.by_hand else 0
            reason = header.one(source.by_hand.reason) if source.by_hand else 0
            when = None
            if source.when is not None:
                when = header.one(source.when.column), compile_pattern(source.when.text)
            program = source.program or layout.program or ""
            for column in columns:
                rule = self._make_rule(source, program, column, maxima)
                if isinstance(rule, Wrong):
                    self._report(rule.at(header.at(column)))
                    break
                yield _Target(column, program, source, rule, when, date, flag, reason)

    def _make_rule(
        self, source: MarkColumn, program: str, column: int, maxima: Row | None
    ) -> MarkRule | Wrong:
        layout, is_text = self._layout, self._is_text
        scale = _find_scale(source, program, self._context)
        if isinstance(scale, Wrong):
            return scale
        name = self._header.names[column - 1]
        conversion = source.conversion or layout.conversion
        if conversion is None:
            return Wrong(partial(intake_codes.EXPORT_RULE_MISSING.at, name=name))
        if source.date is None and self._context.date is None:
            return Wrong(partial(intake_codes.EXPORT_DATE_UNKNOWN.at, name=name))
        # «(из 0)» says nothing
        maximum = compile_pattern(source.column).maximum(name) or None
        if conversion.of is not None:
            maximum = _exact(conversion.of)
        elif maxima and not maximum:
            maximum = read_number(maxima.cell(column), layout.decimal, is_text=is_text)
        empty = frozenset(map(normalise, layout.empty))
        rule = MarkRule(name, conversion, scale, empty, layout.decimal, is_text, maximum)
        return rule.flaw or rule

    def _find_student(self, row: Row) -> StudentRow:
        """Return the row's student, with all rows so far."""
        columns = self._people
        if not any(row.cell(column).strip() for column in columns.named):
            self._report(
                intake_codes.EXPORT_ROW_WITHOUT_STUDENT.at(self._header.at(row=row.number))
            )
        key, email = row.cell(columns.key).strip(), row.cell(columns.email).strip()
        person = read_name(row, columns)
        name = person.full if person else ""
        born = self._read_day(row, columns.birth_date, must=False)
        known = ("key", key) if key else (email.casefold(), normalise(name), born)
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
            elif self._fields or self._layout.target == "карточки":
                where = self._header.at(row=row.number)
                self._report(intake_codes.EXPORT_STUDENT_TWICE.at(where, first=before.first))
            rows, cells = (*before.rows, row.number), (*before.cells, row.cells)
            found = replace(before, rows=rows, cells=cells)
        self._found[known] = found
        return found

    def _read_marks(self, row: Row, student: StudentRow) -> None:
        idle: set[int] = set()
        applied = repeated = False
        for index, target in enumerate(self._targets):
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
                self._report(mark.at(self._header.at(target.column, row.number)))
                continue
            place = (student.first, index, target.column)
            repeated = repeated or place in self._seen
            self._seen.add(place)
            self._add_mark(row, student, target, raw, mark)
        if repeated:
            where = self._header.at(row=row.number)
            self._report(intake_codes.EXPORT_STUDENT_TWICE.at(where, first=student.first))
        if not applied:
            self._idle.update((column, row.cell(column).strip()) for column in idle)

    def _add_mark(
        self, row: Row, student: StudentRow, target: _Target, raw: str, mark: Mark
    ) -> None:
        date = self._read_day(row, target.date) if target.date else self._context.date
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
        """Read a day; tell one that cannot be read, or that must stand but does not."""
        text = row.cell(column)
        found = _day(text, self._layout.dates)
        if found is None and (must or text.strip()):
            name = self._header.names[column - 1] if column else ""
            where = self._header.at(column, row.number)
            self._report(
                intake_codes.EXPORT_DATE_UNREADABLE.at(where, name=name, form=self._layout.dates)
            )
        return found

    def _read_fields(self, row: Row) -> Mapping[str, Mark]:
        """Return the fields of a card or an enrolment; an empty cell is no field."""
        found: dict[str, Mark] = {}
        for column, source in self._fields:
            text = " ".join(row.cell(column).split())
            if not text:
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
        if source.field == "edition" and text.isdecimal():
            return int(text)
        return text

    def _report(self, finding: Finding) -> None:
        self._header.findings.append(finding)
