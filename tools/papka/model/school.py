"""organization.yaml, staff.yaml, platforms/, regulations/: the school itself, declared once."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.export_layout import ExportLayout
from papka.model.person import Name
from papka.model.record import Record

NOT_ATTESTED = "не аттестован"
"""A mark of every scale (R-2.2.6)."""
UNCONFIRMED = "не подтверждено"
"""What stands for the source of a term of keeping that the head has not taken on (R-6.4), and for
the protocol of a local act that is still a draft (R-7.1)."""


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
        """Whether the scale knows this mark."""
        if isinstance(mark, str):
            return mark == NOT_ATTESTED or mark in self.marks
        if self.lowest is None or self.highest is None:
            return False
        steps = (mark - self.lowest) / self.step
        return self.lowest <= mark <= self.highest and abs(steps - round(steps)) < 1e-9

    def passes(self, mark: int | float | str) -> bool:
        """Whether the mark is at or above the pass mark."""
        if isinstance(mark, str):
            return mark in self.passing_marks
        return self.pass_mark is not None and mark >= self.pass_mark


class Period(Record, frozen=True, kw_only=True):
    period: str
    title: str
    school_year: int
    start: dt.date
    end: dt.date


class Group(Record, frozen=True, kw_only=True):
    group: str
    program: str
    teacher: str | None = None


class PurposeEdition(Record, frozen=True, kw_only=True):
    """The text of a consent, one edition: data, actions, who else processes it, for how long."""

    edition: int
    since: dt.date
    text: str
    data: tuple[str, ...]
    actions: tuple[str, ...]
    term: str
    processors: tuple[str, ...] = ()


class Purpose(Record, frozen=True, kw_only=True):
    """A purpose of processing; one consent covers exactly one (R-3.1)."""

    purpose: str
    title: str
    editions: tuple[PurposeEdition, ...]


class Series(Record, frozen=True, kw_only=True):
    """A gap-free numbering of issued documents (R-5.4.3)."""

    series: str
    title: str
    prefix: str


class Retention(Record, frozen=True, kw_only=True):
    """How long a kind of unit is kept; «не подтверждено» forbids destruction (R-6.4).

    `confirmed` is the head's order that took the term on.
    """

    unit: Literal[
        "личное дело",
        "запись реестра",
        "приказ",
        "оригинал выгрузки",
        "несопоставленные строки выгрузки",
    ]
    years: int
    since: str
    source: str
    confirmed: str | None = None


class Licence(Record, frozen=True, kw_only=True):
    number: str
    date: dt.date
    issued_by: str


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
    forms: tuple[str, ...] = ()


class StaffMember(Record, frozen=True, kw_only=True):
    """A person of the school; commits and records name the id, never the person."""

    id: str
    name: Name
    post: str
    roles: tuple[Literal["руководитель", "педагог", "делопроизводитель"], ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None


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
