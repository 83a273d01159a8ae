"""Whose time a new commit may not precede: its parent's, unless that was made by a wrong clock.

Invariant: as `integrity.times` judges it: a commit accepted as made in the future passes the time
on that was before it.

The message of a save, from the change itself: ids and kinds only, never a person's data (R-1.3).

A subject for lists of history, then one line a folder or file with the entries added and changed.

The judgement of what is to be saved: completed with ids and salts, then all rules asked.

Invariants: every way to save (`tasks.save`) passes here; a missing id or salt is added, nothing
else is changed; the cost follows the change, not the archive. Absent on purpose: writing.

Save: check what changed, then make one signed commit of exactly what was checked.

Invariants (crash safety, in this order): the archive's own lock; the changed bytes are read once;
missing entry ids and salts are added; those bytes are judged, signed and stored, then written
atomically to the folder; the branch moves only from the commit that was judged against. A finding
of the severity "error" or worse leaves history as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.checks import state_codes
from papka.checks.checking import judge_step, snapshot_source, state_before
from papka.core.errors import ChangedMeanwhile, NamesInHistory, NotAnArchive, Refused
from papka.core.findings import Finding, Location, Severity, in_order, worst
from papka.core.places import SALT_BYTES, place, student_folder
from papka.core.snapshot import Overlay, Remembered, Snapshot, bytes_of
from papka.desk.edition import EDITION, UPGRADE, standing
from papka.proof.chronicle import unless_by_head
from papka.proof.permissions import is_head, judge_beforehand, judge_paths, state_of
from papka.proof.trusted_keys import ACCEPTED
from papka.proof.verify_codes import TIME_FUTURE
from papka.records import reading_codes
from papka.records.archive import Readings, load_students
from papka.records.documents import Source, pinned
from papka.records.editing import insert_entry_ids
from papka.records.schemas import SchemaSet
from papka.records.student import Student, missing_ids
from papka.repository import commit_snapshots, commit_writing, journal, worktree
from papka.repository.commit_snapshots import CommitTree, NarrowSnapshot
from papka.repository.dot_papka import archive_lock, clear_stale
from papka.repository.git_values import EXECUTABLE, is_runnable
from papka.repository.signing import Actor


def honest_time(root: Path, head: str, changes: Mapping[str, bytes | None]) -> str | None:
    """The commit whose time counts when `changes` accept something; None: the parent's does."""
    if not any(path.startswith(ACCEPTED) for path in changes):
        return None
    said = state_of(Overlay(NarrowSnapshot(root, head, ()), changes))
    wrong = {each.commit for each in said.acceptances if each.code == TIME_FUTURE.name}
    tree, at = CommitTree(root, head), head
    while at in wrong:
        parents = tree.commit_of(at).parents
        if not parents:
            break
        at = parents[0]
    return at


_SUBJECT_WIDTH = 72
_KINDS = {
    "student": "карточка",
    "enrolments": "зачисления",
    "results": "результаты",
    "credits": "зачёт",
    "awards": "поощрения",
    "consents": "согласия",
    "documents": "опись",
    "notices": "уведомления",
    "diagnostics": "диагностика",
    "needs": "особые потребности",
    "attachment": "сканы",
    "raw": "строки выгрузки",
    "order": "приказ",
    "program": "программа",
    "events": "мероприятия",
    "register": "реестр",
    "approval": "утверждение",
    "organization": "сведения о школе",
    "staff": "сотрудники",
    "platform": "платформа",
    "regulation": "локальный акт",
    "media": "носители",
    "allowed-signers": "ключи",
    "acceptance": "принятие",
}


def save_message(
    before: Mapping[str, Student], after: Mapping[str, Student], changed: Iterable[str]
) -> str:
    """Subject, blank line, details. `before` and `after`: the personal files touched, by number;
    `changed` are all paths of the save."""
    folders: dict[str, list[str]] = {}
    others: list[str] = []
    for path in sorted(changed):
        found = place(path)
        if found is not None and found.student:
            kinds = folders.setdefault(found.student, [])
            name = _KINDS.get(found.kind)
            label = f"{name} {found.key}" if found.kind == "results" else name
            if label and label not in kinds:
                kinds.append(label)
        elif found is not None:
            name = _KINDS.get(found.kind, found.kind)
            others.append(f"{name} {found.key}".strip())
        else:
            others.append(path)
    heads = [f"{student}: {', '.join(kinds) or 'соль'}" for student, kinds in folders.items()]
    details = []
    for student, line in zip(folders, heads, strict=True):
        entries = _entries(before.get(student), after.get(student))
        details.append(f"{line}{entries}")
    return _subject(heads, list(folders), others) + "\n\n" + "\n".join([*details, *others]) + "\n"


