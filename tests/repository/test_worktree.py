"""Files of the folder: what is written is on the disk before it has its name, whole and private."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.repository import worktree
from papka.repository.worktree import WorktreeSnapshot

Done = list[tuple[str, str]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What is done to the disk, in its order: (sync, rename or syncall, name)."""
    told: Done = []
    fsync, replace, everything = os.fsync, os.replace, os.sync

    def synced(handle: int) -> None:
        told.append(("sync", Path(f"/proc/self/fd/{handle}").readlink().name))
        fsync(handle)

    def renamed(old: str | Path, new: str | Path) -> None:
        told.append(("rename", Path(new).name))
        replace(old, new)

    def all_synced() -> None:
        told.append(("syncall", ""))
        everything()

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    monkeypatch.setattr(os, "sync", all_synced)
    return told


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """A session that gives what it makes to everybody."""
    old = os.umask(0)
    yield
    os.umask(old)


linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of handles")


@linux
def test_a_file_is_synced_before_it_has_its_name_and_its_folder_after(
    done: Done, tmp_path: Path
) -> None:
    worktree.write(tmp_path, "records/a.yaml", b"a: 1\n")
    (first, _), *later = done
    assert first == "sync"
    assert later == [("rename", "a.yaml"), ("sync", "records")]


@linux
def test_what_can_be_made_anew_waits_for_no_disk(done: Done, tmp_path: Path) -> None:
    worktree.write(tmp_path, "records/a.yaml", b"a: 1\n", synced=False)
    assert done == [("rename", "a.yaml")]


@linux
def test_many_files_are_synced_together_when_the_last_has_its_name(
    done: Done, tmp_path: Path
) -> None:
    worktree.write_many(tmp_path, {"records/a.yaml": b"a", "records/b/b.yaml": b"b"})
    assert done == [("rename", "a.yaml"), ("rename", "b.yaml"), ("syncall", "")]


@linux
def test_a_file_taken_away_stays_away_after_a_power_cut(done: Done, tmp_path: Path) -> None:
    for path in ("records/a.yaml", "records/b/c/d.yaml"):
        worktree.write(tmp_path, path, b"a: 1\n")
    done.clear()
    worktree.remove(tmp_path, "records/b/c/d.yaml")
    assert done == [("sync", "records")]
    assert not (tmp_path / "records/b").exists()


@pytest.mark.parametrize("size", [0, 65_535, 65_536, 65_537, 100_000, 131_071, 131_072, 131_073])
def test_files_about_the_size_of_a_piece_are_read_and_written_whole(
    size: int, tmp_path: Path
) -> None:
    data = (b"%07d\n" * (size // 8 + 1) % tuple(range(size // 8 + 1)))[:size]
    worktree.write(tmp_path, "records/one.bin", data)
    worktree.write_many(tmp_path, {"records/many.bin": data})
    read = dict(WorktreeSnapshot(tmp_path).read_many(["records/one.bin", "records/many.bin"]))
    assert read == {"records/one.bin": data, "records/many.bin": data}


@pytest.mark.usefixtures("open_to_all")
@pytest.mark.skipif(os.name == "nt", reason="no modes")
@pytest.mark.parametrize("many", [False, True])
def test_a_write_takes_files_away_from_others_and_leaves_a_program_one(
    tmp_path: Path, *, many: bool
) -> None:
    old = {"records/open.yaml": 0o666, "records/closed.yaml": 0o600, "tools/run": 0o755}
    for path, mode in old.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"old")
        (tmp_path / path).chmod(mode)
    files = dict.fromkeys([*old, "records/new.yaml"], b"new")
    if many:
        worktree.write_many(tmp_path, files)
    else:
        for path, data in files.items():
            worktree.write(tmp_path, path, data)
    assert {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in files} == {
        "records/open.yaml": 0o600,
        "records/closed.yaml": 0o600,
        "tools/run": 0o700,
        "records/new.yaml": 0o600,
    }
    assert {(tmp_path / path).read_bytes() for path in files} == {b"new"}
