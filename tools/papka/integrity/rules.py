"""The rules of history, all of one shape, in the order a person wants to read them.

To add one: a module with one function `Chronicle -> Iterable[Finding]`, its codes in
`core/codes/history.py`, a line here, and an attack in tests/integrity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from papka.core.findings import Finding
from papka.integrity import (
    authors,
    collisions,
    evidence,
    headers,
    lineage,
    modes,
    paths,
    permissions,
    seal_places,
    signatures,
    times,
    trust_changes,
)
from papka.integrity.chronicle import Chronicle

Rule = Callable[[Chronicle], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    lineage.no_merges,
    times.in_order,
    headers.nothing_hidden,
    signatures.each_is_good,
    authors.is_the_signer,
    trust_changes.only_by_heads,
    trust_changes.is_understood,
    permissions.within_rights,
    seal_places.only_added,
    paths.safe,
    modes.plain_files,
    evidence.replaced,
    collisions.no_twins,
)


def judge_history(chronicle: Chronicle) -> list[Finding]:
    """Everything all rules find."""
    return [finding for rule in RULES for finding in rule(chronicle)]
