"""What a killed command left half written is put back by the next that writes, edits never."""

from __future__ import annotations

from pathlib import Path

from papka.copies.syncing import sync
from papka.desk.saving import require_head_commit, save, save_changes, store_changes
from papka.desk.undoing import plan_undo, undo
from papka.repository import commit_snapshots, unfinished_work, worktree
from papka.repository.objects import Objects
from papka.repository.signing import SigningActor, find_actor
from tests.support.clones import Clone
from tests.support.school import NOW, STUDENT, TEACHER, Archive, autumn_results

CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
NEW = f"{STUDENT}/results/2026-2.yaml"
_EDIT = b"# checked by hand\n"
_NEW = autumn_results("r9", "2026-09-20", 4, part="теория", control="текущий").encode()


def stored(root: Path, actor: SigningActor) -> tuple[str, str, dict[str, bytes]]:
    """A commit that changes two files and adds one and that no branch shows, what it stands on,
    and its files."""
    before = require_head_commit(root)
    files = {path: (root / path).read_bytes() + b"# changed\n" for path in (CARD, NOTICES)}
    changes: dict[str, bytes | None] = {**files, NEW: _NEW}
    done = store_changes(root, actor, before, changes, now=NOW)
    assert done.commit, done.findings
    found = {path: Objects(root).read(f"{done.commit}:{path}")[1] for path in changes}
    return done.commit, before, found


def killed(root: Path, actor: SigningActor, *written: str) -> dict[str, bytes | None]:
    """The folder as a command leaves it that was killed when only `written` lay there; what
    stood there before."""
    commit, before, files = stored(root, actor)
    old = {path: (root / path).read_bytes() if (root / path).exists() else None for path in files}
    unfinished_work.begin_writing(root, commit, before, files)
    for path in written or files:
        worktree.write(root, path, files[path])
    return old


def lying(root: Path, paths: dict[str, bytes | None]) -> dict[str, bytes | None]:
    return {path: (root / path).read_bytes() if (root / path).exists() else None for path in paths}


def test_a_save_first_puts_back_what_a_killed_command_had_written(archive: Archive) -> None:
    """Or half of somebody's work would be saved under another's name."""
    actor = find_actor(archive.root, TEACHER)
    before = require_head_commit(archive.root)
    old = killed(archive.root, actor)
    assert commit_snapshots.worktree_changes(archive.root)
    done = save(archive.root, actor, now=NOW)
    assert (done.commit, done.paths) == (None, ())
    assert (require_head_commit(archive.root), lying(archive.root, old)) == (before, old)
    assert not unfinished_work.is_writing_left(archive.root)


def test_a_save_of_given_files_first_puts_back_the_others(archive: Archive) -> None:
    actor = find_actor(archive.root, TEACHER)
    old = killed(archive.root, actor, NOTICES)
    card = (archive.root / CARD).read_bytes() + _EDIT
    done = save_changes(archive.root, actor, {CARD: card}, now=NOW)
    assert done.commit is not None
    assert commit_snapshots.worktree_changes(archive.root) == ()
    assert lying(archive.root, old) == {**old, CARD: card}


def test_a_sync_first_puts_back_what_a_killed_command_had_written(one: Clone, two: Clone) -> None:
    """Or it would stop at unsaved edits that nobody made."""
    actor = find_actor(two.root, two.staff)
    one.write(NOTICES, one.read(NOTICES) + "# theirs\n")
    one.save()
    one.sync()
    killed(two.root, actor)
    done = sync(two.root, [actor], now=NOW)
    assert not done.is_stopped
    assert (two.head, two.unsaved()) == (one.head, ())


def test_who_holds_the_archive_finds_it_whole(archive: Archive) -> None:
    """An undoing too: it would take what a killed command wrote for somebody's edit."""
    actor = find_actor(archive.root, TEACHER)
    card = (archive.root / CARD).read_bytes()
    assert save_changes(archive.root, actor, {CARD: card + _EDIT}, now=NOW).commit
    plan = plan_undo(archive.root, actor, now=NOW)
    old = killed(archive.root, actor)
    lock = archive.root / ".git/index.lock"
    lock.touch()
    with unfinished_work.hold_archive(archive.root) as left:
        assert left == unfinished_work.LeftByKilled((".git/index.lock",), 3)
        assert lying(archive.root, old) == old
    killed(archive.root, actor)
    lock.touch()
    assert undo(archive.root, actor, plan, now=NOW).commit
    assert (archive.root / CARD).read_bytes() == card
    assert commit_snapshots.worktree_changes(archive.root) == ()


def test_putting_back_leaves_what_was_edited_since_or_not_begun(archive: Archive) -> None:
    actor = find_actor(archive.root, TEACHER)
    old = killed(archive.root, actor, CARD, NEW)
    edited = (archive.root / CARD).read_bytes() + _EDIT
    worktree.write(archive.root, CARD, edited)
    assert unfinished_work.settle_writing(archive.root) == 1
    assert lying(archive.root, old) == {**old, CARD: edited}
    assert not unfinished_work.is_writing_left(archive.root)


def test_a_new_file_edited_since_is_not_taken_away(archive: Archive) -> None:
    killed(archive.root, find_actor(archive.root, TEACHER))
    worktree.write(archive.root, NEW, _NEW + _EDIT)
    assert unfinished_work.settle_writing(archive.root) == 2
    assert (archive.root / NEW).read_bytes() == _NEW + _EDIT


def test_an_edit_made_before_a_command_wrote_over_it_is_no_saved_state(archive: Archive) -> None:
    """What is put back is the last save; an unsaved edit would be lost by that."""
    worktree.write(archive.root, CARD, (archive.root / CARD).read_bytes() + _EDIT)
    asked = [CARD, NOTICES, NEW]
    assert (
        unfinished_work.list_unchanged_since(archive.root, require_head_commit(archive.root), asked)
        == asked[1:]
    )


def test_what_a_command_brought_to_its_end_is_not_put_back(archive: Archive) -> None:
    """Killed after the branch moved, before its note was taken away."""
    actor = find_actor(archive.root, TEACHER)
    before = require_head_commit(archive.root)
    card = (archive.root / CARD).read_bytes() + _EDIT
    made = save_changes(archive.root, actor, {CARD: card}, now=NOW).commit
    assert made is not None
    unfinished_work.begin_writing(archive.root, made, before, [CARD])
    assert unfinished_work.settle_writing(archive.root) == 0
    assert (archive.root / CARD).read_bytes() == card
    assert not unfinished_work.is_writing_left(archive.root)
