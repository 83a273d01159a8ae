"""Judge new commits before they are accepted or sent: verify's rules, then check's on the result.

The same judgement serves the server's hook, a forge's check, `--rev` and, before any mirror sees
the commits, sending. Nothing of the change is obeyed or executed. The cost follows the change; only
a seal, a merge or what is no plain line makes the whole history be read, and then only what is new
is refused. The first change is judged whole. When a commit fails, its records are not read.

The first state is not compared with the last: each commit is compared with the one before it, so
that what the head accepted in between stays accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

from papka.checks import safekeeping
from papka.checks.checking import check_commit, judge_step, state_before
from papka.core.errors import NotFound, Refused
from papka.core.findings import Finding, Location, Severity, has_errors, sort_findings
from papka.core.places import SEALS, place
from papka.core.snapshot import DictSnapshot
from papka.paper import document_codes
from papka.proof import verify_codes
from papka.proof.anchors import Anchors
from papka.proof.chronicle import HistoryStep, judge_commits, soften_accepted
from papka.proof.clean_room import CleanRoom, clean_room, resolve_in
from papka.proof.commit_rules import judge_admission
from papka.proof.examination import (
    Examination,
    Examined,
    Start,
    digests_of_seals,
    examine,
    examine_after,
    trust_after,
)
from papka.proof.history_reading import (
    ListedRoom,
    Walked,
    changes_of,
    files_before,
    files_near,
    read_new_commits,
    trust_states,
)
from papka.proof.layers import (
    SignedLine,
    is_continuation,
    plain_line,
    read_line,
)
from papka.proof.record_history import touched_files
from papka.proof.seal_judging import judge_anchors
from papka.proof.trusted_keys import Ancestry, TrustState
from papka.records.strict_yaml import Source, add_lines, snapshot_source
from papka.repository.commit_snapshots import (
    CommitSnapshot,
    changed_paths,
    commits_back,
    head,
    is_ancestor,
    read_commit,
)
from papka.repository.git_values import MAIN, Commit, StoreFacts, TrackedFile, is_id, parse_commit
from papka.repository.handle import last_confirmed, list_remotes
from papka.repository.points import is_nothing
from papka.repository.rewritten_commits import list_act_numbers
from papka.repository.store import Store, locate, observe

_OF_THE_STORE = (
    *(verify_codes.REFOUNDING_UNKNOWN, verify_codes.OBJECT_UNREACHABLE),
    *(verify_codes.OBJECT_AFTER_ACT, verify_codes.DESTROYED_PRESENT),
)
"""Not faults of a change: an act typed in at the server may be for a commit yet to come, and other
objects of the store do not belong to the change; what it destroys goes once it is taken."""
_NO_FILE = TrackedFile("", "")
_NOT_CONTINUING = (
    "присланное не продолжает то, что уже принято: это переписанная история, старая копия или "
    "другой архив"
)


@dataclass(frozen=True, slots=True)
class ReceivedChange:
    """A branch is to move from `old` (empty: there is none yet) to `new`, full ids of commits.

    `room` sees the objects; `anchors`: what paper says of the beginning, used where the whole is
    judged; `acts`: digests of acts by which an archive that lost its keys may go on; `accepted`:
    (commit, code) that a head is about to accept.
    """

    room: CleanRoom
    store: Store
    old: str
    new: str
    anchors: Anchors = field(default_factory=Anchors)
    acts: frozenset[str] = frozenset()
    accepted: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ChangeJudged:
    """A change judged. `old`, `new`: full ids; `commits`: how many are new; `source`: bytes of the
    files of `new` that findings name."""

    old: str
    new: str
    commits: int
    findings: tuple[Finding, ...]
    source: Source


def judge_between(  # noqa: PLR0913 - two points, and what paper says of the archive
    place: Path, since: str, rev: str, *, now: datetime, anchors: Anchors, acts: frozenset[str]
) -> ChangeJudged:
    """Judge the change between two points of any store, whatever its branches and folder show.

    Raises NotFound, and Refused when the one does not continue the other.
    """
    store = locate(place)
    facts = observe(store)
    if facts.shallow:
        return ChangeJudged("", "", 0, (verify_codes.REPO_SHALLOW.at(Location()),), lambda _: None)
    with clean_room(store) as room:
        new = resolve_in(store, facts, rev)
        old = "" if is_nothing(since) else _find_start(room, store, facts, since, new)
        found = [*judge_change(ReceivedChange(room, store, old, new, anchors, acts), now)]
        line = read_line(room, new)[0]
        commits, there = line.commits, room.files(new)
        found += _judge_founders(room, commits, there, anchors) if old and anchors else []
        past = Ancestry(commits).until(line.signed(old)) if old else frozenset[str]()
        count = sum(commit.id not in past for commit in commits)
        source = _read_named_files(CommitSnapshot(room.folder, new), found)
    return ChangeJudged(old, new, count, tuple(sort_findings(found)), source)


def _find_start(room: CleanRoom, store: Store, facts: StoreFacts, since: str, new: str) -> str:
    try:
        return resolve_in(store, facts, since, new)
    except NotFound:
        if is_id(since):
            if is_continuation(read_line(room, new)[0], since):
                return since  # the branch stood there until an act rewrote it
            # the branch stood there and was moved elsewhere by force
            raise Refused(_NOT_CONTINUING, "Получите всё, что есть, и повторите") from None
        raise


def _judge_founders(
    room: CleanRoom, line: Sequence[Commit], files: Mapping[str, TrackedFile], anchors: Anchors
) -> Iterator[Finding]:
    """Judge whether the history begins with the keys that paper names; any seals may be named."""
    first = [commit for commit in line if not commit.parents]
    changes = changes_of(room, first)
    steps = judge_commits(first, changes, trust_states(room, first, changes))
    there = set(digests_of_seals(room, files).values())
    yield from judge_anchors(steps, (), replace(anchors, seals=anchors.seals - there))


def _read_named_files(snapshot: CommitSnapshot, found: Collection[Finding]) -> Source:
    """Read the files whose lines are to be shown, before the room is gone."""
    wanted = {each.where.path for each in found if each.where.line}
    return dict(snapshot.read_many(sorted(wanted & snapshot.entries.keys()))).get


def judge_change(change: ReceivedChange, now: datetime) -> tuple[Finding, ...]:
    """Judge commits and records; raises Refused when they do not continue what is there."""
    found, old = _judge_commits(change, now)
    if not has_errors(found):
        found = [*found, *_check_records(change, old)]
    return tuple(sort_findings(found))


def judge_received(change: ReceivedChange, when: datetime) -> list[Finding]:
    """Judge the commits without the records of the last state; raises Refused as `judge_change`."""
    return _judge_commits(change, when)[0]


def _judge_commits(change: ReceivedChange, when: datetime) -> tuple[list[Finding], str]:
    """Judge the commits; also return which one in the store is the old one, which an act that came
    may have rewritten."""
    now = int(when.timestamp())
    line = read_new_commits(change.room, change.old, change.new) if change.old else None
    done = _examine_new(change, line, now) if line else None
    if done is not None:
        return [*done.findings, *_judge_new(change, done.steps)], change.old
    whole, found = read_line(change.room, change.new)
    old = whole.signed(change.old)
    if old and not is_continuation(whole, old):
        raise Refused(_NOT_CONTINUING)
    found += [
        verify_codes.HISTORY_UNREADABLE.at(Location(commit=id_), detail=detail)
        for id_, detail in whole.unreadable
    ]
    room = replace(change.room, stored=whole.moved)
    case = _make_case(change, whole, change.room.files(change.new), now)
    case = replace(case, room=room)
    done = examine(case if not old else replace(case, anchors=Anchors()))
    found += done.findings
    known = Ancestry(whole.commits).until(old) if old else frozenset[str]()
    new = [step for step in done.steps if step.commit.id not in known]
    found += _judge_new(replace(change, room=room), new)
    left = [
        each for each in found if each.where.commit not in known and each.code not in _OF_THE_STORE
    ]
    return left, whole.stored.get(old, old)


def _examine_new(change: ReceivedChange, line: tuple[Commit, ...], now: int) -> Examined | None:
    """Examine the new commits alone; None when a seal came, which covers all there is, or an act,
    which rewrote them."""
    if _is_rewritten(change, line):
        return None
    changes = changed_paths(change.room.folder, change.old, change.new)
    if any(each.path.startswith(f"{SEALS}/") for each in changes):
        return None
    files = files_near(change.room, change.new, changes)
    room = ListedRoom(change.room.folder, listed={change.old: files_before(files, changes)})
    case = _make_case(change, plain_line(Walked(line, ())), files, now)
    looked = touched_files(files, changes)
    case = replace(case, room=room, anchors=Anchors(), looked_into=looked)
    return examine_after(case, Start(change.old))


def _is_rewritten(change: ReceivedChange, line: Sequence[Commit]) -> bool:
    """Whether commits may lie in the store without their signatures because of an act."""
    is_signed = all(commit.signature is not None for commit in line)
    return not is_signed and bool(list_act_numbers(change.room.objects(), change.new))


def _judge_new(change: ReceivedChange, steps: Sequence[HistoryStep]) -> list[Finding]:
    """Judge what each new commit brought, unless the head accepts it."""
    return soften_accepted(judge_brought(change, steps), trust_after(steps, change.accepted), steps)


def judge_brought(change: ReceivedChange, steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    """Judge what each commit brought, also what a later one removed; acceptance is not asked."""
    room = change.room
    brought = [(step, each) for step in steps for each in step.changes if not each.deleted]
    yield from judge_admission(steps, room.sizes({each.new_id for _, each in brought}))
    left = room.files(change.new) if len(steps) > 1 else {}
    gone: dict[str, list[str]] = {}
    for step, each in brought:
        stays = len(steps) == 1 or left.get(each.path, _NO_FILE).id == each.new_id
        if not stays and (at := place(each.path)) is not None and at.kind == "attachment":
            gone.setdefault(step.commit.id, []).append(each.path)
    for commit, paths in gone.items():
        stored = room.stored.get(commit, commit)
        after = state_before(room.folder, stored, dict.fromkeys(paths, b""))
        for finding in judge_step(DictSnapshot({}), after, paths)[1]:
            if finding.code in (safekeeping.ATTACHMENT_UNLISTED, safekeeping.ATTACHMENT_ALTERED):
                yield finding.moved(replace(finding.where, commit=commit))


def _make_case(
    change: ReceivedChange, line: SignedLine, files: Mapping[str, TrackedFile], now: int
) -> Examination:
    facts = StoreFacts({MAIN: change.new}, f"ref: {MAIN}", bare=True)
    return Examination(
        change.room, change.store, facts, line, files, now, change.anchors, change.acts,
        accepted=change.accepted,
    )  # fmt: skip


def _check_records(change: ReceivedChange, old: str) -> list[Finding]:
    """Check the state the change leaves, as far as the change since `old`, as it is stored, can
    have touched it."""
    folder = change.room.folder
    if not old:
        return [
            *check_commit(folder, since=None, rev=change.new).findings,
            *_check_forms(change, None),
        ]
    changes = changed_paths(folder, old, change.new)
    states = {each.path: None if each.deleted else b"" for each in changes}
    after = state_before(folder, change.new, states)
    _, found = judge_step(DictSnapshot({}), after, states)
    return [*add_lines(found, snapshot_source(after)), *_check_forms(change, states)]


def _check_forms(
    change: ReceivedChange, changed: Mapping[str, bytes | None] | None
) -> list[Finding]:
    """Report printed forms that cannot work; `changed`: None for all."""
    if changed is not None and not any(path.startswith("templates/") for path in changed):
        return []
    from papka.paper.own_forms import find_flaws  # Jinja only when forms change

    return [
        document_codes.TEMPLATE_BROKEN.at(Location(path, line=line), reason=reason)
        for path, line, reason in find_flaws(CommitSnapshot(change.room.folder, change.new))
    ]


UNSENDABLE = (
    "Посмотрите всё: papka verify. Если сохранение сделано командой git commit и ещё не "
    "отправлено: git reset --soft HEAD~1 (файлы останутся), затем papka save. Честную ошибку "
    "признаёт руководитель: papka trust accept"
)
_NEVER_SENT_AT_MOST = 100
"""So many last commits are judged where nothing was ever sent."""


class Gate:
    """The judge of what may be sent; one answer serves all mirrors that lack the same commits.

    `now`: None to take the time of the last commit, so that no clock is asked. What does not
    continue a mirror's history passes: the mirror refuses it.
    """

    def __init__(self, root: Path, now: datetime | None) -> None:
        self._root = root
        self._now = now
        self._known: dict[tuple[str, str], tuple[Finding, ...]] = {}
        self._lines: dict[str, SignedLine] = {}
        self._lock = Lock()

    def objection(self, old: str, new: str) -> tuple[str, str] | None:
        """Say why commits must not be sent and what to do; None when all may go."""
        with self._lock:
            found = self.refused(old, new)
        if not found:
            return None
        worst = max(found, key=lambda finding: finding.severity)
        where = worst.where
        at = f"сохранение {where.commit[:12]}: " if where.commit else f"{where.path}: "
        more = f" (и ещё замечаний: {len(found) - 1})" if len(found) > 1 else ""
        reason = f"не отправлено, проверки не проходит: {worst.code.name}: {at}{worst.message}"
        return reason + more, UNSENDABLE

    def is_parted_by_act(self, old: str, new: str) -> bool:
        """Whether `new` continues a mirror that stands at `old` by an act of destruction alone."""
        if not old or is_ancestor(self._root, old, new):
            return False
        with self._lock:
            if new not in self._lines:
                with clean_room(locate(self._root)) as room:
                    self._lines[new] = read_line(room, new)[0]
        return is_continuation(self._lines[new], old)

    def refused(self, old: str, new: str) -> tuple[Finding, ...]:
        """Return the errors of what comes after `old` (empty: nothing was sent yet) up to `new`."""
        if (old, new) not in self._known:
            self._known[old, new] = self._judge(old, new)
        return self._known[old, new]

    def _judge(self, old: str, new: str) -> tuple[Finding, ...]:
        store = locate(self._root)
        now = self._now or read_commit(self._root, new).committer.moment
        with clean_room(store) as room:
            try:
                # Acts of new keys pass here: whoever receives them asks for the paper himself.
                acts = frozenset(act.digest for act in _read_trust(room, new).refoundings)
                change = ReceivedChange(room, store, old, new, acts=acts)
                found = judge_received(change, now)
            except Refused:
                return ()
        return tuple(finding for finding in found if finding.severity >= Severity.ERROR)


def unsent_errors(root: Path, now: datetime) -> tuple[Finding, ...]:
    """Return the errors of what the primary has not confirmed; where nothing was ever sent, of the
    last commits only, as sending judges all of them."""
    tip = head(root)
    primary = next(iter(list_remotes(root)), None)
    known = last_confirmed(root, primary) if primary else None
    if tip is None or known == tip:
        return ()
    if known is None:
        known = commits_back(root, tip, _NEVER_SENT_AT_MOST)[-1]
    return Gate(root, now).refused(known, tip)


def _read_trust(room: CleanRoom, tip: str) -> TrustState:
    commit = parse_commit(tip, room.objects().read(tip)[1])
    return trust_states(room, [commit], {})[tip]
