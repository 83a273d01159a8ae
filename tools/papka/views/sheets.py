"""Sheets of the case: what was counted in the rendered pages, and the numbers that follow from it.

Invariants: sheets are paper, not pages or files; one-sided print puts a page on a sheet. As the
archival rules have it, cover, inventory and certifying sheet carry no number of the case; the
inventory numbers its own sheets. Printed sheets come first, then the papers in the inventory's
order. A paper whose sheets nobody has counted leaves everything after it to be filled in by hand.
A lettered sheet («5а») is a sheet without a number of its own; a skipped number is on no sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from papka.model.standing import Document

ONLY_FILE = "только файл"


@dataclass(frozen=True, slots=True)
class Sheets:
    """How many sheets each printed part takes; one each is the first guess."""

    inventory: int = 1
    card: int = 1
    results: int = 1

    @property
    def printed(self) -> int:
        """Numbered sheets that come out of the printer."""
        return self.card + self.results


def span(first: int, count: int) -> str:
    """«7» or «7–9»."""
    return str(first) if count == 1 else f"{first}–{first + count - 1}"


def numbers(first: int, document: Document) -> tuple[str, int]:
    """The sheets of a counted paper, the first of which may be `first`, and the number that
    follows: «4–30, 32–36, 12а»."""
    left = (document.sheets or 0) - len(document.lettered)
    runs: list[tuple[int, int]] = []
    following = first
    while left > 0:
        if following not in document.skipped:
            start, count = runs[-1] if runs else (following, 0)
            if start + count == following:
                runs[-1:] = [(start, count + 1)]
            else:
                runs.append((following, 1))
            left -= 1
        following += 1
    return ", ".join([*(span(*run) for run in runs), *document.lettered]), following


def last_number(printed: int, documents: Iterable[Document]) -> int:
    """The number on the last sheet of a case whose papers are all counted."""
    following = printed + 1
    for document in documents:
        if document.medium != ONLY_FILE:
            following = numbers(following, document)[1]
    return following - 1


def total(printed: int, documents: Iterable[Document]) -> int | None:
    """All numbered sheets of the case; None when a paper was not counted."""
    count = printed
    for document in documents:
        if document.medium == ONLY_FILE:
            continue
        if document.sheets is None:
            return None
        count += document.sheets
    return count
