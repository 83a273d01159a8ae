"""What is asked of a take, and what it would do: one value a file, one for all of them.

Absent on purpose: making one (`take_planning`), writing anything (`take`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from papka.core.findings import Finding, Location, Severity, worst
from papka.intake.matching import Matched
from papka.intake.proposal import Line
from papka.model.export_layout import ExportLayout
from papka.tasks.take.reading import Desk

RESULTS, CARDS, STUDIES = "результаты", "карточки", "зачисления"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: `files` are name and bytes; `date` is the day of results that have none of
    their own; `accepted` is why rows nobody was found for are taken all the same."""

    files: tuple[tuple[str, bytes], ...]
    period: str
    platform: str
    staff: str
    today: dt.date
    export: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    learn: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    accepted: str = ""
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One file: `key` is its import's, "" when it is not taken; `already` that of the import that
    holds the same bytes. `cards` are numbers of new personal files, `studies` new enrolments."""

    file: str
    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    key: str = ""
    already: str = ""
    layout: ExportLayout | None = None
    rows: int = 0
    matched: Matched = field(default_factory=lambda: Matched({}))
    lines: tuple[Line, ...] = ()
    cards: tuple[str, ...] = ()
    studies: int = 0
    same: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR

    def count(self, state: str) -> int:
        return sum(1 for line in self.lines if line.state == state)


@dataclass(frozen=True, slots=True)
class Plan:
    """`changes` is empty when anything is wrong or nothing is to do; `expected` is what the commit
    has in their place; `origins`: file and place of an entry -> place in the export; `names`: of
    candidates."""

    desk: Desk
    files: tuple[Planned, ...]
    findings: tuple[Finding, ...]
    changes: Mapping[str, bytes] = field(default_factory=dict)
    expected: Mapping[str, bytes | None] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], Location] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR
