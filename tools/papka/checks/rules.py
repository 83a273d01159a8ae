"""All rules about records, in two immutable tuples.

A Check looks at one state, a Transition at two (before, after). Both are pure, never raise on a
value the schemas accepted, and report everything they see. `check`, `save` and `verify` run the
same ones. The docstring of each is the rule that the records must keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

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

CHECKS: tuple[Check, ...] = (
    safekeeping.check_placement,
    personal_data.check_restricted_records,
    safekeeping.check_salts,
    duplicates.check_declared_twice,
    duplicates.check_duplicate_ids,
    duplicates.check_duplicate_numbers,
    duplicates.check_duplicates,
    duplicates.check_issued_numbers,
    duplicates.check_number_gaps,
    references.check_references,
    references.check_references_within,
    enrolments.check_order_kinds,
    enrolments.check_order_addresses,
    dates.check_chronology,
    safekeeping.check_copies_apart,
    dates.check_endings,
    dates.check_staff_terms,
    results.check_origins,
    dates.check_editions,
    enrolments.check_trajectories,
    enrolments.check_hours,
    enrolments.check_credit_hours,
    unchanged_records.check_declared_scales,
    results.check_marks,
    results.check_result_chains,
    results.check_attempts,
    safekeeping.check_attachments,
    safekeeping.check_lendings,
    personal_data.check_names,
    personal_data.check_snils,
    safekeeping.check_photos,
    personal_data.check_personal_data,
    kept_exports.check_imports_parts,
    kept_exports.check_imports_unlisted,
    kept_exports.check_imports_cells,
)

TRANSITIONS: tuple[Transition, ...] = (
    unchanged_records.compare_removed_ids,
    unchanged_records.compare_removed_folders,
    unchanged_records.compare_closed_periods,
    unchanged_records.compare_used_editions,
    unchanged_records.compare_declared_scales,
    unchanged_records.compare_consent_texts,
    unchanged_records.compare_regulation_editions,
    unchanged_records.compare_approvals,
    unchanged_records.compare_saved_orders,
    unchanged_records.compare_kept_evidence,
    unchanged_records.compare_issued_documents,
    unchanged_records.compare_kept_salts,
    kept_exports.compare_imports_kept,
)


def run(archive: Archive) -> list[Finding]:
    """Return the findings of reading one state and of all checks."""
    found = list(archive.findings)
    for check in CHECKS:
        found.extend(check(archive))
    return found


def compare(before: Archive, after: Archive) -> list[Finding]:
    """Return what is forbidden about the step from one state to the next."""
    return [finding for rule in TRANSITIONS for finding in rule(before, after)]
