"""`papka status`: what is unsaved, not approved, owed and due on a day, and how the mirrors stand.

`papka status --due` reports of it, as findings, only what must be done. Invariants: nothing is
asked over a network and nothing is written; what was done after the day is not known on it yet;
what cannot be read counts as an error, because a deadline may hide in it; what `--due` prints names
no person (a timer prints it into mail and logs).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound
from papka.core.findings import Finding, Location
from papka.core.installation import program_digest
from papka.core.phrases import count_phrase
from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import Snapshot, Tree, bytes_of
from papka.desk.approval import SavedActs, list_unapproved
from papka.desk.deadline import Deadline
from papka.desk.deadlines import (
    DEADLINE_UNREADABLE,
    KEYS_LAST,
    MirrorSeen,
    SheetSeen,
    deadlines,
    seal_on,
)
from papka.desk.edition import EditionState, compare_edition
from papka.desk.open_records import add_books, overview
from papka.desk.statutory_deadlines import ASKED_FOR, is_expelled
from papka.desk.told_files import ToldFiles, keep_told, recall_told
from papka.desk.watched_day import WatchedDay
from papka.proof.anchors import Receipt
from papka.proof.memory import Memory, Recalled, recall
from papka.proof.trusted_keys import REVOCATIONS, read_revocations, read_trust
from papka.records.archive import Archive, load_kinds
from papka.records.derived.approvals import UnapprovedEntry, acts_of
from papka.records.derived.keeping import list_old_units
from papka.records.derived.whereabouts import last_sheet, list_media, list_stores
from papka.records.strict_yaml import Source, add_lines, snapshot_source
from papka.records.wording import day, in_order, title_of
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitSnapshot, CommitTree
from papka.repository.derived_store import DerivedStore
from papka.repository.git_values import Commit, PublicKey
from papka.repository.handle import Remote, last_confirmed, list_remotes, read_setting
from papka.repository.history import RememberedHistory, count_after, versions
from papka.repository.signing import kept_key, waiting_person
from papka.repository.store import locate
from papka.repository.worktree import OpenedSnapshot, WorktreeSnapshot, is_kept

_UNSENT = "unsent"
"""Sort of what is kept of saves that every mirror would take."""

CHANGES = {"added": "новый", "changed": "изменён", "deleted": "удалён"}
"""What a file that is not saved yet is called, by how it differs."""


@dataclass(frozen=True, slots=True)
class MirrorState:
    """A mirror by what this computer and the journal remember.

    `behind`: commits it lacks, None when the commit it confirmed is no part of our history.
    """

    name: str
    primary: bool
    confirmed: str | None
    behind: int | None
    seen: MirrorSeen

    @property
    def words(self) -> str:
        """How it stands, as far as it has said."""
        if self.confirmed is None:
            return "ещё ничего не подтверждало"
        if self.behind is None:
            return f"история разошлась (там {self.confirmed[:12]}): papka mirror status"
        looked = f"; целиком проверено {day(self.seen.looked)}" if self.seen.looked else ""
        if self.behind == 0:
            return f"всё отправлено{looked}"
        count = count_phrase(self.behind, "сохранение", "сохранения", "сохранений")
        return f"не отправлено: {count}{looked}"


@dataclass(frozen=True, slots=True)
class Due:
    """What must be done by a day; `source` gives a path's bytes as they were read."""

    on: dt.date
    findings: tuple[Finding, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class LocalActor:
    """Who saves in this copy; `key` is the file of the key, `has_key`: it is there now, `waits`:
    the head has not accepted it yet."""

    staff: str | None
    key: str | None
    has_key: bool
    waits: bool = False


@dataclass(frozen=True, slots=True)
class UnapprovedEntries:
    """Counts of entries not approved and of their people; `closed`: they came after the act that
    closed the period."""

    period: str
    title: str
    entries: int
    people: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The archive on a day; `foreign` are files in the folder that can be no part of an archive,
    `last` is the last commit, None before the first."""

    on: dt.date
    actor: LocalActor
    unsaved: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]
    drafts: tuple[UnapprovedEntries, ...]
    deadlines: tuple[Deadline, ...]
    copies: tuple[MirrorState, ...]
    unread: tuple[str, ...]
    edition: EditionState
    unsendable: tuple[Finding, ...] = ()
    last: Commit | None = None

    @property
    def is_overdue(self) -> bool:
        return bool(self.unread) or any(deadline.overdue for deadline in self.deadlines)


def status(
    root: Path, *, on: dt.date, memory: Memory | None = None, now: dt.datetime | None = None
) -> Status:
    """Report the state of the archive on a day.

    `memory`: what this computer knows of its mirrors; `now`: None to leave unjudged what was not
    sent yet.
    """
    changed = commit_snapshots.worktree_changes(root)
    unsaved = tuple(each for each in changed if is_kept(each[0]))
    past = recall_past(root, memory)
    found = _work_out(root, past, [path for path, _ in changed], on)
    archive = found.archive
    return Status(
        on,
        _read_actor(root),
        unsaved,
        tuple(path for path, _ in changed if not is_kept(path)),
        tuple(_list_drafts(found)),
        found.deadlines,
        found.mirrors,
        tuple(sorted(archive.unreadable)),
        compare_edition(root, past.last or CommitTree(root, "HEAD")),
        _list_unsendable(root, now) if now else (),
        past.last.state if past.last else None,
    )


@dataclass(frozen=True, slots=True)
class _WorkedOut:
    """What is due on a day. `archive` holds the personal files but those already `told`; `late`:
    the entries in it that no act holds, by period."""

    archive: Archive
    told: ToldFiles
    late: Mapping[str, tuple[UnapprovedEntry, ...]]
    mirrors: tuple[MirrorState, ...]
    deadlines: tuple[Deadline, ...]
    snapshot: Snapshot


def _work_out(root: Path, past: RecalledPast, changed: Collection[str], on: dt.date) -> _WorkedOut:
    told = recall_told(root, past.last, past.acts, changed, on)
    snapshot: Snapshot = WorktreeSnapshot(root)
    if told.others is not None:
        snapshot = OpenedSnapshot(root, told.others, alone=True)
    archive, old = _read_all(snapshot, on)
    late = list_unapproved(root, archive, changed, acts=past.acts)
    counts: Counter[str] = Counter()
    for period, entries in late.items():
        counts[period] += sum(each.is_late and each.can_be_approved for each in entries)
    for period, (_, waiting) in told.count_waiting():
        counts[period] += waiting
    mirrors = _recall_mirrors(root, archive, past, on)
    days = {student: WatchedDay.of(on) for student in archive.students}
    found = _list_deadlines(root, archive, mirrors, past, on, counts, old, told.terms(), days)
    keep_told(root, told, archive, late, found, days)
    return _WorkedOut(archive, told, late, mirrors, found, snapshot)


def _list_drafts(found: _WorkedOut) -> Iterator[UnapprovedEntries]:
    """Yield what is not approved: all of a period without an act, and what no act holds."""
    archive = found.archive
    read = [
        (period, len(results))
        for student in archive.students.values()
        for period, results in student.periods.items()
    ]
    entries: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for period, count in (*read, *found.told.count_entries()):
        entries[period] += count
        people[period] += 1
    acted = {period for period in entries if next(acts_of(archive, period), None) is not None}
    for period in acted:
        del entries[period], people[period]
    for period, waiting in found.late.items():
        entries[period] += len(waiting)
        people[period] += len({each.student for each in waiting})
    for period, (count, _) in found.told.count_waiting():
        entries[period] += count
        people[period] += 1
    for period in in_order(archive, entries):
        closed = period in acted and period in archive.approvals
        yield UnapprovedEntries(
            period, title_of(archive, period), entries[period], people[period], closed
        )


def _list_unsendable(root: Path, now: dt.datetime) -> tuple[Finding, ...]:
    """Return the errors of what was not sent yet; what was found right once is not judged again."""
    tip = commit_snapshots.head(root)
    primary = next(iter(list_remotes(root)), None)
    known = last_confirmed(root, primary) if primary else None
    if tip is None or known == tip:
        return ()
    store, at, mark = DerivedStore(root), f"{known} {tip}", program_digest()
    kept = store.recall(_UNSENT)
    if kept.get(at) == mark:
        return ()
    from papka.copies.new_commits import unsent_errors  # judges history: only where some is new

    found = unsent_errors(root, now)
    if not found:
        store.keep(_UNSENT, {**dict.fromkeys(kept), at: mark})
    return found


def _read_actor(root: Path) -> LocalActor:
    waiting = waiting_person(root)
    file = kept_key(root, waiting) if waiting else None
    key = str(file) if file else read_setting(root, "user.signingKey")
    return LocalActor(
        waiting or read_setting(root, "user.name"),
        key,
        has_key=key is not None and Path(key).expanduser().exists(),
        waits=bool(waiting),
    )


def report_due(root: Path, *, on: dt.date, memory: Memory | None = None) -> Due:
    """Report what must be done by `on` or should have been, the worst first."""
    past = recall_past(root, memory)
    changed = [path for path, _ in commit_snapshots.worktree_changes(root)]
    worked = _work_out(root, past, changed, on)
    unread = [DEADLINE_UNREADABLE.at(Location(path)) for path in sorted(worked.archive.unreadable)]
    demands = [each.demand() for each in worked.deadlines]
    source = snapshot_source(worked.snapshot)
    found = add_lines([*unread, *(each for each in demands if each is not None)], source)
    found.sort(key=lambda finding: -finding.severity)
    return Due(on, (*found, *(past.recalled.trouble if worked.mirrors else ())), source)


def _read_all(snapshot: Snapshot, on: dt.date) -> tuple[Archive, tuple[str, ...]]:
    """Read what deadlines rest on, with the paths of units that may be past their term.

    Of orders and issued documents only those are read, and what the expelled need.
    """
    archive = overview(snapshot, "documents", "import")
    old = tuple(list_old_units(archive, snapshot.paths(), on))
    ends = [
        enrolment.ended
        for student in archive.students.values()
        for enrolment in student.enrolments
        if enrolment.ended and is_expelled(enrolment) and enrolment.ended.date <= on
        if enrolment.ended.date > on - 2 * ASKED_FOR
    ]
    if not ends and not old:
        return archive, old
    orders = [ended.order for ended in ends if ended.order]
    since = min((ended.date.year for ended in ends), default=dt.MAXYEAR)
    read = [path for path in old if path.endswith(".yaml")]
    return add_books(archive, snapshot, orders, since, read), old


def _list_deadlines(  # noqa: PLR0913 - what is known of a day comes from so many places
    root: Path,
    archive: Archive,
    mirrors: tuple[MirrorState, ...],
    past: RecalledPast,
    on: dt.date,
    late: Mapping[str, int],
    old: tuple[str, ...],
    known: Iterable[Deadline],
    days: Mapping[str, dt.date],
) -> tuple[Deadline, ...]:
    seen = tuple(copy.seen for copy in mirrors)
    counts = {period: late[period] for period in sorted(late) if late[period]}
    stolen = _list_stolen(root, past.last) if past.last else ()
    seal = seal_on(past.last, on) if past.last else None
    return deadlines(
        archive, on, seal=seal, seen=seen, stolen=stolen, late=counts, paths=old,
        keys=_keys_since(root, past, on), known=known, sheet=_read_sheet(root, archive, past, on),
        days=days,
    )  # fmt: skip


def _read_sheet(root: Path, archive: Archive, past: RecalledPast, on: dt.date) -> SheetSeen | None:
    """Return the sheet for the safe as the journal knows it, None before the first save."""
    if past.founded is None or past.last is None:
        return None
    told = last_sheet(archive, on)
    if told is None:
        return SheetSeen(None, past.founded)
    changed = tuple(_list_changed(root, archive, past.last, told.head))
    return SheetSeen(told.date, past.founded, changed)


def _list_changed(root: Path, archive: Archive, last: CommitTree, commit: str) -> Iterator[str]:
    """Yield what the sheet of a commit would say otherwise now; nothing of one there is not."""
    try:
        then = CommitSnapshot(root, commit)
    except NotFound:
        return
    old = load_kinds(then, {"media"})
    if _read_lasting_keys(then) != _read_lasting_keys(last):
        yield "ключи руководителя"
    places = [{(each.medium, each.place) for each in list_media(a)} for a in (old, archive)]
    if places[0] != places[1]:
        yield "носители"
    if [each.store for each in list_stores(old)] != [each.store for each in list_stores(archive)]:
        yield "зеркала"


def _read_lasting_keys(source: Snapshot | Tree) -> set[PublicKey]:
    said = bytes_of(source, REVOCATIONS)
    return _choose_lasting(bytes_of(source, ALLOWED_SIGNERS), _list_ended(said))


def _list_ended(revocations: bytes | None) -> set[str]:
    """Return the fingerprints of keys that are in force no more."""
    return {each.key for each in read_revocations(revocations or b"").entries}


def _choose_lasting(signers: bytes | None, ended: Collection[str]) -> set[PublicKey]:
    """Return the head's keys in a list that were given for no term and have not ended."""
    return {
        each.key for each in read_trust(signers or b"").entries
        if each.is_head and each.term is None and each.key.fingerprint not in ended
    }  # fmt: skip


def _keys_since(root: Path, past: RecalledPast, on: dt.date) -> dt.date | None:
    """Return since when the head's keys are those in force; None while they cannot be old: then
    nobody reads the past of the list of keys."""
    may_be_old = past.founded is not None and on.year >= past.founded.year + KEYS_LAST
    return head_keys_since(root) if may_be_old else None


def head_keys_since(root: Path) -> dt.date | None:
    """Return the day since which the head's lasting keys are those in force now, by the clock of
    who let the last one in; None before the first save."""
    if commit_snapshots.head(root) is None:
        return None
    ended = _list_ended(bytes_of(CommitTree(root, "HEAD"), REVOCATIONS))
    now: set[PublicKey] | None = None
    since = None
    for one in versions(root, ALLOWED_SIGNERS):
        keys = _choose_lasting(one.data, ended)
        now = keys if now is None else now
        if keys != now:
            break
        since = one.commit.committer.moment.date()
    return since


def _list_stolen(root: Path, last: CommitTree) -> tuple[dt.datetime, ...]:
    """Return when keys were declared stolen, by the clock of who did it; the latest first."""
    data = bytes_of(last, REVOCATIONS)
    if data is None or not _list_compromised(data):
        return ()
    known = [
        (one.commit, _list_compromised(one.data or b"")) for one in versions(root, REVOCATIONS)
    ]
    before = [keys for _, keys in known[1:]] + [frozenset()]
    return tuple(
        commit.committer.moment
        for (commit, keys), known_by_then in zip(known, before, strict=True)
        if keys - known_by_then
    )


def _list_compromised(data: bytes) -> frozenset[str]:
    return frozenset(each.line for each in read_revocations(data).entries if each.is_compromised)


@dataclass(frozen=True, slots=True)
class RecalledPast:
    """What this computer remembers of the archive, its last commit and the day of its first one;
    None before."""

    recalled: Recalled
    acts: SavedActs
    last: CommitTree | None = None
    founded: dt.date | None = None


def recall_past(root: Path, memory: Memory | None) -> RecalledPast:
    """Recall the archive; `memory` None: this computer remembers nothing."""
    recalled = recall(memory, locate(root), "") if memory else Recalled()
    if commit_snapshots.head(root) is None:
        return RecalledPast(recalled, SavedActs(root))
    last = CommitTree(root, "HEAD")
    known = recalled.known
    try:
        first = last.at(known.root if known else RememberedHistory(root, last).first)
    except NotFound:  # another archive lies where the known one did: `verify` tells of that
        first = last.at(RememberedHistory(root, last).first)
    acts = SavedActs(root, last, is_for_show=True)
    return RecalledPast(recalled, acts, last, first.state.committer.moment.date())


def list_mirrors(
    root: Path, archive: Archive, on: dt.date, memory: Memory | None
) -> tuple[MirrorState, ...]:
    """Return how every mirror stands on a day, the primary first; none before the first save."""
    return _recall_mirrors(root, archive, recall_past(root, memory), on)


def _recall_mirrors(
    root: Path, archive: Archive, past: RecalledPast, on: dt.date
) -> tuple[MirrorState, ...]:
    """Return every mirror, the primary first; none before the first save."""
    if past.last is None or past.founded is None:
        return ()
    return tuple(
        _recall_mirror(root, remote, archive, past, past.last, past.founded, on)
        for remote in list_remotes(root)
    )


def _recall_mirror(  # noqa: PLR0913 - what is known of a mirror comes from so many places
    root: Path, remote: Remote, archive: Archive, past: RecalledPast, last: CommitTree,
    since: dt.date, on: dt.date,
) -> MirrorState:  # fmt: skip
    confirmed = last_confirmed(root, remote)
    behind, unsent = count_after(root, last, confirmed) if confirmed else (None, since)
    known = past.recalled.known
    days = _list_days(known.looked if known else (), remote)
    looked = _latest_by((*days, *_list_inspections(archive, remote)), on)
    heard = _latest_by(_list_days(known.receipts if known else (), remote), on)
    seen = MirrorSeen(
        remote.name,
        since,
        unsent,
        parted=confirmed is not None and behind is None,
        heard=max(filter(None, (heard, looked)), default=None),
        looked=looked,
    )
    return MirrorState(remote.name, remote.primary, confirmed, behind, seen)


def _list_days(receipts: Iterable[Receipt], remote: Remote) -> Iterator[dt.date]:
    for each in receipts:
        if each.store == remote.url:
            yield dt.datetime.fromtimestamp(each.time, dt.UTC).date()


def _list_inspections(archive: Archive, remote: Remote) -> Iterator[dt.date]:
    """Yield the days on which, by the journal, the mirror was checked and is not bad."""
    for media in archive.media.values():
        for each in media.inspections:
            named = each.store == remote.url or remote.name in each.store.split()
            if named and each.verdict != "негодна":
                yield each.date


def _latest_by(days: Iterable[dt.date], on: dt.date) -> dt.date | None:
    return max((day for day in days if day <= on), default=None)
