"""The rules about records, one a file, in two immutable tuples.

A Check looks at one state, a Transition at two (before, after). Both are pure, never raise on a
value the schemas accepted, and report everything they see. Run alike by check, save and verify.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from papka.checks import (
    attachments,
    chronology,
    declared_twice,
    duplicate_ids,
    duplicate_numbers,
    marks,
    placement,
    references_acts,
    references_entries,
    references_programs,
    references_school,
    references_students,
    removed_ids,
)
from papka.core.findings import Finding
from papka.model.archive import Archive

Check = Callable[[Archive], Iterable[Finding]]
Transition = Callable[[Archive, Archive], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    placement.check,
    declared_twice.check,
    duplicate_ids.check,
    duplicate_numbers.check,
    references_programs.check,
    references_school.check,
    references_acts.check,
    references_entries.check,
    references_students.check,
    chronology.check,
    marks.check,
    attachments.check,
)

TRANSITIONS: tuple[Transition, ...] = (removed_ids.transition,)


def run(archive: Archive) -> list[Finding]:
    """Everything found in one state, reading included."""
    found = list(archive.findings)
    for check in CHECKS:
        found.extend(check(archive))
    return found


def compare(before: Archive, after: Archive) -> list[Finding]:
    """Everything forbidden about the step from one state to the next."""
    return [finding for rule in TRANSITIONS for finding in rule(before, after)]
