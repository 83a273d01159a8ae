"""The school itself, declared once: organization, staff, regulations, programmes, platforms.

Planned results of a programme are compared with actual ones (R-2.2.5); target orientations are
texts without ids, so that nothing can refer to or grade them (R-4.1). A platform says how its
exports are read: whose and what each column is, and by which rule a value becomes a mark of the
part's declared scale (R-1.4.4, R-6.2); no mark of one scale is converted into another's (R-2.2.3).
A column is named by its header; `*` in a header stands for any text, `{maximum}` for a number that
is the most one could get.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from papka.core.cells import folded
from papka.records.student import Mark, Name, Record


class Band(Record, frozen=True, kw_only=True):
    """A mark given from a percentage on (inclusive)."""

    at_least: int | float
    mark: Mark


class WordMark(Record, frozen=True, kw_only=True):
    """A word of the platform and the mark it stands for."""

    text: str
    mark: Mark


class Conversion(Record, frozen=True, kw_only=True):
    """A rule that makes a platform's value a mark of the part's scale.

    `words` are looked up first. «отметка» is a mark of the scale as it stands; the others become a
    percentage of the maximum, and that becomes a mark by `bands`, or by itself on a scale from 0 to
    100. `of` is the maximum of «баллы»; without it the file's row of maxima, the header or the cell
    itself says it. What is above the maximum is refused, unless `above_maximum` lets it count as
    the maximum.
    """

    value: Literal["отметка", "процент", "доля", "баллы"]
    of: int | float | None = None
    rounding: Literal["по правилам", "вниз", "вверх"] | None = None
    above_maximum: Literal["наибольшее"] | None = None
    bands: tuple[Band, ...] = ()
    words: tuple[WordMark, ...] = ()


class MarkCondition(Record, frozen=True, kw_only=True):
    """A text in a column that picks the rows a rule is for: the course of a row, say."""

    column: str
    text: str


class HandSet(Record, frozen=True, kw_only=True):
    """A sign in a row that a person, not the platform, set the value.

    Without `texts` any text in the column is that sign; `reason` is the column of the reason given.
    """

    column: str
    texts: tuple[str, ...] = ()
    reason: str | None = None


class MarkColumn(Record, frozen=True, kw_only=True):
    """A column of marks and the programme's part they belong to.

    `edition` is the programme's, for a part whose scale differs between editions; `edition_column`
    and `date` name a column. All conditions of `when` must hold.
    """

    column: str
    part: str
    program: str | None = None
    edition: int | None = None
    edition_column: str | None = None
    kind: Literal["учебный", "внеурочный"] = "учебный"
    origin: Literal["текущий контроль", "внеурочный план"] = "текущий контроль"
    control: Literal["текущий", "за период", "итоговый"] | None = None
    when: MarkCondition | tuple[MarkCondition, ...] = ()
    conversion: Conversion | None = None
    date: str | None = None
    by_hand: HandSet | None = None

    @property
    def conditions(self) -> tuple[MarkCondition, ...]:
        """What a row must say for this column to be read in it."""
        return (self.when,) if isinstance(self.when, MarkCondition) else self.when

    def of_edition(self, edition: int) -> MarkColumn:
        """Return the same for one edition of the programme."""
        return msgspec.structs.replace(self, edition=edition)


class FieldColumn(Record, frozen=True, kw_only=True):
    """A column of a card or of an enrolment; `words` translate the platform's words."""

    column: str
    field: Literal[
        "sex",
        "phone",
        "address",
        "snils",
        "program",
        "edition",
        "group",
        "form",
        "contract",
        "start",
        "order",
    ]
    words: tuple[WordMark, ...] = ()


class StudentColumns(Record, frozen=True, kw_only=True):
    """Columns that say whose row it is; `name_order` is how `full_name` is written.

    Moodle in Russian keeps the patronymic inside the given name.
    """

    key: str | None = None
    email: str | None = None
    surname: str | None = None
    given: str | None = None
    patronymic: str | None = None
    patronymic_in_given: bool = False
    full_name: str | None = None
    name_order: Literal["фамилия имя отчество", "имя отчество фамилия"] = "фамилия имя отчество"
    birth_date: str | None = None


