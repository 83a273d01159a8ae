"""A sheet of facts, words, tables and lines to sign: what many books, cards and reports are.

Their forms differ in what they say, not in how it stands, and share one template. Whatever is said
comes from here, so that each sentence has its condition where the facts are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from papka.paper.form import Letterhead, Page, SignatureLine, State, letterhead, page
from papka.paper.sections import Fact, ScreenTable

PLAIN = "plain-sheet"
"""The folder of the template."""


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """What the template reads as `form`.

    `is_wide`: it lies on its side; `date` and `number` stand above the text, a sheet without a date
    has neither; a table without rows says its absence or nothing at all.
    """

    page: Page
    letterhead: Letterhead
    kind: str
    heading: str
    date: str = ""
    number: str = ""
    facts: tuple[Fact, ...] = ()
    texts: tuple[str, ...] = ()
    tables: tuple[ScreenTable, ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    is_wide: bool = False


def plain_sheet(  # noqa: PLR0913 - the fields of the sheet, by name
    state: State,
    kind: str,
    heading: str,
    *,
    title: str,
    date: str = "",
    number: str = "",
    facts: Iterable[tuple[str, str]] = (),
    texts: Iterable[str] = (),
    tables: Iterable[ScreenTable] = (),
    notes: Iterable[str] = (),
    signatures: Iterable[SignatureLine] = (),
    is_wide: bool = False,
    is_draft: bool = False,
) -> PlainSheet:
    """Fill a sheet; facts and tables with nothing to say are left out."""
    return PlainSheet(
        page(state, title, is_draft=is_draft),
        letterhead(state.archive, state.signed_on),
        kind,
        heading,
        date,
        number,
        tuple(Fact(label, text) for label, text in facts if text),
        tuple(texts),
        tuple(table for table in tables if table.says_something),
        tuple(notes),
        tuple(signatures),
        is_wide,
    )
