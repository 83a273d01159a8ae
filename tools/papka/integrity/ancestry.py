"""What lies under a commit in a history, merges and all."""

from __future__ import annotations

from collections.abc import Sequence

from papka.core.history import Commit
from papka.integrity.revocations import ROOT


class Ancestry:
    """What lies under a commit, looked up only for the few that a revocation names."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._parents = {commit.id: commit.parents for commit in commits}
        self._found: dict[str, frozenset[str]] = {}

    def until(self, commit: str) -> frozenset[str]:
        """The commit and all under it; of «root» the first ones, of an unknown one nothing."""
        if commit == ROOT:
            return frozenset(id_ for id_, parents in self._parents.items() if not parents)
        if commit not in self._found:
            seen: set[str] = set()
            left = [commit]
            while left:
                at = left.pop()
                if at not in seen and at in self._parents:
                    seen.add(at)
                    left += self._parents[at]
            self._found[commit] = frozenset(seen)
        return self._found[commit]
