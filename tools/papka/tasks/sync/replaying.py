"""Unsent saves put after what came: planned, judged step by step, then signed anew.

Invariants: nothing is signed before every step is judged good; the author's time stays, the
committer's is now; all is stored in quarantine only. A seal is not moved, for it names the commit
under it: a new one is put on the result. Absent on purpose: the plan itself (merging).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from papka.core.findings import Finding, Severity, in_order, worst
from papka.core.history import Commit
from papka.core.seals import TEXT, is_of_seal
from papka.core.snapshot import Overlay, Snapshot
from papka.gates.git import writing
from papka.gates.git.quarantine import Quarantine
from papka.gates.git.reading import changed_paths
from papka.integrity.beforehand import judge_beforehand
from papka.integrity.evidence import unless_by_head
from papka.integrity.permissions import is_head, judge_paths
from papka.integrity.seals import read_seal
from papka.merging.files import Conflict
from papka.merging.replay import Changes, Clash, Replay, replay, said_anew
from papka.tasks.actor import Actor
from papka.tasks.check import judge_step, snapshot_source
from papka.tasks.sealing.seal import seal_message, seal_of
from papka.tasks.sync.incoming import Incoming
from papka.text.positions import Source, pinned

_OF_SEAL = 2
"""Signatures a seal takes: its own, and its commit's."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """One own save as it is: the commit, what it changed, and the modes of the files."""

    commit: Commit
    changes: Changes
    modes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Replayed:
    """`tip`: where main goes; `count`: saves signed anew; `sealed`: the number of the seal put in
    place of one's unsent ones; the rest says what stands in the way."""

    tip: str
    count: int = 0
    sealed: str = ""
    renumbered: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    clashes: tuple[Clash, ...] = ()
    findings: tuple[Finding, ...] = ()
    source: Source | None = None


def unsent_saves(held: Quarantine, base: str, commits: Sequence[Commit]) -> tuple[Unsent, ...]:
    """The saves `commits`, the first of them made on `base`."""
    objects = held.room.objects()
    found = []
    above = base
    for commit in commits:
        changes = changed_paths(held.folder, above, commit.id)
        written = {c.path: None if c.deleted else objects.read(c.new_id)[1] for c in changes}
        modes = {change.path: change.new_mode for change in changes if not change.deleted}
        found.append(Unsent(commit, written, modes))
        above = commit.id
    return tuple(found)


def put_after(  # noqa: PLR0913  # each is one side of the matter
    held: Quarantine,
    incoming: Incoming,
    tip: str,
    unsent: Sequence[Unsent],
    actors: Mapping[str, Actor],
    *,
    now: datetime,
    before_signing: Callable[[Mapping[Actor, int]], None],
    dry_run: bool,
) -> Replayed:
    """Replays `unsent` on `tip`, which `incoming` led to; `actors`: the authors by staff id."""
    moved = [change.path for change in incoming.changed]
    unsealed = [{p: d for p, d in each.changes.items() if not is_of_seal(p)} for each in unsent]
    seals = [each for each in unsent if any(map(is_of_seal, each.changes))]
    plan = replay(incoming.before, incoming.after, moved, unsealed)
    due = [(each, step) for each, step in zip(unsent, plan.steps, strict=True) if step]
    said = tuple(
        f"{student}#{old} → {new}"
        for student, ids in plan.renamed.items()
        for old, new in ids.items()
    )
    count = len(due) + bool(seals)
    done = Replayed(tip, count, "", said, plan.conflicts, plan.clashes)
    if plan.conflicts or plan.clashes:
        return done
    findings, source = _judged(incoming.after, due, actors)
    severity = worst(findings)
    if dry_run or (severity is not None and severity >= Severity.ERROR):
        return replace(done, findings=findings, source=source)
    if count:
        before_signing(_counted(due, seals, actors))
    tip = _signed(held, tip, due, plan, actors, now)
    sealed = ""
    if seals:
        tip, sealed = _sealed(held, tip, seals[-1], actors, now)
    return replace(done, tip=tip, sealed=sealed, findings=findings, source=source)


_Due = Sequence[tuple[Unsent, Changes]]


def _judged(
    before: Snapshot, due: _Due, actors: Mapping[str, Actor]
) -> tuple[tuple[Finding, ...], Source]:
    """What a save would say of each step in its new place."""
    found: list[Finding] = []
    source = snapshot_source(before)
    for each, step in due:
        after = Overlay(before, step)
        actor = actors[each.commit.author.name]
        stepped = judge_step(before, after, step)[1]
        by_head = is_head(actor.signer.public, before)
        findings = list(unless_by_head(stepped, is_head=by_head))
        findings += judge_paths(actor.staff, actor.signer.public, before, step)
        findings += judge_beforehand(before, after, step, each.commit.message)
        source = snapshot_source(after)
        found += pinned(findings, source)
        before = after
    return tuple(in_order(dict.fromkeys(found))), source


def _counted(due: _Due, seals: Sequence[Unsent], actors: Mapping[str, Actor]) -> dict[Actor, int]:
    """How many signatures each must give: a seal has its own and that of its commit."""
    staff = [each.commit.author.name for each, _ in due]
    staff += [each.commit.author.name for each in seals[-1:] for _ in range(_OF_SEAL)]
    return {actor: staff.count(name) for name, actor in actors.items() if name in staff}


def _signed(  # noqa: PLR0913  # as put_after
    held: Quarantine,
    tip: str,
    due: _Due,
    plan: Replay,
    actors: Mapping[str, Actor],
    now: datetime,
) -> str:
    for each, step in due:
        actor = actors[each.commit.author.name]
        tip = writing.make(
            held.folder,
            step,
            said_anew(each.commit.message, plan.renamed),
            author=actor.staff,
            now=now,
            sign=actor.sign,
            parent=tip,
            modes=each.modes,
            written=each.commit.author,
        ).id
    return tip


def _sealed(
    held: Quarantine, tip: str, last: Unsent, actors: Mapping[str, Actor], now: datetime
) -> tuple[str, str]:
    """One seal on everything, in place of the unsent ones: the new tip, and its number."""
    actor = actors[last.commit.author.name]
    period = next(
        read_seal(data).period
        for path, data in last.changes.items()
        if data is not None and path.endswith(TEXT)
    )
    number, files = seal_of(held.folder, tip, actor, now=now, period=period)
    made = writing.make(
        held.folder, files, seal_message(number, period),
        author=actor.staff, now=now, sign=actor.sign, parent=tip,
    )  # fmt: skip
    return made.id, f"{number:04}"
