"""`papka undo`: the last save taken back, or the advice what to do instead.

One's own save that nobody else has seen (`repository/pruning`) is taken out of history with all
that only it held: main goes back to the save before. What a mirror, a medium or a package may have,
what a verification has bound, and what tells of something done outside the archive (`_TOLD`) is
taken back by a commit that reverses it: what was once recorded is corrected, ended or annulled, it
never vanishes. Invariants: only the last save can be undone, so nobody's later work is in the way;
a reversing commit is judged as any other step (checks, transitions, rights); unsaved edits are
never lost; a folder's salt stays while the folder does, since digests elsewhere rest on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path

from papka.checks.checking import state_before
from papka.core.errors import ChangedMeanwhile, NotFound, Refused
from papka.core.findings import has_errors
from papka.core.places import is_act, period_of_act, place, student_folder
from papka.core.snapshot import Overlay, bytes_of
from papka.desk.saving import Saved, commit_step, lay_out, modes_of, save_changes
from papka.proof.memory import Witness, memory, recall
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots, commit_writing, unfinished_work
from papka.repository.git_values import FILE, MAIN, Commit, object_id
from papka.repository.objects import Objects
from papka.repository.pruning import is_unseen
from papka.repository.signing import SigningActor
from papka.repository.store import locate
from papka.repository.worktree import WorktreeSnapshot

_ENDED = {"e": "обучение", "c": "согласие", "l": "выдачу бумажного дела"}
_UNDOES, _RESTORES = "Отмена: ", "Возврат: "
_REQUEST = b"undo"
_TOLD = frozenset(
    {
        *("register", "seal", "approval", "approval-entries", "media"),
        *("act", "purges", "act-evidence", "destroyed"),
        *("trust", "allowed-signers", "acceptance"),
    }
)
"""Kinds of record that tell of a number given, a paper signed, a copy made, a key accepted."""


@dataclass(frozen=True, slots=True)
class UndoneChange:
    """A file that an undoing changes, with the counts of lines added and removed."""

    path: str
    state: str
    plus: int
    minus: int


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing `commit` would do. `judged` holds the findings; `instead` is the advice for when
    it is refused; `gone` and `altered` are addresses of entries. `is_pruned`: nobody else has seen
    the save, it goes out of history."""

    commit: Commit
    changes: Mapping[str, bytes | None]
    expected: Mapping[str, bytes | None]
    files: tuple[UndoneChange, ...]
    gone: tuple[str, ...]
    altered: tuple[str, ...]
    judged: Saved
    instead: tuple[str, ...]
    is_pruned: bool = False

    @property
    def is_refused(self) -> bool:
        return has_errors(self.judged.findings)


def plan_undo(root: Path, actor: SigningActor, *, now: datetime, anyones: bool = False) -> UndoPlan:
    """Judge what undoing the last save would change; raises Refused or NotFound.

    `anyones`: also a save of somebody else.
    """
    commit = _read_last(root)
    saver = commit.author.name
    if saver != actor.staff and not anyones:
        raise Refused(
            f"Последнее сохранение {commit.id[:12]} сделал {saver}, а не {actor.staff}",
            f"Договоритесь с {saver}; отменить чужое осознанно: papka undo --any",
        )
    is_pruned = saver == actor.staff and _may_prune(root, commit)
    changes, expected = _reverse(root, commit, whole=is_pruned)
    if any(map(is_act, changes)):
        raise Refused(
            f"Последнее сохранение {commit.id[:12]} — акт об уничтожении: уничтоженного не вернуть",
            "Пока уничтожение не закончено, от него отказываются: papka destroy --abandon",
        )
    _refuse_unsaved(root, expected)
    if is_pruned:
        judged = Saved(None, commit.subject, (), (), lambda _: None)
    else:
        message = _compose_message(commit)
        judged = save_changes(root, actor, changes, now=now, message=message, dry_run=True)
    before = _load_touched(root, commit.id, changes, {})
    after = _load_touched(root, commit.id, changes, changes)
    lost = tuple(list_lost(before, after))
    removed = {path for path, data in changes.items() if data is None}
    return UndoPlan(
        commit,
        changes,
        expected,
        tuple(_count_lines(path, expected[path], data) for path, data in sorted(changes.items())),
        lost,
        tuple(list_altered(before, after)),
        judged,
        tuple(advice(lost, removed, [path for path in changes if path not in removed])),
        is_pruned,
    )


def _may_prune(root: Path, commit: Commit) -> bool:
    """Whether nobody and nothing but this folder knows of the save."""
    if len(commit.parents) != 1 or not is_unseen(root, commit.id):
        return False
    for change in commit_snapshots.changed_paths(root, commit.parents[0], commit.id):
        found = place(change.path)
        if found is not None and found.kind in _TOLD:
            return False
    known = recall(memory(), locate(root), commit_snapshots.first_commit(root, commit.id))
    return not known.trouble and not (known.known and commit.id in known.known.bound)


