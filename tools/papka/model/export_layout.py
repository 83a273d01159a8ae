"""How a platform's export is read: which column is whose and what, and by which rule a value of
the platform becomes a mark of the part's declared scale (R-1.4.4, R-6.2).

A column is named by its header; `*` in a header stands for any text, `{maximum}` for a number that
is the most one could get. Nothing here converts a mark of one scale into another's (R-2.2.3).
"""

from __future__ import annotations

from typing import Literal

from papka.model.record import Record
from papka.model.results import Mark


class Band(Record, frozen=True, kw_only=True):
    """From this percentage on (inclusive) the mark is this one."""

    at_least: int | float
    mark: Mark


class WordMark(Record, frozen=True, kw_only=True):
    """A word of the platform and the mark it stands for."""

    text: str
    mark: Mark


class Conversion(Record, frozen=True, kw_only=True):
    """From the platform's value to a mark of the part's scale.

    `words` are looked up first. «отметка» is a mark of the scale as it stands; the others become a
    percentage of the maximum, and that becomes a mark by `bands`, or by itself on a scale from 0 to
    100. `of` is the maximum of «баллы»; without it the file's row of maxima or the header says it.
    """

    value: Literal["отметка", "процент", "доля", "баллы"]
    of: int | float | None = None
    rounding: Literal["по правилам", "вниз", "вверх"] | None = None
    bands: tuple[Band, ...] = ()
    words: tuple[WordMark, ...] = ()


class Condition(Record, frozen=True, kw_only=True):
    """Only in rows where this column holds this text: the course of a row, say."""

    column: str
    text: str


class HandSet(Record, frozen=True, kw_only=True):
    """How a row says that a person, not the platform, set the value; without `texts` any text in
    the column says so. `reason` is the column of the reason given."""

    column: str
    texts: tuple[str, ...] = ()
    reason: str | None = None


class MarkColumn(Record, frozen=True, kw_only=True):
    """A column of marks and the programme's part they belong to; `edition` is the programme's, for
    a part whose scale differs between editions. `date` names a column."""

    column: str
    part: str
    program: str | None = None
    edition: int | None = None
    kind: Literal["учебный", "внеурочный"] = "учебный"
    origin: Literal["текущий контроль", "внеурочный план"] = "текущий контроль"
    control: Literal["текущий", "за период", "итоговый"] | None = None
    when: Condition | None = None
    conversion: Conversion | None = None
    date: str | None = None
    by_hand: HandSet | None = None


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
    """Columns that say whose row it is. Moodle in Russian keeps the patronymic inside the given
    name; `name_order` is how `full_name` is written."""

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
    """One kind of export of a platform, one edition. With `positions` a column is found by its
    place in that list, and the file's own header, if it has one, must agree with the list."""

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
    dates: Literal["ГГГГ-ММ-ДД", "ДД.ММ.ГГГГ", "ДД/ММ/ГГГГ", "ММ/ДД/ГГГГ"] = "ГГГГ-ММ-ДД"
    program: str | None = None
    conversion: Conversion | None = None
    columns: tuple[MarkColumn, ...] = ()
    fields: tuple[FieldColumn, ...] = ()
    ignored: tuple[str, ...] = ()