class RowRule(Record, frozen=True, kw_only=True):
    """Rows with this text in the column, or in any cell when no column is named."""

    text: str
    column: str | None = None


class Join(Record, frozen=True, kw_only=True):
    """Columns of another list of a JSON file, added to each row as «list.column»."""

    table: str
    here: str
    there: str


class ExportLayout(Record, frozen=True, kw_only=True):
    """One kind of export of a platform, one edition.

    With `positions` a column is found by its place in that list, and the file's own header, if it
    has one, must agree with the list. Where a row is an attempt, `attempts` says which one counts.
    """

    id: str
    edition: int
    title: str
    target: Literal["результаты", "карточки", "зачисления"]
    layouts: tuple[Literal["csv", "xlsx", "ods", "json"], ...]
    recognise: tuple[str, ...]
    student: StudentColumns
    file: str | None = None
    encoding: Literal["utf-8", "windows-1251", "utf-16"] | None = None
    delimiter: Literal["запятая", "точка с запятой", "табуляция"] | None = None
    sheet: str | None = None
    header_row: int | None = None
    header_table: str | None = None
    positions: tuple[str, ...] = ()
    join: Join | None = None
    maxima: RowRule | None = None
    aggregates: tuple[RowRule, ...] = ()
    skipped: tuple[RowRule, ...] = ()
    empty: tuple[str, ...] = ()
    decimal: Literal["запятая", "точка"] = "точка"
    dates: Literal[
        "ГГГГ-ММ-ДД", "ГГГГ/ММ/ДД", "ДД.ММ.ГГГГ", "ДД/ММ/ГГГГ", "ММ/ДД/ГГГГ", "Д месяц ГГГГ"
    ] = "ГГГГ-ММ-ДД"
    attempts: Literal["последняя", "лучшая"] | None = None
    program: str | None = None
    conversion: Conversion | None = None
    columns: tuple[MarkColumn, ...] = ()
    fields: tuple[FieldColumn, ...] = ()
    ignored: tuple[str, ...] = ()

    def for_part(self) -> ExportLayout:
        """Return the same for a kept part: no sheet has its name, headers stand in any row."""
        return msgspec.structs.replace(self, header_row=None, sheet=None)


class ProgramPart(Record, frozen=True, kw_only=True):
    """A part of the programme; without `scale` its results are words only."""

    part: str
    title: str
    hours: int
    scale: str | None = None


class PlannedResult(Record, frozen=True, kw_only=True):
    outcome: str
    kind: Literal["предметный", "личностный"]
    text: str
    parts: tuple[str, ...] = ()


class Edition(Record, frozen=True, kw_only=True):
    """A used edition is never changed, a new one is added."""

    edition: int
    order: str
    hours: int
    parts: tuple[ProgramPart, ...]
    planned_results: tuple[PlannedResult, ...]
    target_orientations: tuple[str, ...] = ()

    def part(self, code: str) -> ProgramPart | None:
        for part in self.parts:  # a loop, not a generator: asked for every result
            if part.part == code:
                return part
        return None


class Ages(Record, frozen=True, kw_only=True, rename={"lowest": "from", "highest": "to"}):
    """Whom a programme is for: full years on the day of enrolment, both included."""

    lowest: int | None = None
    highest: int | None = None


class Program(Record, frozen=True, kw_only=True):
    code: str
    title: str
    editions: tuple[Edition, ...]
    direction: str | None = None
    ages: Ages | None = None
    continues: str | None = None
    other_names: tuple[str, ...] = ()

    def edition(self, number: int) -> Edition | None:
        return next((each for each in self.editions if each.edition == number), None)


