"""Save: judge what changed, then make one signed commit of exactly what was judged.

Every way to save passes `judge_save`: missing ids and salts are added, nothing else is changed,
then all rules are run; the cost follows the change, not the archive. Invariants (crash safety, in
this order): the archive's own lock; the changed bytes are read once; those bytes are judged, signed
and stored, then written atomically to the folder; the branch moves only from the commit that was
judged against. A finding of the severity "error" or worse leaves history as it was. A message made
here holds ids and kinds, never a person's data (R-1.3).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from papka.checks.checking import Step, state_before
from papka.checks.editor_names import refresh_names
from papka.core.errors import ChangedMeanwhile, NamesInHistory, NotAnArchive, Refused
from papka.core.findings import Finding, Location, Severity, has_errors, sort_findings
from papka.core.kinds import KIND_OF, SCHEMA_OF
from papka.core.litter import is_litter
from papka.core.places import (
    SALT_BYTES,
    is_by_period,
    is_runnable,
    place,
    record_folder,
    student_folder,
)
from papka.core.snapshot import Overlay, Remembered, Snapshot, bytes_of
from papka.proof.chronicle import raise_unless_head
from papka.proof.history_rules import is_head, judge_beforehand, judge_paths, state_of
from papka.proof.trusted_keys import ACCEPTED
from papka.proof.verify_codes import TIME_FUTURE
from papka.records import reading_codes
from papka.records.archive import Readings, load_students
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Source, add_lines, read, snapshot_source
from papka.records.student import Student, give_ids
from papka.repository import commit_snapshots, commit_writing, pruning, unfinished_work, worktree
from papka.repository.commit_snapshots import CommitTree, NarrowSnapshot
from papka.repository.git_values import EXECUTABLE
from papka.repository.signing import SigningActor

_MANY = 50
"""More files than this are flushed to the disk together, not one by one."""
_SUBJECT_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of a save; `commit` is None when nothing was saved.

    `numbered` are entries that got an id; `left_out` changed paths that do not belong to an
    archive; `unlocked` stale locks that were removed.
    """

    commit: str | None
    subject: str
    paths: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    source: Source
    numbered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedSave:
    """A judged save. `filled`: files with the ids and salts it adds; `numbered`: addresses of the
    entries that got an id; `named`: words a person typed that name those whose files are touched.
    """

    changes: Mapping[str, bytes | None]
    filled: Mapping[str, bytes]
    numbered: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    message: str
    findings: tuple[Finding, ...]
    source: Source
    named: tuple[str, ...] = ()
    readings: Readings = field(default_factory=Readings)

    @property
    def is_refused(self) -> bool:
        return has_errors(self.findings)


def save(  # noqa: PLR0913 - what a save depends on
    root: Path,
    actor: SigningActor,
    *,
    now: datetime,
    message: str | None = None,
    as_is: bool = False,
    dry_run: bool = False,
) -> Saved:
    """Save everything that changed below `root`; `dry_run` judges but writes nothing.

    Raises NamesInHistory when the message names people whose files change, unless `as_is`.
    """
    with unfinished_work.hold_archive(root) as left:
        head = require_head_commit(root)
        states = _list_changed(root)
        kept = tuple(each for each in states if _is_of_archive(*each))
        left_out = tuple(path for path, state in states if not _is_of_archive(path, state))
        files = worktree.WorktreeSnapshot(root)
        if odd := tuple(_find_odd(root, kept)):
            source = snapshot_source(files)
            return Saved(None, "", kept, odd, source, left_out=left_out, unlocked=left.locks)
        changes = {path: None if state == "deleted" else files.read(path) for path, state in kept}
        own = "" if as_is or message is None else message
        step = judge_save(root, actor, head, changes, now, message, own_words=own)
        saved = _commit(root, actor, head, step, now=now, dry_run=dry_run)
    return replace(saved, paths=kept, left_out=left_out, unlocked=left.locks)