def undo(root: Path, actor: SigningActor, plan: UndoPlan, *, now: datetime) -> Saved:
    """Undo as planned; raises ChangedMeanwhile when anything moved since the plan was shown."""
    with unfinished_work.hold_archive(root):
        if commit_snapshots.head(root) != plan.commit.id:
            raise ChangedMeanwhile("архив")
        _refuse_unsaved(root, plan.expected)
        if plan.is_pruned:
            return _prune(root, actor, plan, now)
        unfinished_work.keep_note(root, _REQUEST, plan.commit.id.encode())
        message = _compose_message(plan.commit)
        return commit_step(root, actor, plan.commit.id, plan.changes, now=now, message=message)


def _prune(root: Path, actor: SigningActor, plan: UndoPlan, now: datetime) -> Saved:
    """Take the last save out of history; raise ChangedMeanwhile when it was given out since."""
    gone, back = plan.commit.id, plan.commit.parents[0]
    if not is_unseen(root, gone):
        raise ChangedMeanwhile("архив")
    unfinished_work.keep_note(root, _REQUEST, f"{gone} {back} {plan.commit.subject}".encode())
    unfinished_work.begin_pruning(root, gone)
    unfinished_work.begin_writing(root, back, gone, plan.changes)
    lay_out(root, plan.changes)
    # Noted before the branch moves: nobody is to be told that a save is missing.
    Witness(memory(), now).replaced(root, (gone,), back, (None, None))
    person = commit_writing.person_now(actor.staff, now, None)  # for the log only
    commit_writing.move_branch(root, MAIN, back, gone, person, "papka undo")
    unfinished_work.end_writing(root)
    entries = {
        path: None if data is None else (modes_of((path,)).get(path, FILE), object_id("blob", data))
        for path, data in plan.changes.items()
    }
    commit_writing.refresh_index(root, entries)
    unfinished_work.end_pruning(root, gone)
    return Saved(gone, plan.commit.subject, (), (), lambda _: None)


@dataclass(frozen=True, slots=True)
class UnreportedUndo:
    """An undoing that was killed before it reported: the commit that reverses, or the one that is
    gone from history."""

    id: str
    subject: str
    is_pruned: bool = False


def find_unreported_undo(root: Path) -> UnreportedUndo | None:
    """Return the undoing, if nothing was saved since.

    To undo once more would restore what the person wanted undone, or take back the save before.
    """
    kept = unfinished_work.find_note(root, _REQUEST)
    head = commit_snapshots.head(root)
    if kept is None or head is None:
        return None
    gone, _, rest = kept.decode("utf-8", "replace").partition(" ")
    back, _, subject = rest.partition(" ")
    if back:
        return UnreportedUndo(gone, subject, is_pruned=True) if back == head else None
    commit = commit_snapshots.read_commit(root, head)
    end = f"Отменяет сохранение {kept.decode('ascii', 'replace')}."
    is_it = commit.message.rstrip().endswith(end)
    return UnreportedUndo(commit.id, commit.subject) if is_it else None


def drop_note(root: Path) -> None:
    """Note that the undoing was reported: called again, `undo` takes the undoing back."""
    unfinished_work.drop_note(root, _REQUEST)


def _read_last(root: Path) -> Commit:
    head = commit_snapshots.head(root)
    if head is None:
        raise NotFound("В архиве ещё нет ни одного сохранения", "Сохранить: papka save")
    commit = commit_snapshots.read_commit(root, head)
    if not commit.parents:
        raise Refused(
            "Первое сохранение архива не отменяют: его отпечаток стоит на бумаге и хранится вечно",
            "Исправьте нужные файлы и сохраните: papka save",
        )
    return commit


def _reverse(
    root: Path, commit: Commit, *, whole: bool
) -> tuple[dict[str, bytes | None], dict[str, bytes | None]]:
    """Return path -> bytes to put back, and path -> bytes as saved now.

    `whole`: salts too, which go with the save that made them.
    """
    step = commit_snapshots.changed_paths(root, commit.parents[0], commit.id)
    added = {change.path for change in step if change.added}
    objects = Objects(root)
    back: dict[str, bytes | None] = {}
    now: dict[str, bytes | None] = {}
    for change in step:
        if not whole and _must_stay(change.path, added):
            continue
        back[change.path] = objects.read(change.old_id)[1] if change.old_id else None
        now[change.path] = objects.read(change.new_id)[1] if change.new_id else None
    if not back:
        raise Refused("Последнее сохранение ничего не изменило в записях", "Отменять нечего")
    return back, now


