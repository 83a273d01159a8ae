"""`tools/start.py`: a bare machine gets what it lacks, and every failure is one sentence."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pip
import pytest

from papka.core.errors import PapkaError
from starting.environment import Environment
from starting.installing import place
from starting.system import Need, provide
from starting.voice import Stop

ROOT = Path(__file__).resolve().parents[2]
ECHO = """\
'''Stands in for papka.'''
import sys
def main():
    print("papka:", sys.argv[1:])
    sys.exit(7)
"""
WHEEL = """\
[tool.hatch.build.targets.wheel]
packages = ["tools/papka"]
[tool.hatch.build.targets.wheel.force-include]
"schema" = "papka/_shipped/schema"
"""
PIP_LENT = """\
'''Begins as start.py does, but lends a new venv the pip of another: making one takes seconds.'''
import sys
from pathlib import Path
from starting import environment
from starting.jobs import main
whole = environment.quietly
def quietly(words, failure):
    if "venv" not in words:
        return whole(words, failure)
    whole([*words, "--without-pip"], failure)
    [libraries] = Path(words[-1]).glob("lib/python*/site-packages")
    (libraries / "pip").symlink_to({pip!r})
environment.quietly = quietly
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return _bare(tmp_path / "проект с пробелом")


def _lend_pip(project: Path) -> None:
    """For a test of what comes before or after a venv; the first run makes one as people do."""
    text = PIP_LENT.format(pip=str(Path(pip.__file__).parent))
    (project / "tools/start.py").write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Begun:
    """A project that was run once; `said` is what the run printed."""

    root: Path
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def begun_once(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Making a venv takes three seconds: its tests share one, each as it was made."""
    root = _bare(tmp_path_factory.mktemp("begun") / "проект с пробелом")
    said = _start(root, "run", "check", "--since", "HEAD~1")
    shutil.copytree(root, root.with_name("kept"), symlinks=True)
    return Begun(root, said)


@pytest.fixture
def begun(begun_once: Begun) -> Begun:
    """In the same place, for a venv that has moved is no venv."""
    shutil.rmtree(begun_once.root)
    shutil.copytree(begun_once.root.with_name("kept"), begun_once.root, symlinks=True)
    return begun_once


def _bare(root: Path) -> Path:
    """A project with the real set-up, an empty lock, and a program that echoes its arguments."""
    shutil.copytree(
        ROOT / "tools/starting",
        root / "tools/starting",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(ROOT / "tools/start.py", root / "tools/start.py")
    (root / "tools/papka/cli").mkdir(parents=True)
    (root / "tools/papka/cli/main.py").write_text(ECHO, encoding="utf-8")
    shutil.copy(ROOT / "tools/papka/__main__.py", root / "tools/papka/__main__.py")
    (root / "pyproject.toml").write_text(WHEEL, encoding="utf-8")
    (root / "schema").mkdir()
    (root / "schema/student.json").write_text("{}", encoding="utf-8")
    (root / "tools/requirements.lock").write_text("# nothing\n", encoding="utf-8")
    return root


def _start(project: Path, *words: str, **variables: str | Path) -> subprocess.CompletedProcess[str]:
    settings = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, project / "tools/start.py", *words],
        cwd=project.parent,
        env={**settings, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_first_run_makes_the_venv_and_later_runs_use_it(begun: Begun) -> None:
    first = begun.said
    assert "Создаю окружение" in first.stdout
    assert first.stdout.endswith("papka: ['check', '--since', 'HEAD~1']\n")
    assert first.returncode == 7, first.stderr
    second = _start(begun.root, "run")
    assert second.stdout == "papka: []\n"


@pytest.mark.parametrize("damage", ["half made", "lock changed", "no interpreter"])
def test_a_venv_that_is_not_whole_or_not_current_is_redone(begun: Begun, damage: str) -> None:
    project = begun.root
    venv = project / ".venv"
    if damage == "half made":
        (venv / "papka-stamp.json").unlink()
    elif damage == "lock changed":
        (project / "tools/requirements.lock").write_text("# changed\n", encoding="utf-8")
    else:
        (venv / "bin/python").unlink()
    (venv / "left over").touch()
    _lend_pip(project)
    again = _start(project, "run")
    assert "делаю заново" in again.stdout
    assert again.returncode == 7
    assert not (venv / "left over").exists()


def test_a_worker_process_that_reads_the_launcher_starts_no_command(tmp_path: Path) -> None:
    """As `multiprocessing` does where it spawns: what runs there is what it was sent."""
    own = Environment(tmp_path)
    own.libraries.mkdir(parents=True)
    Path(own.papka()[0]).parent.mkdir()
    own.add_papka()
    assert "main" in runpy.run_path(own.papka()[-1], run_name="__mp_main__")


def test_a_library_that_cannot_be_had_is_one_sentence(project: Path) -> None:
    lock = "click==8.5.1 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    (project / "tools/requirements.lock").write_text(lock, encoding="utf-8")
    _lend_pip(project)
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
        (["install", "here"], 2, "install не принимает ключей: here"),
    ],
)
def test_wrong_words_are_answered_in_russian(
    project: Path, words: list[str], code: int, said: str
) -> None:
    done = _start(project, *words)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(("named", "workers"), [(None, "3"), ("1", "1")])
def test_tests_run_in_one_process_more_than_processors_or_in_as_many_as_named(
    named: str | None, workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starting import jobs
    from starting.environment import Environment
    from starting.jobs import _pytest as run_tests

    told: list[tuple[list[str], Mapping[str, str]]] = []

    def inside(_: Environment, words: list[str], *, more: Mapping[str, str]) -> int:
        told.append((words[2:], more))
        return 0

    auto = "PYTEST_XDIST_AUTO_NUM_WORKERS"
    monkeypatch.setattr(jobs, "_inside", inside)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 4})
    monkeypatch.delenv(auto, raising=False)
    if named is not None:
        monkeypatch.setenv(auto, named)
    assert run_tests(Environment(tmp_path), ["-k", "слово"]) == 0
    [(words, more)] = told
    assert words == ["pytest", "-n", "auto", "--dist", "worksteal", "-k", "слово"]
    assert more[auto] == workers


@pytest.mark.parametrize(("mypy", "said"), [("pass", ""), ("exit('строка 3')", "строка 3")])
def test_what_mypy_finds_beside_the_tests_is_told_with_their_exit_code(
    mypy: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starting import jobs
    from starting.environment import Environment
    from starting.jobs import _with_mypy as with_mypy

    (tmp_path / "mypy.py").write_text(mypy, encoding="utf-8")
    monkeypatch.setattr(jobs, "ROOT", tmp_path)
    environment = Environment(tmp_path)
    environment.python = Path(sys.executable)
    assert with_mypy(environment, lambda: 4) == (4, said)


def test_the_editors_server_is_put_there_once_for_each_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starting import editor
    from starting.environment import Environment

    asked: list[list[str]] = []

    def install(words: list[str], _: str) -> None:
        asked.append(words)
        (tmp_path / "venv/editor/node_modules").mkdir()

    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "tools/editor", sources)
    monkeypatch.setattr(editor, "_SOURCES", sources)
    monkeypatch.setattr(editor, "quietly", install)
    environment = Environment(tmp_path / "venv")
    environment.folder.mkdir()
    editor.add_server(environment)
    editor.add_server(environment)
    assert len(asked) == 1
    assert asked[0][3:5] == ["ci", "--prefix"]
    (sources / "package-lock.json").write_text("{}", encoding="utf-8")
    editor.add_server(environment)
    assert len(asked) == 2
    assert (tmp_path / "venv/editor/package-lock.json").read_text(encoding="utf-8") == "{}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Somebody's home folder, with programs and data of other makes in it."""
    own = tmp_path / "Зоя Ландышева"
    for folder in (".local/bin", ".local/share/papka"):
        (own / folder).mkdir(parents=True)
        (own / folder / "other").touch()
    return own


def _tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(".local/**/*"))


