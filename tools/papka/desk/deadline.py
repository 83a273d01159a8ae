"""One deadline: what it is about, its last day, and the finding it makes once it is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.core.findings import Code, Finding, Location, Severity
from papka.records.derived.statutory_terms import end_of_term
from papka.records.school import Organization, StatutoryName
from papka.records.wording import day


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline: `about` is a word for its kind, `day` the last day, None where none is set.

    `code` is the finding it makes when something must be done, None while it is only announced.
    """

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
        """Return it as a finding; None when nothing must be done yet."""
        if self.code is None:
            return None
        words = {
            "address": self.address,
            "text": self.text,
            "student": self.address.partition("#")[0],
        }
        return self.code.at(
            self.where, related=(), **{name: words[name] for name in self.code.fields}
        )


def end_of_hours(school: Organization, name: StatutoryName, since: dt.datetime) -> dt.datetime:
    """Return when a term in hours ends; a school may give it in days or months."""
    row = school.statutory(name)
    if row.hours is not None:
        return since + dt.timedelta(hours=row.hours)
    return since + (end_of_term(school, name, since.date()).last - since.date())


def say_term(by: dt.date, on: dt.date, said: str) -> str:
    """Say when a term ends or ended, and what it rests on."""
    return f"{'срок был' if on > by else 'срок'} {day(by)} ({said})"