def _subject(heads: list[str], students: list[str], others: list[str]) -> str:
    everything = [*heads, *others]
    subject = "; ".join(everything)
    if len(subject) <= _SUBJECT_WIDTH:
        return subject
    if len(students) == 1 and not others:
        return subject[: _SUBJECT_WIDTH - 1] + "…"
    parts = []
    if students:
        parts.append(f"личные дела: {len(students)}")
    if others:
        parts.append(f"прочие записи: {len(others)}")
    return "; ".join(parts).capitalize()


def _entries(before: Student | None, after: Student | None) -> str:
    """« (+r12 r13, изменены r3)» for one folder."""
    old = {entry.id: entry for entry in before.entries()} if before else {}
    new = {entry.id: entry for entry in after.entries()} if after else {}
    added = [str(id_) for id_ in new if id_ not in old]
    altered = [str(id_) for id_ in new if id_ in old and new[id_] != old[id_]]
    parts = []
    if added:
        parts.append(f"+{' '.join(added)}")
    if altered:
        parts.append(f"изменены {' '.join(altered)}")
    return f" ({', '.join(parts)})" if parts else ""


_BY_SCHEMA = "SCHEMA_"
_WAY_OUT = (
    "Правила архива — от прежней версии программы; если так пишет новая, руководитель обновит их: "
    f"{UPGRADE}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a save would do, judged. `filled`: what it adds of itself, ids and salts; `named`: own
    words of a person that name those whose files are touched."""

    changes: Mapping[str, bytes | None]
    filled: Mapping[str, bytes]
    numbered: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    message: str
    findings: tuple[Finding, ...]
    source: Source
    named: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR


def judge(  # noqa: PLR0913 - what a save is told
    root: Path,
    actor: Actor,
    head: str,
    wanted: Mapping[str, bytes | None],
    message: str | None = None,
    readings: Readings | None = None,
    own_words: str = "",
) -> Step:
    """The one judgement of what is saved; `readings` are those of the job it is part of;
    `own_words`: what of the message a person typed."""
    before = Remembered(state_before(root, head, wanted))
    readings = readings or Readings()
    lying = _lying(before, wanted)
    changes = {path: data for path, data in wanted.items() if data != lying[path]}
    if message is not None and not message.strip():
        raise Refused("Описание сохранения пусто", "Напишите его или уберите ключ -m")
    if not changes:
        return Step({}, {}, (), (), "", (), snapshot_source(before))
    earlier = _folders(before, changes, readings)
    filled, numbered = _filled(before, earlier, changes, readings)
    everything = changes | filled
    after = Overlay(before, everything)
    new, found = judge_step(before, after, everything, readings)
    findings = list(unless_by_head(found, is_head=is_head(actor.signer.public, before)))
    findings += judge_paths(actor.staff, actor.signer.public, before, everything)
    findings += judge_beforehand(before, after, everything, message or "")
    if any(path.startswith("templates/") for path in everything):
        from papka.paper.html import compile_all  # noqa: PLC0415 - Jinja only when forms change

        findings += [
            state_codes.TEMPLATE_BROKEN.at(Location(path, line=line), reason=reason)
            for path, line, reason in compile_all(after)
        ]
    source = snapshot_source(after)
    states = tuple((path, _state(lying[path], data)) for path, data in sorted(changes.items()))
    return Step(
        everything,
        filled,
        numbered,
        states,
        message or save_message(earlier, new.students, everything),
        _with_way_out(root, head, everything, in_order(pinned(findings, source))),
        source,
        _named(own_words, earlier, new.students),
    )


def _named(own_words: str, *states: Mapping[str, Student]) -> tuple[str, ...]:
    if not own_words:
        return ()
    from papka.records.name_cases import named_in  # noqa: PLC0415 - only where a person typed something

    touched = (student for state in states for student in state.values())
    return named_in(own_words, (each.person for each in touched if each.person is not None))


def _with_way_out(
    root: Path, head: str, changed: Iterable[str], findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """A record that the schemas of an archive from an earlier edition refuse names the command."""
    found = tuple(findings)
    refused = any(each.code.name.startswith(_BY_SCHEMA) for each in found)
    if not refused or EDITION in changed:
        return found
    if not standing(root, CommitTree(root, head)).is_behind:
        return found
    return tuple(
        replace(each, hint=f"{each.hint}. {_WAY_OUT}" if each.hint else _WAY_OUT)
        if each.code.name.startswith(_BY_SCHEMA)
        else each
        for each in found
    )


def _lying(before: Snapshot, paths: Iterable[str]) -> dict[str, bytes | None]:
    """What each path holds, those that are listed in one go."""
    asked = list(paths)
    listed = set(before.paths())
    found = dict(before.read_many(path for path in asked if path in listed))
    return {path: found[path] if path in found else bytes_of(before, path) for path in asked}


def _state(before: bytes | None, data: bytes | None) -> str:
    if data is None:
        return "deleted"
    return "added" if before is None else "changed"


def _filled(
    before: Snapshot,
    earlier: Mapping[str, Student],
    changes: Mapping[str, bytes | None],
    readings: Readings,
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Files with the ids and salts they lacked, and the addresses of entries numbered."""
    after = Overlay(before, changes)
    filled: dict[str, bytes] = {}
    numbered: list[str] = []
    for student in _folders(after, changes, readings).values():
        if student.salt is None:
            filled[f"{student_folder(student.id)}/.salt"] = secrets.token_bytes(SALT_BYTES)
        old = earlier.get(student.id)
        known = [entry.id for entry in old.entries() if entry.id] if old else []
        for (path, pointer), ids in missing_ids(student, known).items():
            data = filled.get(path) or after.read(path)
            filled[path] = insert_entry_ids(data, pointer, ids)
            numbered += [f"{student.id}#{id_}" for id_ in ids.values()]
    return filled, tuple(numbered)


def _folders(snapshot: Snapshot, changed: Iterable[str], readings: Readings) -> dict[str, Student]:
    """The personal files that hold the changed paths."""
    found = (place(path) for path in changed)
    students = {each.student for each in found if each and each.student}
    return load_students(snapshot, SchemaSet.load(snapshot), students, readings)


_MANY = 50
"""More files than this are brought to the disk together, not one by one."""


@dataclass(frozen=True, slots=True)
class Saved:
    """`commit` is None when nothing was saved; `numbered` are entries that got an id;
    `left_out` are changed paths that do not belong to an archive."""

    commit: str | None
    subject: str
    paths: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    source: Source
    numbered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()


def save(  # noqa: PLR0913  # a save is told exactly these
    root: Path,
    actor: Actor,
    *,
    now: datetime,
    message: str | None = None,
    as_is: bool = False,
    dry_run: bool = False,
) -> Saved:
    """Save everything that changed below `root`; `dry_run` judges but writes nothing.

    Raises NamesInHistory when the message names people whose files change, unless `as_is`.
    """
    with archive_lock(root):
        unlocked = clear_stale(root)
        journal.settle_writing(root)
        head = head_of(root)
        states = _changed(root)
        kept = tuple((path, state) for path, state in states if worktree.is_kept(path))
        left_out = tuple(path for path, _ in states if not worktree.is_kept(path))
        odd = tuple(_odd(root, kept))
        if odd:
            source = snapshot_source(worktree.WorktreeSnapshot(root))
            return Saved(None, "", kept, odd, source, left_out=left_out, unlocked=unlocked)
        changes = _changed_bytes(root, kept)
        own = "" if as_is or message is None else message
        saved = _save(
            root, actor, head, changes, now=now, message=message, dry_run=dry_run, own_words=own
        )
    return replace(saved, paths=kept, left_out=left_out, unlocked=unlocked)


def save_changes(  # noqa: PLR0913  # a save is told exactly these
    root: Path,
    actor: Actor,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None = None,
    dry_run: bool = False,
    expected: Mapping[str, bytes | None] | None = None,
    readings: Readings | None = None,
    whole: bool = False,
    own_words: str = "",
) -> Saved:
    """Write and save exactly these files (None takes one away); its cost follows the change.

    `expected`: what the caller last read of them in the folder; `readings`: what it read them as;
    `whole`: all of them stand as saved last, and need not be asked. What stood so does again when
    this is killed. `own_words`: what of the message a person typed. Raises ChangedMeanwhile when a
    file is not so any more, NamesInHistory. Unsaved edits of other files stay as they are; files
    refused by a finding are not written.
    """
    for path in changes:
        if not worktree.is_kept(path):
            raise Refused(f"«{path}» не хранится в архиве", "Сохраняют записи: records/…")
    with archive_lock(root):
        unlocked = clear_stale(root)
        journal.settle_writing(root)
        head = head_of(root)
        _refuse_changed(root, expected or {})
        saved = _save(
            root, actor, head, changes,
            now=now, message=message, dry_run=dry_run, write=True, readings=readings,
            whole=whole, own_words=own_words,
        )  # fmt: skip
    return replace(saved, unlocked=unlocked)


def commit_step(  # noqa: PLR0913  # as above; `head` is the commit it is judged against
    root: Path,
    actor: Actor,
    head: str,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None = None,
) -> Saved:
    """As save_changes, for a caller who holds the lock and knows what the folder holds."""
    return _save(root, actor, head, changes, now=now, message=message, dry_run=False, write=True)


def store_changes(  # noqa: PLR0913  # as above
    root: Path,
    actor: Actor,
    head: str,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None = None,
    readings: Readings | None = None,
    own_words: str = "",
) -> Saved:
    """Judged and stored as a commit on `head` that no branch and no folder shows yet."""
    step = judge(root, actor, head, changes, message, readings, own_words)
    if step.is_refused:
        return _told(step, None)
    _refuse_names(step)
    return _told(step, _made(root, actor, head, step, now).id)


def _save(  # noqa: PLR0913  # as above
    root: Path,
    actor: Actor,
    head: str,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None,
    dry_run: bool,
    write: bool = False,
    readings: Readings | None = None,
    whole: bool = False,
    own_words: str = "",
) -> Saved:
    """`write`: the folder does not hold the changes yet."""
    step = judge(root, actor, head, changes, message, readings, own_words)
    if not step.changes or step.is_refused:
        return _told(step, None)
    _refuse_names(step)
    if dry_run:
        return _told(step, None)
    # Stored and signed first: a key that is not there must leave the folder as it was.
    made = _made(root, actor, head, step, now)
    files = step.changes if write else step.filled
    if write:
        untouched = files if whole else journal.standing(root, head, files)
        journal.begin_writing(root, made.id, head, untouched)
    _lay_out(root, files)
    commit_writing.show(root, made, head)
    if write:
        journal.end(root)
    return _told(step, made.id)


def _refuse_names(step: Step) -> None:
    if step.named:
        raise NamesInHistory(step.named)


def _lay_out(root: Path, files: Mapping[str, bytes | None]) -> None:
    worktree.sweep(root, files)
    kept = {path: data for path, data in files.items() if data is not None}
    if len(kept) > _MANY:
        worktree.write_many(root, kept)
    for path, data in files.items():
        if data is None:
            worktree.remove(root, path)
        elif len(kept) <= _MANY:
            worktree.write(root, path, data)


def _made(root: Path, actor: Actor, head: str, step: Step, now: datetime) -> commit_writing.Made:
    return commit_writing.make(
        root, step.changes, step.message,
        author=actor.staff, now=now, sign=actor.sign, parent=head,
        after=honest_time(root, head, step.changes), modes=modes_of(step.changes),
    )  # fmt: skip


def modes_of(paths: Iterable[str]) -> dict[str, str]:
    """How git keeps those that are to be run; the rest are plain files."""
    return {path: EXECUTABLE for path in paths if is_runnable(path)}


def _told(step: Step, commit: str | None) -> Saved:
    subject = step.message.partition("\n")[0]
    return Saved(commit, subject, step.states, step.findings, step.source, step.numbered)


def head_of(root: Path) -> str:
    """The last commit; raises NotAnArchive before the first, Refused when HEAD is elsewhere."""
    head = commit_snapshots.head(root)
    if head is None:
        raise NotAnArchive(str(root))
    commit_snapshots.require_main(root)
    return head


def _refuse_changed(root: Path, expected: Mapping[str, bytes | None]) -> None:
    files = worktree.WorktreeSnapshot(root)
    for path, data in expected.items():
        if bytes_of(files, path) != data:
            raise ChangedMeanwhile(path)


def _changed(root: Path) -> tuple[tuple[str, str], ...]:
    """What changed, without what a killed command left unfinished: nobody else writes now."""
    states = commit_snapshots.worktree_changes(root)
    left = [path for path, _ in states if path.rpartition("/")[2].startswith(worktree.UNFINISHED)]
    worktree.sweep(root, left)
    return tuple(each for each in states if each[0] not in left)


def _odd(root: Path, states: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    """What cannot be saved because it is no file."""
    for path, state in states:
        target = root / path
        if target.is_symlink():
            yield reading_codes.PATH_SYMLINK.at(Location(path))
        elif state != "deleted" and not target.is_file():
            yield reading_codes.PATH_NOT_FILE.at(Location(path))


def _changed_bytes(root: Path, states: tuple[tuple[str, str], ...]) -> dict[str, bytes | None]:
    files = worktree.WorktreeSnapshot(root)
    return {path: None if state == "deleted" else files.read(path) for path, state in states}
