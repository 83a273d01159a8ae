"""A table and a fact of a printed document, already worded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from papka.model.standing import Award, Consent, Notice

_Dated = TypeVar("_Dated", Award, Consent, Notice)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """`kind` chooses the columns' widths, nothing else; `absence` is what is said when there are
    no rows (R-2.2.6 wants the absence of debts stated); `note` stands under the rows."""

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    absence: str = ""
    note: str = ""

    @property
    def says_something(self) -> bool:
        return bool(self.rows or self.absence)

    def without(self, before: Table | None) -> Table:
        """The rows that `before` had not; the absence only when it is new."""
        if before is None:
            return self
        old = set(before.rows)
        rows = tuple(row for row in self.rows if row not in old)
        is_new = not self.rows and bool(before.rows)
        return replace(
            self,
            rows=rows,
            absence=self.absence if is_new else "",
            note=self.note if rows else "",
        )


def by_date(entries: tuple[_Dated, ...]) -> list[_Dated]:
    return sorted(entries, key=lambda entry: entry.date)


def lines(*parts: str | None) -> str:
    """A cell of several facts, each on a line of its own."""
    return "\n".join(part for part in parts if part)


def sentence(text: str, additions: Iterable[str]) -> str:
    """Additions after a text that may or may not end with a full stop."""
    more = [addition for addition in additions if addition]
    return "; ".join([text.rstrip(". "), *more]) if more else text
