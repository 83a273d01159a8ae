"""Paper files that should be back on their shelf on a date (R-6.6)."""

from __future__ import annotations

import datetime as dt

from papka.model.person import Lending
from papka.model.student import Student


def lent(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Lendings of the paper file that are out on a date."""
    paper = student.person.paper if student.person else None
    return tuple(
        lending
        for lending in (paper.lendings if paper else ())
        if lending.date <= on and (lending.returned is None or lending.returned > on)
    )


def overdue(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Those of them whose day of return has passed; without a day none is overdue."""
    return tuple(
        lending for lending in lent(student, on) if lending.due is not None and lending.due < on
    )
