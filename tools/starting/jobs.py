"""The jobs of `start.py`, and reading its command line.

Invariant: pytest closes the output of `test`, unless mypy, which runs beside it, finds something;
every check runs even after one failed, and any failure makes the exit code 1.
"""
# ruff: noqa: S603 - only the venv's own programs are run

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from starting import installing
from starting.editor import add_server
from starting.environment import BENCH, BUILDING, DEVELOPMENT, ROOT, RUNNING, Environment
from starting.system import Need, for_environment, for_tests, for_work, provide
from starting.voice import INTERRUPTED, USAGE, Stop, plainly, prepare, say, step

_WORKERS = "PYTEST_XDIST_AUTO_NUM_WORKERS"
"""By this pytest-xdist is told how many processes `auto` means."""
_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
_MEMORY = 6 << 30
"""Bytes that must be free in memory for the tests' files."""
_HELP = """\
Использование: python3 tools/start.py [--yes] КОМАНДА

  demo [ПАПКА] [ключи]   построить показательный архив (ключи те же, что у papka demo)
  install                команда papka для этого пользователя; повтор обновит её
  uninstall              убрать то, что поставил install
  test [ключи pytest]    все проверки проекта: ruff, mypy, тесты; с ключами — только эти тесты
  bench                  сравнительные замеры скорости
  run АРГУМЕНТЫ          запустить papka с этими аргументами
  wheel                  собрать пакет для установки в dist/

Всё недостающее ставится само: системные пакеты (apt-get; не от root сначала спросит,
--yes отвечает «да») и библиотеки Python в папку .venv проекта.
"""


def main(arguments: list[str]) -> int:
    """The exit code: the job's own, 2 wrong usage, 3 set-up impossible, 130 interrupted."""
    prepare()
    codes: list[int] = []
    with plainly(codes):
        codes.append(_chosen(arguments))
    return codes[0]


def _chosen(arguments: list[str]) -> int:
    yes = arguments[:1] == ["--yes"]
    words = arguments[1:] if yes else arguments
    if not words or words[0] in {"-h", "--help"}:
        say(_HELP)
        return 0 if words else USAGE
    name, rest = words[0], words[1:]
    job = _JOBS.get(name)
    if job is None:
        raise Stop(f"Нет такой команды: {name}. Есть {', '.join(_JOBS)}.", USAGE)
    if name != "run" and "--yes" in rest:
        rest = [word for word in rest if word != "--yes"]
        yes = True
    return job(rest, yes=yes)


def _demo(rest: list[str], *, yes: bool) -> int:
    provide([*for_work(), *_for_making(RUNNING)], yes=yes)
    code = _papka(["demo", *rest])
    if code == 0 and not shutil.which("papka"):
        words = [Path(sys.executable).name, sys.argv[0], "install"]
        say(f"\nЧтобы писать просто papka, из любой папки:\n    {shlex.join(words)}")
    return code


def _install(rest: list[str], *, yes: bool) -> int:
    _refuse_words("install", rest)
    needs = [] if installing.place().has(RUNNING) else for_environment()
    provide([*for_work(), *needs], yes=yes)
    installing.install()
    return 0


def _uninstall(rest: list[str], *, yes: bool) -> int:  # noqa: ARG001 - every job's signature
    _refuse_words("uninstall", rest)
    installing.uninstall()
    return 0


def _wheel(rest: list[str], *, yes: bool) -> int:
    _refuse_words("wheel", rest)
    provide(_for_making(BUILDING), yes=yes)
    step("Собираю пакет")
    folder = ROOT / "dist"
    environment = _ready(BUILDING)
    return _module(environment, ["hatchling", "build", "-t", "wheel", "-d", str(folder)])


def _run(rest: list[str], *, yes: bool) -> int:
    # no Pango demanded: papka itself says so when a PDF is wanted
    provide(_for_making(RUNNING), yes=yes)
    return _papka(rest)


def _test(rest: list[str], *, yes: bool) -> int:
    provide([*for_work(), *for_tests(), *_for_making(DEVELOPMENT)], yes=yes)
    environment = _ready(DEVELOPMENT)
    add_server(environment)
    if rest:  # a choice of tests, while working on them
        return _pytest(environment, rest)
    checks = {
        "ruff check": ["ruff", "check", "--output-format", "concise", "."],
        "ruff format": ["ruff", "format", "--check", "."],
    }
    failed = []
    for name, words in checks.items():
        step(name)
        code = _module(environment, words)
        if code == INTERRUPTED:
            return code
        if code:
            failed.append(name)
    say(f"✗ Не прошли: {', '.join(failed)}" if failed else "✓ ruff замечаний не нашёл")
    step("pytest, рядом с ним mypy")
    code, found = _with_mypy(environment, lambda: _pytest(environment))
    if found and code != INTERRUPTED:
        say(f"✗ Не прошли: mypy\n{found}")
    return code or (1 if failed or found else 0)


