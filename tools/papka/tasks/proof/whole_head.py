"""Which head to go on from: the newest that is wholly there, and what a newer one lacks.

Invariants: what main names comes first; nothing newer is given up unless that was asked for, and
then what this copy once stood at comes before what only others have: the files in its folder are
of that, and saved on top of another's newer save they would take it back. A commit counts as there
only with everything it needs. Absent on purpose: judging signatures, which
`verify` does of the store built on this head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.gates.git.gleaning import Pool
from papka.gates.git.local_notes import noted_heads
from papka.gates.git.reach import Lost, present_commits, reach
from papka.tasks.proof.gathering import Gathered, gather_files

_NOTED = "refs/remotes/"
"""Where this copy keeps what each mirror confirmed."""


@dataclass(frozen=True, slots=True)
class WholeHead:
    """The head to go on from and its history; `is_own`: this copy itself calls it the last."""

    head: str
    commits: frozenset[str]
    is_own: bool


def whole_head(
    root: Path, pool: Pool, gathered: Sequence[Gathered], *, drop_unsent: bool
) -> tuple[WholeHead | None, tuple[Lost, ...]]:
    """The head to go on from; None and what is lost when there is none that is whole.

    What main names comes first; when it names nothing known, where its log says it stood; without
    a log, the newest that the copies name. What is not whole is given up only on request.
    """
    own, noted = gathered[0].head, noted_heads(root / ".git")
    copies = [each.head for each in gathered[1:]]
    sent = [id_ for ref, id_ in (gathered[0].refs or {}).items() if ref.startswith(_NOTED)]
    others = [*copies, *sent]
    known = present_commits(pool.folder, [id_ for id_ in (own, *others) if id_])
    # A flipped bit makes an id that nobody has ever seen; a lost commit was noted somewhere.
    here = [own] if own in known or own in noted else list(noted[:1])
    whole, lost = _whole(root, pool, here or [id_ for id_ in others if id_ in known])
    if lost and drop_unsent:
        stood = [*here, *noted, *(id_ for id_ in sent if id_ in known)]
        whole, _ = _whole(root, pool, stood)
        if not whole:
            whole, _ = _whole(root, pool, [id_ for id_ in copies if id_ in known])
        here = []
    elif lost:
        return None, lost
    if not whole:
        return None, lost
    newest = max(whole, key=lambda id_: len(whole[id_]))
    return WholeHead(newest, whole[newest], newest in here), ()


def _whole(
    root: Path, pool: Pool, heads: Sequence[str]
) -> tuple[dict[str, frozenset[str]], tuple[Lost, ...]]:
    """Those heads whose history is all there, with their commits; and what the others lack."""
    whole: dict[str, frozenset[str]] = {}
    lost: dict[str, Lost] = {}
    for head in heads:
        seen = reach(pool.folder, head)
        while seen.lost and gather_files(pool, root, seen.lost):
            seen = reach(pool.folder, head)
        if seen.lost:
            lost |= {each.id: each for each in seen.lost}
        else:
            whole[head] = frozenset(seen.commits)
    return whole, tuple(lost.values())
