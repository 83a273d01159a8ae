"""The command tree as a person meets it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from papka.cli.explain import CATALOGUE
from tests.support.command import papka
from tests.support.school import Archive

PROJECT = Path(__file__).resolve().parents[2]


def test_help_is_russian_and_grouped() -> None:
    ran = papka("--help")
    assert ran.code == 0
    assert "Каждый день:" in ran.out
    assert "Usage" not in ran.out


@pytest.mark.parametrize(
    "name",
    [
        *("check", "save", "print", "verify", "mirror", "init", "demo", "explain"),
        *("find", "show", "status", "undo", "discard", "period"),
    ],
)
def test_every_command_explains_itself_in_russian(name: str) -> None:
    ran = papka(name, "--help")
    assert ran.code == 0
    for english in ("Usage", "OPTIONS", "Options", "COMMAND", "Show this message"):
        assert english not in ran.out


def test_every_command_of_the_tree_is_documented() -> None:
    text = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
    from papka.cli.main import SECTIONS

    for _, commands in SECTIONS:
        for name, _ in commands:
            assert f"`{name}" in text


def test_a_mistyped_command_gets_the_likely_one() -> None:
    ran = papka("chek")
    assert ran.code == 2
    assert "Может быть, «check»?" in ran.err


def test_explain_knows_every_code_and_says_what_to_do() -> None:
    for name in CATALOGUE:
        ran = papka("explain", name.lower())
        assert ran.code == 0
        assert "Что делать:" in ran.out


def test_explain_of_an_unknown_code_suggests_one() -> None:
    ran = papka("explain", "SIG_MISING")
    assert ran.code == 3
    assert "SIG_MISSING" in ran.err


def test_a_closed_pipe_is_no_trouble() -> None:
    script = f"{shlex.quote(sys.executable)} -m papka explain | head -1"
    done = subprocess.run(
        script, shell=True, capture_output=True, text=True, cwd=PROJECT / "tools", check=False
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_our_own_bug_is_one_line_and_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret of a person")

    monkeypatch.setattr("papka.cli.context.find_root", broken)
    ran = papka("check")
    assert ran.code == 70
    assert "Traceback" not in ran.all
    assert "secret" not in ran.all
    log = Path(ran.err.split("записаны в ")[1].split(";")[0])
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_without_git_one_sentence_says_what_to_install(
    built_archive: Archive, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "papka", "save", "-C", built_archive.root],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        cwd=PROJECT / "tools",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.decode().splitlines() == [
        "Не получилось: Программа git не установлена",
        "Что делать: Debian, Ubuntu: apt-get install git",
    ]


def test_the_archive_may_be_named_before_the_command_as_in_git(built_archive: Archive) -> None:
    root = built_archive.root
    for words in (("check",), ("find", "Лунная"), ("period", "status"), ("trust", "show")):
        before, after = papka("-C", root, *words), papka(*words, "-C", root)
        assert before == after
        assert before.code == 0, before.all


def test_a_form_and_its_help_are_of_the_archive_named_before_the_command(
    built_archive: Archive,
) -> None:
    for words in (("add", "--help"), ("add", "2026-0001", "consent", "--help")):
        before = papka("-C", built_archive.root, *words)
        assert before.code == 0, before.all
        assert ("Виды записей этого архива" in before.out) == (len(words) == 2)
    begun = papka("-C", built_archive.root, "add", "2026-0001", "consent", "-n")
    assert "Не указано" in begun.err


def test_of_two_archives_named_the_later_is_meant(built_archive: Archive, tmp_path: Path) -> None:
    root = built_archive.root
    assert papka("-C", tmp_path, "check", "-C", root).code == 0
    assert papka("-C", root, "check", "-C", tmp_path).code == 3
    assert papka("-C", tmp_path, "-C", root, "check").code == 0


@pytest.mark.parametrize(
    "words", [("explain", "SIG_MISSING"), ("demo",), ("init", "x"), ("mirror", "host", "x")]
)
def test_an_archive_named_to_a_command_that_needs_none_is_refused(
    built_archive: Archive, words: tuple[str, ...]
) -> None:
    ran = papka("-C", built_archive.root, *words)
    assert ran.code == 2
    name = " ".join(words[: 2 if words[0] == "mirror" else 1])
    assert f"Команда «{name}» работает без архива, -C не нужен." in ran.err


def test_a_folder_that_is_not_there_is_told_before_the_command_too(tmp_path: Path) -> None:
    before, after = (
        papka("-C", tmp_path / "нет", "check"),
        papka("check", "-C", tmp_path / "нет"),
    )
    assert before.code == after.code == 2
    assert "-C" in before.err
