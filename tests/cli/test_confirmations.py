"""Before what cannot be undone a person at a terminal sees what will happen and says yes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from papka.repository.signing import generate_key
from tests.support.clones import HEAD, TEACHER
from tests.support.command import papka
from tests.support.histories import git
from tests.support.issuing import STUDY, graduate
from tests.support.school import Archive
from tests.support.terminal import Terminal

DAY = ("--date", "2026-11-20")
NUMBER = "С-2026-0001"


@pytest.fixture
def school(archive: Archive, tmp_path: Path) -> Archive:
    graduate(archive)
    generate_key(tmp_path / "fresh", "")
    return archive


def annulled(school: Archive) -> None:
    assert papka("issue", "certificate", STUDY, *DAY, "-C", school.root).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("issue", "certificate", STUDY, *DAY),
         ("Кому: Абрикосова Аглая Тихоновна", "Номер будет занят навсегда")),
        (("issue", "certificate", "--all", *DAY), (STUDY, "1\N{NO-BREAK SPACE}документ?")),
        (("issue", "--annul", NUMBER, "--reason", "Ошибка", "--order", "2026/0004", *DAY),
         (f"№ {NUMBER} станет недействительным навсегда",)),
        (("trust", "add", TEACHER, "fresh.pub", "--as", HEAD),
         ("Сверьте отпечаток", "SHA256:", f"от имени {TEACHER}")),
        (("trust", "rotate", TEACHER, "fresh", "--as", HEAD), ("больше не сможет подписывать",)),
    ],
    ids=("issue", "many", "annul", "add", "rotate"),
)  # fmt: skip
def test_at_a_terminal_no_changes_nothing_and_yes_is_said_beforehand(
    words: Sequence[str],
    said: Sequence[str],
    school: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--annul" in words:
        annulled(school)
    given = [tmp_path / word if word.startswith("fresh") else word for word in words]
    before = git(school.root, "rev-parse", "main")
    monkeypatch.setattr("sys.stdin", Terminal("нет\n"))
    ran = papka(*given, "-C", school.root)
    assert ran.code == 130, ran.all
    for each in said:
        assert each in ran.all
    assert git(school.root, "rev-parse", "main") == before
    monkeypatch.setattr("sys.stdin", Terminal(""))
    ran = papka(*given, "--yes", "-C", school.root)
    assert ran.code == 0, ran.all
    assert said[-1] not in ran.all
    assert git(school.root, "rev-parse", "main") != before
