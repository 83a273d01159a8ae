"""`tools/start.py`: a bare machine gets what it lacks, and every failure is one sentence."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from starting.system import Need, provide
from starting.voice import Stop

ROOT = Path(__file__).resolve().parents[2]
ECHO = """\
'''Stands in for papka.'''
import sys
def main():
    print("papka:", sys.argv[1:])
    return 7
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the real set-up, an empty lock, and a program that echoes its arguments."""
    root = tmp_path / "проект с пробелом"
    shutil.copytree(
        ROOT / "tools/starting",
        root / "tools/starting",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(ROOT / "tools/start.py", root / "tools/start.py")
    (root / "tools/papka/cli").mkdir(parents=True)
    (root / "tools/papka/cli/main.py").write_text(ECHO, encoding="utf-8")
    (root / "tools/requirements.lock").write_text("# nothing\n", encoding="utf-8")
    return root


def _start(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, project / "tools/start.py", *words],
        cwd=project.parent,
        env={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_first_run_makes_the_venv_and_later_runs_use_it(project: Path) -> None:
    first = _start(project, "run", "check", "--since", "HEAD~1")
    assert "Создаю окружение" in first.stdout
    assert first.stdout.endswith("papka: ['check', '--since', 'HEAD~1']\n")
    assert first.returncode == 7, first.stderr
    second = _start(project, "run")
    assert second.stdout == "papka: []\n"


@pytest.mark.parametrize("damage", ["half made", "lock changed", "no interpreter"])
def test_a_venv_that_is_not_whole_or_not_current_is_redone(project: Path, damage: str) -> None:
    _start(project, "run")
    venv = project / ".venv"
    if damage == "half made":
        (venv / "papka-stamp.json").unlink()
    elif damage == "lock changed":
        (project / "tools/requirements.lock").write_text("# changed\n", encoding="utf-8")
    else:
        (venv / "bin/python").unlink()
    (venv / "left over").touch()
    again = _start(project, "run")
    assert "делаю заново" in again.stdout
    assert again.returncode == 7
    assert not (venv / "left over").exists()


def test_a_library_that_cannot_be_had_is_one_sentence(project: Path) -> None:
    lock = "click==8.5.1 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    (project / "tools/requirements.lock").write_text(lock, encoding="utf-8")
    done = _start(project, "run")
    assert done.returncode == 3
    assert done.stderr.startswith("pip не смог поставить библиотеки: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "Использование:"),
        (["--help"], 0, "Использование:"),
        (["tset"], 2, "Нет такой команды: tset"),
        (["bench", "fast"], 2, "bench не принимает ключей: fast"),
    ],
)
def test_wrong_words_are_answered_in_russian(
    project: Path, words: list[str], code: int, said: str
) -> None:
    done = _start(project, *words)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_an_old_interpreter_can_read_the_file_that_refuses_it() -> None:
    source = (ROOT / "tools/start.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 5))
    assert source.index("sys.version_info") < source.index("from starting")


def _false() -> bool:
    return False


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that writes down how it was called; there is no sudo."""
    log = tmp_path / "log"
    script = tmp_path / "apt-get"
    script.write_text(f'#!/bin/sh\necho "$@" >> {log}\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return log


def test_root_gets_missing_packages_installed(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    provide([Need("one", _false), Need("there", lambda: True), Need("two", _false)], yes=False)
    last = apt.read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith("install -y --no-install-recommends one two")


def test_without_root_or_consent_the_command_is_told(
    apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Stop, match="apt-get install -y --no-install-recommends one") as stopped:
        provide([Need("one", _false)], yes=False)
    assert stopped.value.code == 3
    assert not apt.exists()


def test_ci_runs_the_command_that_the_readme_names() -> None:
    command = "python3 tools/start.py test"
    assert f"exec {command}\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
