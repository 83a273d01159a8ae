"""Sync: take what the primary mirror has, put one's own unsent saves after it, send to all mirrors.

What comes is judged in quarantine, before the archive holds a byte of it: each commit as the
server's hook judges it, then the state they leave. The first state is not compared with the last:
what the head accepted of a commit in between stays accepted.

Only one's own unsent saves are replayed: another's would need a false signature. Nothing is signed
before every step is judged good; the author's time stays, the committer's is now. A seal names the
commit under it, so it is not moved: a new one is put on the result. There are no merges, no force,
and no choice between two people's values: a conflict moves nothing.

Where the primary has an act of destruction that this copy lacks, the copy is led over: our last
commit must be one of those the act was signed upon, for a stale copy is the only witness of what
was left out of an act. Then the act is carried out here too.

A file edited and not saved is never overwritten: one that must change stops all. Then objects,
files, branch and index are written in this order, so that a crash leaves at worst edits already
taken, never a reverted save; the next command puts back the files it had begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from papka.checks.checking import judge_step, state_before
from papka.copies import mirrors
from papka.copies.merging import Clash, Conflict, merge_file, replay
from papka.copies.mirrors import Pushed, SendOutcome
from papka.copies.new_commits import ReceivedChange, judge_received
from papka.copies.order_numbers import Changes, NewNumber
from papka.copies.signed_lines import Meeting, is_parted_by_two_acts, meet
from papka.copies.transport import Quarantine, RelationKind, absorb, quarantine
from papka.core.errors import Refused
from papka.core.findings import Finding, has_errors, sort_findings
from papka.core.places import TEXT, is_of_seal
from papka.core.snapshot import DictSnapshot, Overlay, Snapshot, bytes_of
from papka.desk.saving import require_head_commit
from papka.desk.sealing import known_seal, make_seal_files, seal_message
from papka.proof.anchors import read_seal
from papka.proof.chronicle import raise_unless_head
from papka.proof.history_reading import changes_of
from papka.proof.history_rules import is_head, judge_beforehand, judge_paths
from papka.proof.memory import Witness
from papka.records.strict_yaml import Source, add_lines, snapshot_source
from papka.repository import commit_writing, git_values, unfinished_work, worktree
from papka.repository.commit_snapshots import changed_paths
from papka.repository.git_values import EXECUTABLE, MAIN, Commit, object_id
from papka.repository.handle import Remote, last_confirmed, note_confirmed
from papka.repository.objects import Objects
from papka.repository.purging import read_destroyed
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor
from papka.repository.store import locate


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the caller vouches for and the archive does not say yet. `accepted`: (commit, code) that
    the head is about to accept; `refoundings`: digests of paper acts."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    refoundings: frozenset[str] = frozenset()


NOBODY = Vouched()


TRIES = 5
DESTROYED = "уничтожено по акту"
"""What stands for the other side's value where there can be none any more."""


