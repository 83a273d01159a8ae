"""A killed take leaves nothing half-written: the next command puts back what it had begun."""

from __future__ import annotations

import pytest

from papka.core.places import results_file
from papka.repository import commit_snapshots
from papka.repository.worktree import UNFINISHED, WorktreeSnapshot
from tests.support.command import papka
from tests.support.histories import git
from tests.support.processes import script
from tests.support.school import TEACHER, Archive
from tests.support.taking import EMIL, PERIOD, aglaya, emil, gradebook, take

_KILLED = """
import os, signal, sys
left = int(sys.argv.pop(1))
def until(act):
    def counted(*words, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*words, **named)
    return counted
os.replace, os.unlink = until(os.replace), until(os.unlink)
from papka.cli.main import main
main()
"""
PEOPLE = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Почта", "Пол", "Программа", "Группа",
          "Начало")  # fmt: skip


def killed(archive: Archive, name: str, data: bytes, after: int, *more: str) -> int:
    """Takes in a process of its own that dies at so many renamed or removed files."""
    path = archive.root.parent / name
    path.write_bytes(data)
    child = script(
        _KILLED, str(after), "take", path, "--period", PERIOD, "--platform", "kurs",
        "--date", "2026-11-20", "--as", TEACHER, "-C", archive.root, *more,
    )  # fmt: skip
    child.communicate(timeout=600)
    return child.wait()


def leftovers(archive: Archive) -> list[str]:
    return [path for path in WorktreeSnapshot(archive.root).paths() if UNFINISHED in path]


@pytest.mark.parametrize("after", [1, 2, 3, 6, 10, 11, 12])
def test_killed_at_any_file_the_next_take_succeeds(school: Archive, after: int) -> None:
    assert take(school, gradebook(emil()), name="first.csv").code == 0
    before = commit_snapshots.head(school.root)
    data = gradebook(emil("5", "5", "зачтено"), aglaya())
    code = killed(school, "grades.csv", data, after)
    is_whole = commit_snapshots.head(school.root) != before
    assert code < 0 or is_whole
    ran = take(school, data)
    assert ran.code == 0, ran.all
    assert ("уже принято" in ran.out) == is_whole
    assert not commit_snapshots.worktree_changes(school.root)
    assert git(school.root, "rev-list", "--count", f"{before}..HEAD").strip() == "1"
    assert not leftovers(school)
    assert papka("check", "-C", school.root).code == 0


def test_killed_among_many_files_any_other_save_finds_the_folder_as_it_was(
    school: Archive,
) -> None:
    before = commit_snapshots.head(school.root)
    born = [f"{n + 1:02}.{n % 12 + 1:02}.{2008 + n % 7}" for n in range(26)]
    rows = [(f"Осокин{chr(1072 + n)}", "Ян", "", day, "", "м", "guitar", "", "02.09.2026")
            for n, day in enumerate(born)]  # fmt: skip
    data = gradebook(*rows, columns=PEOPLE)
    assert killed(school, "people.csv", data, 60) < 0
    assert commit_snapshots.worktree_changes(school.root)
    assert papka("save", "--as", TEACHER, "-C", school.root).code == 0
    assert commit_snapshots.head(school.root) == before
    assert not commit_snapshots.worktree_changes(school.root)
    assert not leftovers(school)
    ran = take(school, data, name="people.csv")
    assert ran.code == 0, ran.all
    assert "2026-0006 … 2026-0031" in ran.out


def test_an_edit_made_after_the_kill_is_nobodys_to_take_back(school: Archive) -> None:
    assert take(school, gradebook(emil()), name="first.csv").code == 0
    path = results_file(EMIL, PERIOD)
    data = gradebook(emil("5", "5", "зачтено"))
    assert killed(school, "grades.csv", data, 9, "--learn") < 0
    assert "mark: 5" in school.read(path).rpartition("replaces")[0]
    school.write(path, school.read(path) + "# сверить с журналом\n")
    ran = take(school, data)
    assert (ran.code, "несохранённое" in ran.err) == (3, True)
    assert school.read(path).endswith("# сверить с журналом\n")
