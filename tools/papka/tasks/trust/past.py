"""The history judged for the sake of a change of trust: what each commit is worth today and then.

Absent on purpose: the bytes of the store. `verify` hashes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.findings import Finding
from papka.core.store import MAIN
from papka.gates.git.cleanroom import clean_room
from papka.gates.git.store import locate, observe
from papka.gates.git.walk import walk
from papka.integrity.acceptances import accept, may_be_accepted
from papka.integrity.ancestry import Ancestry
from papka.integrity.chronicle import Chronicle, Step, judge, standing_of
from papka.integrity.revocations import Revocation, Revocations
from papka.integrity.rules import judge_history
from papka.integrity.standing import Standing
from papka.integrity.trust_state import NOTHING
from papka.tasks.proof.change import Change, judge_brought
from papka.tasks.proof.examined import judge_contents
from papka.tasks.proof.history import changes_of, trust_states


@dataclass(frozen=True)
class Past:
    """`findings`: what is found of commits and not accepted yet."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]

    @property
    def standing(self) -> Standing:
        return standing_of(self.steps)

    @cached_property
    def by_id(self) -> dict[str, Step]:
        return {step.commit.id: step for step in self.steps}

    def codes_of(self, commit: str) -> set[str]:
        """Names of all that is found of one commit."""
        return {each.code.name for each in self.findings if each.where.commit == commit}

    def can_accept(self, commit: str, code: str) -> bool:
        """Whether a head's acceptance of this would have effect."""
        return may_be_accepted(self.by_id[commit], code, self.standing)


def read_past(root: Path, *, now: datetime) -> Past:
    """The whole history of an archive, whose own acts of re-founding are taken as they stand: this
    proves nothing to anybody."""
    store = locate(root)
    head = observe(store).refs.get(MAIN)
    if head is None:
        raise NotFound("В архиве ещё нет ни одной записи", "Сохранить: papka save")
    with clean_room(store) as room:
        commits = walk(room, head).commits
        changes = changes_of(room, commits)
        states = trust_states(room, commits, changes)
        acts = {act.digest for act in states[head].refoundings}
        steps = judge(commits, changes, states, acts)
        files = room.files(head)
        found = [
            *judge_history(Chronicle(steps, int(now.timestamp()), files)),
            *judge_contents(room, files, steps),
            *judge_brought(Change(room, store, "", head), steps),
        ]
    return Past(steps, tuple(accept(found, standing_of(steps), steps)))


def hit_by(past: Past, revocations: list[Revocation]) -> tuple[tuple[Step, bool], ...]:
    """Commits that would stop being good, oldest first, and whether a head may accept them."""
    line = Ancestry([step.commit for step in past.steps])
    said = replace(NOTHING, revocations=Revocations(tuple(revocations)))
    after = past.standing.grown(said, None, line.until)
    hit = []
    for step in past.steps:
        signer = step.verdict.signer
        if signer is None or past.standing.revoked(signer.key, step.commit.id):
            continue
        if after.revoked(signer.key, step.commit.id):
            hit.append((step, may_be_accepted(step, "SIG_KEY_REVOKED", after)))
    return tuple(hit)
