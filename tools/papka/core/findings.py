"""Findings: what is wrong with the records, as values.

A finding is never raised and cannot be silenced; its severity and wording belong to its code; its
location names a path and a field, never a person's data (logs outlive edits).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from string import Formatter


class Severity(IntEnum):
    """How bad, worst last; the exit code follows the worst."""

    INFO = 0
    WARNING = 1
    ERROR = 2
    FATAL = 3

    @property
    def word(self) -> str:
        """What a person reads for it."""
        return ("сведение", "предупреждение", "ошибка", "нарушение")[self]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A path below the archive's root, a JSON pointer in it, and, for history, a commit.

    `line` and `column` count from 1; 0 means not known yet.
    """

    path: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: its code, Russian message, place, next step, and related places.

    `instead` is the line as it should stand, for the person at the keyboard: it may hold personal
    data, so it never goes where a log is kept.
    """

    code: Code
    message: str
    where: Location
    hint: str = ""
    related: tuple[Location, ...] = ()
    instead: str = ""

    @property
    def severity(self) -> Severity:
        return self.code.severity

    def moved(self, where: Location) -> Finding:
        return replace(self, where=where)


@dataclass(frozen=True, slots=True)
class Code:
    """A catalogue entry; `says` and `hint` are templates, `why` is what `papka explain` prints.

    Names are never reused.
    """

    name: str
    severity: Severity
    says: str
    hint: str
    why: str

    @property
    def fields(self) -> frozenset[str]:
        """Names of the words the two templates ask for."""
        parts = [*Formatter().parse(self.says), *Formatter().parse(self.hint)]
        return frozenset(name for _, name, _, _ in parts if name)

    def at(self, where: Location, *, related: Iterable[Location] = (), **words: object) -> Finding:
        """Make a finding of this code; `words` must be exactly the templates' fields."""
        if words.keys() != self.fields:
            raise TypeError(f"{self.name}: words {sorted(words)}, fields {sorted(self.fields)}")
        return Finding(
            self, self.says.format(**words), where, self.hint.format(**words), tuple(related)
        )


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Return the highest severity among the findings; None when there are none."""
    return max((finding.severity for finding in findings), default=None)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is an error or graver."""
    return any(finding.severity >= Severity.ERROR for finding in findings)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by place, then code: the order in which a person mends them."""
    return sorted(
        findings,
        key=lambda f: (f.where.path, f.where.line, f.where.column, f.where.commit, f.code.name),
    )
