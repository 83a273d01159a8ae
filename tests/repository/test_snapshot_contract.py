"""One contract for every Snapshot: a dictionary, a work tree, a commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from papka.core.snapshot import DictSnapshot, Overlay, Snapshot, find_below
from papka.repository import commit_writing, handle, worktree
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.signing import generate_key, load_signer
from tests.support.histories import NOW, git

FILES = {
    "README.md": b"",
    "records/organization.yaml": "format: 1\nимя: Школа\n".encode(),
    "records/students/2025/2025-0001/.salt": bytes(range(256)),
    "records/students/2025/2025-0001/student.yaml": b"id: 2025-0001\r\n",
    "records/students/2025/2025-0001.x/student.yaml": b"between\n",
    "records/students/2025-x": b"sorts between folders\n",
    "records/students/оценки ё.yaml": b"not ascii\n",
}


def _dictionary(_: Path) -> Snapshot:
    return DictSnapshot(dict(reversed(FILES.items())))


def _worktree(root: Path) -> Snapshot:
    for path, data in FILES.items():
        worktree.write(root, path, data)
    return worktree.WorktreeSnapshot(root)


def _commit(root: Path) -> Snapshot:
    handle.init(root)
    generate_key(root / ".git" / "key", "")
    commit_writing.commit(
        root, FILES, "Начало", author="s001", now=NOW, expected_parent=None,
        sign=load_signer(root / ".git" / "key").sign,
    )  # fmt: skip
    return CommitSnapshot(root, "HEAD")


def _packed(root: Path) -> Snapshot:
    _commit(root)
    git(root, "gc", "-q")
    return CommitSnapshot(root, "main")


def _overlay(_: Path) -> Snapshot:
    below = DictSnapshot({"gone.yaml": b"x", "README.md": b"old", **dict(list(FILES.items())[1:3])})
    return Overlay(below, {**dict(list(FILES.items())[3:]), "README.md": b"", "gone.yaml": None})


@pytest.fixture(params=[_dictionary, _worktree, _commit, _packed, _overlay])
def snapshot(request: pytest.FixtureRequest, tmp_path: Path) -> Snapshot:
    make: Callable[[Path], Snapshot] = request.param
    return make(tmp_path)


def test_paths_are_sorted_by_code_point(snapshot: Snapshot) -> None:
    assert snapshot.paths() == tuple(sorted(FILES))


def test_read_gives_the_bytes(snapshot: Snapshot) -> None:
    assert {path: snapshot.read(path) for path in snapshot.paths()} == FILES


def test_read_many_yields_in_the_order_asked(snapshot: Snapshot) -> None:
    asked = sorted(FILES, key=lambda path: path[::-1])
    assert list(snapshot.read_many(asked)) == [(path, FILES[path]) for path in asked]


def test_read_many_of_nothing(snapshot: Snapshot) -> None:
    assert list(snapshot.read_many([])) == []


def test_read_many_takes_the_same_path_twice(snapshot: Snapshot) -> None:
    assert [path for path, _ in snapshot.read_many(["README.md"] * 2)] == ["README.md"] * 2


@pytest.mark.parametrize("path", ["absent.yaml", "records", "", "records/students/", "../x", "/"])
def test_what_is_no_file_is_a_key_error(path: str, snapshot: Snapshot) -> None:
    with pytest.raises(KeyError):
        snapshot.read(path)
    with pytest.raises(KeyError):
        list(snapshot.read_many(["README.md", path]))


def test_reading_twice_gives_the_same(snapshot: Snapshot) -> None:
    assert snapshot.read("README.md") == snapshot.read("README.md")
    assert snapshot.paths() == snapshot.paths()


def test_whatever_a_file_is_called_it_is_found_in_its_folder() -> None:
    names = ("\x01", "a", "я", "\udc80", "\uffff", "\U0010ffff", "\U0010ffff\U0010ffff.yaml")
    others = ("a", "records", "records-1", "records.yaml", "records0", "recordsa/b", "яr")
    inside = sorted(f"records/{name}" for name in names)
    listed = sorted([*inside, *others])
    assert listed[find_below(listed, "records/")] == inside
    assert listed[find_below(listed, "schema/")] == []
