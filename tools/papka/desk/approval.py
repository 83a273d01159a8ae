"""What stood in personal files at the acts of approval, asked of one's own history (R-5.6, R-6.7).

`records/derived/approvals` answers which entries are approved. It looks into an act's list; only of
an act without one, or of an entry that changed since, it asks here. Whether an act is properly
signed is the question of `verify`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

from papka.core.places import period_of_act, place, record_file, record_folder, results_file
from papka.core.snapshot import Part
from papka.records.archive import Archive, load_part
from papka.records.derived.approvals import UnapprovedEntry, acts_of, judge_period
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree, changed_paths
from papka.repository.git_values import object_id
from papka.repository.history import RememberedHistory, last_changes_in
from papka.repository.objects import Objects

_ACTS = record_folder("approval")


class SavedActs:
    """Answers `Archive.stood`; `tip`: the commit whose history is asked, opened or by its name.

    `is_for_show`: what is remembered of the history will do. Nothing is read before.
    """

    def __init__(
        self, root: Path, tip: CommitTree | str = "HEAD", *, is_for_show: bool = False
    ) -> None:
        self._root = root
        self._tip = tip
        self._is_for_show = is_for_show
        self._schemas = lru_cache(8)(self._read_schemas)
        self._changed = lru_cache(8)(self._list_changed_since)

    def __call__(self, act: str, student: str) -> Student | None:
        """Return the act's period of a personal file as it stood at the act; None when not."""
        commit = self.commit_of(act)
        if commit is None:
            return None
        path = results_file(student, period_of_act(act))
        try:
            kind, data = self._objects.read(f"{commit}:{path}")
        except KeyError:
            return None
        if kind != "blob":
            return None
        return load_part([(path, data)], self._schemas(commit)).students.get(student)

    def commit_of(self, act: str) -> str | None:
        """Return the commit that brought the act; None while it is not saved."""
        return self.commits.get(record_file("approval", act) or "")

    def list_saved_since(self, act: str) -> list[str]:
        """Return the paths that saves changed since the act; none while it is not saved."""
        commit = self.commit_of(act)
        return self._changed(commit) if commit else []

    def _list_changed_since(self, commit: str) -> list[str]:
        assert self._tree is not None
        changes = changed_paths(self._root, commit, self._tree.commit, self._tree.objects)
        return [change.path for change in changes]

    def is_saved(self, archive: Archive, act: str) -> bool:
        """Whether the act and its list stand in the commit, and not only in the folder."""
        if self._tree is None or self._tree.id_of(record_file("approval", act) or "") is None:
            return False
        listed = archive.approval_lists.get(act)
        if archive.approvals[act].entries is None or listed is None:
            return True
        saved = self._tree.id_of(record_file("approval-entries", act) or "")
        return saved == object_id("blob", listed.data)

    @cached_property
    def _tree(self) -> CommitTree | None:
        """The commit's files; None in a folder where nothing was saved yet."""
        if isinstance(self._tip, CommitTree):
            return self._tip
        if not (self._root / ".git").exists() or commit_snapshots.head(self._root) is None:
            return None
        return CommitTree(self._root, self._tip)

    @cached_property
    def commits(self) -> dict[str, str]:
        """The commit that brought or changed each file of an act last, by its path."""
        if self._tree is None:
            return {}
        if self._is_for_show:
            return RememberedHistory(self._root, self._tree).last_changes_in(_ACTS)
        return last_changes_in(self._root, _ACTS, self._tree.commit)

    @cached_property
    def _objects(self) -> Objects:
        return self._tree.objects if self._tree else Objects(self._root)

    def _read_schemas(self, commit: str) -> SchemaSet:
        then = self._tree.at(commit) if self._tree else CommitTree(self._root, commit)
        return SchemaSet.load(Part(then, "schema"))


def with_history(archive: Archive, acts: SavedActs) -> Archive:
    """Return an archive, read whole, beside its history, so that every act can be asked.

    An act counts when it is saved: what lies in the folder alone nobody has signed.
    """
    saved = {key: act for key, act in archive.approvals.items() if acts.is_saved(archive, key)}
    return replace(archive, stood=acts, approvals=saved)


def list_late_entries(
    root: Path, archive: Archive, unsaved: Iterable[str] | None = None
) -> dict[str, tuple[UnapprovedEntry, ...]]:
    """Return period -> its entries that came after an act and touch what it settled.

    `unsaved`: as for `list_unapproved`.
    """
    found = list_unapproved(root, archive, unsaved).items()
    late = {period: tuple(each for each in entries if each.is_late) for period, entries in found}
    return {period: entries for period, entries in late.items() if entries}


def list_unapproved(
    root: Path,
    archive: Archive,
    unsaved: Iterable[str] | None = None,
    *,
    periods: Iterable[str] | None = None,
    acts: SavedActs | None = None,
) -> dict[str, tuple[UnapprovedEntry, ...]]:
    """Return period -> its entries that no act holds, of the periods with an act, or of these.

    `unsaved` are changed paths, None to ask git for them; `acts`: those of the last commit, None to
    open it. Where no act has a list, only the files changed since are read.
    """
    acts = acts or SavedActs(root)
    archive = with_history(archive, acts)
    changed = None if unsaved is None else frozenset(unsaved)
    found: dict[str, tuple[UnapprovedEntry, ...]] = {}
    for period in sorted(archive.periods if periods is None else periods):
        keys = list(acts_of(archive, period))
        if periods is None and not keys:
            continue
        people: Iterable[Student] = archive.students.values()
        if keys and all(archive.approvals[key].entries is None for key in keys):
            if changed is None:
                states = commit_snapshots.worktree_changes(root)
                changed = frozenset(path for path, _ in states)
            touched = changed.union(acts.list_saved_since(period))
            asked = {
                at.student
                for path in touched
                if (at := place(path)) and at.kind == "results" and at.key == period
            }
            people = [archive.students[each] for each in asked if each in archive.students]
        late = tuple(
            each
            for student in people
            for each in judge_period(archive, student, period).unapproved
            if each.now is not None  # what is gone, or cannot be read, `papka check` tells
        )
        if late:
            found[period] = tuple(sorted(late, key=lambda each: (each.student, int(each.id[1:]))))
    return found
