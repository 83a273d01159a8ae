"""The rules about records, one a file, in two immutable tuples.

A Check looks at one state, a Transition at two (before, after). Both are pure, never raise on a
value the schemas accepted, and report everything they see. Run alike by check, save and verify.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from papka.checks import (
    approvals,
    attachments,
    attempts,
    chronology,
    closed_periods,
    consent_texts,
    copies_apart,
    credit_hours,
    declared_scales,
    declared_twice,
    duplicate_ids,
    duplicate_numbers,
    duplicates,
    editions,
    endings,
    hours,
    imports_cells,
    imports_kept,
    imports_parts,
    imports_unlisted,
    issued_documents,
    issued_numbers,
    kept_evidence,
    kept_salts,
    lendings,
    marks,
    names,
    number_gaps,
    order_addresses,
    order_kinds,
    origins,
    personal_data,
    photos,
    placement,
    references,
    references_students,
    references_within,
    regulation_editions,
    removed_folders,
    removed_ids,
    restricted_records,
    result_chains,
    salts,
    saved_orders,
    snils,
    staff_terms,
    trajectories,
    used_editions,
)
from papka.core.findings import Finding
from papka.model.archive import Archive

Check = Callable[[Archive], Iterable[Finding]]
Transition = Callable[[Archive, Archive], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    placement.check,
    restricted_records.check,
    salts.check,
    declared_twice.check,
    duplicate_ids.check,
    duplicate_numbers.check,
    duplicates.check,
    issued_numbers.check,
    number_gaps.check,
    references.check,
    references_within.check,
    references_students.check,
    order_kinds.check,
    order_addresses.check,
    chronology.check,
    copies_apart.check,
    endings.check,
    staff_terms.check,
    origins.check,
    editions.check,
    trajectories.check,
    hours.check,
    credit_hours.check,
    declared_scales.check,
    marks.check,
    result_chains.check,
    attempts.check,
    attachments.check,
    lendings.check,
    names.check,
    snils.check,
    photos.check,
    personal_data.check,
    imports_parts.check,
    imports_unlisted.check,
    imports_cells.check,
)

TRANSITIONS: tuple[Transition, ...] = (
    removed_ids.transition,
    removed_folders.transition,
    closed_periods.transition,
    used_editions.transition,
    declared_scales.transition,
    consent_texts.transition,
    regulation_editions.transition,
    approvals.transition,
    saved_orders.transition,
    kept_evidence.transition,
    issued_documents.transition,
    kept_salts.transition,
    imports_kept.transition,
)


def run(archive: Archive) -> list[Finding]:
    """Everything found in one state, reading included."""
    found = list(archive.findings)
    for check in CHECKS:
        found.extend(check(archive))
    return found


def compare(before: Archive, after: Archive) -> list[Finding]:
    """Everything forbidden about the step from one state to the next."""
    return [finding for rule in TRANSITIONS for finding in rule(before, after)]
