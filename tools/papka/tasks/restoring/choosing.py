"""Which heads the gathered objects allow to go on from, the best first, and what newer ones lack.

Invariants: a commit counts as whole only with everything its whole history needs; what lies above
the newest whole commit is told object by object, never given up in silence; commits that no copy
names are asked only when a named history has a commit missing, for then they may be its lower part.
Absent on purpose: signatures (`restore` verifies what is chosen), and anything that is not asked by
a head: what lies loose in a store may be what was destroyed by law.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from papka.core.history import parse_commit
from papka.gates.git.objects import Objects
from papka.gates.git.reach import Lost, Reach, all_commits, present_commits, reach


@dataclass(frozen=True, slots=True)
class Newer:
    """What lies above a whole head: the last commit that can be read, all of those, what nobody has
    of them, and the ids that are there."""

    tip: str
    commits: tuple[str, ...]
    lost: tuple[Lost, ...]
    present: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """`commits`: the whole history, parents first, `head` the last. `named`: by a copy itself."""

    head: str
    commits: tuple[str, ...]
    newer: Newer | None = None
    named: bool = True


def candidates(folder: Path, heads: Sequence[str]) -> tuple[Candidate, ...]:
    """The longest history first. `heads`: what copies call their last commit, in order."""
    wanted = list(dict.fromkeys(head for head in heads if head))
    known = present_commits(folder, wanted)
    tips = {head: reach(folder, head) for head in wanted if head in known}
    gone = [Lost(head, "commit", head) for head in wanted if head not in known]
    pieces = dict(tips)
    if gone or any(lost.kind == "commit" for seen in tips.values() for lost in seen.lost):
        pieces |= {stray: reach(folder, stray) for stray in _childless(folder, tips.values())}
    found: dict[str, Candidate] = {}
    for tip, seen in pieces.items():
        whole = _whole_part(folder, tip, seen)
        if whole and (whole.head not in found or tip in tips):
            found[whole.head] = Candidate(whole.head, whole.commits, named=tip in tips)
    ordered = sorted(found.values(), key=lambda each: (-len(each.commits), not each.named))
    return tuple(replace(each, newer=_newer(folder, each, tips, pieces, gone)) for each in ordered)


def _whole_part(folder: Path, tip: str, seen: Reach) -> Candidate | None:
    """The newest commit under `tip` that is whole; None when not even the first is."""
    if any(lost.kind == "commit" for lost in seen.lost):
        return None  # what lies below the gap is found as a stray of its own
    while seen.lost:
        bad = {lost.commit for lost in seen.lost}
        keep = next(at for at, commit in enumerate(seen.commits) if commit in bad)
        if keep == 0:
            return None
        tip = seen.commits[keep - 1]
        seen = reach(folder, tip)
    return Candidate(tip, seen.commits)


def _newer(
    folder: Path,
    whole: Candidate,
    tips: dict[str, Reach],
    pieces: dict[str, Reach],
    gone: Sequence[Lost],
) -> Newer | None:
    """All that named histories have beyond a whole one, the pieces between gaps among it."""
    line = frozenset(whole.commits)
    beyond = {tip: seen for tip, seen in pieces.items() if _goes_beyond(tip, seen, whole, tips)}
    lost = {each.id: each for seen in beyond.values() for each in seen.lost}
    lost |= {each.id: each for each in gone}
    if not lost:
        return None
    named = [tip for tip in beyond if tip in tips] or [*beyond]
    tip = _latest(folder, named) if named else gone[0].id
    above = (commit for seen in beyond.values() for commit in seen.commits)
    commits = tuple(dict.fromkeys(commit for commit in above if commit not in line))
    present = frozenset[str]().union(*(seen.present for seen in beyond.values()))
    return Newer(tip, commits, tuple(lost.values()), present)


def _latest(folder: Path, commits: Sequence[str]) -> str:
    """By the time it was made; which of several pieces is the upper one nothing else tells."""
    found = Objects(folder).read_many(commits)
    return max(found, key=lambda each: parse_commit(each[0], each[2]).committer.time)[0]


def _goes_beyond(tip: str, seen: Reach, whole: Candidate, tips: dict[str, Reach]) -> bool:
    """Whether a history has something above the whole one that is not whole, or is a piece."""
    if tip in whole.commits:
        return False
    return bool(seen.lost) or tip not in tips


def _childless(folder: Path, tips: Iterable[Reach]) -> tuple[str, ...]:
    """Commits that nothing there continues, those of named histories left out."""
    named = {commit for seen in tips for commit in seen.commits}
    parents = all_commits(folder)
    continued = {parent for above in parents.values() for parent in above}
    return tuple(commit for commit in parents if commit not in continued | named)
