"""Sync: take what the primary has, put one's own unsent saves after it, send, copy to the others.

Invariants: what came in is judged before the archive sees it; only one's own saves are replayed
(another's replayed would bear a false signature); files are written before the branch moves, so
that an interruption leaves edits that are already there, never a reverted save; a conflict moves
nothing. Absent on purpose: merges, force, and choosing between two people's values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from papka.core.errors import Refused
from papka.core.findings import Finding, Severity, in_order, worst
from papka.gates import unfinished
from papka.gates.git import transport
from papka.gates.git.quarantine import Quarantine, quarantine
from papka.gates.git.repository import Remote
from papka.gates.git.runner import SshAccess
from papka.gates.lock import archive_lock, clear_stale
from papka.merging.files import Conflict
from papka.merging.replay import Clash
from papka.tasks import mirror
from papka.tasks.actor import Actor
from papka.tasks.check import snapshot_source
from papka.tasks.mirror_outcomes import Outcome, Pushed
from papka.tasks.proof.memory import Witness
from papka.tasks.save import head_of
from papka.tasks.sealing.seal import known_seal
from papka.tasks.sync.incoming import NOBODY, Vouched, look_at
from papka.tasks.sync.replaying import put_after, unsent_saves
from papka.tasks.sync.taking import take
from papka.text.positions import Source, pinned

TRIES = 5
_KEYLESS = "papka"
"""Who moved the branch of a copy that belongs to nobody, for the log only."""

Kind = Literal["equal", "behind", "ahead", "diverged"]


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of it. `kind`: how the archive stood to the primary; `received`: commits taken;
    `unsent`: own commits it lacked; `replayed`: how many of these were signed anew;
    `sealed`: the number of the seal put in place of an unsent one.

    `conflicts`, `clashes`, `foreign` (commit, staff) and grave `findings` each stop everything.
    """

    kind: Kind
    primary: Remote
    received: int = 0
    unsent: int = 0
    replayed: int = 0
    renumbered: tuple[str, ...] = ()
    sealed: str = ""
    conflicts: tuple[Conflict, ...] = ()
    clashes: tuple[Clash, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    authors: Mapping[str, str] = field(default_factory=dict)
    source: Source = lambda _: None
    pushed: Pushed | None = None

    @property
    def is_stopped(self) -> bool:
        grave = worst(self.findings)
        refused = grave is not None and grave >= Severity.ERROR
        return bool(self.conflicts or self.clashes or self.foreign or refused)


def sync(  # noqa: PLR0913  # a sync is told exactly these
    root: Path,
    actors: Sequence[Actor],
    *,
    now: datetime,
    access: SshAccess | None = None,
    dry_run: bool = False,
    before_signing: Callable[[Mapping[Actor, int]], None] = lambda _: None,
    progress: Callable[[Outcome], None] = lambda _: None,
    witness: Witness | None = None,
    vouched: Vouched = NOBODY,
) -> Synced:
    """Bring the archive and its mirrors together; `actors`: whose unsent saves may be replayed (a
    copy that only receives has none), `witness`: who keeps what the mirrors confirm and what is
    signed anew, `vouched`: what is taken on the caller's word.

    Raises RemoteUnreachable when the primary does not answer (nothing has changed), NotFound
    without mirrors, Refused when the histories have nothing in common or the primary was rewritten.
    """
    primary = mirror.known(root)[0]
    job = _Job(root, primary, actors, now, dry_run, before_signing, witness, vouched)
    total = Synced("equal", primary)
    seen: str | None = ""
    for _ in range(TRIES):
        with quarantine(root, primary, access) as held, archive_lock(root):
            clear_stale(root)
            unfinished.settle(root)
            done = _meet(job, held)
        total = _added(total, done)
        if total.is_stopped or dry_run:
            return total
        pushed = mirror.push(root, now=now, access=access, progress=progress, witness=witness)
        total = replace(total, pushed=pushed)
        if pushed.outcomes[0].sent != "refused" or seen == held.tip:
            break  # sent, or refused although nobody was quicker
        seen = held.tip
    return total


@dataclass(frozen=True, slots=True)
class _Job:
    """What does not change from try to try."""

    root: Path
    primary: Remote
    actors: Sequence[Actor]
    now: datetime
    dry_run: bool
    before_signing: Callable[[Mapping[Actor, int]], None]
    witness: Witness | None
    vouched: Vouched


def _meet(job: _Job, held: Quarantine) -> Synced:
    """One comparison with the primary, and the archive brought after it."""
    ours, theirs = head_of(job.root), held.tip
    if theirs is None or theirs == ours:
        return Synced("equal" if theirs else "ahead", job.primary)
    base = _base(job, held, ours, theirs)
    line = held.line(base, ours)
    result = Synced("diverged" if line else "behind", job.primary, unsent=len(line))
    if base == theirs:
        return replace(result, kind="ahead")
    own = {actor.staff: actor for actor in job.actors}
    foreign = tuple((c.id, c.author.name) for c in line if c.author.name not in own)
    if foreign:
        return replace(result, foreign=foreign)
    mine = unsent_saves(held, base, line)
    touched = [path for each in mine for path in each.changes]
    incoming = look_at(
        job.root, held, base, theirs, now=job.now, touched=touched, vouched=job.vouched
    )
    source = snapshot_source(incoming.after)
    result = replace(
        result,
        received=len(incoming.commits),
        findings=tuple(in_order(pinned(incoming.findings, source))),
        authors=incoming.authors,
        source=source,
    )
    tip = theirs
    if mine and not result.is_stopped:
        done = put_after(
            held, incoming, theirs, mine, own,
            now=job.now, before_signing=job.before_signing, dry_run=job.dry_run,
        )  # fmt: skip
        tip = done.tip
        result = replace(
            result,
            replayed=done.count,
            renumbered=done.renumbered,
            sealed=done.sealed,
            conflicts=done.conflicts,
            clashes=done.clashes,
            findings=done.findings,
            source=done.source or source,
        )
    if result.is_stopped:
        return result
    if mine and job.witness is not None and not job.dry_run:
        # Told before: whoever is killed between must not be told later that saves are missing.
        seals = (known_seal(job.root, ours), known_seal(job.root, base))
        job.witness.replaced(job.root, [commit.id for commit in line], base, seals)
    staff = job.actors[0].staff if job.actors else _KEYLESS
    unsaved = take(job.root, held, ours, tip, now=job.now, staff=staff, dry_run=job.dry_run)
    if not unsaved and not job.dry_run:
        transport.note_confirmed(job.root, job.primary, theirs)
    return replace(result, conflicts=unsaved)


def _base(job: _Job, held: Quarantine, ours: str, theirs: str) -> str:
    """The last common commit; raises Refused when the primary is not what it was."""
    base = held.common(ours, theirs)
    if base is None:
        raise Refused(
            f"Зеркало «{job.primary.name}» хранит другой архив: общих записей нет",
            "Проверьте адрес зеркала: papka mirror status",
        )
    known = transport.last_confirmed(job.root, job.primary)
    if known is not None and held.common(known, theirs) != known:
        raise Refused(
            f"На зеркале «{job.primary.name}» нет записи {known[:12]}, которую оно уже принимало: "
            "его историю переписали или вернули старую копию",
            "Ничего не получайте с него; проверьте его: papka verify АДРЕС-ЗЕРКАЛА",
        )
    return base


def _added(total: Synced, done: Synced) -> Synced:
    """Several tries told as one."""
    kind = done.kind if total.kind == "equal" else total.kind
    return replace(
        done,
        kind=kind,
        received=total.received + done.received,
        unsent=max(total.unsent, done.unsent),
        replayed=max(total.replayed, done.replayed),
        renumbered=tuple(dict.fromkeys((*total.renumbered, *done.renumbered))),
        sealed=done.sealed or total.sealed,
        authors={**total.authors, **done.authors},
    )
