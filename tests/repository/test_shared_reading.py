"""One kept git for all readers of a store in a command: fresh, in step, and gone at the end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from papka.repository import objects
from papka.repository.commit_snapshots import CommitTree
from papka.repository.objects import FEW, Objects, shared_reading
from papka.repository.store import borrow_objects
from tests.support.counting import git_started
from tests.support.histories import RECORD, School, git


def test_readers_of_a_store_share_one_process_in_a_command(school: School) -> None:
    with shared_reading(), git_started() as started:
        ids = {point: CommitTree(school.root, point).commit for point in ("HEAD", "main", "HEAD~1")}
        assert Objects(school.root).read(ids["HEAD~1"])[0] == "commit"
    assert started == ["cat-file --batch"]
    assert ids == {point: git(school.root, "rev-parse", point).strip() for point in ids}


def test_object_of_a_pack_that_went_is_not_read_on(school: School) -> None:
    blob = git(school.root, "hash-object", "-w", "--stdin", given="gone\n").strip()
    packed = git(school.root, "pack-objects", ".git/objects/pack/pack", given=f"{blob}\n").strip()
    (school.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with shared_reading():
        reader = Objects(school.root)
        assert reader.find(blob) == ("blob", b"gone\n")
        for end in ("pack", "idx"):
            (school.root / f".git/objects/pack/pack-{packed}.{end}").unlink()
        assert reader.find(blob) is None


def test_answer_that_was_not_read_is_not_the_next_one(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = git(school.root, "rev-parse", "HEAD^{tree}").strip()
    with shared_reading():
        reader = Objects(school.root)
        with monkeypatch.context() as patch:
            patch.setattr(objects, "_read_answer", raise_interrupt)
            with pytest.raises(KeyboardInterrupt):
                reader.find(tree)
        assert reader.read(school.head)[0] == "commit"


def raise_interrupt(_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(sys.platform != "linux", reason="children are listed in /proc")
def test_a_room_that_is_gone_keeps_no_process(school: School, tmp_path: Path) -> None:
    others = list_children("git")
    with shared_reading():
        for at in range(9):
            borrow_objects(tmp_path / f"{at}", school.root / ".git/objects")
            assert Objects(tmp_path / f"{at}").read(school.head)[0] == "commit"
        assert 0 < len(list_children("git") - others) <= 4
    assert list_children("git") <= others


def list_children(name: str) -> set[int]:
    """The running processes of this name that this one started."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(pid) for pid in found if Path(f"/proc/{pid}/comm").read_text().strip() == name}


@pytest.mark.parametrize("more", [0, FEW])
def test_a_name_that_no_line_holds_is_of_nothing_and_shifts_no_answer(
    honest_school: School, more: int
) -> None:
    """Paths in evidence and in a folder may be anything."""
    asked = [f"main:records\nmain:{RECORD}", f"main:{RECORD}\0.pdf", "main:records/\udcff"]
    with shared_reading():
        found = list(
            Objects(honest_school.root).find_many([*asked, *(1 + more) * [f"main:{RECORD}"]])
        )
    assert found[:3] == [None, None, None]
    assert {each and each[0] for each in found[3:]} == {"blob"}
