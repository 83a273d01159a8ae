"""An archive made again from its copies, however each of them is."""

from __future__ import annotations

import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.backup_plan import plan_backup
from papka.copies.backup_run import backup
from papka.copies.medium_format import BUNDLE
from papka.copies.mirrors import push
from papka.copies.restoring import Restored, find_sources, restore
from papka.core.errors import NotFound, Refused
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.repository import handle
from papka.repository.derived_store import DerivedStore
from papka.repository.signing import find_actor
from papka.repository.unfinished_work import building_site
from tests.support.histories import NOW, OTHER, RECORD, School, git
from tests.support.made_once import MadeOnce, mirror_once
from tests.support.processes import script
from tests.support.school import NOW as TODAY
from tests.support.school import Archive
from tests.support.sshd import running

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def hub(school: School, made_once: MadeOnce, tmp_path: Path) -> Path:
    return mirror_once(made_once, school, tmp_path / "hub.git")


def restored(place: Path, *copies: Path | str, memory: Memory | None = None) -> Restored:
    sources = find_sources([str(copy) for copy in copies], (), place.parent)
    return restore(place, sources, now=LATER, base=place.parent, memory=memory)


def codes(done: Restored) -> list[str]:
    return sorted({each.code.name for each in done.verified.findings})


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if not {".git", ".papka"} & set(path.relative_to(folder).parts)
    }


def test_from_one_whole_mirror_everything_comes_back(
    school: School, hub: Path, tmp_path: Path
) -> None:
    done = restored(tmp_path / "new", hub)
    assert codes(done) == ["ROOT_UNANCHORED"]
    assert done.above is None
    assert (done.verified.head, files(done.folder)) == (school.head, files(school.root))
    assert git(done.folder, "status", "--porcelain") == ""
    assert git(done.folder, "config", "core.fsync").strip() == "all"
    assert (done.folder.stat().st_mode & 0o077) == 0
    # The next person goes on from here as if nothing had happened.
    saved = School(done.folder, school.keys).save({RECORD: b"id: 2025-0001\nsex: y\n"}, late=3600)
    assert git(done.folder, "log", "-1", "--format=%H").strip() == saved


def test_nothing_lies_there_until_it_is_whole(hub: Path, tmp_path: Path) -> None:
    place = tmp_path / "new"
    killed = script(
        "import os, signal\n"
        "from papka.repository import unfinished_work\n"
        "unfinished_work.BuildingSite.finish = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from papka.cli.main import main\nmain()\n",
        "restore", place, "--from", hub,
    )  # fmt: skip
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert not place.exists()
    assert [*tmp_path.glob(".new.papka-*")]
    assert restored(place, hub).is_good
    assert [*tmp_path.glob(".new.papka-*")] == []


def test_two_at_once_do_not_sweep_each_other(hub: Path, tmp_path: Path) -> None:
    with building_site(tmp_path / "new") as first:
        first.built.mkdir()
        assert restored(tmp_path / "new", hub).is_good
        assert first.built.exists()
        with pytest.raises(Refused, match="уже что-то лежит"):
            first.finish()


@pytest.mark.parametrize("what", ["a file", "a folder with something"])
def test_a_place_that_is_not_free_is_left_alone(what: str, hub: Path, tmp_path: Path) -> None:
    place = tmp_path / "new"
    if what == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine").write_text("mine")
    with pytest.raises(Refused, match="уже что-то лежит"):
        restored(place, hub)
    assert [path.read_text() for path in [place, place / "mine"] if path.is_file()] == ["mine"]


def test_a_mirror_ahead_by_a_forged_commit_does_not_win(
    school: School, hub: Path, tmp_path: Path
) -> None:
    honest, copy = school.head, tmp_path / "copy.git"
    shutil.copytree(hub, copy)
    school.forge({RECORD: b"id: 2025-0001\nsex: forged\n"}, sign=None)
    git(school.root, "push", "-q", str(hub), "main")
    done = restored(tmp_path / "new", hub, copy)
    assert (done.verified.head, [*done.passed_over]) == (honest, [school.head])
    assert done.passed_over[school.head][0].code.name == "SIG_MISSING"
    assert done.is_good


def test_a_history_with_faults_is_built_and_not_called_good(
    school: School, hub: Path, tmp_path: Path
) -> None:
    school.forge({RECORD: b"id: 2025-0001\nsex: forged\n"}, sign=None)
    git(school.root, "push", "-q", str(hub), "main")
    done = restored(tmp_path / "new", hub)
    assert done.verified.head == school.head
    assert not done.is_good
    assert "SIG_MISSING" in codes(done)


