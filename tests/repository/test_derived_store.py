"""What is kept of an archive beside it: nothing but time may hang on it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.repository.derived_store import DerivedStore

ROWS = {"2026-0001": b"one", "2026-0002": b"two"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


@pytest.fixture
def file(root: Path) -> Path:
    """A store with rows in it."""
    store = DerivedStore(root)
    store.keep("sort", ROWS)
    assert store.file is not None
    return store.file


def test_rows_are_kept_changed_and_dropped(root: Path) -> None:
    store = DerivedStore(root)
    assert store.recall("sort") == {}
    store.keep("sort", ROWS)
    store.keep("other", {"2026-0001": b"three"})
    assert DerivedStore(root).recall("sort") == ROWS
    store.keep("sort", {"2026-0001": None, "2026-0002": b"new", "2026-0003": b"\0"})
    assert store.recall("sort") == {"2026-0002": b"new", "2026-0003": b"\0"}
    store.keep("sort", {"2026-0004": b""}, given={"2026-0002": b"two"})
    store.keep("sort", {"2026-0004": b""}, given={"2026-0001": b"one"})
    assert "2026-0004" not in store.recall("sort")
    store.keep("sort", {"2026-0004": b""}, given={"2026-0002": b"new", "2026-0001": None})
    assert store.recall("sort")["2026-0004"] == b""
    assert store.recall("other") == {"2026-0001": b"three"}
    store.forget()
    assert store.recall("other") == {}
    store.forget()


def test_each_archive_has_a_file_of_its_own_that_is_closed_to_others(
    root: Path, file: Path
) -> None:
    other = root.parent / "other"
    other.mkdir()
    assert DerivedStore(other).recall("sort") == {}
    assert DerivedStore(other).file != file
    assert "archive" not in file.name
    assert [stat.S_IMODE(each.lstat().st_mode) for each in (file, file.parent)] == [0o600, 0o700]


def execute(file: Path, *lines: str) -> None:
    with sqlite3.connect(file) as base:
        for line in lines:
            base.execute(line)
    base.close()


def put_a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def put_a_folder(file: Path) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


HURT: dict[str, Callable[[Path], object]] = {
    "no SQLite": lambda file: file.write_bytes(b"neither"),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "emptied": lambda file: file.write_bytes(b""),
    "bytes turned": lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 4096),
    "future": lambda file: execute(file, "PRAGMA user_version = 99"),
    "of another program": lambda file: execute(file, "PRAGMA application_id = 1"),
    "without table": lambda file: execute(file, "DROP TABLE kept"),
    "a view in place of the table": lambda file: execute(
        file, "DROP TABLE kept", "CREATE VIEW kept AS SELECT 'sort' sort, 'k' key, 1 value, 2 code"
    ),
    "a trigger": lambda file: execute(
        file,
        "CREATE TRIGGER t AFTER INSERT ON kept BEGIN UPDATE kept SET value = x'00'; END",
    ),
    "link": put_a_link,
    "folder": put_a_folder,
    "open to all": lambda file: file.chmod(0o644),
    "folder open to all": lambda file: file.parent.chmod(0o777),
    "values of other types": lambda file: execute(file, "UPDATE kept SET value = 1, code = 2.5"),
    "keys of other types": lambda file: execute(file, "UPDATE kept SET key = x'ff' || key"),
}


@pytest.mark.parametrize("hurt", HURT.values(), ids=HURT)
def test_what_is_hurt_or_planted_counts_as_nothing(
    root: Path, file: Path, hurt: Callable[[Path], object]
) -> None:
    hurt(file)
    store = DerivedStore(root)
    assert store.recall("sort") == {}
    for _ in range(2):  # what is no file of ours is first removed
        store.keep("sort", {"2026-0009": b"new"})
    assert store.recall("sort") in ({"2026-0009": b"new"}, {})


def test_a_row_planted_by_who_has_not_the_key_is_not_believed(root: Path, file: Path) -> None:
    with sqlite3.connect(file) as base:
        (code,) = base.execute("SELECT code FROM kept WHERE key = '2026-0001'").fetchone()
        planted = [
            ("sort", "2026-0003", b"one", code),
            ("other", "2026-0001", b"one", code),
            ("sort", "2026-0004", b"x", b"\0" * 16),
        ]
        base.executemany("INSERT INTO kept VALUES (?, ?, ?, ?)", planted)
        base.execute("UPDATE kept SET value = x'00' WHERE key = '2026-0002'")
    base.close()
    assert DerivedStore(root).recall("sort") == {"2026-0001": b"one"}
    assert DerivedStore(root).recall("other") == {}


def test_a_store_of_another_archive_or_person_says_nothing(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = root.parent / "other"
    other.mkdir()
    theirs = DerivedStore(other)
    theirs.keep("sort", {"k": b"v"})
    assert theirs.file is not None
    theirs.file.write_bytes(file.read_bytes())
    assert theirs.recall("sort") == {}
    (root.parent / "XDG_STATE_HOME/papka/key").write_bytes(b"x" * 32)
    assert DerivedStore(root).recall("sort") == {}
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/nowhere")
    assert DerivedStore(root).file is None
    DerivedStore(root).keep("sort", ROWS)
    assert DerivedStore(root).recall("sort") == {}


def test_a_store_that_another_command_writes_is_passed_over(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papka.repository.derived_store._WAIT", 0.0)
    base = sqlite3.connect(file, isolation_level=None)
    base.execute("BEGIN EXCLUSIVE")
    store = DerivedStore(root)
    assert store.recall("sort") == {}
    store.keep("sort", {"2026-0001": None})
    base.execute("ROLLBACK")
    base.close()
    assert store.recall("sort") == ROWS


def test_a_command_killed_while_it_writes_leaves_what_was(root: Path, file: Path) -> None:
    child = os.fork()
    if child == 0:
        base = sqlite3.connect(file, isolation_level=None)
        base.execute("PRAGMA cache_size = 1")
        base.execute("BEGIN IMMEDIATE")
        base.execute("DELETE FROM kept")
        base.executemany(
            "INSERT INTO kept VALUES ('sort', ?, ?, x'00')",
            ((str(number), b"x" * 1000) for number in range(100)),
        )
        os._exit(9)
    os.waitpid(child, 0)
    assert DerivedStore(root).recall("sort") == ROWS


def test_a_disk_that_is_only_read_keeps_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root.parent / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(root.parent / "file/below"))
    store = DerivedStore(root)
    store.keep("sort", ROWS)
    assert store.recall("sort") == {}


def test_archives_long_gone_leave_no_files_for_ever(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papka.repository.derived_store._MOST_FILES", 2)
    for number in range(3):
        os.utime(file, (1, 1)) if file.exists() else None
        DerivedStore(root.parent / f"archive{number}").keep("sort", ROWS)
    assert not file.exists()
    assert len(list(file.parent.glob("*.sqlite"))) == 2