@dataclass(frozen=True, slots=True)
class Synced:
    """The outcome of a sync. `kind`: how the archive stood to the primary; `received`: commits
    taken; `unsent`: own commits that the primary lacked; `replayed`: how many of them were signed
    anew; `orders`: own unsent orders and the other numbers they have now; `acts`: own unsent acts
    of approval likewise, "" for one whose entries others approved; `sealed`: number of the seal put
    in place of an unsent one.

    `conflicts`, `clashes`, `foreign` (commit, staff) and errors in `findings` each stop everything.
    """

    kind: RelationKind
    primary: Remote
    received: int = 0
    unsent: int = 0
    replayed: int = 0
    renumbered: tuple[str, ...] = ()
    orders: Mapping[str, NewNumber] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)
    sealed: str = ""
    act: int = 0
    conflicts: tuple[Conflict, ...] = ()
    clashes: tuple[Clash, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    authors: Mapping[str, str] = field(default_factory=dict)
    source: Source = lambda _: None
    pushed: Pushed | None = None

    @property
    def is_stopped(self) -> bool:
        return bool(self.conflicts or self.clashes or self.foreign or has_errors(self.findings))


def sync(  # noqa: PLR0913  # a sync is told exactly these
    root: Path,
    actors: Sequence[SigningActor],
    *,
    now: datetime,
    access: SshAccess | None = None,
    dry_run: bool = False,
    before_signing: Callable[[Mapping[SigningActor, int]], None] = lambda _: None,
    progress: Callable[[SendOutcome], None] = lambda _: None,
    witness: Witness | None = None,
    vouched: Vouched = NOBODY,
) -> Synced:
    """Bring the archive and its mirrors together.

    `actors`: whose unsent saves may be replayed (a copy that only receives has none); `witness`
    keeps what the mirrors confirm and what is signed anew; `vouched`: what is taken on the caller's
    word. Raises RemoteUnreachable when the primary does not answer (nothing has changed), NotFound
    without mirrors, Refused when the histories have nothing in common or the primary was rewritten.
    """
    primary = mirrors.require_mirrors(root)[0]
    job = _Job(root, primary, actors, now, dry_run, before_signing, witness, vouched)
    total = Synced("equal", primary)
    seen: str | None = ""
    for _ in range(TRIES):
        with quarantine(root, primary, access) as held, unfinished_work.hold_archive(root):
            done = _follow_primary(job, held)
        total = _add_try(total, done)
        if total.is_stopped or dry_run:
            return total
        pushed = mirrors.push(root, now=now, access=access, progress=progress, witness=witness)
        total = replace(total, pushed=pushed)
        if pushed.outcomes[0].sent != "refused" or seen == held.tip:
            break  # sent, or refused although nobody was quicker
        seen = held.tip
    return total


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same from try to try."""

    root: Path
    primary: Remote
    actors: Sequence[SigningActor]
    now: datetime
    dry_run: bool
    before_signing: Callable[[Mapping[SigningActor, int]], None]
    witness: Witness | None
    vouched: Vouched


def _follow_primary(job: _Job, held: Quarantine) -> Synced:
    """Compare once with the primary and bring the archive after it."""
    ours, theirs = require_head_commit(job.root), held.tip
    if theirs is None or theirs == ours:
        return Synced("equal" if theirs else "ahead", job.primary)
    met = _find_base(job, held, ours, theirs)
    base = met.base
    line = held.line(base if met.is_theirs else met.stored_in(base), ours)
    result = Synced("diverged" if line else "behind", job.primary, unsent=len(line))
    if base == theirs:
        return replace(result, kind="ahead")
    own = {actor.staff: actor for actor in job.actors}
    foreign = tuple((c.id, c.author.name) for c in line if c.author.name not in own)
    if foreign:
        return replace(result, foreign=foreign)
    mine = _read_unsent(held, base, line)
    touched = [path for each in mine for path in each.changes]
    incoming = _judge_incoming(
        job.root, held, met, theirs, now=job.now, touched=touched, vouched=job.vouched
    )
    source = snapshot_source(incoming.after)
    result = replace(
        result,
        received=len(incoming.commits),
        findings=tuple(sort_findings(add_lines(incoming.findings, source))),
        authors=incoming.authors,
        source=source,
    )
    tip = theirs
    act = met.act if met.is_theirs else 0
    if mine and not result.is_stopped:
        tip, result = _replay_unsent(job, held, incoming, theirs, mine, own, result)
    if result.is_stopped:
        marked = _name_destroyed(held, theirs, result.conflicts) if act else result.conflicts
        return replace(result, conflicts=marked)
    if mine and job.witness is not None and not job.dry_run:
        # Noted before: after a kill in between, nobody is to be told that saves are missing.
        seals = (known_seal(job.root, ours), known_seal(job.root, base))
        job.witness.replaced(job.root, [commit.id for commit in line], base, seals)
    staff = job.actors[0].staff if job.actors else "papka"  # for the log only
    unsaved = _move_main(
        job.root, held, ours, tip, now=job.now, staff=staff, dry_run=job.dry_run, act=act
    )
    if unsaved:
        marked = _name_destroyed(held, theirs, unsaved) if act else unsaved
        return replace(result, conflicts=marked)
    if not job.dry_run:
        note_confirmed(job.root, job.primary, theirs)
    return replace(result, act=act)


def _name_destroyed(
    held: Quarantine, tip: str, conflicts: Iterable[Conflict]
) -> tuple[Conflict, ...]:
    """Say of conflicts about what an act has destroyed that nothing can be kept there."""
    destroyed = read_destroyed(held.folder, tip)
    return tuple(
        replace(each, theirs=DESTROYED) if destroyed.takes(each.path) else each
        for each in conflicts
    )


def _find_base(job: _Job, held: Quarantine, ours: str, theirs: str) -> Meeting:
    """Return how the histories meet; raises Refused when the primary is not what it was.

    Where the primary has an act that we lack, all is told by the commits as they were signed: our
    last one must be among them, or else the act hides that something was taken away.
    """
    met = meet(held.room, ours, theirs)
    if not met.base:
        raise Refused(
            f"Зеркало «{job.primary.name}» хранит другой архив: общих сохранений нет",
            "Проверьте адрес зеркала: papka mirror status",
        )
    if met.act and not met.is_theirs and met.base != theirs:
        raise Refused(
            f"На зеркале «{job.primary.name}» есть сохранения, которых не было, когда здесь "
            f"исполняли акт об уничтожении № {met.act}: он о них не знает",
            _BACK,
        )
    if is_parted_by_two_acts(held.room, met, ours, theirs):
        raise Refused(
            f"На зеркале «{job.primary.name}» исполнен другой акт об уничтожении, о котором здесь "
            "не знали, когда исполняли свой: два акта разом не сойдутся",
            _BACK,
        )
    known = last_confirmed(job.root, job.primary)
    if known is not None and not _is_held(held, met, known, theirs):
        raise Refused(
            f"На зеркале «{job.primary.name}» нет сохранения {known[:12]}, которое оно уже "
            "принимало: его историю переписали или вернули старую копию",
            "Ничего не получайте с него; проверьте его: papka verify АДРЕС-ЗЕРКАЛА",
        )
    return met


_BACK = (
    "Откажитесь от здешнего: papka destroy --abandon; получите то, что там: papka sync; потом "
    "исполните акт заново: papka destroy"
)


def _is_held(held: Quarantine, met: Meeting, known: str, theirs: str) -> bool:
    """Whether the primary still has what it confirmed once, as signed or as stored."""
    if held.common(known, theirs) == known:
        return True
    if met.is_theirs:
        return known in met.stored
    # An act is here, and not there yet: it has what it had, up to where it stands.
    return met.base == theirs and known in {theirs, met.stored_in(theirs)}


def _add_try(total: Synced, done: Synced) -> Synced:
    """Join the outcomes of several tries."""
    return replace(
        done,
        kind=done.kind if total.kind == "equal" else total.kind,
        received=total.received + done.received,
        unsent=max(total.unsent, done.unsent),
        replayed=max(total.replayed, done.replayed),
        renumbered=tuple(dict.fromkeys((*total.renumbered, *done.renumbered))),
        orders={**total.orders, **done.orders},
        acts={**total.acts, **done.acts},
        sealed=done.sealed or total.sealed,
        act=done.act or total.act,
        authors={**total.authors, **done.authors},
    )


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came, judged. `changed`: the changes of all commits together; `authors`: path -> who
    wrote it last; `before`, `after`: the records touched, and those around them."""

    commits: tuple[Commit, ...]
    changed: tuple[git_values.FileChange, ...]
    authors: Mapping[str, str]
    before: Snapshot
    after: Snapshot
    findings: tuple[Finding, ...]


def _judge_incoming(  # noqa: PLR0913  # from where to where, and what it is judged by
    root: Path,
    held: Quarantine,
    met: Meeting,
    tip: str,
    *,
    now: datetime,
    touched: Sequence[str] = (),
    vouched: Vouched = NOBODY,
) -> Incoming:
    """Judge the commits after where we met up to `tip`; `touched`: paths the caller will ask
    about."""
    base, start = met.base, met.stored_in(met.base) if met.is_theirs else met.base
    commits = held.line(start, tip)
    changed = changed_paths(held.folder, base, tip)
    change = ReceivedChange(
        held.room, locate(root), base, tip,
        acts=vouched.refoundings, accepted=vouched.accepted,
    )  # fmt: skip
    findings = judge_received(change, now)
    by_commit = changes_of(held.room, [held.commit(start), *commits])
    authors = {
        each.path: commit.author.name for commit in commits for each in by_commit.get(commit.id, ())
    }
    states: dict[str, bytes | None] = dict.fromkeys(touched, b"")
    states |= {each.path: None if each.deleted else b"" for each in changed}
    before = state_before(held.folder, base, states)
    after = state_before(held.folder, tip, states)
    # The records of a history with errors prove nothing and are not read.
    if not has_errors(findings):
        findings += judge_step(DictSnapshot({}), after, [each.path for each in changed])[1]
    return Incoming(commits, changed, authors, before, after, tuple(findings))


def _move_main(  # noqa: PLR0913  # from where to where, when, by whom
    root: Path,
    held: Quarantine,
    ours: str,
    tip: str,
    *,
    now: datetime,
    staff: str,
    dry_run: bool,
    act: int,
) -> tuple[Conflict, ...]:
    """Move main from `ours` to `tip` with the files, or return the unsaved edits in the way.

    `act`: number of the act that main gets, after which the store is purged; 0 for none. The caller
    holds the lock. Raises ChangedMeanwhile when main has moved.
    """
    changes = changed_paths(held.folder, ours, tip)
    objects = held.room.objects()
    found = [*_find_overwritten(root, objects, changes)]
    if found or dry_run:
        return tuple(found)
    absorb(root, held.folder, tip, ours)
    if act:
        unfinished_work.begin_purging(root, act)
    paths = [change.path for change in changes]
    worktree.sweep(root, paths)
    unfinished_work.begin_writing(
        root, tip, ours, unfinished_work.list_unchanged_since(root, ours, paths)
    )
    for change in changes:
        if change.deleted:
            worktree.remove(root, change.path)
        else:
            data = objects.read(change.new_id)[1]
            worktree.write(root, change.path, data, executable=change.new_mode == EXECUTABLE)
    person = commit_writing.person_now(staff, now, None)  # for the log only
    commit_writing.move_branch(root, MAIN, tip, ours, person, "papka sync")
    unfinished_work.end_writing(root)
    entries = {c.path: None if c.deleted else (c.new_mode, c.new_id) for c in changes}
    commit_writing.refresh_index(root, entries)
    if act:
        unfinished_work.settle_purging(root)
    return ()


def _find_overwritten(
    root: Path, objects: Objects, changes: Sequence[git_values.FileChange]
) -> Iterator[Conflict]:
    """Yield the edits in the folder that taking would overwrite."""
    files = worktree.WorktreeSnapshot(root)
    for change in changes:
        edited = bytes_of(files, change.path)
        id_ = "" if edited is None else object_id("blob", edited)
        if id_ in (change.old_id, change.new_id):
            continue
        old, new = (objects.read(i)[1] if i else None for i in (change.old_id, change.new_id))
        _, conflicts = merge_file(change.path, old, new, edited)
        whole = Conflict(change.path, ours="не сохранено", theirs="изменено")
        yield from conflicts or (whole,)


@dataclass(frozen=True, slots=True)
class UnsentWork:
    """One own unsent save: the commit, what it changed, and the modes of the files."""

    commit: Commit
    changes: Changes
    modes: Mapping[str, str]


def _read_unsent(held: Quarantine, base: str, commits: Sequence[Commit]) -> tuple[UnsentWork, ...]:
    """Read the saves `commits`, the first of them made on `base`."""
    objects = held.room.objects()
    found = []
    above = base
    for commit in commits:
        changes = changed_paths(held.folder, above, commit.id)
        written = {c.path: None if c.deleted else objects.read(c.new_id)[1] for c in changes}
        modes = {change.path: change.new_mode for change in changes if not change.deleted}
        found.append(UnsentWork(commit, written, modes))
        above = commit.id
    return tuple(found)


def _replay_unsent(  # noqa: PLR0913  # each is one side of the matter
    job: _Job,
    held: Quarantine,
    incoming: Incoming,
    tip: str,
    unsent: Sequence[UnsentWork],
    actors: Mapping[str, SigningActor],
    result: Synced,
) -> tuple[str, Synced]:
    """Replay `unsent` on `tip`, which `incoming` led to; `actors`: the authors by staff id.

    Return where main goes, and `result` with what was signed anew or what stands in the way.
    """
    moved = [change.path for change in incoming.changed]
    unsealed = [{p: d for p, d in each.changes.items() if not is_of_seal(p)} for each in unsent]
    seals = [each for each in unsent if any(map(is_of_seal, each.changes))]
    plan = replay(incoming.before, incoming.after, moved, unsealed)
    due = [(each, step) for each, step in zip(unsent, plan.steps, strict=True) if step]
    renumbered = tuple(
        f"{student}#{old} → {new}"
        for student, ids in plan.renamed.items()
        for old, new in ids.items()
    )
    count = len(due) + bool(seals)
    result = replace(
        result, replayed=count, renumbered=renumbered, orders=plan.orders,
        acts=plan.acts.numbers,
        conflicts=plan.conflicts, clashes=plan.clashes, findings=(),
    )  # fmt: skip
    if result.is_stopped:
        return tip, result
    findings, source = _judge_steps(incoming.after, due, actors, job.now)
    result = replace(result, findings=findings, source=source)
    if job.dry_run or result.is_stopped:
        return tip, result
    if count:
        job.before_signing(_count_signatures(due, seals, actors))
    for each, step in due:
        actor = actors[each.commit.author.name]
        tip = commit_writing.store_commit(
            held.folder, step, plan.message(each.commit.message),
            author=actor.staff, now=job.now, sign=actor.sign, parent=tip,
            modes=each.modes, written=each.commit.author,
        ).id  # fmt: skip
    sealed = ""
    if seals:
        tip, sealed = _put_seal(held, tip, seals[-1], actors, job.now)
    return tip, replace(result, sealed=sealed)


_Due = Sequence[tuple[UnsentWork, Changes]]


def _judge_steps(
    before: Snapshot, due: _Due, actors: Mapping[str, SigningActor], now: datetime
) -> tuple[tuple[Finding, ...], Source]:
    """Judge each step in its new place as a save would be judged; it is signed anew now."""
    found: list[Finding] = []
    source = snapshot_source(before)
    for each, step in due:
        after = Overlay(before, step)
        actor = actors[each.commit.author.name]
        by_head = is_head(actor.signer.public, before)
        made = each.commit.author.moment.date()
        _, judged = judge_step(before, after, step, day=made)
        findings = list(raise_unless_head(judged, is_head=by_head))
        findings += judge_paths(actor.staff, actor.signer.public, before, step, day=now.date())
        findings += judge_beforehand(before, after, step, each.commit.message)
        source = snapshot_source(after)
        found += add_lines(findings, source)
        before = after
    return tuple(sort_findings(dict.fromkeys(found))), source


def _count_signatures(
    due: _Due, seals: Sequence[UnsentWork], actors: Mapping[str, SigningActor]
) -> dict[SigningActor, int]:
    """Count the signatures each must give: a seal takes its own and that of its commit."""
    saves = [*(each for each, _ in due), *seals[-1:], *seals[-1:]]
    staff = [each.commit.author.name for each in saves]
    return {actor: staff.count(name) for name, actor in actors.items() if name in staff}


def _put_seal(
    held: Quarantine, tip: str, last: UnsentWork, actors: Mapping[str, SigningActor], now: datetime
) -> tuple[str, str]:
    """Put one seal in place of the unsent ones; return the new tip, and the seal's number."""
    actor = actors[last.commit.author.name]
    period = next(
        read_seal(data).period
        for path, data in last.changes.items()
        if data is not None and path.endswith(TEXT)
    )
    number, files = make_seal_files(held.folder, tip, actor, now=now, period=period)
    made = commit_writing.store_commit(
        held.folder, files, seal_message(number, period),
        author=actor.staff, now=now, sign=actor.sign, parent=tip,
    )  # fmt: skip
    return made.id, f"{number:04}"