NOT_ATTESTED = "не аттестован"
"""A mark of every scale (R-2.2.6)."""
UNCONFIRMED = "не подтверждено"
"""Stands for the source of a term of keeping that the head has not taken on (R-6.4), and for the
protocol of a local act that is still a draft (R-7.1)."""


class Scale(Record, frozen=True, kw_only=True):
    """Numbers from `lowest` to `highest` by `step`, or words; never converted (R-2.2.3)."""

    scale: str
    title: str
    lowest: int | float | None = None
    highest: int | float | None = None
    step: int | float = 1
    pass_mark: int | float | None = None
    marks: tuple[str, ...] = ()
    passing_marks: tuple[str, ...] = ()

    def has(self, mark: int | float | str) -> bool:
        """Tell whether the scale knows this mark."""
        if isinstance(mark, str):
            return mark == NOT_ATTESTED or mark in self.marks
        if self.lowest is None or self.highest is None:
            return False
        steps = (mark - self.lowest) / self.step
        return self.lowest <= mark <= self.highest and abs(steps - round(steps)) < 1e-9

    def passes(self, mark: int | float | str) -> bool:
        """Tell whether the mark is at or above the pass mark."""
        if isinstance(mark, str):
            return mark in self.passing_marks
        return self.pass_mark is not None and mark >= self.pass_mark


class Period(Record, frozen=True, kw_only=True):
    period: str
    title: str
    school_year: int
    start: dt.date
    end: dt.date


class FormerTeacher(Record, frozen=True, kw_only=True):
    """Who taught a group until (and including) a day."""

    until: dt.date
    teacher: str


class Group(Record, frozen=True, kw_only=True):
    """A group of one programme; `teacher` teaches it now."""

    group: str
    program: str
    teacher: str | None = None
    former_teachers: tuple[FormerTeacher, ...] = ()


class PurposeEdition(Record, frozen=True, kw_only=True):
    """The text of a consent, one edition: data, actions, who else processes it, for how long.

    With `resources`, pages anybody sees, it is a consent to distribution (152-ФЗ, ст. 10.1).
    """

    edition: int
    since: dt.date
    text: str
    data: tuple[str, ...]
    actions: tuple[str, ...]
    term: str
    processors: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    categories: tuple[Literal["общие", "специальные", "биометрические"], ...] = ()


class Purpose(Record, frozen=True, kw_only=True):
    """A purpose of processing; one consent covers exactly one (R-3.1)."""

    purpose: str
    title: str
    editions: tuple[PurposeEdition, ...]

    def edition(self, number: int) -> PurposeEdition | None:
        return next((each for each in self.editions if each.edition == number), None)


class Series(Record, frozen=True, kw_only=True):
    """A gap-free numbering of issued documents (R-5.4.3)."""

    series: str
    title: str
    prefix: str

    def number(self, year: str, sequence: str) -> str:
        """Return the number as it is printed: `У-2026-0001`."""
        return f"{self.prefix}-{year}-{sequence}"


KeptUnit = Literal[
    "личное дело",
    "запись реестра",
    "приказ",
    "оригинал выгрузки",
    "несопоставленные строки выгрузки",
]
"""What the table of terms of keeping has rows for: what is destroyed whole."""


class Retention(Record, frozen=True, kw_only=True):
    """The term of keeping of a kind of unit (R-6.4); `confirmed` is the order that took it on.

    `since` names the event that starts it, one of the words that `records.derived.keeping` knows.
    """

    unit: KeptUnit
    years: int
    since: str
    source: str
    confirmed: str | None = None


StatutoryName = Literal[
    "справка при отчислении",
    "ответ на обращение",
    "продление ответа",
    "уточнение данных",
    "прекращение обработки",
    "данные после отзыва согласия",
    "снятие с сайта",
    "данные после окончания согласия",
    "прекращение неправомерной обработки",
    "уничтожение неправомерных данных",
    "уничтожение заблокированных данных",
    "извещение об утечке",
    "итоги проверки утечки",
]


