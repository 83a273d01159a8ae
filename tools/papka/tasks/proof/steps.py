"""Every commit judged against its first parent by the rules of a save.

Invariants: the cost follows what commits changed: what they add is not even read; a record is read
as papka's own types have it, for the archive's schemas are history too and may be changed; a file
that stops being readable is told, and judged on by what it last held.
Absent on purpose: checks of one state (`check`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papka.core.errors import GitFailed
from papka.core.findings import Finding
from papka.gates.git.cleanroom import CleanRoom
from papka.integrity.chronicle import Step
from papka.integrity.touched import Files, Touched, content
from papka.tasks.proof.step import StepJudge

_WINDOW = 500
"""So many commits' files are read at once."""


def judge_steps(room: CleanRoom, steps: Sequence[Step]) -> Iterator[Finding]:
    """What each commit did to the records that no save would let through."""
    files, line = _start(room, _first_parents(steps))
    judge = StepJudge(room.objects())
    heads = {step.commit.id for step in steps if (who := step.verdict.signer) and who.is_head}
    window: list[tuple[str, Touched]] = []
    for step in line:
        touched = files.touched(step.changes)
        if touched is not None and touched.is_shared:
            yield from judge.judge(window, heads)
            window = []
            yield from judge.judge([(step.commit.id, touched)], heads, files.referring)
        elif touched is not None:
            window.append((step.commit.id, touched))
        files.advance(step.changes)
        if len(window) == _WINDOW:
            yield from judge.judge(window, heads)
            window = []
    yield from judge.judge(window, heads)


def _first_parents(steps: Sequence[Step]) -> list[Step]:
    """From the first to the last; what a merge brought aside is in the merge's own step."""
    by_id = {step.commit.id: step for step in steps}
    line: list[Step] = []
    step = steps[-1] if steps else None
    while step is not None:
        line.append(step)
        step = by_id.get(step.commit.parents[0]) if step.commit.parents else None
    return line[::-1]


def _start(room: CleanRoom, line: list[Step]) -> tuple[Files, list[Step]]:
    """The files before the first of `line`; where its parent is lost, those after it."""
    if not line or line[0].is_root:
        return Files({}), line
    first = line[0].commit
    for commit, left in ((first.parents[0], line), (first.id, line[1:])):
        try:
            found = room.files(commit)
        except GitFailed:
            continue  # told by the store's check
        return Files({path: content(file.mode, file.id) for path, file in found.items()}), left
    return Files({}), []
