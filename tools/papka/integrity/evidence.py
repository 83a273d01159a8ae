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
    seals = [(at, number) for at, step in enumerate(steps) for number in _seals_of(step)]
    last, number = max(seals, default=(-1, 0))
    before = {step.commit.id for step in steps[: last + 1]}
    old = {f for f in findings if warns_of_step(f) and f.where.commit in before}
    left = [finding for finding in findings if finding not in old]
    if not old:
        return left
    count = len({each.where.commit for each in old})
    said = codes.WARNED_BEFORE_SEAL.at(Location(), number=f"{number:04}", count=count)
    return [*left, said]


def _seals_of(step: Step) -> Iterator[int]:
    """Numbers of the seals that a step brought."""
    for change in step.changes:
        file = read_seal_file(change.path)
        if change.added and file is not None and file[1] == TEXT:
            yield file[0]


def is_told(finding: Finding) -> bool:
    """Whether history tells it of a step: what a save refuses, and what must not vanish."""
    return finding.severity >= Severity.ERROR or warns_of_step(finding)
