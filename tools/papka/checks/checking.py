"""Check the records of a state: all of them, or what a step from one to the next can have touched.

Invariants: what is checked is read once; a change of shared records (programmes, scales, staff…)
makes the whole archive checked, because anything may refer to them; else only the folders that
changed are read, and of exports only the manifests, so that the cost grows with the change.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from papka.checks import rules, transitions
from papka.checks.editor_names import keep_names
from papka.checks.kept_verdicts import KeptVerdicts, Trust, read_findings
from papka.core.findings import Finding, Location, sort_findings
from papka.core.litter import copy_in
from papka.core.places import (
    IMPORTS,
    ORGANIZATION,
    RECORDS,
    STUDENTS,
    folder_around,
    import_of,
    place,
    student_folder,
)
from papka.core.snapshot import Snapshot, bytes_of
from papka.records import reading_codes
from papka.records.archive import Archive, Readings, load
from papka.records.file_accidents import breaks_off, find_cut
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Source, add_lines, snapshot_source
from papka.repository.derived_store import DerivedStore
from papka.repository.worktree import WorktreeSnapshot

if TYPE_CHECKING:
    from papka.checks.root_causes import Explained
    from papka.records.mending import Decisions

_MANY = 1_000
"""A commit with so many touched personal files is listed whole: it is faster than by folder."""
_ALONE = ("register", "order", "import", "allowed-signers", "trust", "acceptance", "media")
"""Kinds of shared record of which a new one can spoil only the files changed with it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check; `source` returns a path's bytes as they were checked. `explained`:
    the causes of what was found, None when nothing was."""

    findings: tuple[Finding, ...]
    files: int
    students: int
    source: Source
    explained: Explained | None = None


def check(root: Path, day: dt.date | None = None, store: DerivedStore | None = None) -> Checked:
    """Check the folder, as a save on the day would judge it: what was saved last stays.

    `store`: what is kept of the archive; personal files it knows to be right are not read again.
    """
    after = WorktreeSnapshot(root)
    head, states = _list_changes(root)
    kept = None if store is None or head is None else KeptVerdicts(store, root, after, day)
    outcome = kept.recall_outcome(states) if kept is not None else None
    if outcome is not None:
        findings = tuple(read_findings(outcome))
        return Checked(findings, outcome.files, outcome.students, snapshot_source(after))
    step = _begin_step(root, after, head, states, day)
    trust = kept.trust(states) if kept is not None else None
    step.trust = trust or Trust(after, {}, b"")
    with without_collector():
        if step.may_trust:
            step.trust = step.trust.widened(step.schemas, day)
        archive, found = step.judge(after)
        checked = _tell(after, step, archive, found)
    facts = step.trust.facts
    stands = kept is not None and (head, states) == _list_changes(root)
    keep_names(root, archive, ids=(id_ for known in facts.values() for id_ in known.enrolments))
    if kept is not None and trust is not None and stands:
        kept.learn(archive, found, facts)
        if not _can_be_mended(checked.explained):
            kept.keep_outcome(states, checked.findings, checked.files, checked.students)
    return checked


def _can_be_mended(explained: Explained | None) -> bool:
    return explained is not None and bool(
        explained.mends or explained.accidents or explained.unjudged
    )


def explain_folder(root: Path, decisions: Decisions | None = None) -> Explained:
    """Tell the findings of the folder by their causes, and what would put its files right."""
    from papka.checks.root_causes import Explained, explain

    after = WorktreeSnapshot(root)
    step = _begin_step(root, after, *_list_changes(root))
    archive, told = step.judge(after)
    return explain(after, step, archive, told, decisions or {}) if told else Explained()


def _list_changes(root: Path) -> tuple[str | None, dict[str, str]]:
    """Return what was saved last, and what differs from it: path -> state."""
    from papka.repository import commit_snapshots

    head = commit_snapshots.head(root)
    return head, {} if head is None else dict(commit_snapshots.worktree_changes(root))


def _begin_step(
    root: Path,
    after: Snapshot,
    head: str | None,
    states: Mapping[str, str],
    day: dt.date | None = None,
) -> Step:
    """Read what was saved last, as far as the change from it reaches."""
    if head is None:
        return Step(None, after, (), whole=True, day=day)
    changes = {path: None if state == "deleted" else b"" for path, state in states.items()}
    before = state_before(root, head, changes) if changes else None
    return Step(before, after, changes, whole=True, day=day)


def _judge(after: Snapshot, step: Step) -> Checked:
    """Judge a state and tell its findings by their causes."""
    with without_collector():
        return _tell(after, step, *step.judge(after))


def _tell(after: Snapshot, step: Step, archive: Archive, found: list[Finding]) -> Checked:
    explained = None
    if found:
        from papka.checks.root_causes import explain  # only of what is wrong

        explained = explain(after, step, archive, found)
    return _report_on(after, archive, explained)


def check_commit(
    root: Path, *, since: str | None, rev: str | None, day: dt.date | None = None
) -> Checked:
    """Check the commit `rev`, the folder without it; with `since` only what changed from there.

    The folder is judged as if saved on the `day`; a commit always by the day it was made on.
    """
    from papka.repository import commit_snapshots  # the folder alone needs no git
    from papka.repository.git_values import MAIN
    from papka.repository.points import is_nothing

    is_whole = since is None or is_nothing(since)
    after: Snapshot = WorktreeSnapshot(root)
    end = commit_snapshots.CommitTree(root, rev or MAIN) if rev or not is_whole else None
    if rev is not None and end is not None:
        day = end.state.committer.moment.date()
        after = commit_snapshots.CommitSnapshot(root, end.commit)
    if since is None or end is None or is_whole:
        return _judge(after, Step(None, after, (), whole=True, day=day))
    start = end.at(since).commit
    changes = commit_snapshots.changed_paths(root, start, end.commit, end.objects)
    states = {change.path: None if change.deleted else b"" for change in changes}
    if rev is None:
        unsaved = commit_snapshots.worktree_changes(root)
        states |= {path: None if state == "deleted" else b"" for path, state in unsaved}
    else:
        after = state_before(root, end.commit, states)
    before = state_before(root, start, states)
    return _judge(after, Step(before, after, states, day=day))


def _report_on(files: Snapshot, archive: Archive, explained: Explained | None) -> Checked:
    """Add what lies among the records of a folder and is no file, and put findings in order."""
    found = explained.findings if explained else ()
    odd = _report_odd_files(files) if isinstance(files, WorktreeSnapshot) else ()
    source = snapshot_source(files)
    findings = sort_findings(add_lines([*odd, *found], source))
    students = len(archive.students.keys() | archive.trusted)
    return Checked(tuple(findings), archive.files, students, source, explained)


class Step:
    """The way from what was saved to another state, judged again and again as files are mended.

    `whole`: all of the state is judged, and of the way only what changed. `regard` has the last
    word about what the rules found: some things a head may do. `day`: the day of the save.
    """

    def __init__(  # noqa: PLR0913 - what judging a step depends on
        self,
        before: Snapshot | None,
        after: Snapshot,
        changed: Iterable[str],
        *,
        whole: bool = False,
        readings: Readings | None = None,
        day: dt.date | None = None,
    ) -> None:
        self.schemas = SchemaSet.load(after)
        self.before = before
        self.old: Archive | None = None
        self._readings = readings or Readings()
        self._day = day
        self.changed = frozenset(changed)
        self.whole = whole
        self.regard: Callable[[list[Finding]], Iterable[Finding]] = list
        self.trust: Trust | None = None
        self._wanted = select_touched(after, set(self.changed))
        if before is not None and ORGANIZATION in before.paths():
            self.old = load(
                before, SchemaSet.load(before), wanted=self._wanted, readings=self._readings
            )

    def judge(self, after: Snapshot) -> tuple[Archive, list[Finding]]:
        """Run all rules on a state and on the way to it."""
        read = partial(load, after, self.schemas, readings=self._readings, day=self._day)
        trusted = self._list_trusted(after)
        if self.trust is not None and trusted:
            part = read(wanted=lambda path: folder_around(path).rpartition("/")[2] not in trusted)
            archive = self.trust.complete(part, trusted, after, self.schemas)
        else:
            archive = read() if self.whole else read(wanted=self._wanted)
        found = rules.run(archive)
        if self.old is not None:
            has_more = self.whole and self._wanted is not _everything
            part = read(wanted=self._wanted) if has_more else archive
            found += transitions.compare(self.old, part)
        found += self._find_cut_files(after)
        return archive, list(self.regard(found))

    def _list_trusted(self, after: Snapshot) -> frozenset[str]:
        """Return the personal files that need not be read; none where all may be concerned."""
        if self.trust is None or not self.may_trust:
            return frozenset()
        return self.trust.around(after)

    @property
    def may_trust(self) -> bool:
        """Whether personal files that are right need not be read to judge the way to here."""
        return self.whole and not (self.old is not None and self._wanted is _everything)

    def _find_cut_files(self, after: Snapshot) -> Iterator[Finding]:
        """Find saved files that break off: what is left of one may be read without a fault."""
        for path in sorted(self.changed):
            if self.before is None or not path.endswith(".yaml"):
                continue
            kept, data = bytes_of(self.before, path), bytes_of(after, path)
            if kept and data and breaks_off(kept, data) and (cut := find_cut(path, kept, data)):
                yield cut


@contextmanager
def without_collector() -> Iterator[None]:
    """Suspend the garbage collector: reading makes values that live and hold no circle, and
    searching them again and again costs a tenth of a large check and finds nothing. Nor are they
    searched later: what is alive at the end is set apart from what the collector looks at."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


