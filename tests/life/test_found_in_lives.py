"""What long lives found once, each by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.clones import Clone
from tests.support.command import papka
from tests.support.school import STUDENT, Archive

CARD, NOTICES = f"{STUDENT}/student.yaml", f"{STUDENT}/notices.yaml"


def ran(clone: Clone, *words: str | Path) -> str:
    """A command that comes to its end, on a computer of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(clone.root.parent / f"state-{clone.staff}"))
        done = papka(*words, "-C", clone.root)
    assert done.code == 0, done.all
    return done.all


def add_notice(clone: Clone, channel: str) -> None:
    entry = f"  - date: 2026-06-01\n    about: успеваемость\n    channel: {channel}\n    told: p1\n"
    clone.write(NOTICES, clone.read(NOTICES) + entry)


@pytest.mark.parametrize("is_same", [True, False])
def test_verify_misses_no_save_that_an_exchange_found_done_by_another(
    one: Clone, two: Clone, *, is_same: bool
) -> None:
    """Two wrote the same, or one gave way to the other: there is nothing left to sign anew."""
    one.edit(CARD, "+70000000001", "+70000000002")
    ran(one, "save")
    ran(one, "sync")
    two.edit(CARD, "+70000000001", "+70000000002" if is_same else "+70000000003")
    ran(two, "save")
    ran(two, "verify")
    if not is_same:
        assert papka("sync", "-C", two.root).code == 3
        two.edit(CARD, "+70000000003", "+70000000002")
        ran(two, "save")
    ran(two, "sync")
    assert two.head == one.head
    ran(two, "verify")


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/main.lock"])
def test_a_lock_left_behind_does_not_stop_a_command_that_reads_first(
    name: str, archive: Archive, tmp_path: Path
) -> None:
    """A backup asks git before it writes; its own git was taken for somebody at work."""
    lock = archive.root / ".git" / name
    lock.touch()
    (tmp_path / "disk").mkdir()
    told = papka(
        "backup", "--to", tmp_path / "disk", "--medium", "Н-1", "--kind", "диск",
        "--place", "сейф", "--year", "2026", "--as", "s001", "-C", archive.root,
    )  # fmt: skip
    assert told.code == 0, told.all
    assert not lock.exists()


def test_healed_twice_within_a_second(one: Clone, shared: object) -> None:
    """Each damaged store is kept under a name of its own."""
    del shared
    for _ in range(2):
        shutil.rmtree(one.root / ".git" / "objects")
        (one.root / ".git" / "objects").mkdir()
        ran(one, "restore", "--heal")
    assert len([*(one.root / ".papka" / "damaged").iterdir()]) == 2
    ran(one, "verify")


def test_going_back_after_damage_takes_no_others_save_back(one: Clone, two: Clone) -> None:
    """The mirror has something newer; the folder of the damaged copy never had it."""
    ran(two, "sync")
    one.edit(CARD, "+70000000001", "+70000000002")
    ran(one, "save")
    ran(one, "sync")
    add_notice(two, "почта")
    ran(two, "save")
    shutil.rmtree(two.root / ".git" / "objects" / two.head[:2])
    ran(two, "restore", "--heal", "--drop-unsent")
    assert [path for path, _ in two.unsaved()] == [NOTICES]
    ran(two, "save")
    ran(two, "sync")
    assert "+70000000002" in two.read(CARD)
    assert "channel: почта" in two.read(NOTICES)


def test_verify_misses_no_seal_that_an_exchange_put_anew(one: Clone, two: Clone) -> None:
    """An unsent seal gives way to one on everything; it was seen here, and nowhere else."""
    add_notice(one, "почта")
    ran(one, "save")
    ran(one, "sync")
    ran(two, "period", "seal", "2026", "--as", "s001")
    ran(two, "verify")
    ran(one, "period", "seal", "2026", "--as", "s001")
    ran(one, "sync", "--as", "s001")
    assert "0002" in ran(two, "sync", "--as", "s001")
    ran(two, "verify")
