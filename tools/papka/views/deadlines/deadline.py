"""One deadline, and what a rule about deadlines is.

Invariants: numbers only, never a name (a timer prints this into mail and logs); overdue is what a
person has already failed to do, and is an error of `status --due`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.core.findings import Code, Finding, Location, Severity


@dataclass(frozen=True, slots=True)
class Deadline:
    """`about` is a word for the kind; `day` the last day, None where none is set. `code` is what it
    is called when the calendar demands something, None while it is only told beforehand."""

    about: str
    address: str
    text: str
    day: dt.date | None
    where: Location
    code: Code | None = None

    @property
    def overdue(self) -> bool:
        return self.code is not None and self.code.severity >= Severity.ERROR

    def demand(self) -> Finding | None:
        """As a finding; None when nothing is demanded yet."""
        if self.code is None:
            return None
        return self.code.at(self.where, address=self.address, text=self.text)
