"""What was changed in papers already kept since the last seal: shown to the head before the next.

Invariant: the same findings that `verify` tells of those steps. Absent on purpose: stopping
anything; what is an error never came this far.
"""

from __future__ import annotations

from pathlib import Path

from papka.core.findings import Finding, in_order
from papka.gates.git.cleanroom import clean_room
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.points import resolve
from papka.gates.git.reading import first_commit
from papka.gates.git.received import new_line
from papka.gates.git.store import locate
from papka.integrity import evidence
from papka.integrity.chronicle import Chronicle, judge
from papka.tasks.proof.history import changes_of, trust_states
from papka.tasks.proof.steps import judge_steps
from papka.tasks.sealing.seal import last_seal


def changed_evidence(root: Path, head: str) -> tuple[Finding, ...]:
    """By commit and path; of a history that is no plain line nothing, for `verify` refuses it."""
    number = last_seal(CommitTree(root, head))
    since = resolve(root, f"{number:04}", head) if number else first_commit(root, head)
    with clean_room(locate(root)) as room:
        line = new_line(room, since, head) or ()
        changes = changes_of(room, line)
        steps = judge(line, changes, trust_states(room, line, changes))[1:]
        found = [*evidence.replaced(Chronicle(steps, 0)), *judge_steps(room, steps)]
    return tuple(in_order(filter(evidence.warns_of_step, found)))
