"""All rules about a step from one state of the records to the next, gathered from their subjects.

A Transition is pure, never raises on a value the schemas accepted, and reports everything it sees.
Every save and every commit that `verify` looks at passes them; the docstring of each is the rule
that the change must keep. The rules about one state stand in `checks.rules`: who judges steps alone
does not load those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from papka.checks import kept_exports, unchanged_records
from papka.core.findings import Finding
from papka.records.archive import Archive

Transition = Callable[[Archive, Archive], Iterable[Finding]]

SUBJECTS_OF_STEPS = (unchanged_records, kept_exports)
"""The files that hold transitions (`compare_…`) and their codes."""


def gather_rules(subjects: Iterable[ModuleType], prefix: str) -> Iterator[Any]:
    """Yield the public functions of the subjects whose names begin so."""
    for module in subjects:
        for name, found in vars(module).items():
            if name.startswith(prefix) and getattr(found, "__module__", "") == module.__name__:
                yield found


TRANSITIONS: tuple[Transition, ...] = tuple(gather_rules(SUBJECTS_OF_STEPS, "compare_"))


def compare(before: Archive, after: Archive) -> list[Finding]:
    """Return what is forbidden about the step from one state to the next."""
    return [finding for rule in TRANSITIONS for finding in rule(before, after)]
