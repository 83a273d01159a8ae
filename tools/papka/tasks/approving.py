"""Which results of personal files the head has approved, as one commit of the archive shows it.

Invariants: as in `approval`: approved is what stands unchanged in the latest commit that touched
the acts of approval; that state is opened once for many files, each file of it when asked for.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from papka.core.layout import record_folder
from papka.core.snapshot import Part
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.tracing import newest_change
from papka.model.archive import Archive
from papka.model.derived.approval import ApprovalState, approval_states
from papka.model.on_demand import OnDemand
from papka.model.student import Student
from papka.text.schemas import SchemaSet

_ACTS = record_folder("approval")


class Approving:
    """`tip` is the full id of the commit shown."""

    def __init__(self, root: Path, tip: str) -> None:
        self._root = root
        self._tip = tip

    def states(
        self, archive: Archive, student: Student, consulted: set[str]
    ) -> dict[str, dict[str, ApprovalState]]:
        """Period -> id of a result -> its state; what that rests on is added to `consulted`."""
        consulted.add(_ACTS)
        then = self._then
        acts = [period for period in then.approvals if period in archive.approvals] if then else []
        return approval_states(student, dict.fromkeys(acts, then or Archive()))

    @cached_property
    def _then(self) -> Archive | None:
        """The archive of the latest act; None when there is none."""
        commit = newest_change(self._root, (_ACTS,), self._tip)
        if commit is None:
            return None
        tree = CommitTree(self._root, commit)
        return OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