def _report_odd_files(files: WorktreeSnapshot) -> Iterator[Finding]:
    """Report what lies among the records and is no file."""
    for path in files.links:
        yield reading_codes.PATH_SYMLINK.at(Location(path))
    for path in files.specials:
        yield reading_codes.PATH_NOT_FILE.at(Location(path))
    for path in files.litter:
        if copy := copy_in(path):
            where = Location(copy.path.rstrip("/"))
            yield reading_codes.PATH_COPY.at(where, original=copy.original)


def judge_step(
    before: Snapshot,
    after: Snapshot,
    changed: Iterable[str],
    readings: Readings | None = None,
    *,
    day: dt.date | None = None,
) -> tuple[Archive, list[Finding]]:
    """Run all checks of `after` that the changed paths can have touched, and all transitions.

    Each state is judged by its own schemas; `day`: the day on which the step is saved.
    """
    return Step(before, after, changed, readings=readings, day=day).judge(after)


def state_before(root: Path, commit: str, changes: Mapping[str, bytes | None]) -> Snapshot:
    """Open a commit (a full id) as far as judging `changes` needs, so that the cost follows them.

    Any other path can still be read.
    """
    from papka.repository.commit_snapshots import (
        CommitSnapshot,
        NarrowSnapshot,
    )

    folders = _list_touched_folders(
        changes, removed={path for path, data in changes.items() if data is None}
    )
    if folders is None or len(folders) > _MANY:
        return CommitSnapshot(root, commit)
    return NarrowSnapshot(root, commit, folders)


def select_touched(after: Snapshot, changed: set[str]) -> Callable[[str], bool]:
    """Return a test for the paths to be read to judge a step that changed these."""
    folders = _list_touched_folders(changed, removed=changed.difference(after.paths()))
    if folders is None:
        return _everything
    imports = {import_of(path) for path in changed}

    def wanted(path: str) -> bool:
        if path.startswith(STUDENTS + "/"):
            return folder_around(path) in folders
        other = path.startswith(IMPORTS) and not path.endswith("/manifest.yaml")
        return not other or import_of(path) in imports

    return wanted


def _everything(_: str) -> bool:
    return True


def _list_touched_folders(changed: Iterable[str], removed: Collection[str]) -> set[str] | None:
    """List the personal folders a change touches; None when it changes something shared, so that
    all may be."""
    folders: set[str] = set()
    for path in changed:
        found = place(path)
        if found is not None and found.student:
            folders.add(student_folder(found.student))
        elif path.startswith((RECORDS + "/", "schema/", "templates/")) and (
            found is None or not found.kind.startswith(_ALONE) or path in removed
        ):
            return None
    return folders
