"""Papers once kept: a scan of an order and the text of an act are replaced by a head only, and it
is told; so is the text of a saved order.

Absent on purpose: scans of personal folders, which are never replaced at all (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from papka.core.codes import evidence as codes
from papka.core.codes.steps import ORDER_CHANGED
from papka.core.findings import Finding, Location, Severity
from papka.core.layout import place
from papka.core.seals import TEXT, read_seal_file
from papka.integrity.chronicle import Chronicle, Step

_KEPT = ("order-scan", "regulation-file")


def is_kept_file(path: str) -> bool:
    """Whether it is a paper's image or text that no digest in a record protects."""
    found = place(path)
    return found is not None and found.kind in _KEPT


def replaced(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        for change in step.changes:
            if not change.added and is_kept_file(change.path):
                where = Location(change.path, commit=step.commit.id)
                yield codes.EVIDENCE_REPLACED.at(where, commit=step.commit.id[:12] or "HEAD")


def unless_by_head(findings: Iterable[Finding], *, is_head: bool) -> Iterator[Finding]:
    """The findings of one step, with what only a head may do made an error of others."""
    for finding in findings:
        if finding.code is not ORDER_CHANGED or is_head:
            yield finding
            continue
        where = finding.where
        yield codes.ORDER_NOT_BY_HEAD.at(where, what=finding.message, path=where.path)


def warns_of_step(finding: Finding) -> bool:
    """Whether it tells of what somebody did, which no later state shows."""
    return finding.code in (ORDER_CHANGED, codes.EVIDENCE_REPLACED)


def told_since_seal(findings: Sequence[Finding], steps: Sequence[Step]) -> list[Finding]:
    """All findings, but of steps before the last seal only how many were warned of: they were shown
    when it was made."""
    sealed = max((at for at, step in enumerate(steps) if _brings_seal(step)), default=-1)
    before = {step.commit.id for step in steps[: sealed + 1]}
    old = {f for f in findings if warns_of_step(f) and f.where.commit in before}
    left = [finding for finding in findings if finding not in old]
    return [*left, codes.WARNED_BEFORE_SEAL.at(Location(), count=len(old))] if old else left


def _brings_seal(step: Step) -> bool:
    return any(
        change.added and (file := read_seal_file(change.path)) is not None and file[1] == TEXT
        for change in step.changes
    )


def is_told(finding: Finding) -> bool:
    """Whether history tells it of a step: what a save refuses, and what must not vanish."""
    return finding.severity >= Severity.ERROR or warns_of_step(finding)
