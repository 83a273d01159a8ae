"""What a layout makes of a file: rows about students, marks of parts, a kind for every row.

Invariants: `row` is the file's own number, `column` counts from 1, `raw` is the cell unchanged.
Absent on purpose: whose folder a row belongs to (`matching`), what changes in it (`proposal`).

A platform's value to a mark of the part's declared scale, by the layout's declared rule.

Invariants: without a rule nothing is converted, between scales never (R-2.2.3); what comes out is
a mark `Scale.has`; what does not fit is told, never bent to fit.

The scale a part of a programme declares, asked for by a layout that does not know whose row it
reads, and so not the edition either.

Invariant: where editions differ nothing is chosen; the layout must name one.

Columns of marks fixed to one file: which part and scale each belongs to, and by which rule.

Invariant: a flaw of a rule is told once, at its column's header, not again for every row.

A layout fixed to one file: every column it speaks of by number.

Invariant: what is wrong with the layout itself, or with the file's columns, is told here once.

Rows of students, one after another, to students and marks.

Invariants: rows of one student come together; a mark named twice, a name that does not go with its
key and a row about nobody are told, never chosen between.

From a platform's table to marks of the programme's parts: recognise the layout, read its rows.

Invariants: columns are found by header words, or by place where the header agrees; a mark appears
only by the layout's declared rule and stands on the part's declared scale; every column is mapped,
named as not needed, or told of; every row has a kind.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Literal

from papka.core.findings import Finding, Location
from papka.core.phrases import may_be
from papka.intake import intake_codes
from papka.intake.headers import (
    Header,
    Pattern,
    PersonColumns,
    day,
    find_header,
    joined,
    name_of,
    number,
    pattern,
    person_columns,
    plain,
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
class Context:
    """What the archive declares; `date` is the day of the export, for columns without their own."""

    programs: Mapping[str, Program]
    scales: Mapping[str, Scale]
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """All rows of one student. `name` is the whole name, `person` its parts where they are sure;
    "" and None where the file says nothing. `skipped`: by the layout's rule without marks, such as
    a trial account, and so no fault when nobody is found for it. `fields` are those of a card or an
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
    """A mark; `student` is the first row of its StudentRow. What else a result needs is in `rule`:
    part, kind, origin, control."""

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
    """`kinds` has every row of the table by number; `findings` hold all that is wrong and, as
    information, each column nobody asked for. With an error the rest is not to be used."""

    layout: ExportLayout
    table: str
    students: tuple[StudentRow, ...] = ()
    marks: tuple[MappedMark, ...] = ()
    kinds: Mapping[int, RowKind] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


_ROUNDING = {"по правилам": ROUND_HALF_UP, "вниз": ROUND_FLOOR, "вверх": ROUND_CEILING}
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value is no mark; the caller knows the place."""

    at: Callable[[Location], Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """A column's rule with all it needs. `maximum` is of points; None where there are none."""

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
            return Wrong(
                partial(
                    intake_codes.EXPORT_SCALE_NEEDS_BANDS.at, name=self.name, scale=self.scale.title
                )
            )
        return None


def mark_of(text: str, rule: Rule) -> Mark | Wrong | None:
    """The mark; None when the cell says that there is none."""
    word = plain(text)
    for known in rule.conversion.words:
        if plain(known.text) == word:
            return _on_scale(known.mark, rule)
    if not word or word in rule.empty:
        return None
    if rule.conversion.value == "отметка":
        return _as_it_stands(text, word, rule)
    percent = _percent(text, rule)
    return percent if isinstance(percent, Wrong) else _of_percent(percent, rule)


def _as_it_stands(text: str, word: str, rule: Rule) -> Mark | Wrong:
    for mark in (*rule.scale.marks, NOT_ATTESTED):
        if plain(mark) == word:
            return mark
    value = number(text, rule.decimal, is_text=rule.is_text)
    if value is not None:
        return _on_scale(_number(value), rule)
    if rule.scale.marks:
        return _off_scale(rule, "")
    return _unreadable(text, rule)


def _percent(text: str, rule: Rule) -> Decimal | Wrong:
    """From 0 to 100."""
    kind = rule.conversion.value
    digits = text.strip()
    if kind == "процент":
        digits = digits.removesuffix("%")
    value = number(digits, rule.decimal, is_text=rule.is_text)
    if value is None:
        return _unreadable(text, rule)
    most = {"процент": _HUNDRED, "доля": Decimal(1)}.get(kind, rule.maximum)
    if most is None:
        return Wrong(partial(intake_codes.EXPORT_MAXIMUM_UNKNOWN.at, name=rule.name))
    if not 0 <= value <= most:
        what = "меньше нуля" if value < 0 else f"больше {_number(most)}"
        return Wrong(partial(intake_codes.EXPORT_VALUE_OUT_OF_RANGE.at, name=rule.name, what=what))
    return value * _HUNDRED / most


