"""What the matrix found once, each at the very act it was found at."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from papka.repository import commit_snapshots
from tests.faults.hurt_school import PRIMARY, UNSAVED, World, blob_at, main_of
from tests.faults.injection import Fault
from tests.faults.invariants import after_retry, look
from tests.faults.job_table import JOBS, Job, ready
from tests.faults.power import cut
from tests.faults.trials import unhurt
from tests.support.command import papka
from tests.support.issuing import ISSUED, STUDY
from tests.support.school import STUDENT, TEACHER

_JOBS = {job.name: job for job in JOBS}
_NOTICE = ("--date", "2026-06-01", "--about", "успеваемость", "--channel", "лично", "--told", "p1")
_BRANCH = "archive/.git/refs/heads/main"
_TRANSCRIPT = ("issue", "transcript", STUDY, "--date", "2026-11-20")


def begun(world: World, name: str) -> Job:
    """The job, ready to be run."""
    job = _JOBS[name]
    unhurt(world, job)
    ready(world, job)
    return job


@pytest.mark.parametrize("name", ["save", "push"])
def test_what_was_told_to_be_done_outlives_a_disk_that_forgets_names(
    name: str, kept_world: World
) -> None:
    """git syncs files and never the folders that name them."""
    world = kept_world
    job = begun(world, name)
    ended = world.injector.run(job.words(world))
    assert ended.code == 0
    assert cut(ended.acts, world.injector.graves, "strict")
    stores = [world.stores[store] for store in job.stores]
    for store in stores:
        head = main_of(store)
        assert head is not None
        for path, words in job.facts.items():
            assert words in (blob_at(store, head, path) or "")


def test_a_take_that_fails_among_its_files_can_be_repeated(kept_world: World) -> None:
    """The primary had it, half of the files lay in the folder as if somebody had edited them."""
    world = kept_world
    job = begun(world, "take")
    done, _ = unhurt(world, job)
    before = look(world)
    fault = Fault(f"always {errno.EIO}", 20, where="archive/records/")
    ended = world.injector.run(job.words(world), fault)
    assert ended.code == 3
    assert main_of(world.primary) != before.heads[PRIMARY]
    again = world.injector.run(job.words(world))
    assert [*after_retry(world, job, before, done, again)] == []


def test_an_entry_whose_saving_was_killed_is_not_added_twice(kept_world: World) -> None:
    world = kept_world
    world.bring("start")
    root = world.archive.root
    words: list[str | Path] = [
        "add",
        "2026-0001",
        "notice",
        *_NOTICE,
        "--save",
        "--as",
        TEACHER,
        "-C",
        root,
    ]
    assert world.injector.run(words, Fault("kill", 1, where=_BRANCH)).code < 0
    assert "лично" in world.archive.read(f"{STUDENT}/notices.yaml")
    assert world.injector.run(words).code == 0
    assert world.archive.read(f"{STUDENT}/notices.yaml").count("channel: лично") == 1
    assert [path for path, _ in commit_snapshots.worktree_changes(root)] == [UNSAVED]


def test_a_piece_that_a_killed_save_left_is_never_saved(kept_world: World) -> None:
    world = kept_world
    job = begun(world, "save")
    fault = Fault("kill", 1, where=f"{STUDENT}/notices.yaml")
    assert world.injector.run(job.words(world), fault).code < 0
    assert [*world.archive.root.rglob(".papka-*")]
    ran = papka("save", "-C", world.archive.root, "--as", TEACHER)
    assert ran.code == 0, ran.all
    assert ".papka-" not in ran.out
    assert [*world.archive.root.rglob(".papka-*")] == []


def test_a_document_whose_issue_was_killed_keeps_its_number(kept_world: World) -> None:
    """The number was given on the primary; asked again, it is the same document."""
    world = kept_world
    words: list[str | Path] = [*_TRANSCRIPT, "--as", "s001", "-C", world.archive.root]
    for where in (_BRANCH, "archive/print/"):
        world.bring("start")
        assert world.injector.run(words, Fault("kill", 1, where=where)).code < 0
        again = world.injector.run(words)
        assert again.code == 0, again.text
        assert "О-2026-0001" in again.text
        assert len([*(world.archive.root / ISSUED).glob("transcripts-*")]) == 1
        third = world.injector.run(words)
        assert "О-2026-0002" in third.text
