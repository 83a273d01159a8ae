"""Draft or approved: an entry is approved when it stands unchanged in the tree of an approving
commit (R-5.6, R-6.7).

Invariants: nothing about approval is stored on the entry; an entry without an id is a draft; the
caller finds the approving commit in the history and hands over the archive of that state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from papka.model.archive import Archive
from papka.model.results import Result
from papka.model.student import Student

ApprovalState = Literal["утверждено", "черновик"]


def approval_states(
    student: Student, approving: Mapping[str, Archive]
) -> dict[str, dict[str, ApprovalState]]:
    """Period -> id of a result -> its state. `approving`: period -> the newest state in which an
    act approves it; a period without one is all draft."""
    return {
        period: {
            result.id: _state(period, student.id, result, approving.get(period))
            for result in results
            if result.id is not None
        }
        for period, results in student.periods.items()
    }


def _state(period: str, student: str, result: Result, then: Archive | None) -> ApprovalState:
    if then is None or period not in then.approvals:
        return "черновик"
    approved = then.students.get(student)
    known = approved.periods.get(period, ()) if approved else ()
    return "утверждено" if result in known else "черновик"