def _of_percent(percent: Decimal, rule: Rule) -> Mark | Wrong:
    if rule.conversion.bands:
        reached = [band for band in rule.conversion.bands if _exact(band.at_least) <= percent]
        if not reached:
            return _off_scale(rule, ": ниже всех порогов")
        return _on_scale(max(reached, key=lambda band: band.at_least).mark, rule)
    if rule.conversion.rounding is not None:
        step = _exact(rule.scale.step)
        steps = (percent / step).to_integral_value(_ROUNDING[rule.conversion.rounding])
        percent = steps * step
    return _on_scale(_number(percent), rule)


def _on_scale(mark: Mark, rule: Rule) -> Mark | Wrong:
    if rule.scale.has(mark):
        return mark
    between = (
        not isinstance(mark, str)
        and rule.scale.lowest is not None
        and rule.scale.highest is not None
        and rule.scale.lowest <= mark <= rule.scale.highest
    )
    return _off_scale(rule, ": между делениями" if between else "")


def _off_scale(rule: Rule, why: str) -> Wrong:
    return Wrong(
        partial(
            intake_codes.EXPORT_MARK_OFF_SCALE.at, name=rule.name, scale=rule.scale.title, why=why
        )
    )


def _unreadable(text: str, rule: Rule) -> Wrong:
    what = "это не число"
    for other, sign in (("точка", "точкой"), ("запятая", "запятой")):
        digits = text.strip().removesuffix("%")
        if other != rule.decimal and number(digits, other, is_text=True) is not None:
            what = f"дробь записана с {sign}, а в раскладке не так"
        elif "%" in text and rule.conversion.value != "процент":
            what = "это процент, а в раскладке не так"
    return Wrong(partial(intake_codes.EXPORT_VALUE_UNREADABLE.at, name=rule.name, what=what))


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def scale_of(source: MarkColumn, program: str, context: Context) -> Scale | Wrong:
    """The same in every edition that has the part, unless the column names an edition."""
    unknown = partial(intake_codes.EXPORT_PART_UNKNOWN.at, name=source.column)
    known = context.programs.get(program)
    if known is None:
        what = f"программы «{program}»" if program else "программа не названа"
        return Wrong(partial(unknown, what=what, may_be=may_be(program, context.programs)))
    editions = [each for each in known.editions if source.edition in (None, each.edition)]
    if not editions:
        what = f"редакции {source.edition} программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=""))
    parts = [part for each in editions if (part := each.part(source.part)) is not None]
    if not parts:
        hint = may_be(source.part, (part.part for each in editions for part in each.parts))
        what = f"части «{source.part}» программы «{program}»"
        return Wrong(partial(unknown, what=what, may_be=hint))
    scales = {part.scale for part in parts}
    if len(scales) > 1:
        return Wrong(partial(intake_codes.EXPORT_SCALE_UNSURE.at, part=source.part))
    scale = context.scales.get(scales.pop() or "")
    return scale or Wrong(partial(intake_codes.EXPORT_PART_WITHOUT_SCALE.at, part=source.part))


@dataclass(slots=True)
class Target:
    """A column of marks. `condition` is a column and the text it must hold; `date`, `flag` and
    `reason` are columns, 0 for none. Values repeat, so what they become is remembered."""

    column: int
    program: str
    source: MarkColumn
    rule: Rule
    condition: tuple[int, Pattern] | None = None
    date: int = 0
    flag: int = 0
    reason: int = 0
    _made: dict[str, Mark | Wrong | None] = field(default_factory=dict)

    def mark(self, raw: str) -> Mark | Wrong | None:
        """None when the cell says that there is none."""
        if raw not in self._made:
            self._made[raw] = mark_of(raw, self.rule)
        return self._made[raw]

    def by_hand(self, row: Row) -> str | None:
        """What the row says about who set the value, when that was not the platform."""
        if self.source.by_hand is None:
            return None
        told = row.cell(self.flag).strip()
        texts = self.source.by_hand.texts
        if not told or (texts and not any(pattern(text).matches(told) for text in texts)):
            return None
        return " ".join(row.cell(self.reason).split()) or told


def made_targets(
    export: Export, header: Header, layout: ExportLayout, context: Context, maxima: Row | None
) -> Iterator[Target]:
    """Exact names first, so that a pattern takes what they left; findings go to the header's."""
    taken: set[int] = set()
    for source in sorted(layout.columns, key=lambda each: not pattern(each.column).is_exact):
        columns = [at for at in header.some(source.column) if at not in taken]
        if source.when is None:
            taken.update(columns)
        date = header.one(source.date)
        flag = header.one(source.by_hand.column) if source.by_hand else 0
        reason = header.one(source.by_hand.reason) if source.by_hand else 0
        when = None
        if source.when is not None:
            when = header.one(source.when.column), pattern(source.when.text)
        program = source.program or layout.program or ""
        for column in columns:
            rule = _rule(export, header, layout, context, source, maxima, column)
            if isinstance(rule, Wrong):
                header.findings.append(rule.at(header.at(column)))
                break
            yield Target(column, program, source, rule, when, date, flag, reason)


