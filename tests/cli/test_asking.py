"""Yes and no in a person's own words; a day that the calendar lacks."""

from __future__ import annotations

import io
from pathlib import Path

import click
import pytest

from papka.cli.options import ask_yes, require_yes
from tests.support.command import papka
from tests.support.school import STUDENT, Archive, copied
from tests.support.terminal import Terminal


def answering(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.mark.parametrize(
    ("said", "meant"),
    [*((word, True) for word in ("да", "Д", "y", " ДА ")),
     *((word, False) for word in ("нет", "н", "N", ""))],
)  # fmt: skip
def test_a_persons_word_is_understood(
    monkeypatch: pytest.MonkeyPatch, *, said: str, meant: bool
) -> None:
    answering(monkeypatch, said)
    assert ask_yes("Продолжить?") is meant


def test_any_other_word_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "наверное", "да")
    require_yes("Продолжить?")
    assert "«наверное» — не ответ: напишите «да» или «нет»" in capsys.readouterr().out


def test_no_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "н")
    with pytest.raises(click.Abort):
        require_yes("Продолжить?")


def test_no_command_asks_in_clicks_own_words() -> None:
    package = Path(ask_yes.__code__.co_filename).parent
    asking = [file.name for file in package.glob("*.py") if "click.confirm(" in file.read_text()]
    assert asking == []


@pytest.mark.parametrize(
    "typed",
    [
        ("status", "--on", "31.09.2026"),
        ("status", "--on", "2026-02-30"),
        ("fix", "2026-0001", "surname=Лунная", "--until", "31.09.2026"),
        ("add", "2026-0001", "notice", "--date", "31.09.2026"),
        ("new", "order", "--date", "2026-09-31"),
    ],
    ids=" ".join,
)
def test_a_day_that_is_not_is_told_wherever_it_is_typed(
    built_archive: Archive, typed: tuple[str, ...]
) -> None:
    ran = papka(*typed, "-C", built_archive.root)
    assert ran.code == 2
    assert "такого дня нет в календаре" in ran.err


def test_a_day_that_is_not_is_told_in_a_file_too(built_archive: Archive, tmp_path: Path) -> None:
    school = copied(built_archive, tmp_path)
    school.edit(f"{STUDENT}/student.yaml", "birth_date: 2", "birth_date: 31.09.2012 #")
    ran = papka("check", "-C", school.root)
    assert "такого дня нет в календаре" in ran.out


def test_of_many_known_answers_the_first_are_listed_and_all_are_taken(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = "".join(f"  - group: Я-{n:02}\n    program: guitar\n" for n in range(30))
    archive.edit("records/organization.yaml", "groups:\n", f"groups:\n{groups}")
    monkeypatch.setattr("sys.stdin", Terminal("\nЯ-99\nЯ-29\n\n\n\n"))
    answers = ("--enrolment", "e1", "--date", "2026-10-01")
    ran = papka("add", "2026-0001", "transfer", *answers, "-n", "-C", archive.root)
    assert "  20. Я-19\n  … и ещё 11: напишите само слово\n" in ran.out
    assert "Здесь нужен ответ" in ran.all
    assert "«Я-99» здесь нет" in ran.all
    assert "group: Я-29" in ran.out