def _must_stay(path: str, added: set[str]) -> bool:
    """Return whether it is a salt whose folder was there before this save."""
    found = place(path)
    if found is None or found.kind != "salt":
        return False
    return f"{student_folder(found.student)}/student.yaml" not in added


def _refuse_unsaved(root: Path, expected: Mapping[str, bytes | None]) -> None:
    files = WorktreeSnapshot(root)
    unsaved = [path for path, data in expected.items() if bytes_of(files, path) != data]
    if unsaved:
        raise Refused(
            f"Есть несохранённые правки там же, где отмена: {', '.join(sorted(unsaved)[:3])}",
            "Сохраните их (papka save) или верните файлы: git checkout HEAD -- ФАЙЛ",
        )


def _load_touched(
    root: Path, head: str, changes: Mapping[str, bytes | None], over: Mapping[str, bytes | None]
) -> Archive:
    """Load the personal files the undoing touches, with `over` laid on them."""
    snapshot = Overlay(state_before(root, head, changes), over)
    prefixes = tuple(
        {
            student_folder(found.student) + "/"
            for path in changes
            if (found := place(path)) is not None and found.student
        }
    )
    return load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path.startswith(prefixes))


def _count_lines(path: str, now: bytes | None, back: bytes | None) -> UndoneChange:
    state = "added" if now is None else "deleted" if back is None else "changed"
    try:
        old, new = ((data or b"").decode("utf-8").splitlines() for data in (now, back))
    except UnicodeDecodeError:  # no text
        return UndoneChange(path, state, 0, 0)
    changed = [line[0] for line in unified_diff(old, new, n=0, lineterm="")][2:]
    return UndoneChange(path, state, changed.count("+"), changed.count("-"))


def _compose_message(commit: Commit) -> str:
    """Compose the message, which names only the commit and its subject."""
    subject = commit.subject
    if subject.startswith(_UNDOES):
        subject = _RESTORES + subject.removeprefix(_UNDOES)
    else:
        subject = _UNDOES + subject.removeprefix(_RESTORES)
    return f"{subject[:72]}\n\nОтменяет сохранение {commit.id}.\n"


def list_lost(before: Archive, after: Archive) -> Iterator[str]:
    """Yield addresses of entries that `after` lacks."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        kept = {entry.id for entry in new.entries()} if new else set()
        for entry in old.entries():
            if entry.id is not None and entry.id not in kept:
                yield f"{student_id}#{entry.id}"


def list_altered(before: Archive, after: Archive) -> Iterator[str]:
    """Yield addresses of entries that differ in `after`."""
    for student_id, old in before.students.items():
        new = after.students.get(student_id)
        found = {entry.id: entry for entry in new.entries()} if new else {}
        for entry in old.entries():
            if entry.id in found and found[entry.id] != entry:
                yield f"{student_id}#{entry.id}"


def advice(addresses: Iterable[str], removed: Iterable[str], changed: Iterable[str]) -> list[str]:
    """Advise what to do instead, one line an act.

    `addresses` are entries that would vanish, `removed` and `changed` paths.
    """
    paths = sorted(removed)
    found = [line for path in paths if (line := _advise_instead_of_removing(path))]
    folders = {at.student for path in paths if (at := place(path)) and at.kind == "student"}
    for address in addresses:
        student, _, entry = address.partition("#")
        if student in folders:
            continue
        if entry[:1] in _ENDED:
            found.append(f"закончить {_ENDED[entry[:1]]}: papka end {address}")
        found.append(f"исправить с указанием причины: papka fix {address} ПОЛЕ=ЗНАЧЕНИЕ")
        found.append(f"отметить «внесено ошибочно»: papka fix {address} --void --reason ПРИЧИНА")
    found += [
        f"добавить новую редакцию программы в {path}"
        for path in sorted(changed)
        if (at := place(path)) and at.kind == "program"
    ]
    return list(dict.fromkeys(found))


def _advise_instead_of_removing(path: str) -> str:
    at = place(path)
    if at is None:
        return ""
    if at.kind == "student":
        return (
            f"оставить дело {at.student}: заведено повторно — papka fix {at.student} "
            "duplicate_of=НОМЕР; уничтожают дела только по акту"
        )
    if at.kind in {"approval", "approval-entries"}:
        return (
            f"исправлять в закрытом периоде {period_of_act(at.key)} отдельные записи: "
            "papka fix НОМЕР#ЗАПИСЬ ПОЛЕ=ЗНАЧЕНИЕ"
        )
    if at.kind == "order":
        return f"отменить приказ {at.key} новым приказом: papka new order"
    if at.kind == "register":
        return f"аннулировать документ: отметка void в {path}, номер остаётся занятым"
    return ""