class StatutoryDeadline(Record, frozen=True, kw_only=True):
    """How many days, months or hours the law gives after an event; `source` is the law that says
    so."""

    deadline: StatutoryName
    days: int | None = None
    months: int | None = None
    counted: Literal["календарные", "рабочие"] = "календарные"
    hours: int | None = None
    source: str


STATUTORY_DEADLINES: tuple[StatutoryDeadline, ...] = (
    StatutoryDeadline(
        deadline="справка при отчислении",
        days=3,
        source=f"273-ФЗ, ст. 61, ч. 5; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="ответ на обращение",
        days=10,
        counted="рабочие",
        source="152-ФЗ, ст. 14, ч. 3; ст. 20, ч. 1",
    ),
    StatutoryDeadline(
        deadline="продление ответа",
        days=5,
        counted="рабочие",
        source="152-ФЗ, ст. 14, ч. 3",
    ),
    StatutoryDeadline(
        deadline="уточнение данных",
        days=7,
        counted="рабочие",
        source=f"152-ФЗ, ст. 20, ч. 3; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="прекращение обработки",
        days=10,
        counted="рабочие",
        source=f"152-ФЗ, ст. 21, ч. 5.1; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="данные после отзыва согласия",
        days=30,
        source=f"152-ФЗ, ст. 21, ч. 5; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="снятие с сайта",
        days=3,
        counted="рабочие",
        source=f"152-ФЗ, ст. 10.1, ч. 14; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="данные после окончания согласия",
        days=30,
        source=f"152-ФЗ, ст. 21, ч. 4; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="прекращение неправомерной обработки",
        days=3,
        counted="рабочие",
        source=f"152-ФЗ, ст. 21, ч. 3; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="уничтожение неправомерных данных",
        days=10,
        counted="рабочие",
        source=f"152-ФЗ, ст. 21, ч. 3; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="уничтожение заблокированных данных",
        months=6,
        source=f"152-ФЗ, ст. 21, ч. 6; {UNCONFIRMED}",
    ),
    StatutoryDeadline(
        deadline="извещение об утечке",
        hours=24,
        source="152-ФЗ, ст. 21, ч. 3.1",
    ),
    StatutoryDeadline(
        deadline="итоги проверки утечки",
        hours=72,
        source="152-ФЗ, ст. 21, ч. 3.1",
    ),
)
"""The deadlines of a school that has none of its own for the same thing."""


class WorkCalendar(Record, frozen=True, kw_only=True):
    """Which days are worked, beside Saturday and Sunday that are not.

    `holidays`: of every year, month and day; `days_off` and `working`: what was moved in the
    `years` of which that is written down.
    """

    holidays: tuple[str, ...]
    years: tuple[int, ...] = ()
    days_off: tuple[dt.date, ...] = ()
    working: tuple[dt.date, ...] = ()
    source: str


WORK_CALENDAR = WorkCalendar(
    holidays=(
        *("01-01", "01-02", "01-03", "01-04", "01-05", "01-06", "01-07", "01-08"),
        *("02-23", "03-08", "05-01", "05-09", "06-12", "11-04"),
    ),
    source="ТК РФ, ст. 112",
)
"""The calendar of a school that has none of its own: what is moved from year to year is unknown."""


class Licence(Record, frozen=True, kw_only=True):
    """`until` is its last day; without one it has no end."""

    number: str
    date: dt.date
    issued_by: str
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.date <= day and (self.until is None or day <= self.until)


class FormerParticulars(Record, frozen=True, kw_only=True):
    """What the school said of itself until (and including) a day, as far as it differs from what
    came after."""

    until: dt.date
    name: str | None = None
    short_name: str | None = None
    place: str | None = None
    address: str | None = None
    inn: str | None = None
    ogrn: str | None = None
    email: str | None = None
    site: str | None = None
    licence: Licence | None = None
    head: str | None = None
    head_post: str | None = None


