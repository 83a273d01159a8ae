"""Changes of the folder that `git status` does not show: every byte is read, no mark believed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.support.histories import OTHER, RECORD, School, git


def found(school: School) -> list[tuple[str, str]]:
    return [(f.code.name, f.where.path) for f in school.verify().findings]


def status(school: School) -> str:
    """What a person sees who asks git; it also writes the index anew."""
    return git(school.root, "status", "--short")


def settle(school: School) -> None:
    """As when the last save was a while ago: git no longer compares the bytes to be sure."""
    for path in school.root.rglob("*.yaml"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    status(school)


def bend(path: Path) -> None:
    """Other bytes, as many as before, under the same time."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"2025", b"2026"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("version", ["2", "4"])
@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_file_marked_for_git_not_to_look_at(mark: str, version: str, school: School) -> None:
    git(school.root, "update-index", f"--index-version={version}")
    git(school.root, "update-index", mark, RECORD)
    assert school.codes() == []
    (school.root / RECORD).write_bytes(b"forged: 1\n")
    assert status(school) == ""
    assert found(school) == [("HIDDEN_CHANGE", RECORD)]


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_marked_file_that_is_gone(mark: str, school: School) -> None:
    git(school.root, "update-index", mark, RECORD)
    (school.root / RECORD).unlink()
    assert status(school) == ""
    assert found(school) == [("HIDDEN_CHANGE", RECORD)]


def test_mark_kept_in_a_split_index(school: School) -> None:
    git(school.root, "update-index", "--split-index")
    git(school.root, "update-index", "--assume-unchanged", RECORD)
    assert list((school.root / ".git").glob("sharedindex.*"))
    (school.root / RECORD).write_bytes(b"forged: 1\n")
    (school.root / OTHER).write_bytes(b"open: 1\n")
    assert RECORD not in status(school)
    assert found(school) == [("HIDDEN_CHANGE", RECORD), ("WORKTREE_DIFFERS", OTHER)]


def test_other_bytes_under_the_same_time_and_size(school: School) -> None:
    git(school.root, "config", "core.trustctime", "false")
    settle(school)
    bend(school.root / RECORD)
    assert status(school) == ""
    assert found(school) == [("HIDDEN_CHANGE", RECORD)]


def test_line_ends_that_git_is_told_to_look_past(school: School) -> None:
    git(school.root, "config", "core.autocrlf", "true")
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "attributes").write_text("*.yaml text=auto\n")
    file = school.root / RECORD
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    git(school.root, "add", "--renormalize", RECORD)
    assert status(school) == ""
    assert ("HIDDEN_CHANGE", RECORD) in found(school)


def test_file_staged_by_git_add_is_in_plain_sight(school: School) -> None:
    (school.root / RECORD).write_bytes(b"staged: 1\n")
    git(school.root, "add", RECORD)
    assert status(school) == f"M  {RECORD}\n"
    assert found(school) == [("WORKTREE_DIFFERS", RECORD)]


def test_honest_edit_right_after_a_save(school: School) -> None:
    """In the same tick, of the same length: git looks at the bytes then, so nothing is hidden."""
    file = school.root / RECORD
    bend(file)
    index = school.root / ".git" / "index"
    stamp = file.stat().st_mtime_ns
    status(school)
    os.utime(index, ns=(stamp, stamp))
    assert found(school) == [("WORKTREE_DIFFERS", RECORD)]


@pytest.mark.parametrize("place", [".git/info/exclude", "records/.gitignore"])
def test_file_hidden_by_a_list_outside_of_history(place: str, school: School) -> None:
    (school.root / place).parent.mkdir(exist_ok=True)
    (school.root / place).write_text("extra.yaml\n.gitignore\n")
    (school.root / "records" / "extra.yaml").write_text("x: 1\n")
    assert status(school) == ""
    hidden = ["records/.gitignore"] if place.startswith("records") else []
    assert found(school) == [("HIDDEN_CHANGE", path) for path in [*hidden, "records/extra.yaml"]]


def test_somebodys_own_files_that_git_is_told_to_ignore(school: School) -> None:
    """Beside the archive's folders a person may keep what they like."""
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "exclude").write_text(".idea\n")
    (school.root / ".idea").mkdir()
    (school.root / ".idea" / "x.xml").write_text("x")
    assert found(school) == [("UNTRACKED_FILE", ".idea/x.xml")]