def _with_mypy(environment: Environment, work: Callable[[], int]) -> tuple[int, str]:
    """The exit code of `work`, and what mypy, which knows only one processor, finds meanwhile."""
    words = [str(environment.python), "-m", "mypy"]
    with tempfile.TemporaryFile() as said:
        mypy = subprocess.Popen(
            words, cwd=ROOT, env=environment.variables(), stdout=said, stderr=subprocess.STDOUT
        )
        with mypy:
            code = work()
        said.seek(0)
        return code, said.read().decode("utf-8", "replace").strip() if mypy.returncode else ""


def _pytest(environment: Environment, words: Sequence[str] = ()) -> int:
    """One process more than processors: tests also wait, for git, for servers, for a clock.

    Each takes the tests of a file one after another, so that what a file makes once is made once.
    The bytecode of the tests is kept, whatever the person's shell says of it: the processes read
    what the first of them has compiled.
    """
    workers = {_WORKERS: os.environ.get(_WORKERS, str(_processors() + 1))}
    whole = ["pytest", "-n", "auto", "--dist", "worksteal", *words]
    return _module(environment, whole, workers | _BYTECODE | _in_memory())


def _processors() -> int:
    """How many of them these tests may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _in_memory() -> dict[str, str]:
    """Tests bring every file to the disk, as an archive does: in memory that costs them nothing."""
    place = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own in it
    if "TMPDIR" in os.environ or not place.is_dir() or not os.access(place, os.W_OK):
        return {}
    return {"TMPDIR": str(place)} if shutil.disk_usage(place).free >= _MEMORY else {}


_NO_BENCH = frozenset({"corpus.py", "mutants.py", "table.py"})
"""What others measure on; a measure of tests; the others' jobs once more, written into a page."""


def _bench(rest: list[str], *, yes: bool) -> int:
    _refuse_words("bench", rest)
    provide([*for_work(), *_for_making(DEVELOPMENT)], yes=yes)
    environment = _ready(DEVELOPMENT)
    Environment(ROOT / ".venv-bench").make(BENCH)
    scripts = sorted((ROOT / "tests" / "bench").glob("[a-z]*.py"))
    worst = 0
    for script in scripts:
        if script.name in _NO_BENCH:
            continue
        step(f"Замер {script.stem}")
        worst = max(worst, _module(environment, [f"tests.bench.{script.stem}"]))
    return worst


def _refuse_words(job: str, rest: list[str]) -> None:
    if rest:
        raise Stop(f"{job} не принимает ключей: {' '.join(rest)}", USAGE)


def _for_making(lock: str) -> list[Need]:
    return [] if Environment().has(lock) else for_environment()


def _ready(lock: str) -> Environment:
    environment = Environment()
    environment.make(lock)
    environment.add_papka()
    return environment


def _papka(words: list[str]) -> int:
    environment = _ready(RUNNING)
    called = "papka" if shutil.which("papka") else environment.called(Path.cwd())
    more = {"PAPKA_CALLED": called}
    return _inside(environment, [*environment.papka(), *words], cwd=Path.cwd(), more=more)


def _module(
    environment: Environment, words: list[str], more: Mapping[str, str] | None = None
) -> int:
    return _inside(environment, [str(environment.python), "-m", *words], more=more)


def _inside(
    environment: Environment,
    words: list[str],
    cwd: Path = ROOT,
    more: Mapping[str, str] | None = None,
) -> int:
    variables = {**environment.variables(), **(more or {})}
    with _waiting(), subprocess.Popen(words, cwd=cwd, env=variables) as child:
        code = child.wait()
    return INTERRUPTED if code in {-signal.SIGINT, INTERRUPTED} else abs(code)


@contextmanager
def _waiting() -> Iterator[None]:
    """While a child runs, Ctrl-C is the child's: it may have a lock to release."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_JOBS: dict[str, Callable[..., int]] = {
    "demo": _demo,
    "install": _install,
    "uninstall": _uninstall,
    "test": _test,
    "bench": _bench,
    "run": _run,
    "wheel": _wheel,
}
