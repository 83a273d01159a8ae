"""Save: check what changed, then make one signed commit of exactly what was checked.

Invariants (crash safety, in this order): the archive's own lock; the changed bytes are read once;
missing entry ids and salts are added; those bytes are judged, signed and stored, then written
atomically to the folder; the branch moves only from the commit that was judged against. A finding
of the severity "error" or worse leaves history as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.codes import foreign_files
from papka.core.errors import ChangedMeanwhile, NamesInHistory, NotAnArchive, Refused
from papka.core.findings import Finding, Location
from papka.core.history import EXECUTABLE, is_runnable
from papka.core.snapshot import bytes_of
from papka.gates import unfinished, worktree
from papka.gates.git import reading, writing
from papka.gates.lock import archive_lock, clear_stale
from papka.model.readings import Readings
from papka.tasks.actor import Actor
from papka.tasks.check import snapshot_source
from papka.tasks.clock import honest_time
from papka.tasks.judging import Step, judge
from papka.text.positions import Source

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
        unfinished.settle(root)
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
        unfinished.settle(root)
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
        untouched = files if whole else unfinished.standing(root, head, files)
        unfinished.begin(root, made.id, head, untouched)
    _lay_out(root, files)
    writing.show(root, made, head)
    if write:
        unfinished.end(root)
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


def _made(root: Path, actor: Actor, head: str, step: Step, now: datetime) -> writing.Made:
    return writing.make(
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
    head = reading.head(root)
    if head is None:
        raise NotAnArchive(str(root))
    reading.require_main(root)
    return head


def _refuse_changed(root: Path, expected: Mapping[str, bytes | None]) -> None:
    files = worktree.WorktreeSnapshot(root)
    for path, data in expected.items():
        if bytes_of(files, path) != data:
            raise ChangedMeanwhile(path)


def _changed(root: Path) -> tuple[tuple[str, str], ...]:
    """What changed, without what a killed command left unfinished: nobody else writes now."""
    states = reading.worktree_changes(root)
    left = [path for path, _ in states if path.rpartition("/")[2].startswith(worktree.UNFINISHED)]
    worktree.sweep(root, left)
    return tuple(each for each in states if each[0] not in left)


def _odd(root: Path, states: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    """What cannot be saved because it is no file."""
    for path, state in states:
        target = root / path
        if target.is_symlink():
            yield foreign_files.PATH_SYMLINK.at(Location(path))
        elif state != "deleted" and not target.is_file():
            yield foreign_files.PATH_NOT_FILE.at(Location(path))


def _changed_bytes(root: Path, states: tuple[tuple[str, str], ...]) -> dict[str, bytes | None]:
    files = worktree.WorktreeSnapshot(root)
    return {path: None if state == "deleted" else files.read(path) for path, state in states}
