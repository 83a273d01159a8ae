"""The end of a command that writes records: judged, then written or saved, once for one request."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.errors import ChangedMeanwhile, NotAnArchive
from papka.desk import command_end
from papka.desk.command_end import WriteStep, Written, report_repeated, write
from papka.desk.saving import require_head_commit
from papka.repository import commit_snapshots, worktree
from papka.repository.signing import find_actor
from tests.support.histories import git
from tests.support.school import NOW, STUDENT, TEACHER, Archive

CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"
ORGANIZATION = "records/organization.yaml"
NAMES = ("2026-0001#n2",)


def step_of(
    archive: Archive, *paths: str, more: str = "# тут\n", request: bytes = b""
) -> WriteStep:
    before = {path: (archive.root / path).read_bytes() for path in paths}
    after = {path: data + more.encode() for path, data in before.items()}
    return WriteStep(dict(before), after, NAMES, request)


def done(
    archive: Archive, step: WriteStep, *, save: bool = False, dry_run: bool = False
) -> Written:
    saving = find_actor(archive.root, TEACHER) if save else None
    return write(archive.root, step, now=NOW, saving=saving, dry_run=dry_run)


def lying(archive: Archive, step: WriteStep) -> dict[str, bytes]:
    return {path: (archive.root / path).read_bytes() for path in step.before}


def test_a_step_is_written_and_not_saved(archive: Archive) -> None:
    step, head = step_of(archive, CARD, NOTICES), require_head_commit(archive.root)
    told = done(archive, step, dry_run=True)
    assert (told.done, told.refused, told.saved) == (False, False, None)
    assert lying(archive, step) == step.before
    written = done(archive, step)
    assert (written.done, written.refused, written.saved, written.step) == (
        True, False, None, step,
    )  # fmt: skip
    assert lying(archive, step) == step.after
    assert written.source(CARD) == step.after[CARD]
    assert require_head_commit(archive.root) == head
    nothing = done(archive, WriteStep({}, {}, NAMES))
    assert (nothing.done, nothing.findings) == (False, ())


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_a_killed_command_left_beside_the_files_stops_nobody(
    archive: Archive, *, dry_run: bool
) -> None:
    left = archive.root / STUDENT / f"{worktree.UNFINISHED}x"
    left.write_text("half", encoding="utf-8")
    told = done(archive, step_of(archive, CARD), dry_run=dry_run)
    assert (told.findings, told.done, left.exists()) == ((), not dry_run, False)


def test_a_step_the_rules_refuse_is_not_written(archive: Archive) -> None:
    step = step_of(archive, CARD, more="grade: 5\n")
    for save in (True, False):
        told = done(archive, step, save=save)
        assert (told.refused, told.done) == (True, False)
        assert [each.code.name for each in told.findings] == ["SCHEMA_UNKNOWN_FIELD"]
        assert told.findings[0].where.line > 0
    assert lying(archive, step) == step.before


def test_only_what_the_step_changes_is_warned_of(archive: Archive) -> None:
    """Errors are told wherever they are: the step is refused by them."""
    step = step_of(archive, NOTICES)
    archive.write(CARD, archive.read(CARD).replace("birth_date: ", "birth_date: x"))
    told = done(archive, step)
    assert [each.where.path for each in told.findings] == [CARD]
    assert told.refused
    assert lying(archive, step) == step.before


@pytest.mark.parametrize("path", [CARD, ORGANIZATION])
def test_what_changed_since_it_was_read_is_not_written_over(archive: Archive, path: str) -> None:
    step = step_of(archive, path)
    archive.write(path, archive.read(path) + "# иначе\n")
    for save in (True, False):
        with pytest.raises(ChangedMeanwhile, match=path):
            done(archive, step, save=save)
    assert archive.read(path).endswith("# иначе\n")


def test_a_step_is_saved_at_once(archive: Archive) -> None:
    step, head = step_of(archive, CARD), require_head_commit(archive.root)
    told = done(archive, step, save=True, dry_run=True)
    assert (told.done, told.saved is not None, require_head_commit(archive.root)) == (
        False,
        True,
        head,
    )
    written = done(archive, step, save=True)
    assert written.saved is not None
    assert (written.done, written.saved.commit) == (True, require_head_commit(archive.root))
    assert written.saved.subject == "2026-0001: карточка"
    assert commit_snapshots.worktree_changes(archive.root) == ()


def test_one_request_is_written_once_until_it_was_answered(archive: Archive) -> None:
    first = step_of(archive, NOTICES, request=b"one")
    assert done(archive, first).done
    second = step_of(archive, NOTICES, more="# ещё\n", request=b"one")
    again_written = done(archive, second)
    assert (again_written.done, again_written.step.after) == (True, dict(first.after))
    assert (again_written.step.names, again_written.findings) == (NAMES, ())
    assert again_written.source(NOTICES) == first.after[NOTICES]
    assert lying(archive, second) == first.after
    other = step_of(archive, NOTICES, more="# другое\n", request=b"other")
    assert done(archive, other).step.after == other.after
    saved = done(archive, step_of(archive, CARD, request=b"two"), save=True)
    assert saved.saved is not None
    head = require_head_commit(archive.root)
    told = done(archive, step_of(archive, CARD, more="# ещё\n", request=b"two"), save=True)
    assert told.saved is not None
    assert (told.done, told.saved.commit, require_head_commit(archive.root)) == (True, head, head)
    command_end.answered(archive.root, b"two")
    assert done(archive, step_of(archive, CARD, request=b"two"), save=True).done
    assert require_head_commit(archive.root) != head


def test_a_request_written_and_then_to_be_saved_is_saved_as_it_lies(archive: Archive) -> None:
    first = step_of(archive, NOTICES, request=b"one")
    done(archive, first)
    told = done(archive, step_of(archive, NOTICES, more="# ещё\n", request=b"one"), save=True)
    assert told.saved is not None
    assert told.saved.commit == require_head_commit(archive.root)
    assert (
        commit_snapshots.CommitSnapshot(archive.root, "HEAD").read(NOTICES) == first.after[NOTICES]
    )


def test_the_answer_to_what_was_saved_names_its_commit(archive: Archive) -> None:
    known = command_end.Noted(NAMES, {CARD: "id"})
    told = report_repeated(archive.root, b"r", known, require_head_commit(archive.root))
    assert told.saved is not None
    subject = git(archive.root, "log", "-1", "--format=%s").strip()
    assert (told.saved.subject, told.saved.commit) == (subject, require_head_commit(archive.root))
    assert (told.done, told.findings, told.step.names) == (True, (), NAMES)
    assert (set(told.step.after), told.step.request) == ({CARD}, b"r")


def test_nothing_is_judged_where_no_archive_is(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "empty")
    with pytest.raises(NotAnArchive):
        write(tmp_path / "empty", WriteStep({}, {CARD: b"x"}, ()), now=NOW)
