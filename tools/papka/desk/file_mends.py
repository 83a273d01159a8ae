"""`papka check --fix` and `papka undo FILE`: put files right by hand's slips, or as last saved.

Nothing is saved here. Invariants: only what was shown and confirmed is written; a file that changed
since is not overwritten; what has several meanings is left alone unless a person chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from papka.checks.checking import explain_folder
from papka.core.errors import NotFound, Refused
from papka.core.findings import Finding
from papka.core.places import RECORDS
from papka.core.snapshot import bytes_of
from papka.desk.saving import lay_out, require_unchanged
from papka.records.mending import decision_key
from papka.repository import commit_snapshots, unfinished_work
from papka.repository.commit_snapshots import CommitTree
from papka.repository.worktree import WorktreeSnapshot


@dataclass(frozen=True, slots=True)
class FileChanges:
    """Files as they are and as they shall be (None: not there); `moved`: new path -> old path."""

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]
    moved: Mapping[str, str]

    def show(self) -> Iterator[str]:
        """Yield the lines of a diff, with words for files that go, come or get another name."""
        renamed = {old: new for new, old in self.moved.items()}
        for path in sorted(self.after):
            old, new = self.before.get(path), self.after[path]
            if path in renamed and new is None:
                yield f"переименовать {path} → {renamed[path]}"
                continue
            if new is None:
                yield f"удалить {path}"
                continue
            source = self.moved.get(path)
            old = self.before.get(source) if source else old
            was, now = _lines(old), _lines(new)
            if was == now and old != new:
                yield f"{path}: только концы строк или кодировка"
            yield from unified_diff(was, now, path, path, lineterm="", n=1)


def _lines(data: bytes | None) -> list[str]:
    if data is None:
        return []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1251", "replace")
    return text.lstrip("\ufeff").splitlines()


def plan_mends(root: Path, ask: Callable[[Finding, tuple[str, ...]], int | None]) -> FileChanges:
    """Return what putting the folder right would change.

    `ask` is given each slip that has several meanings with the lines to choose from, in the order
    of the files; it returns which one was meant, None to leave the slip alone.
    """
    explained = explain_folder(root)
    unsure = [each for mended in explained.mends.values() for each in mended.mends if not each.sure]
    if unsure:
        unsure.sort(key=lambda mend: (mend.finding.where.path, mend.finding.where.line))
        decisions = {
            decision_key(mend.finding): ask(mend.finding, mend.choices or (mend.finding.instead,))
            for mend in unsure
        }
        explained = explain_folder(root, decisions)
    files = WorktreeSnapshot(root)
    after: dict[str, bytes | None] = {}
    moved: dict[str, str] = {}
    for accident in explained.accidents:
        if not accident.sure:
            continue
        moved |= accident.moved
        for right, now in accident.moved.items():
            after[now], after[right] = None, files.read(now)
        after |= dict.fromkeys(accident.gone)
    for path, mended in explained.mends.items():
        if mended.data is not None:
            after[path] = mended.data
    for path, state in commit_snapshots.worktree_changes(root):
        if state == "changed" and path.endswith(".yaml") and path.startswith(f"{RECORDS}/"):
            data = after.get(path, files.read(path))
            if data is not None and b"\r\n" in data:
                after[path] = data.replace(b"\r\n", b"\n")
    before = {path: bytes_of(files, path) for path in {*after, *moved.values()}}
    changed = {path: data for path, data in after.items() if data != before[path]}
    return FileChanges(before, changed, moved)


def plan_return(root: Path, named: Iterable[str]) -> FileChanges:
    """Return what bringing files back as they were last saved would change.

    A folder stands for all files in it. Raise NotFound for what was never saved, Refused when
    nothing differs.
    """
    head = commit_snapshots.head(root)
    if head is None:
        raise NotFound("В архиве ещё нет ни одного сохранения", "Сохранить: papka save")
    tree, files = CommitTree(root, head), WorktreeSnapshot(root)
    after: dict[str, bytes | None] = {}
    for name in named:
        path = name.strip("/")
        inside = tree.below(path) or ((path,) if bytes_of(tree, path) is not None else ())
        if not inside:
            raise NotFound(
                f"«{path}» ещё ни разу не сохраняли: возвращать не к чему",
                "Что сохранено, показывает papka find; лишний файл удалите сами",
            )
        after |= dict(tree.read_many(inside))
    before = {path: bytes_of(files, path) for path in after}
    changed = {path: data for path, data in after.items() if data != before[path]}
    if not changed:
        raise Refused("Всё и так как сохранено", "Что изменено, покажет papka save --dry-run")
    return FileChanges(before, changed, {})


def write_changes(root: Path, changes: FileChanges) -> None:
    """Write what was shown; raise ChangedMeanwhile when a file is no longer what it was."""
    after = changes.after
    with unfinished_work.hold_archive(root):
        require_unchanged(root, changes.before)
        # a file that moves is written in its new place before it goes from the old one
        lay_out(
            root, {path: after[path] for path in sorted(after, key=lambda at: after[at] is None)}
        )
