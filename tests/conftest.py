"""What every test shares: no test sees the developer's own git, keys or language."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout
from hypothesis import HealthCheck, settings

from papka.cli.options import use_russian

if TYPE_CHECKING:
    from papka.proof.memory import Memory
    from tests.support.clones import Clone, Shared
    from tests.support.command import Ran
    from tests.support.documents import Issued
    from tests.support.histories import School
    from tests.support.made_once import MadeOnce
    from tests.support.packages import Given
    from tests.support.school import Archive

use_russian()  # as `main` does: click words some of its parts when a command is imported

PROJECT = Path(__file__).resolve().parents[1]
settings.register_profile("papka", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("papka")  # no test fails because the machine is slow


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="write snapshots anew instead of comparing"
    )
    parser.addoption("--soak", action="store_true", help="run every soak whole, not its sample")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect without looking for garbage, and never look at what was collected again.

    What is loaded lives until the end, and a process forked from this one copies no page of it.
    Afterwards garbage is looked for seldom: tests leave little, and looking is a tenth of their
    time.
    """
    gc.disable()
    try:
        with _after_the_first(session.config):
            return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


_OPEN_FILES = Path("/proc/self/fd")
_MANY_FILES = 300


def pytest_runtest_teardown() -> None:
    """Look for garbage when many files are open: what nobody asks for any more holds them."""
    if _OPEN_FILES.is_dir() and len([*_OPEN_FILES.iterdir()]) > _MANY_FILES:
        gc.collect()


@contextmanager
def _after_the_first(config: pytest.Config) -> Iterator[None]:
    """Of several workers let one collect alone: it leaves bytecode for those that wait for it."""
    if "PYTEST_XDIST_WORKER" not in os.environ or sys.dont_write_bytecode:
        yield
        return
    lock = FileLock(Path(config.getoption("basetemp")).with_name("collecting"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with lock:
            pass
        yield
        return
    try:
        yield
    finally:
        lock.release()


@pytest.fixture(scope="session", autouse=True)
def _own_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is made once for many tests leaves nothing in the developer's own memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Homes, one for each test: `mktemp` would look through all that lie there before it."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / f"home{number}" for number in count())


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    """A home of its own, no user or system git configuration, no agent, one language."""
    home = next(_homes)
    home.mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith(("GIT_", "SSH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(scope="session")
def built_archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The good archive, saved and signed; tests read it only."""
    from tests.support.made_once import once_for_all
    from tests.support.school import build

    return once_for_all(tmp_path_factory, "school", build)


@pytest.fixture
def archive(built_archive: Archive, tmp_path: Path) -> Archive:
    """A copy of it that a test may change."""
    from tests.support.school import copied

    return copied(built_archive, tmp_path)


@pytest.fixture(scope="session")
def built_doomed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The good archive with something to destroy and an order that names it; read only."""
    from tests.support.doomed import build_school
    from tests.support.made_once import once_for_all

    return once_for_all(tmp_path_factory, "doomed", build_school)


@pytest.fixture
def doomed(built_doomed: Archive, tmp_path: Path) -> Archive:
    """A copy of it that a test may change."""
    from tests.support.school import copied

    return copied(built_doomed, tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The folder a demo left, and what it printed; tests read it only."""
    from tests.support.command import papka
    from tests.support.made_once import once_for_all

    def make(folder: Path) -> tuple[Path, Ran]:
        with pytest.MonkeyPatch.context() as patch:
            # As the README says it: a folder named from where one stands.
            patch.chdir(folder)
            return folder / "demo", papka("demo", "demo")

    return once_for_all(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def honest_school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A history of three honest commits; tests read it only."""
    from tests.support.histories import make_school
    from tests.support.made_once import once_for_all

    return once_for_all(tmp_path_factory, "history", make_school)


@pytest.fixture
def school(honest_school: School, tmp_path: Path) -> School:
    """A copy of it that a test may change."""
    from tests.support.histories import copy_school

    return copy_school(honest_school, tmp_path)


@pytest.fixture(scope="session")
def archive_with_class(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The good archive and a class on a platform; tests read it only."""
    from tests.support.made_once import once_for_all
    from tests.support.school import copied
    from tests.support.taking import with_class

    def make(folder: Path) -> Archive:
        return with_class(copied(built_archive, folder))

    return once_for_all(tmp_path_factory, "class", make)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """For a fixture that makes the same for each of its tests."""
    from tests.support.made_once import MadeOnce

    return MadeOnce(tmp_path_factory.mktemp("made"))


@pytest.fixture
def shared(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Shared:
    """A bare primary, and the keys of three people."""
    from tests.support.clones import share, shared_in

    parts = ("archive", "keys", "primary.git")
    made_once.make("shared", tmp_path, parts, lambda: share(archive, tmp_path))
    return shared_in(tmp_path)


@pytest.fixture
def one(shared: Shared, tmp_path: Path) -> Clone:
    """The teacher's copy."""
    from tests.support.clones import TEACHER

    return shared.clone(tmp_path / "one", TEACHER)


@pytest.fixture
def two(shared: Shared, tmp_path: Path) -> Clone:
    """The clerk's copy."""
    from tests.support.clones import CLERK

    return shared.clone(tmp_path / "two", CLERK)


@pytest.fixture(scope="session")
def issued(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """A certificate printed and signed; tests read it only."""
    from tests.support.documents import issue
    from tests.support.school import copied

    return issue(copied(built_archive, tmp_path_factory.mktemp("issued")))


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """What a computer remembers of archives: nothing yet."""
    from papka.proof.memory import Memory

    return Memory(tmp_path / "state" / "papka")


@pytest.fixture
def known(school: School, memory: Memory) -> School:
    """Verified once on this computer."""
    from tests.support.remembering import look

    assert look(school, memory).findings == ()
    return school


@pytest.fixture(scope="session")
def given(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Given:
    """A package of a personal file, and the school that gave it; tests read it only."""
    from tests.support.made_once import once_for_all
    from tests.support.packages import give

    def make(folder: Path) -> Given:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
            return give(built_archive, folder)

    return once_for_all(tmp_path_factory, "given", make)
