"""People at work at the same moment, as real processes: nothing is lost, each signs their own."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.core.places import student_folder
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared
from tests.support.histories import git
from tests.support.processes import process, script
from tests.support.school import STUDENT, Archive

NOTICES = f"{STUDENT}/notices.yaml"
WRITE = r"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from papka.repository.signing import find_actor
from papka.desk.saving import save_changes
root, (who, path, entry) = Path(sys.argv[1]), sys.argv[2:]
held = (root / path).read_bytes()
changes = {path: held + entry.encode()}
now = datetime.now(UTC)
saved = save_changes(root, find_actor(root, who), changes, now=now, expected={path: held})
sys.exit(0 if saved.commit else str(saved.findings))
"""


def notice(words: str) -> str:
    return f"  - date: 2026-06-01\n    about: успеваемость\n    channel: {words}\n    told: p1\n"


def add(clone: Clone, path: str, words: str) -> None:
    clone.write(path, clone.read(path) + notice(words))


def notices(student: int) -> str:
    return f"{student_folder(f'2026-{student:04d}')}/notices.yaml"


def folder(clone: Clone, number: str) -> None:
    """A student's folder, written but not saved."""
    home = student_folder(number)
    clone.write(
        f"{home}/student.yaml",
        f"id: {number}\nname:\n  surname: Клёнова\n  given: Мира\nsex: женский\n"
        "birth_date: 2012-02-02\nrepresentatives:\n  - id: p1\n    relation: мать\n"
        "    surname: Клёнова\n    given: Ия\n",
    )


def test_two_save_in_one_copy_at_the_same_moment(
    archive: Archive, request: pytest.FixtureRequest
) -> None:
    """A save takes all that lies unsaved in the folder, so who comes second may find nothing left;
    whoever signs, each commit holds whole files, and no edit is lost."""
    rounds = 20 if request.config.getoption("--soak") else 4
    copy = Clone(archive.root, TEACHER)
    for number in range(rounds):
        add(copy, NOTICES, f"слово-{number}")
        running = [process("save", "-C", copy.root, "--as", who) for who in (TEACHER, HEAD)]
        told = [each.communicate()[0] for each in running]
        assert [each.returncode for each in running] == [0, 0], told
        assert sum("Сохранено" in text for text in told) == 1
        assert copy.unsaved() == ()
    text = copy.read(NOTICES)
    assert all(f"channel: слово-{number}\n" in text for number in range(rounds))
    assert copy.grave(datetime.now(UTC)) == []


def test_each_adds_their_own_in_one_copy_at_the_same_moment(
    shared: Shared, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Commands that write and save in one step sign exactly what they wrote."""
    rounds = 12 if request.config.getoption("--soak") else 3
    copy = shared.clone(tmp_path / "copy", TEACHER)
    people = (TEACHER, CLERK, HEAD)
    for number in range(2, 2 + len(people)):
        folder(copy, f"2026-{number:04d}")
        copy.write(notices(number), "notices:\n" + notice("сначала"))
    copy.save()
    for turn in range(rounds):
        running = [
            script(WRITE, copy.root, who, notices(number), notice(f"слово-{turn}"))
            for number, who in enumerate(people, 2)
        ]
        told = [each.communicate()[0] for each in running]
        assert [each.returncode for each in running] == [0] * len(people), told
    assert copy.unsaved() == ()
    assert copy.grave(datetime.now(UTC)) == []
    for number, who in enumerate(people, 2):
        path = notices(number)
        authors = git(copy.root, "log", "--format=%an", "--", path).split()
        assert authors == [who] * rounds + [TEACHER]
        assert copy.read(path).count("channel: слово-") == rounds


@pytest.mark.parametrize("people", [2, 3])
def test_save_and_sync_in_copies_of_their_own(
    people: int, shared: Shared, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Everybody adds to the same list and syncs at once, many times."""
    rounds = 12 if request.config.getoption("--soak") else 3
    staff = (TEACHER, CLERK, HEAD)[:people]
    clones = [shared.clone(tmp_path / who, who) for who in staff]
    for turn in range(rounds):
        for clone in clones:
            add(clone, NOTICES, f"{clone.staff}-{turn}")
        for command in ("save", "sync"):
            running = [process(command, "-C", clone.root) for clone in clones]
            told = [each.communicate()[0] for each in running]
            assert [each.returncode for each in running] == [0] * people, told
    for clone in clones:
        assert not clone.sync(now=datetime.now(UTC)).is_stopped
    assert len({clone.head for clone in clones}) == 1
    text = clones[0].read(NOTICES)
    assert text.count("  - id: n") == 1 + people * rounds
    for clone in clones:
        assert clone.unsaved() == ()
        for turn in range(rounds):
            assert f"channel: {clone.staff}-{turn}\n" in text
    assert Counter(clones[0].authors[: people * rounds]) == dict.fromkeys(staff, rounds)
    for who in staff:
        own = git(clones[0].root, "log", f"--author={who}@", "-p", "--format=", "--", NOTICES)
        lines = [line for line in own.splitlines() if line.startswith("+    channel:")]
        signed = [line.split()[-1] for line in lines if "-" in line.split()[-1]]
        assert all(word.startswith(who) for word in signed), signed
    assert clones[0].grave(datetime.now(UTC)) == []


@pytest.mark.parametrize("seed", range(2))
def test_random_work_in_three_copies(
    seed: int, shared: Shared, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Saves, syncs and new students in any order: all that was saved is in the end everywhere."""
    choose = random.Random(seed)
    steps = 120 if request.config.getoption("--soak") else 14
    clones = [shared.clone(tmp_path / who, who) for who in (TEACHER, CLERK, HEAD)]
    written: list[tuple[str, str]] = []
    for step in range(steps):
        clone = choose.choice(clones)
        if choose.random() < 0.4:
            assert not clone.sync().is_stopped
            continue
        word = f"слово-{step}"
        written.append((clone.staff, word))
        add(clone, NOTICES, word)
        clone.save()
    for clone in [*clones, *clones]:
        assert not clone.sync().is_stopped
    assert len({clone.head for clone in clones}) == 1
    text = clones[0].read(NOTICES)
    assert text.count("  - id: n") == 1 + len(written)
    for who, word in written:
        assert text.count(f"channel: {word}\n") == 1
        found = git(clones[0].root, "log", "--format=%an", f"-Schannel: {word}\n", "--", NOTICES)
        assert found.split() == [who]
    assert clones[0].grave() == []
