"""diagnostics.yaml, needs.yaml: what only the restricted archive may hold (R-4.2, R-2.2.7).

Invariants: words only, no mark, level or comparison (R-4.1); the folder bears the number of the
student's main file and no name, so the two archives join only in the hands of who sees both.
"""

from __future__ import annotations

import datetime as dt

from papka.model.record import Entry, Record


class Diagnostic(Entry, frozen=True, kw_only=True):
    """One pedagogical diagnosis: for correcting the teaching and for counsel (R-4.2)."""

    date: dt.date
    assessed_by: str
    tool: str
    text: str
    advice: str | None = None
    enrolment: str | None = None


class Need(Entry, frozen=True, kw_only=True):
    """A special educational need, its basis and what the school does about it (R-2.2.7)."""

    date: dt.date
    basis: str
    text: str
    measures: tuple[str, ...] = ()
    until: dt.date | None = None


class Diagnostics(Record, frozen=True, kw_only=True):
    diagnostics: tuple[Diagnostic, ...]


class Needs(Record, frozen=True, kw_only=True):
    needs: tuple[Need, ...]
