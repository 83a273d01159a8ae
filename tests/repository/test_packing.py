"""A store is kept small: what main leads to is packed, and never anything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.repository import packing
from papka.repository.commit_writing import write_objects
from papka.repository.git_values import object_id
from papka.repository.packing import count_loose, pack_store, tidy
from papka.repository.store import locate
from tests.support.command import papka
from tests.support.histories import RECORD, School, flip, git, list_packed, list_reached
from tests.support.school import STUDENT, Archive

LITTER = [b"id: 2025-0001\nsnils: %d\n" % number for number in range(3)]
"""What a killed command left, or what was taken away by law."""


@pytest.fixture
def crowded(school: School, monkeypatch: pytest.MonkeyPatch) -> School:
    """Six saves, all of their objects loose, and objects that nothing leads to."""
    monkeypatch.setattr(packing, "MANY", 10)
    for number in range(3):
        school.save({RECORD: b"id: 2025-0001\n" + b"note: 1\n" * number}, late=200 + number)
    lost = school.save({RECORD: b"id: 2025-0001\nsnils: 1\n"}, late=300)
    git(school.root, "update-ref", "refs/heads/main", f"{lost}~1")
    git(school.root, "branch", "beside", lost)
    git(school.root, "reset", "-q", "--hard")
    write_objects(school.root, [("blob", data) for data in LITTER])
    return school


def loose(root: Path) -> set[str]:
    """Every object that lies in a file of its own."""
    files = locate(root).objects.glob("[0-9a-f][0-9a-f]/*")
    return {file.parent.name + file.name for file in files}


def test_what_main_leads_to_is_packed_and_nothing_else_ever_is(crowded: School) -> None:
    """Not what lies there for no reason, not what another branch or the log of main leads to."""
    store, before = locate(crowded.root), loose(crowded.root)
    wanted = list_reached(crowded.root)
    assert before > wanted
    assert pack_store(store)
    assert list_packed(crowded.root) == wanted
    assert loose(crowded.root) == before - wanted
    assert {object_id("blob", data) for data in LITTER} <= loose(crowded.root)
    git(crowded.root, "fsck", "--full", "--strict", "--no-dangling")
    assert crowded.codes() == ["REF_EXTRA"], "the other branch"
    git(crowded.root, "branch", "-q", "-D", "beside")
    git(crowded.root, "-c", "gc.reflogExpire=now", "reflog", "expire", "--expire=now", "--all")
    git(crowded.root, "prune", "--expire=now")
    assert loose(crowded.root) == set(), "what nothing leads to goes with a prune"
    assert crowded.verify().findings == ()


def test_few_are_left_alone_and_litter_is_not_counted_again(crowded: School) -> None:
    store = locate(crowded.root)
    assert pack_store(store)
    left = count_loose(store)
    assert left == len(loose(crowded.root)) > 0
    assert not pack_store(store)
    for odd in ("x", "-5", "9" * 5_000):
        (store.common / "papka-loose").write_text(odd)
        assert not pack_store(store), "ten may lie in any case"
    packing.MANY = left - 1
    assert pack_store(store)
    assert list_packed(crowded.root) == list_reached(crowded.root)
    assert not pack_store(store)


def test_an_archive_that_never_packed_is_packed_a_part_at_a_time_the_oldest_first(
    crowded: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_SAVES", 2)
    monkeypatch.setattr(packing, "MANY", 0)
    store = locate(crowded.root)
    line = git(crowded.root, "rev-list", "--reverse", "main").split()
    assert len(line) == 6
    for upto in (1, 3, 5):
        assert pack_store(store)
        assert list_packed(crowded.root) == list_reached(crowded.root, line[upto])
    git(crowded.root, "fsck", "--full", "--strict", "--no-dangling")


def test_what_there_was_no_time_to_remove_goes_the_next_time(
    crowded: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, turns = locate(crowded.root), iter((True, False))
    with monkeypatch.context() as patch:
        patch.setattr(packing, "_remove_packed", lambda _: next(turns))
        assert pack_store(store)
    assert loose(crowded.root) >= list_reached(crowded.root) == list_packed(crowded.root)
    packs = sorted(store.objects.glob("pack/*"))
    assert pack_store(store)
    assert not loose(crowded.root) & list_reached(crowded.root)
    assert sorted(store.objects.glob("pack/*")) == packs


def test_a_scan_stays_a_file_of_its_own(crowded: School) -> None:
    scan = os.urandom(1 << 20)
    crowded.save({"records/students/2025/2025-0001/attachments/scan.pdf": scan}, late=400)
    assert pack_store(locate(crowded.root))
    assert list_reached(crowded.root) - list_packed(crowded.root) == {object_id("blob", scan)}
    assert not pack_store(locate(crowded.root))


def test_half_written_packs_go_when_nobody_can_be_writing_them(crowded: School) -> None:
    store = locate(crowded.root)
    old, new = (store.objects / "pack" / name for name in ("tmp_pack_old", "tmp_pack_new"))
    old.parent.mkdir(exist_ok=True)
    for each in (old, new):
        each.write_bytes(b"PACK")
    os.utime(old, (1, 1))
    assert pack_store(store)
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("rev", [f"main:{RECORD}", "main", "main~1^{tree}"])
def test_a_damaged_object_stays_where_it_is(crowded: School, rev: str) -> None:
    """Nothing that was sound before is lacking afterwards, packed or not."""
    store = locate(crowded.root)
    bad = git(crowded.root, "rev-parse", rev).strip()
    wanted, before = list_reached(crowded.root) - {bad}, loose(crowded.root)
    file = store.objects / bad[:2] / bad[2:]
    flip(file)
    damaged = file.read_bytes()
    tidy(crowded.root)
    assert file.read_bytes() == damaged
    assert loose(crowded.root) | list_packed(crowded.root) == before
    assert list_packed(crowded.root) <= wanted


def test_a_save_and_a_push_leave_the_archive_and_its_mirror_packed(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = tmp_path / "hub.git"
    mirrors.add(archive.root, "hub", str(hub), "Россия", allowed=("Россия",))
    assert mirrors.push(archive.root).is_good
    monkeypatch.setattr(packing, "MANY", 5)
    archive.edit(f"{STUDENT}/student.yaml", "sex:", "# x\nsex:")
    ran = papka("save", "--push", "-C", archive.root)
    assert ran.code == 0, ran.all
    for place in (archive.root, hub):
        assert loose(place) & list_reached(place) == set()
        assert list_packed(place) >= list_reached(place)
    assert papka("verify", "--fail-on", "error", "--no-memory", "-C", archive.root).code == 0
    before = loose(archive.root), list_packed(archive.root)
    monkeypatch.setattr(packing, "MANY", -1)
    for words in (("show", STUDENT[-9:]), ("check",), ("mirror", "status")):
        assert papka(*words, "-C", archive.root).code == 0
    assert (loose(archive.root), list_packed(archive.root)) == before, "who looks changes no store"