def test_two_honest_histories_are_not_chosen_between(
    school: School, hub: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.git"
    shutil.copytree(hub, other)
    base = school.head
    school.save({RECORD: b"id: 2025-0001\nsex: a\n"}, late=100)
    git(school.root, "push", "-q", str(hub), "main")
    git(school.root, "reset", "-q", "--hard", base)
    school.save({RECORD: b"id: 2025-0001\nsex: b\n"}, late=101)
    git(school.root, "push", "-q", str(other), "main")
    with pytest.raises(Refused, match="разные истории") as told:
        restored(tmp_path / "new", hub, other)
    assert "назовите одну" in told.value.next_step
    assert not (tmp_path / "new").exists()


def test_a_mirror_that_runs_programs_runs_none(hub: Path, tmp_path: Path) -> None:
    mark, program = tmp_path / "executed", tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    with (hub / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {program}\n\tsshCommand = {program}\n")
        config.write(f'[filter "x"]\n\tsmudge = {program}\n[uploadpack]\n\tpackObjectsHook = ')
        config.write(f"{program}\n[include]\n\tpath = {program}\n")
    (hub / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "pre-receive"):
        shutil.copy(program, hub / "hooks" / name)
    done = restored(tmp_path / "new", hub)
    assert done.is_good
    assert not mark.exists()
    assert str(program) not in (done.folder / ".git" / "config").read_text()


def test_a_link_among_the_files_is_not_laid_out(school: School, hub: Path, tmp_path: Path) -> None:
    school.forge(
        {"records/students/2025/2025-0001/link": b"/etc"}, sign=school.signer("s003").sign,
        modes={"records/students/2025/2025-0001/link": "120000"},
    )  # fmt: skip
    git(school.root, "push", "-q", str(hub), "main")
    done = restored(tmp_path / "new", hub)
    assert "PATH_SYMLINK" in codes(done)
    assert not [path for path in done.folder.rglob("*") if path.is_symlink()]


def test_an_older_copy_than_this_computer_knows_says_so(
    school: School, hub: Path, tmp_path: Path
) -> None:
    old, memory = tmp_path / "old.git", Memory(tmp_path / "memory")
    shutil.copytree(hub, old)
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"}, late=100)
    assert push(school.root).is_good
    verify(school.root, now=LATER, anchors=[school.fingerprint], memory=memory)
    done = restored(tmp_path / "new", old, memory=memory)
    assert "COPY_OF_A_DATE" in codes(done)


def test_over_ssh(school: School, hub: Path, tmp_path: Path) -> None:
    with running(tmp_path / "sshd") as server:
        sources = find_sources([server.url(hub)], (), tmp_path)
        done = restore(tmp_path / "new", sources, now=LATER, base=tmp_path, access=server.access())
    assert (done.is_good, done.verified.head) == (True, school.head)


def test_what_gives_nothing_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.git"
    handle.init(empty, bare=True)
    with pytest.raises(Refused, match="ни одного целого сохранения"):
        restored(tmp_path / "new", empty)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(Refused, match="копии архива нет"):
        restored(tmp_path / "new", tmp_path / "nothing")
    with pytest.raises(NotFound, match="нет"):
        restored(tmp_path / "new", tmp_path / "gone")
    with pytest.raises(NotFound, match="из чего"):
        restored(tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.git", "nothing"]


@pytest.fixture
def usb(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Path:
    """A medium with two copies of the archive."""
    folder = tmp_path / "usb"

    def work() -> None:
        folder.mkdir()
        actor = find_actor(archive.root, "s001")
        for now in (TODAY, TODAY + timedelta(minutes=1)):
            planned = plan_backup(archive.root, folder, now=now, medium="Н-1", kind="флеш")
            assert backup(archive.root, actor, planned, now=now).saved.commit

    made_once.make("a medium with two copies", tmp_path, ("archive", "usb"), work)
    return folder


def test_from_a_medium(archive: Archive, usb: Path, tmp_path: Path) -> None:
    store = DerivedStore(tmp_path / "new")  # of an archive that stood at the place before
    store.keep("sort", {"2026-0001": b""})
    done = restore(
        tmp_path / "new", find_sources([str(usb)], (), tmp_path), now=TODAY + timedelta(hours=1),
        base=tmp_path,
    )  # fmt: skip
    assert done.is_good
    assert done.verified.head == git(archive.root, "rev-parse", "HEAD~1").strip()
    assert len(done.gathered) == 1  # the older copy was not needed
    assert store.recall("sort") == {}


@pytest.mark.parametrize("how", ["heading", "middle", "gone", "manifest gone"])
def test_from_a_medium_whose_newest_copy_is_damaged(
    how: str, archive: Archive, usb: Path, tmp_path: Path
) -> None:
    newest = max(usb.glob("papka-2*"))
    bundle = newest / BUNDLE
    if how == "heading":
        data = bundle.read_bytes()
        bundle.write_bytes(b"?" * 40 + data[40:])
    elif how == "middle":
        bent = bytearray(bundle.read_bytes())
        for at in range(len(bent) // 2, len(bent) // 2 + 400):
            bent[at] ^= 0x55
        bundle.write_bytes(bytes(bent))
    elif how == "gone":
        bundle.unlink()
    else:
        (newest / "manifest.txt").unlink()
    done = restore(
        tmp_path / "new", find_sources([str(usb)], (), tmp_path), now=TODAY + timedelta(hours=1),
        base=tmp_path,
    )  # fmt: skip
    assert done.is_good
    have = git(done.folder, "rev-parse", "HEAD").strip()
    if how == "gone":  # only the older copy has a history
        assert have == git(archive.root, "rev-parse", "HEAD~2").strip()
    elif how != "middle":
        assert have == git(archive.root, "rev-parse", "HEAD~1").strip()
    assert git(done.folder, "fsck", "--full", "--strict", "--no-dangling") == ""


def test_files_in_the_folder_of_somebody_who_cannot_write_there(hub: Path, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("x")
    with pytest.raises(Refused, match="ничего не создать"):
        restored(place / "new", hub)


def test_an_empty_folder_is_a_place(hub: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert restored(tmp_path / "new", hub).is_good
    assert OTHER in files(tmp_path / "new")