def test_what_is_installed_needs_no_sources_and_is_brought_up_to_date(
    project: Path, home: Path, tmp_path: Path
) -> None:
    before = _tree(home)
    _lend_pip(project)
    said = _start(project, "install", HOME=home).stdout
    assert f"Проверьте: '{home}/.local/bin/papka' --version" in said
    assert 'export PATH="$HOME/.local/bin:$PATH"' in said
    main = project / "tools/papka/cli/main.py"
    main.write_text(ECHO.replace("papka:", "newer:"), encoding="utf-8")
    on_path = f"{home}/.local/bin:{os.environ['PATH']}"
    again = _start(project, "install", HOME=home, PATH=on_path)
    assert again.stdout.endswith("Готово: papka и папка. Проверьте: papka --version\n")
    project.rename(tmp_path / "gone")

    # neither the folder one stands in nor the shell's settings are taken for the program
    trap = tmp_path / "trap" / "papka"
    trap.mkdir(parents=True)
    (trap / "__init__.py").write_text("raise SystemExit('trapped')")
    for name in ("papka", "папка"):
        done = subprocess.run(
            [name, "check", "-C", "мой архив"], cwd=trap.parent, check=False,
            env={"PATH": on_path, "PYTHONPATH": str(trap.parent)}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout == "newer: ['check', '-C', 'мой архив']\n"
        assert done.returncode == 7
    (shelf,) = home.glob(".local/share/papka/venv/lib/*/site-packages/papka/_shipped/schema")
    assert [file.name for file in shelf.iterdir()] == ["student.json"]

    gone = _start(tmp_path / "gone", "uninstall", HOME=home)
    assert gone.stdout.count("Удалено: ") == 3
    assert _tree(home) == before
    assert "Удалять нечего" in _start(tmp_path / "gone", "uninstall", HOME=home).stdout


def test_a_program_of_another_make_is_neither_replaced_nor_taken_away(
    project: Path, home: Path
) -> None:
    other = home / ".local/bin/папка"
    other.write_text("#!/bin/sh\n")
    before = _tree(home)
    done = _start(project, "install", HOME=home)
    assert (done.returncode, "другая программа" in done.stderr) == (3, True)
    assert _start(project, "uninstall", HOME=home).returncode == 0
    assert _tree(home) == before


def test_data_may_be_kept_elsewhere(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute XDG_DATA_HOME is obeyed; a relative one is passed over, as its standard says."""
    monkeypatch.setenv("HOME", str(home))
    for named, folder in ((tmp_path, tmp_path), (Path("data"), home / ".local" / "share")):
        monkeypatch.setenv("XDG_DATA_HOME", str(named))
        assert place().folder == folder / "papka" / "venv"


@pytest.mark.parametrize("home", ["", "дом", None])
def test_a_home_that_is_none_is_the_systems_word(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    from papka.repository.dot_papka import _home as of_the_program
    from starting.installing import _home as of_the_set_up

    monkeypatch.delenv("HOME")
    if home is not None:
        monkeypatch.setenv("HOME", home)
    own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert of_the_program() == of_the_set_up() == own

    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(Stop, match="HOME"):
        of_the_set_up()
    with pytest.raises(PapkaError) as said:
        of_the_program()
    assert "HOME" in said.value.next_step


def test_an_old_interpreter_can_read_the_file_that_refuses_it() -> None:
    source = (ROOT / "tools/start.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 5))
    assert source.index("sys.version_info") < source.index("from starting")


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 16, 0)])
def test_an_interpreter_that_was_never_tried_is_refused_in_a_sentence(
    version: tuple[int, int, int],
) -> None:
    """Before anything of the project is imported or made."""
    called = "{}.{}.{}".format(*version)
    script = (
        f"import runpy, sys; sys.version_info = {version}; sys.version = '{called} (x)'\n"
        f"runpy.run_path({str(ROOT / 'tools/start.py')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Нужен Python 3.11, 3.12, 3.13, 3.14, 3.15, а запущен {called}. Установите один из них "
        "(Debian 12 и 13: apt-get install python3) и повторите.\n"
    )


def test_the_versions_named_are_those_that_are_locked_and_tried() -> None:
    """The lowest is the wheel's; a forge tries the lowest and the newest."""
    source = (ROOT / "tools/start.py").read_text(encoding="utf-8")
    versions = ast.literal_eval(source.partition("SUPPORTED = ")[2].partition("\n")[0])
    lowest, newest = ("{}.{}".format(*versions[at]) for at in (0, -1))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == f">={lowest}"
    tried = (ROOT / ".github/workflows/check.yml").read_text(encoding="utf-8")
    assert f'python: ["{lowest}", "{newest}"]' in tried


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


@pytest.mark.parametrize(("listed", "first"), [(False, "apt-get update && "), (True, "")])
def test_the_command_that_is_told_works_on_a_machine_without_lists(
    apt: Path, monkeypatch: pytest.MonkeyPatch, *, listed: bool, first: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("starting.system._APT_LISTS", apt.parent)
    if listed:
        (apt.parent / "debian_Packages").touch()
    with pytest.raises(Stop) as stopped:
        provide([Need("one", _false)], yes=False)
    install = "apt-get install -y --no-install-recommends one"
    assert str(stopped.value).splitlines()[-1] == f"  {first}{install}"


def test_ci_runs_the_command_that_the_readme_names() -> None:
    command = "python3 tools/start.py test"
    assert f"exec {command}\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_builds_the_wheel_is_what_the_developers_have() -> None:
    """`.venv` with the development lock builds too; a second version would be another program."""
    building = (ROOT / "tools/requirements-build.lock").read_text(encoding="utf-8")
    development = (ROOT / "tools/requirements-dev.lock").read_text(encoding="utf-8")
    packages = re.findall(r"(?m)^\S+==\S+ \\\n(?: +--hash=\S+(?: \\)?\n)+", building)
    assert "".join(packages) == building
    assert any(package.startswith("hatchling==") for package in packages)
    assert all(package in development for package in packages)
