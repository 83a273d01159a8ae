"""Honest accidents the head vouches for: one commit, one code, and the finding is only told.

Invariants: only codes listed here; a commit whose signature does not stand as a head's is not
accepted when it changes what is the head's. This is the one place where a finding changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from papka.core.codes import evidence, foreign_files, history, records, repository, trust, units
from papka.core.codes import steps as step_codes
from papka.core.findings import Code, Finding, Location
from papka.integrity.chronicle import Step
from papka.integrity.rights import is_heads
from papka.integrity.standing import Standing

ACCEPTABLE = frozenset(
    code.name
    for code in (
        *(history.SIG_MISSING, history.SIG_UNKNOWN_KEY, trust.SIG_KEY_REVOKED),
        *(history.AUTHOR_MISMATCH, history.TIME_FUTURE),
        *(history.TIME_BACKWARDS, history.TIME_SLIGHTLY_BACKWARDS, history.MERGE_COMMIT),
        *(foreign_files.PATH_SYMLINK, history.PATH_SUBMODULE, history.PATH_UNSAFE),
        *(history.PATH_NOT_NFC, history.PATH_COLLISION, history.FILE_MODE),
        *(history.RECORD_UNREADABLE, units.PERSONAL_DATA_OUTSIDE_UNIT),
        *(records.ATTACHMENT_UNLISTED, records.ATTACHMENT_ALTERED),
        *(evidence.ORDER_NOT_BY_HEAD, evidence.EVIDENCE_REPLACED),
        *(repository.ATTR_CONTENT_FILTER, repository.PATH_FOREIGN, repository.FILE_TOO_BIG),
        *(code for code in vars(step_codes).values() if isinstance(code, Code)),
    )
)


def accept(findings: Iterable[Finding], standing: Standing, steps: Sequence[Step]) -> list[Finding]:
    """The same with what is accepted told as accepted, once a commit and code."""
    if not standing.accepted:
        return list(findings)
    by_id = {step.commit.id: step for step in steps}
    found: dict[Finding, None] = {}
    for finding in findings:
        step, code = by_id.get(finding.where.commit), finding.code.name
        file = standing.accepted_in(step.commit.id, code) if step else None
        if step and file is not None and may_be_accepted(step, code, standing):
            where = Location(commit=step.commit.id)
            found[trust.COMMIT_ACCEPTED.at(where, code=code, file=file)] = None
        else:
            found[finding] = None
    return list(found)


def is_accepted(step: Step, code: str, standing: Standing) -> bool:
    """Whether this code of this commit is accepted with effect."""
    is_said = standing.accepted_in(step.commit.id, code) is not None
    return is_said and may_be_accepted(step, code, standing)


def may_be_accepted(step: Step, code: str, standing: Standing) -> bool:
    """Whether a head's acceptance of it would have effect."""
    if code not in ACCEPTABLE:
        return False
    signer = step.verdict.signer
    stands = (
        step.authorised
        and signer is not None
        and standing.revoked(signer.key, step.commit.id) is None
    )
    return stands or not any(is_heads(c.path, deleted=c.deleted) for c in step.changes)
