"""All rules about one state of the records, gathered from the files of their subjects.

A Check is pure, never raises on a value the schemas accepted, and reports everything it sees.
`check`, `save` and a mirror's own check run the same ones. The docstring of each is the rule that
the records must keep. The rules about a change stand in `checks.transitions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from papka.checks import (
    approval_acts,
    dates,
    destruction_acts,
    duplicates,
    enrolments,
    false_facts,
    personal_data,
    plausibility,
    references,
    results,
    safekeeping,
    signatories,
)
from papka.checks.transitions import SUBJECTS_OF_STEPS, gather_rules
from papka.core.findings import Finding
from papka.records.archive import Archive

Check = Callable[[Archive], Iterable[Finding]]

SUBJECTS = (
    *(safekeeping, personal_data, duplicates, references, enrolments, dates, results),
    *(approval_acts, destruction_acts, false_facts, plausibility, signatories),
    *SUBJECTS_OF_STEPS,
)
"""A file a subject: its codes and its checks (`check_…`)."""

CHECKS: tuple[Check, ...] = tuple(gather_rules(SUBJECTS, "check_"))


def run(archive: Archive, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """Return the findings of reading one state and of all checks."""
    found = list(archive.findings)
    for check in checks:
        found.extend(check(archive))
    return found
