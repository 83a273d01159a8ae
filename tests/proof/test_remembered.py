"""An honest archive stays clean for a computer that remembers it, whatever honestly befalls it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.copies.syncing import sync
from papka.desk.numbers import reserve_student
from papka.proof.memory import Memory, Witness
from papka.proof.verification import verify
from papka.repository.signing import find_actor
from tests.support.clones import CLERK, TEACHER, Clone, Shared
from tests.support.histories import RECORD, School, git
from tests.support.remembering import look, names
from tests.support.school import NOW, STUDENT, Archive

NOBODY = 65534
CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "state" / "papka")


def move(school: School, folder: Path) -> Path:
    school.root.rename(folder / "moved")
    return folder / "moved"


def copy(school: School, folder: Path) -> Path:
    shutil.copytree(school.root, folder / "copy", symlinks=True)
    return folder / "copy"


def clone(*options: str) -> Callable[[School, Path], Path]:
    def cloned(school: School, folder: Path) -> Path:
        git(folder, "clone", "-q", *options, str(school.root), "clone")
        return folder / "clone"

    return cloned


def kept(*command: str) -> Callable[[School, Path], Path]:
    def ran(school: School, _: Path) -> Path:
        git(school.root, *command)
        return school.root

    return ran


CHANGES = {
    "nothing": kept("status"),
    "gc": kept("gc", "-q", "--prune=now"),
    "repacked": kept("repack", "-q", "-a", "-d", "-f"),
    "refs packed": kept("pack-refs", "--all"),
    "moved": move,
    "copied": copy,
    "cloned": clone("--no-local"),
    "cloned with hard links": clone(),
    "mirrored": clone("--mirror"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_clean_before_and_after(
    change: str, school: School, memory: Memory, tmp_path: Path
) -> None:
    assert names(look(school, memory)) == []
    place = CHANGES[change](school, tmp_path)
    for _ in range(2):
        found = look(school, memory, at=place)
        assert (names(found), found.remembered) == ([], True)


@pytest.mark.parametrize("change", ["moved", "copied", "cloned"])
def test_clean_and_growing_after(
    change: str, school: School, memory: Memory, tmp_path: Path
) -> None:
    look(school, memory)
    place = CHANGES[change](school, tmp_path)
    look(school, memory, at=place)
    School(place, school.keys).save({RECORD: b"id: 2025-0001\nsex: y\n"})
    assert names(look(school, memory, at=place)) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_clean_when_somebody_else_owns_it(school: School, memory: Memory) -> None:
    look(school, memory)
    for path in (school.root, *school.root.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    assert names(look(school, memory)) == []


def test_clean_on_another_machine(school: School, memory: Memory, tmp_path: Path) -> None:
    look(school, memory)
    new = Memory(tmp_path / "other machine")
    found = look(school, new, at=copy(school, tmp_path))
    assert (names(found), found.remembered) == ([], False)


def test_a_medium_that_cannot_be_written_to_is_known_by_its_place(
    school: School, memory: Memory
) -> None:
    """Where no id can be made, the place stands for it."""
    (school.root / ".git" / "papka-store").mkdir()
    assert names(look(school, memory)) == []
    assert names(look(school, memory)) == []
    git(school.root, "reset", "-q", "--hard", "HEAD~1")
    assert names(look(school, memory)) == ["HEAD_BEHIND_KNOWN"]


def test_two_media_in_one_drive(school: School, memory: Memory, tmp_path: Path) -> None:
    """They take turns at one place; each is compared with itself."""
    drive, media = tmp_path / "drive", (tmp_path / "a", tmp_path / "b")
    for medium in media:
        git(tmp_path, "clone", "-q", "--mirror", str(school.root), str(medium))
    for _ in range(2):
        for medium in media:
            medium.rename(drive)
            assert names(look(school, memory, at=drive)) == []
            drive.rename(medium)
    school.save({RECORD: b"id: 2025-0001\nsex: y\n"})
    git(media[0], "fetch", "-q", "origin")
    media[0].rename(drive)
    assert names(look(school, memory, at=drive)) == []
    drive.rename(media[0])
    media[1].rename(drive)
    assert names(look(school, memory, at=drive)) == ["COPY_OF_A_DATE"]


class Computer:
    """A person's clone and what that person's computer remembers."""

    def __init__(self, clone: Clone, state: Path) -> None:
        self.clone = clone
        self.memory = Memory(state / "papka")

    def look(self) -> list[str]:
        later = NOW + timedelta(hours=1)
        found = verify(self.clone.root, now=later, memory=self.memory).findings
        return sorted({f.code.name for f in found} - {"ROOT_UNANCHORED", "MEMORY_EMPTY"})

    def sync(self) -> None:
        actor = find_actor(self.clone.root, self.clone.staff)
        done = sync(self.clone.root, [actor], now=NOW, witness=Witness(self.memory, NOW))
        assert not done.is_stopped


@pytest.fixture
def two(shared: Shared, tmp_path: Path) -> tuple[Computer, Computer]:
    return (
        Computer(shared.clone(tmp_path / "one", TEACHER), tmp_path / "state-one"),
        Computer(shared.clone(tmp_path / "two", CLERK), tmp_path / "state-two"),
    )


def test_clean_through_sync_between_two_computers(
    two: tuple[Computer, Computer], shared: Shared
) -> None:
    """Saves that were verified before they were replayed are no rewritten history."""
    one, other = two
    one.clone.edit(CARD, "0000001", "0000002")
    one.clone.save()
    other.clone.edit(CARD, "полка 1", "полка 2")
    other.clone.save()
    assert (one.look(), other.look()) == ([], [])
    one.sync()
    other.sync()
    one.sync()
    for computer in two:
        assert computer.look() == []
        assert computer.look() == []
    mirrored = verify(shared.store, now=NOW + timedelta(hours=1), memory=other.memory)
    assert names(mirrored) == ["ROOT_UNANCHORED"]


def test_clean_when_a_number_is_reserved_over_unsent_saves(
    two: tuple[Computer, Computer],
) -> None:
    """The exchange inside a reservation leaves no receipt; the replay is known by itself."""
    one, other = two
    assert other.look() == []
    one.clone.edit(CARD, "0000001", "0000002")
    one.clone.save()
    one.sync()
    other.clone.edit(CARD, "полка 1", "полка 2")
    other.clone.save()
    assert other.look() == []
    before = other.clone.head
    card = other.clone.read(CARD)

    def files(number: str) -> dict[str, bytes]:
        folder = f"records/students/2026/{number}"
        return {
            f"{folder}/student.yaml": card.replace("2026-0001", number).encode(),
            f"{folder}/.salt": os.urandom(32),
        }

    actor = find_actor(other.clone.root, CLERK)
    reserved = reserve_student(other.clone.root, actor, 2026, files, now=NOW)
    assert reserved.number == "2026-0002", reserved
    assert git(other.clone.root, "branch", "--contains", before) == ""
    assert other.look() == []


def test_two_clones_on_one_computer(two: tuple[Computer, Computer]) -> None:
    """Each has saves of its own that the other lacks."""
    one, other = two
    other.memory = one.memory
    one.sync()
    other.sync()
    one.clone.edit(CARD, "0000001", "0000002")
    one.clone.save()
    other.clone.edit(CARD, "полка 1", "полка 2")
    other.clone.save()
    assert (one.look(), other.look(), one.look()) == ([], [], [])
    one.sync()
    assert other.look() == ["COPY_OF_A_DATE"]
    other.sync()
    assert other.look() == []
    assert one.look() == ["COPY_OF_A_DATE"]


def test_receipts_do_not_stop_a_push(archive: Archive, tmp_path: Path) -> None:
    """What cannot be remembered is told beside what was sent."""
    (tmp_path / "state").write_text("a file where a folder should be")
    mirrors.add(archive.root, "usb", str(tmp_path / "usb.git"), "RU", allowed=("RU",))
    sent = mirrors.push(archive.root, witness=Witness(Memory(tmp_path / "state" / "papka"), NOW))
    assert sent.is_good
    assert "запомнить" in sent.outcomes[0].reason


def test_nothing_is_told_of_saves_that_a_refused_sync_leaves_as_they_are(
    two: tuple[Computer, Computer],
) -> None:
    """Told too early, the saves that still stand would be missed by nobody if they vanished."""
    one, other = two
    one.clone.edit(CARD, "0000001", "0000002")
    one.clone.save()
    one.sync()
    other.clone.edit(CARD, "0000001", "0000003")
    other.clone.save()
    assert other.look() == []
    known = remembered(other)
    actor = find_actor(other.clone.root, CLERK)
    for dry_run in (True, False):
        done = sync(
            other.clone.root, [actor], now=NOW, witness=Witness(other.memory, NOW), dry_run=dry_run
        )
        assert done.is_stopped
        assert remembered(other) == known
    git(other.clone.root, "reset", "-q", "--hard", "HEAD~1")
    assert other.look() == ["HEAD_BEHIND_KNOWN"]


def remembered(computer: Computer) -> dict[str, bytes]:
    """Every byte the computer remembers, but for the lock."""
    files = (path for path in computer.memory.folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files if "lock" not in path.name}
