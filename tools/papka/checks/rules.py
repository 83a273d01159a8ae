"""All rules about records, in two immutable tuples, gathered from the files of their subjects.

A Check looks at one state, a Transition at two (before, after). Both are pure, never raise on a
value the schemas accepted, and report everything they see. `check`, `save` and `verify` run the
same ones. The docstring of each is the rule that the records must keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from papka.checks import (
    dates,
    duplicates,
    enrolments,
    kept_exports,
    personal_data,
    references,
    results,
    safekeeping,
    unchanged_records,
)
from papka.core.findings import Finding
from papka.records.archive import Archive

Check = Callable[[Archive], Iterable[Finding]]
Transition = Callable[[Archive, Archive], Iterable[Finding]]

SUBJECTS = (
    *(safekeeping, personal_data, duplicates, references, enrolments, dates, results),
    *(unchanged_records, kept_exports),
)
"""A file a subject: its codes, its checks (`check_…`) and its transitions (`compare_…`)."""


def _collect(prefix: str) -> Iterator[Any]:
    """Yield the public functions of the subjects whose names begin so."""
    for module in SUBJECTS:
        for name, found in vars(module).items():
            if name.startswith(prefix) and getattr(found, "__module__", "") == module.__name__:
                yield found


CHECKS: tuple[Check, ...] = tuple(_collect("check_"))
TRANSITIONS: tuple[Transition, ...] = tuple(_collect("compare_"))


def run(archive: Archive) -> list[Finding]:
    """Return the findings of reading one state and of all checks."""
    found = list(archive.findings)
    for check in CHECKS:
        found.extend(check(archive))
    return found


def compare(before: Archive, after: Archive) -> list[Finding]:
    """Return what is forbidden about the step from one state to the next."""
    return [finding for rule in TRANSITIONS for finding in rule(before, after)]