def save_changes(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
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
    """Write and save exactly these files (None removes one); the cost follows the change.

    `expected`: what the caller last read of them in the folder; `readings`: what it read them as;
    `whole`: all of them are known to stand as last saved, and are restored so when this is killed;
    `own_words`: what of the message a person typed. Raises ChangedMeanwhile when a file differs
    from `expected`, NamesInHistory. Unsaved edits of other files stay as they are; files refused by
    a finding are not written.
    """
    for path in changes:
        if not worktree.is_kept(path):
            raise Refused(f"«{path}» не хранится в архиве", "Сохраняют записи: records/…")
    with unfinished_work.hold_archive(root) as left:
        head = require_head_commit(root)
        require_unchanged(root, expected or {})
        step = judge_save(root, actor, head, changes, now, message, readings, own_words)
        saved = _commit(root, actor, head, step, now=now, dry_run=dry_run, write=True, whole=whole)
    return replace(saved, unlocked=left.locks)


def commit_step(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    head: str,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None = None,
) -> Saved:
    """Do as save_changes, for a caller who holds the lock and knows what the folder holds.

    `head` is the commit it is judged against.
    """
    step = judge_save(root, actor, head, changes, now, message)
    return _commit(root, actor, head, step, now=now, write=True)


def store_changes(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    head: str,
    changes: Mapping[str, bytes | None],
    *,
    now: datetime,
    message: str | None = None,
    readings: Readings | None = None,
    own_words: str = "",
) -> Saved:
    """Judge, and store as a commit on `head` that no branch and no folder shows yet."""
    step = judge_save(root, actor, head, changes, now, message, readings, own_words)
    if step.is_refused:
        return _report(step, None)
    _refuse_names(step)
    return _report(step, _sign(root, actor, head, step, now).id)


def require_head_commit(root: Path) -> str:
    """Return the last commit; raises NotAnArchive before the first, Refused off the branch."""
    head = commit_snapshots.head(root)
    if head is None:
        raise NotAnArchive(str(root))
    commit_snapshots.require_main(root)
    return head


def modes_of(paths: Iterable[str]) -> dict[str, str]:
    """Return the git mode of those that are executable; the rest are plain files."""
    return {path: EXECUTABLE for path in paths if is_runnable(path)}


def _commit(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    head: str,
    step: JudgedSave,
    *,
    now: datetime,
    dry_run: bool = False,
    write: bool = False,
    whole: bool = False,
) -> Saved:
    """Commit a judged step; `write`: the folder does not hold the changes yet."""
    if not step.changes or step.is_refused:
        return _report(step, None)
    _refuse_names(step)
    if dry_run:
        return _report(step, None)
    # Stored and signed first: a key that is not there must leave the folder as it was.
    made = _sign(root, actor, head, step, now)
    files = step.changes if write else step.filled
    if write:
        untouched = files if whole else unfinished_work.list_unchanged_since(root, head, files)
        unfinished_work.begin_writing(root, made.id, head, untouched)
    lay_out(root, files)
    pruning.note_unseen(root, made.id)
    commit_writing.publish_commit(root, made, head)
    if write:
        unfinished_work.end_writing(root)
    refresh_names(root, step.changes, step.readings)
    return _report(step, made.id)


def _refuse_names(step: JudgedSave) -> None:
    if step.named:
        raise NamesInHistory(step.named)


def require_unchanged(root: Path, expected: Mapping[str, bytes | None]) -> None:
    """Raise ChangedMeanwhile when a file in the folder is not what the caller last read."""
    files = worktree.WorktreeSnapshot(root)
    for path, data in expected.items():
        if bytes_of(files, path) != data:
            raise ChangedMeanwhile(path)


def lay_out(root: Path, files: Mapping[str, bytes | None]) -> None:
    """Write files to the folder, None removes one; the caller holds the archive."""
    worktree.sweep(root, files)
    kept = {path: data for path, data in files.items() if data is not None}
    if len(kept) > _MANY:
        worktree.write_many(root, kept)
    for path, data in files.items():
        if data is None:
            worktree.remove(root, path)
        elif len(kept) <= _MANY:
            worktree.write(root, path, data)


def _sign(
    root: Path, actor: SigningActor, head: str, step: JudgedSave, now: datetime
) -> commit_writing.StoredCommit:
    return commit_writing.store_commit(
        root, step.changes, step.message,
        author=actor.staff, now=now, sign=actor.sign, parent=head,
        after=_find_honest_time(root, head, step.changes), modes=modes_of(step.changes),
    )  # fmt: skip


def _find_honest_time(root: Path, head: str, changes: Mapping[str, bytes | None]) -> str | None:
    """Return the commit that the new one may not precede in time; None: its parent.

    A commit that `changes` accept as made in the future, by a wrong clock, passes on the time
    before it, as `verify` judges it.
    """
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


def _report(step: JudgedSave, commit: str | None) -> Saved:
    subject = step.message.partition("\n")[0]
    return Saved(commit, subject, step.states, step.findings, step.source, step.numbered)


def _list_changed(root: Path) -> tuple[tuple[str, str], ...]:
    """List what changed, after removing what a killed command left: nobody else writes now."""
    states = commit_snapshots.worktree_changes(root)
    left = [path for path, _ in states if path.rpartition("/")[2].startswith(worktree.UNFINISHED)]
    worktree.sweep(root, left)
    return tuple(each for each in states if each[0] not in left)


def _is_of_archive(path: str, state: str) -> bool:
    """Whether a change is saved: litter may go from an archive that holds some, but not come."""
    return worktree.is_kept(path) or (state == "deleted" and is_litter(path))


def _find_odd(root: Path, states: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    """Report what cannot be saved because it is no plain file."""
    for path, state in states:
        target = root / path
        if target.is_symlink():
            yield reading_codes.PATH_SYMLINK.at(Location(path))
        elif state != "deleted" and not target.is_file():
            yield reading_codes.PATH_NOT_FILE.at(Location(path))


def judge_save(  # noqa: PLR0913 - what a save depends on
    root: Path,
    actor: SigningActor,
    head: str,
    wanted: Mapping[str, bytes | None],
    now: datetime,
    message: str | None = None,
    readings: Readings | None = None,
    own_words: str = "",
) -> JudgedSave:
    """Judge a save: add missing ids and salts, then run every rule on the result.

    `readings` are those of the job it is part of; `own_words`: what of the message a person typed.
    """
    before = Remembered(state_before(root, head, wanted))
    readings = readings or Readings()
    current = _read_current(before, wanted)
    changes = {path: data for path, data in wanted.items() if data != current[path]}
    if message is not None and not message.strip():
        raise Refused("Описание сохранения пусто", "Напишите его или уберите ключ -m")
    if not changes:
        return JudgedSave({}, {}, (), (), "", (), snapshot_source(before))
    earlier = _load_touched(before, changes, readings)
    filled, numbered = _fill_missing(before, earlier, changes, readings)
    everything = changes | filled
    after = Overlay(before, everything)
    by_head = is_head(actor.signer.public, before)
    step = Step(before, after, everything, readings=readings, day=now.date())
    step.regard = partial(raise_unless_head, is_head=by_head)
    new, found = step.judge(after)
    findings = list(found)
    if has_errors(found):
        from papka.checks.root_causes import explain

        findings = list(explain(after, step, new, found).findings)
    strange = {
        each.where.path
        for each in findings
        if each.severity >= Severity.ERROR and place(each.where.path) is None
    }
    of_history = [
        *judge_paths(actor.staff, actor.signer.public, before, everything, day=now.date()),
        *judge_beforehand(before, after, everything, message or ""),
    ]
    # what lies among the records and is none was told as what it is
    findings += [each for each in of_history if each.where.path not in strange]
    if any(path.startswith("templates/") for path in everything):
        from papka.paper.document_codes import TEMPLATE_BROKEN
        from papka.paper.own_forms import find_flaws  # Jinja only when forms change

        findings += [
            TEMPLATE_BROKEN.at(Location(path, line=line), reason=reason)
            for path, line, reason in find_flaws(after)
        ]
    source = snapshot_source(after)
    states = tuple(
        (path, "deleted" if data is None else "added" if current[path] is None else "changed")
        for path, data in sorted(changes.items())
    )
    return JudgedSave(
        everything,
        filled,
        numbered,
        states,
        message or save_message(earlier, new.students, everything),
        _suggest_upgrade(root, head, everything, tuple(sort_findings(add_lines(findings, source)))),
        source,
        _find_names(own_words, earlier, new.students),
        readings,
    )


def _read_current(before: Snapshot, paths: Iterable[str]) -> dict[str, bytes | None]:
    """Return what each path holds, reading those that are listed together."""
    asked = list(paths)
    listed = set(before.paths())
    found = dict(before.read_many(path for path in asked if path in listed))
    return {path: found[path] if path in found else bytes_of(before, path) for path in asked}


def _load_touched(
    snapshot: Snapshot, changed: Iterable[str], readings: Readings
) -> dict[str, Student]:
    """Load the personal files that hold the changed paths."""
    found = (place(path) for path in changed)
    students = {each.student for each in found if each and each.student}
    return load_students(snapshot, SchemaSet.load(snapshot), students, readings)


def _fill_missing(
    before: Snapshot,
    earlier: Mapping[str, Student],
    changes: Mapping[str, bytes | None],
    readings: Readings,
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return files with the ids and salts they lacked, and the addresses of entries numbered."""
    after = Overlay(before, changes)
    filled = dict(salt_orders(before, changes))
    numbered: list[str] = []
    for student in _load_touched(after, changes, readings).values():
        if student.salt is None:
            filled[f"{student_folder(student.id)}/.salt"] = secrets.token_bytes(SALT_BYTES)
        old = earlier.get(student.id)
        known = [entry.id for entry in old.entries() if entry.id] if old else []
        for (path, pointer), ids in give_ids(student, known).items():
            from papka.records.editing import (
                insert_entry_ids,
            )

            data = filled.get(path) or after.read(path)
            filled[path] = insert_entry_ids(data, pointer, ids)
            numbered += [f"{student.id}#{id_}" for id_ in ids.values()]
    return filled, tuple(numbered)


def salt_orders(
    before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[tuple[str, bytes]]:
    """Yield new orders with a salt of their own; nothing where the archive's schemas know none."""
    for path, data in changes.items():
        found = place(path)
        if data is None or found is None or found.kind != "order" or bytes_of(before, path):
            continue
        document = read(data, path)
        if document.findings or not isinstance(document.value, dict) or not _knows_salt(before):
            continue
        salt = document.value.get("salt")
        if salt is None or _is_taken(before, changes, path, str(salt)):
            from papka.records.editing import set_value

            yield path, set_value(data, "/salt", secrets.token_hex(SALT_BYTES))


def _is_taken(before: Snapshot, changes: Mapping[str, bytes | None], path: str, salt: str) -> bool:
    """Tell whether a new order came with the salt of another that it was copied from."""
    folder = record_folder("order") + "/"
    saved = before.read_many(each for each in before.paths() if each.startswith(folder))
    earlier = ((each, data) for each, data in changes.items() if data and each < path)
    return any(salt.encode() in data for each, data in (*saved, *earlier) if each != path)


def _knows_salt(files: Snapshot) -> bool:
    return ("salt",) in SchemaSet.load(files).ways(SCHEMA_OF["order"])


def _suggest_upgrade(
    root: Path, head: str, changed: Iterable[str], findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Add the upgrade command to what the schemas of an archive behind the program refuse."""
    refused = {at for at, each in enumerate(findings) if each.code.name.startswith("SCHEMA_")}
    if not refused:
        return findings
    from papka.desk.edition import (
        EDITION,
        UPGRADE_HINT,
        compare_edition,
    )

    if EDITION in changed or not compare_edition(root, CommitTree(root, head)).is_behind:
        return findings
    return tuple(
        replace(each, hint=f"{each.hint}. {UPGRADE_HINT}" if each.hint else UPGRADE_HINT)
        if at in refused
        else each
        for at, each in enumerate(findings)
    )


def _find_names(own_words: str, *states: Mapping[str, Student]) -> tuple[str, ...]:
    if not own_words:
        return ()
    from papka.records.name_cases import find_names  # only where a person typed something

    touched = (student for state in states for student in state.values())
    return find_names(own_words, (each.person for each in touched if each.person is not None))


def save_message(
    before: Mapping[str, Student], after: Mapping[str, Student], changed: Iterable[str]
) -> str:
    """Compose a message: a subject, then one line a folder or file with entries added and changed.

    `before` and `after`: the personal files touched, by number; `changed`: all paths of the save.
    """
    folders: dict[str, list[str]] = {}
    others: list[str] = []
    for path in sorted(changed):
        found = place(path)
        if found is not None and found.student:
            kinds = folders.setdefault(found.student, [])
            name = KIND_OF[found.kind].title
            label = f"{name} {found.key}" if is_by_period(found.kind) else name
            if label and label not in kinds:
                kinds.append(label)
        elif found is not None:
            name = KIND_OF[found.kind].title or found.kind
            others.append(f"{name} {found.key}".strip())
        else:
            others.append(path)
    heads = [f"{student}: {', '.join(kinds) or 'соль'}" for student, kinds in folders.items()]
    details = [
        line + _describe_entries(before.get(student), after.get(student))
        for student, line in zip(folders, heads, strict=True)
    ]
    return (
        _compose_subject(heads, list(folders), others)
        + "\n\n"
        + "\n".join([*details, *others])
        + "\n"
    )


def _compose_subject(heads: list[str], students: list[str], others: list[str]) -> str:
    subject = "; ".join([*heads, *others])
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


def _describe_entries(before: Student | None, after: Student | None) -> str:
    """Return « (+r12 r13, изменены r3)» for one folder."""
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