class MirrorRule(Record, frozen=True, kw_only=True):
    """Countries where copies may stand (152-ФЗ ст. 18 ч. 5)."""

    countries: tuple[str, ...]


class SchoolYear(Record, frozen=True, kw_only=True):
    """Months and days «MM-DD»: when a year starts, until when its copies are due (R-6.3)."""

    starts: str
    backup_by: str


class Organization(Record, frozen=True, kw_only=True):
    format: int
    kind: Literal["обычный", "ограниченный"]
    name: str
    short_name: str
    place: str
    address: str
    head: str
    head_post: str
    former: tuple[FormerParticulars, ...] = ()
    inn: str | None = None
    ogrn: str | None = None
    email: str | None = None
    site: str | None = None
    licence: Licence | None = None
    school_year: SchoolYear
    mirrors: MirrorRule
    scales: tuple[Scale, ...] = ()
    periods: tuple[Period, ...] = ()
    groups: tuple[Group, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    series: tuple[Series, ...] = ()
    retention: tuple[Retention, ...] = ()
    deadlines: tuple[StatutoryDeadline, ...] = ()
    work_calendar: WorkCalendar = WORK_CALENDAR
    study_forms: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()

    def statutory(self, deadline: StatutoryName) -> StatutoryDeadline:
        """Return the school's own row for a deadline of the law, or the program's."""
        rows = (*self.deadlines, *STATUTORY_DEADLINES)
        return next(each for each in rows if each.deadline == deadline)

    @property
    def is_sole_trader(self) -> bool:
        """Tell whether the school is a person in business, who teaches by contract (273-ФЗ ст. 53);
        the state number has 15 digits, an organisation's 13."""
        if self.ogrn is not None:
            return len(self.ogrn) == 15
        words = folded(self.name).split()
        return words[:1] == ["ип"] or words[:2] == ["индивидуальный", "предприниматель"]


class ActingTerm(Record, frozen=True, kw_only=True):
    """From when to when (both included) somebody signs in the head's place, and by what paper."""

    since: dt.date
    until: dt.date
    basis: Literal["приказ", "доверенность"]
    number: str
    date: dt.date

    def has(self, day: dt.date) -> bool:
        return self.since <= day <= self.until


class StaffMember(Record, frozen=True, kw_only=True):
    """A person of the school; commits and records name the id, never the person."""

    id: str
    name: Name
    post: str
    roles: tuple[Literal["руководитель", "педагог", "делопроизводитель"], ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    acting: tuple[ActingTerm, ...] = ()

    def works_on(self, day: dt.date) -> bool:
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


class Staff(Record, frozen=True, kw_only=True):
    staff: tuple[StaffMember, ...]


class Platform(Record, frozen=True, kw_only=True):
    """An online platform, the licence basis of its use and how its exports are read (R-1.4.4)."""

    id: str
    title: str
    licence_basis: str
    since: dt.date
    until: dt.date | None = None
    exports: tuple[ExportLayout, ...] = ()


class AwardKind(Record, frozen=True, kw_only=True):
    award: str
    clause: str
    conditions: str


class RegulationEdition(Record, frozen=True, kw_only=True):
    """An edition with the council's protocol and the head's approval (R-7.1).

    `file` is its text, beside `regulation.yaml`. Until it is adopted nothing rests on it.
    """

    edition: int
    since: dt.date
    protocol: str
    order: str | None = None
    file: str | None = None
    awards: tuple[AwardKind, ...] = ()

    @property
    def is_adopted(self) -> bool:
        return self.protocol != UNCONFIRMED


class Regulation(Record, frozen=True, kw_only=True):
    """A local act; the award act lists kinds of award with their clauses (R-4.8)."""

    id: str
    title: str
    editions: tuple[RegulationEdition, ...]

    def adopted_by(self, day: dt.date) -> RegulationEdition | None:
        """Return the latest edition that was adopted and had begun by a day."""
        known = [each for each in self.editions if each.is_adopted and each.since <= day]
        return max(known, key=lambda each: each.since, default=None)
