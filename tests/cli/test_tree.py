"""The command tree as a person meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from papka.core.codes import CATALOGUE
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
        *("find", "show", "status", "undo", "period"),
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
    script = f"{sys.executable} -m papka explain | head -1"
    done = subprocess.run(
        script, shell=True, capture_output=True, text=True, cwd=PROJECT / "tools", check=False
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_our_own_bug_is_one_line_and_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret of a person")

    monkeypatch.setattr("papka.cli.check.find_root", broken)
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