def _rule(  # noqa: PLR0913 - what one column of one file depends on
    export: Export,
    header: Header,
    layout: ExportLayout,
    context: Context,
    source: MarkColumn,
    maxima: Row | None,
    column: int,
) -> Rule | Wrong:
    scale = scale_of(source, source.program or layout.program or "", context)
    if isinstance(scale, Wrong):
        return scale
    name = header.names[column - 1]
    conversion = source.conversion or layout.conversion
    if conversion is None:
        return Wrong(partial(intake_codes.EXPORT_RULE_MISSING.at, name=name))
    if source.date is None and context.date is None:
        return Wrong(partial(intake_codes.EXPORT_DATE_UNKNOWN.at, name=name))
    is_text = export.layout == "csv"
    stated = number(maxima.cell(column), layout.decimal, is_text=is_text) if maxima else None
    maximum = (
        Decimal(str(conversion.of))
        if conversion.of is not None
        else pattern(source.column).maximum(name) or stated
    )
    empty = frozenset(map(plain, layout.empty))
    rule = Rule(name, conversion, scale, empty, layout.decimal, is_text, maximum)
    return rule.flaw or rule


@dataclass(frozen=True, slots=True)
class RowRules:
    """How some rows are known: the columns to look at, and the text."""

    rules: tuple[tuple[tuple[int, ...], Pattern], ...]

    def apply(self, row: Row) -> bool:
        for columns, text in self.rules:
            for column in columns:
                if text.matches(row.cell(column)):
                    return True
        return False


@dataclass(frozen=True, slots=True)
class Plan:
    """`fields`: column number and what it fills in."""

    people: PersonColumns
    maxima: RowRules
    aggregates: RowRules
    skipped: RowRules
    targets: tuple[Target, ...]
    fields: tuple[tuple[int, FieldColumn], ...]


def made_plan(export: Export, header: Header, layout: ExportLayout, context: Context) -> Plan:
    """Findings go to the header's."""
    people = person_columns(header, layout.student)
    maxima = _row_rules(header, people, (layout.maxima,) if layout.maxima else ())
    rows = header.table.rows[header.first :]
    stated = next((row for row in rows if maxima.apply(row)), None)
    aggregates = _row_rules(header, people, layout.aggregates)
    skipped = _row_rules(header, people, layout.skipped)
    fields = tuple((header.one(each.column), each) for each in layout.fields)
    targets = sorted(
        made_targets(export, header, layout, context, stated), key=lambda each: each.column
    )
    header.findings += header.unknown(layout.ignored)
    return Plan(people, maxima, aggregates, skipped, tuple(targets), fields)


def _row_rules(header: Header, people: PersonColumns, rules: tuple[RowRule, ...]) -> RowRules:
    """A rule that names no column looks where students are named, and at the first column."""
    usual = tuple(dict.fromkeys((1, *people.named)))
    return RowRules(
        tuple(
            (usual if rule.column is None else (header.one(rule.column),), pattern(rule.text))
            for rule in rules
        )
    )


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
            yield intake_codes.EXPORT_ROWS_UNUSED.at(
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
            self._tell(intake_codes.EXPORT_ROW_WITHOUT_STUDENT.at(self._header.at(row=row.number)))
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
                self._tell(intake_codes.EXPORT_STUDENT_DIFFERS.at(where, first=before.first))
            elif self._plan.fields or self._layout.target == "карточки":
                where = self._header.at(row=row.number)
                self._tell(intake_codes.EXPORT_STUDENT_TWICE.at(where, first=before.first))
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
        for index, target in enumerate(self._plan.targets):
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
            place = (student.first, index, target.column)
            repeated = repeated or place in self._seen
            self._seen.add(place)
            self._add(row, student, target, raw, mark)
        if repeated:
            where = self._header.at(row=row.number)
            self._tell(intake_codes.EXPORT_STUDENT_TWICE.at(where, first=student.first))
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
            self._tell(
                intake_codes.EXPORT_DATE_UNREADABLE.at(where, name=name, form=self._layout.dates)
            )
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


def read_rows(export: Export, layout: ExportLayout, context: Context) -> Rows:
    """Everything the layout can say about the file."""
    whole, lost = joined(export, layout)
    header = find_header(whole, layout)
    if isinstance(header, Finding):
        return Rows(layout, "", findings=(*lost, header))
    plan = made_plan(whole, header, layout, context)
    kinds = _kinds(header, plan)
    reading = Reading(header, plan, layout, context)
    for row in header.table.rows[header.first :]:
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


def _kinds(header: Header, plan: Plan) -> dict[int, RowKind]:
    found: dict[int, RowKind] = {row.number: "header" for row in header.table.rows[: header.first]}
    names = [plain(name) for name in header.names]
    for row in header.table.rows[header.first :]:
        if not any(map(str.strip, row.cells)) or plan.maxima.apply(row):
            found[row.number] = "header"
        elif plan.aggregates.apply(row):
            found[row.number] = "aggregate"
        elif plain(row.cell(1)) == names[0] and list(map(plain, row.cells)) == names:
            found[row.number] = "header"
            header.findings.append(intake_codes.EXPORT_HEADER_TWICE.at(header.at(row=row.number)))
        else:
            found[row.number] = "student"
    return found