def test_repository_nested_in_a_record(school: School) -> None:
    """git looks into it no further; its settings would run programs if it did."""
    mark = school.root.parent / "executed"
    nested = school.root / "records" / "students" / "2025" / "2025-0003"
    git(school.root, "init", "-q", str(nested))
    (nested / "student.yaml").write_text("x: 1\n")
    git(nested, "config", "core.fsmonitor", f"touch {mark};")
    assert found(school) == [
        ("UNTRACKED_FILE", "records/students/2025/2025-0003/.git"),
        ("UNTRACKED_FILE", "records/students/2025/2025-0003/student.yaml"),
    ]
    assert not mark.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are of POSIX systems")
@pytest.mark.parametrize("path", [RECORD, "records/pipe"])
def test_pipe_in_place_of_a_file_is_not_waited_on(path: str, school: School) -> None:
    (school.root / path).unlink(missing_ok=True)
    os.mkfifo(school.root / path)
    code = "WORKTREE_DIFFERS" if path == RECORD else "UNTRACKED_FILE"
    assert found(school) == [(code, path)]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 1.0])
def test_bit_flip_in_the_index(part: float, school: School) -> None:
    index = school.root / ".git" / "index"
    data = bytearray(index.read_bytes())
    data[int((len(data) - 1) * part)] ^= 0x10
    index.write_bytes(bytes(data))
    assert [f.code.name for f in school.verify().findings] == ["INDEX_DAMAGED"]


@pytest.mark.parametrize("size", [0, 5, 40, 200])
def test_index_cut_short(size: int, school: School) -> None:
    index = school.root / ".git" / "index"
    index.write_bytes(index.read_bytes()[:size])
    assert [f.code.name for f in school.verify().findings] == ["INDEX_DAMAGED"]


@pytest.mark.parametrize(
    "start",
    [b"DIRC\0\0\0\2\0\0\0\x09", b"DIRC\0\0\0\4\xff\0\0\0", b"DIRC\0\0\0\7\0\0\0\0", b"ELSE"],
)
def test_index_made_up_with_a_sum_that_is_right(start: bytes, school: School) -> None:
    body = start + b"x" * 100
    index = school.root / ".git" / "index"
    index.write_bytes(body + hashlib.sha1(body, usedforsecurity=False).digest())
    assert school.codes() == ["INDEX_DAMAGED"]


def test_second_half_of_a_split_index_lost(school: School) -> None:
    git(school.root, "update-index", "--split-index")
    for file in (school.root / ".git").glob("sharedindex.*"):
        file.unlink()
    assert school.codes() == ["INDEX_DAMAGED"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"index.version": "4"},
        {"index.skipHash": "true"},
        {"core.splitIndex": "true"},
        {"core.untrackedCache": "true"},
        {"feature.manyFiles": "true"},
    ],
)
def test_index_as_git_may_be_told_to_write_it(settings: dict[str, str], school: School) -> None:
    for key, value in settings.items():
        git(school.root, "config", key, value)
    (school.root / ".git" / "index").unlink()
    git(school.root, "reset", "-q")
    settle(school)
    assert school.codes() == []
    git(school.root, "update-index", "--assume-unchanged", RECORD)
    (school.root / RECORD).write_bytes(b"forged: 1\n")
    assert found(school) == [("HIDDEN_CHANGE", RECORD)]


def test_index_without_a_sum(school: School) -> None:
    """A newer git may leave the sum out and write zeros."""
    index = school.root / ".git" / "index"
    index.write_bytes(index.read_bytes()[:-20] + bytes(20))
    assert school.codes() == []


def test_archive_copied_without_its_dates(school: School) -> None:
    """From a stick: the index knows none of the files' dates."""
    copy = school.root.with_name("copy")
    shutil.copytree(school.root, copy, copy_function=shutil.copyfile)
    assert School(copy, school.keys).codes() == []
    (copy / RECORD).write_bytes(b"id: 2025-0009\nsex: x\n")
    assert found(School(copy, school.keys)) == [("WORKTREE_DIFFERS", RECORD)]
