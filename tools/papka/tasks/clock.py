"""Whose time a new commit may not precede: its parent's, unless that was made by a wrong clock.

Invariant: as `integrity.times` judges it: a commit accepted as made in the future passes the time
on that was before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from papka.core.codes.history import TIME_FUTURE
from papka.core.snapshot import Overlay
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.narrow import NarrowSnapshot
from papka.integrity.trust_state import ACCEPTED
from papka.integrity.trust_writing import state_of


def honest_time(root: Path, head: str, changes: Mapping[str, bytes | None]) -> str | None:
    """The commit whose time counts when `changes` accept something; None: the parent's does."""
    if not any(path.startswith(ACCEPTED) for path in changes):
        return None
    said = state_of(Overlay(NarrowSnapshot(root, head, ()), changes))
    wrong = {each.commit for each in said.acceptances if each.code == TIME_FUTURE.name}
    tree, at = CommitTree(root, head), head
    while at in wrong:
        parents = tree.commit_of(at).parents
        if not parents:
            break
        at = parents[0]
    return at
