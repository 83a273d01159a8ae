"""`papka discard`: the folder becomes again as it was last saved; what was not saved is lost.

Invariants: only what was shown is thrown away: a file that changed since stops it. What does not
belong to the archive stays. Files that were never saved go, others come back; cut off half-way,
each file is as it was edited or as it was saved, and the same command goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from papka.core.snapshot import bytes_of
from papka.desk.saving import lay_out, require_head_commit, require_unchanged
from papka.repository import commit_snapshots, unfinished_work
from papka.repository.commit_snapshots import CommitTree
from papka.repository.worktree import WorktreeSnapshot, is_kept


@dataclass(frozen=True, slots=True)
class Discard:
    """What would be thrown away: files as they lie and as last saved (None: not there)."""

    edited: Mapping[str, bytes | None]
    saved: Mapping[str, bytes | None]

    def lines(self) -> Iterator[str]:
        """Yield what is lost, a file after the other: its name, then the lines that go and come."""
        for path, lies in sorted(self.edited.items()):
            stood = self.saved[path]
            if stood is None:
                yield f"новый, исчезнет: {path}"
            else:
                yield f"{'удалён, вернётся' if lies is None else 'изменён, станет прежним'}: {path}"
            was, now = _lines_of(stood), _lines_of(lies)
            if was is None or now is None:
                yield f"  не текст, {len(lies or b'')} байт"
            elif stood is None or lies is not None:
                yield from (
                    f"  {line}"
                    for line in unified_diff(was, now, lineterm="", n=0)
                    if not line.startswith(("---", "+++", "@@"))
                )


def _lines_of(data: bytes | None) -> list[str] | None:
    try:
        return (data or b"").decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return None


def plan_discard(root: Path) -> Discard:
    """Find what is not saved; raises NotAnArchive before the first save, Refused off the branch."""
    head = require_head_commit(root)
    files, tree = WorktreeSnapshot(root), CommitTree(root, head)
    paths = [path for path, _ in commit_snapshots.worktree_changes(root) if is_kept(path)]
    return Discard(
        {path: bytes_of(files, path) for path in paths},
        {path: bytes_of(tree, path) for path in paths},
    )


def discard(root: Path, plan: Discard) -> None:
    """Throw away what was shown; raises ChangedMeanwhile when any of it was edited since."""
    with unfinished_work.hold_archive(root):
        require_unchanged(root, plan.edited)
        lay_out(root, plan.saved)
