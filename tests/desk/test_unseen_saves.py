"""A save nobody else has seen is taken out of history; one that is seen never is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from papka.core.errors import ChangedMeanwhile
from papka.desk import undoing
from papka.desk.undoing import find_unreported_undo, plan_undo, undo
from papka.proof.verification import verify
from papka.repository import commit_writing, dot_papka, unfinished_work
from papka.repository.commit_snapshots import worktree_changes
from papka.repository.objects import Objects
from papka.repository.pruning import is_unseen, note_all_seen
from papka.repository.signing import find_actor
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, TEACHER, Archive, head

CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
_MORE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: Маниту\n    told: p1\n"


def noted(archive: Archive) -> str:
    """A notice saved by the teacher, which rules would never let vanish; the commit."""
    archive.write(NOTICES, archive.read(NOTICES) + _MORE)
    return archive.save(TEACHER).commit or ""


def take_back(archive: Archive) -> None:
    actor = find_actor(archive.root, TEACHER)
    undo(archive.root, actor, plan_undo(archive.root, actor, now=NOW), now=NOW)


def traces(archive: Archive, commit: str) -> list[str]:
    """Where the store still knows of the commit or of the words saved in it."""
    found = [
        path.name
        for path in (archive.root / ".git" / "logs").rglob("*")
        if path.is_file() and commit in path.read_text(encoding="utf-8")
    ]
    listed = git(archive.root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    for id_, _, data in Objects(archive.root).read_many(listed.split()):
        if id_ == commit or "Маниту".encode() in data:
            found.append(id_)
    return found


def test_an_unsent_save_goes_out_of_history_with_all_it_said(archive: Archive) -> None:
    before, text = head(archive), archive.read(NOTICES)
    gone = noted(archive)
    assert traces(archive, gone)
    ran = papka("undo", "--yes", "--as", TEACHER, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "ещё никуда не отправлено и уйдёт из истории совсем" in ran.out
    assert "Исчезнут: 2026-0001#n2" in ran.out
    assert (head(archive), archive.read(NOTICES)) == (before, text)
    assert worktree_changes(archive.root) == ()
    assert traces(archive, gone) == []
    assert not [f for f in verify(archive.root, now=NOW).findings if f.severity > 1]
    assert noted(archive), "the archive goes on"


def test_a_save_in_a_pack_goes_too(archive: Archive) -> None:
    before = head(archive)
    gone = noted(archive)
    git(archive.root, "gc", "-q")
    take_back(archive)
    assert (head(archive), traces(archive, gone)) == (before, [])
    assert not git(archive.root, "fsck", "--full").strip()


def test_one_after_the_other_until_what_is_seen(archive: Archive) -> None:
    first = noted(archive)
    note_all_seen(archive.root)
    archive.write(CARD, archive.read(CARD) + "# раз\n")
    archive.save(TEACHER)
    archive.write(CARD, archive.read(CARD) + "# два\n")
    archive.save(TEACHER)
    take_back(archive)
    take_back(archive)
    assert head(archive) == first
    plan = plan_undo(archive.root, find_actor(archive.root, TEACHER), now=NOW)
    assert (plan.is_pruned, plan.is_refused) == (False, True)


def _pushed(archive: Archive, folder: Path) -> None:
    papka("mirror", "add", "one", folder / "one.git", "--country", "RU", "-C", archive.root)
    assert papka("mirror", "push", "-C", archive.root).code == 0


def _copied(archive: Archive, folder: Path) -> None:
    (folder / "stick").mkdir()
    words = ("--medium", "Н-1", "--kind", "диск", "--as", "s001", "-C", archive.root)
    ran = papka("backup", "--to", folder / "stick", *words)
    assert ran.code == 0, ran.all


def _packed(archive: Archive, folder: Path) -> None:
    words = ("--as", "s001", "--out", folder / "p.zip", "-C", archive.root)
    ran = papka("give", "package", "2026-0001", *words)
    assert ran.code == 0, ran.all


def _pushed_by_git(archive: Archive, folder: Path) -> None:
    git(folder, "init", "-q", "--bare", "two.git")
    git(archive.root, "remote", "add", "two", str(folder / "two.git"))
    git(archive.root, "push", "-q", "two", "main")


def _tagged(archive: Archive, _: Path) -> None:
    git(archive.root, "tag", "kept")


def _verified(archive: Archive, _: Path) -> None:
    assert papka("verify", "-C", archive.root).code in {0, 1}


def _cloned(archive: Archive, _: Path) -> None:
    """What a copy of the store knows: it has no note of who made what."""
    dot_papka.remove(archive.root, ".papka/unseen")


@pytest.mark.parametrize(
    "show", [_pushed, _copied, _packed, _pushed_by_git, _tagged, _verified, _cloned]
)
def test_what_was_shown_never_vanishes(
    show: Callable[[Archive, Path], None], archive: Archive, tmp_path: Path
) -> None:
    saved = noted(archive)
    assert is_unseen(archive.root, saved)
    show(archive, tmp_path)
    actor = find_actor(archive.root, TEACHER)
    if head(archive) == saved:
        plan = plan_undo(archive.root, actor, now=NOW)
        assert (plan.is_pruned, plan.is_refused) == (False, True)
        assert {each.code.name for each in plan.judged.findings} == {"ID_REMOVED"}
    assert git(archive.root, "merge-base", "--is-ancestor", saved, "main") == ""


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_memory_of_a_verification_misses_nothing_afterwards(
    archive: Archive, tmp_path: Path, *, is_mirrored: bool
) -> None:
    if is_mirrored:
        _pushed(archive, tmp_path)
    else:
        assert papka("verify", "-C", archive.root).code == 0
    saved = noted(archive)
    if is_mirrored:
        assert papka("verify", "-C", archive.root).code == 0
    ran = papka("undo", "--yes", "--as", TEACHER, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert traces(archive, saved) == []
    again = papka("verify", "-C", archive.root)
    assert again.code == 0, again.all


def test_what_is_given_out_between_plan_and_undoing_stays(archive: Archive) -> None:
    saved, actor = noted(archive), find_actor(archive.root, TEACHER)
    plan = plan_undo(archive.root, actor, now=NOW)
    assert plan.is_pruned
    note_all_seen(archive.root)
    with pytest.raises(ChangedMeanwhile):
        undo(archive.root, actor, plan, now=NOW)
    assert (head(archive), worktree_changes(archive.root)) == (saved, ())


@pytest.mark.parametrize(
    ("cut", "is_back"),
    [
        ((undoing, "lay_out"), False),
        ((commit_writing, "move_branch"), False),
        ((unfinished_work, "end_writing"), True),
        ((commit_writing, "refresh_index"), True),
        ((unfinished_work, "end_pruning"), True),
    ],
    ids=lambda each: each[1] if isinstance(each, tuple) else "",
)
def test_cut_off_anywhere_it_is_whole(
    cut: tuple[object, str], *, is_back: bool, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, text = head(archive), archive.read(NOTICES)
    saved = noted(archive)
    new = archive.read(NOTICES)
    actor = find_actor(archive.root, TEACHER)
    plan = plan_undo(archive.root, actor, now=NOW)

    whole = getattr(*cut)

    def die(*given: object, **more: object) -> object:
        if unfinished_work.find_note(archive.root, b"pruning") is None:
            return whole(*given, **more)  # the lock is taken, nothing has begun
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*cut, die)
        with pytest.raises(KeyboardInterrupt):
            undo(archive.root, actor, plan, now=NOW)
    with unfinished_work.hold_archive(archive.root):
        pass
    if is_back:
        assert (head(archive), archive.read(NOTICES)) == (before, text)
        assert traces(archive, saved) == []
        told = find_unreported_undo(archive.root)
        assert told is not None
        assert (told.id, told.is_pruned) == (saved, True)
    else:
        assert (head(archive), archive.read(NOTICES)) == (saved, new)
        take_back(archive)
        assert (head(archive), archive.read(NOTICES)) == (before, text)
    assert worktree_changes(archive.root) == ()
