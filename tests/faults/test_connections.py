"""The primary behind a real sshd: the line breaks, the server knows the key no more or is another.

In every cell: no saved fact lost, no half state, the same command succeeds when the line is mended.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.copies.server import host
from papka.repository import handle
from papka.repository.signing import find_actor
from tests.faults.hurt_school import World
from tests.faults.injection import Ended, Injector
from tests.faults.job_table import JOBS, Job, ready
from tests.faults.line import Line, line
from tests.faults.trials import fail, rest, unhurt
from tests.support.sshd import Server, running

_URL = "remote.hub.url"
_TALKING = [job for job in JOBS if job.talks]
_POINTS, _FEW = 8, 1
_bytes: dict[tuple[Path, str], int] = {}


@dataclass(frozen=True, slots=True)
class Far:
    """The world with its primary at the end of a line."""

    world: World
    server: Server
    line: Line

    def ready(self, job: Job) -> None:
        ready(self.world, job)
        if job.needs_gate:  # only papka's own hook takes an act of destruction on a server
            key = find_actor(self.world.archive.root, "s001").signer.fingerprint
            host(self.world.primary, now=datetime.now(UTC), anchors=(key,))
        url = Server(self.line.port, self.server.folder).url(self.world.primary)
        handle.write_settings(self.world.archive.root, {_URL: url})

    def run(self, job: Job) -> Ended:
        own = self.world.injector
        command = f"{self.server.access().command} -o HostKeyAlias=hub -o ConnectionAttempts=1"
        injector = Injector(own.world, own.room, {**own.variables, "GIT_SSH_COMMAND": command})
        return injector.run(job.words(self.world))

    def near(self) -> None:
        """The primary by its folder again."""
        handle.write_settings(self.world.archive.root, {_URL: str(self.world.primary)})

    def settle(self) -> None:
        """What the server had begun when the line broke comes to its end."""
        for _ in range(30_000):
            running = Path("/proc").glob("[0-9]*")
            if not any(_works_in(self.world.primary, process) for process in running):
                return
            time.sleep(0.02)
        raise AssertionError("the server's git does not end")


def _works_in(store: Path, process: Path) -> bool:
    try:
        return (process / "cwd").readlink() == store
    except OSError:
        return False


@pytest.fixture(scope="module")
def far(kept_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    with running(tmp_path_factory.mktemp("ssh") / "sshd") as server, line(server.port) as made:
        known = server.folder / "known"
        known.write_text(f"{known.read_text()}hub {(server.folder / 'host.pub').read_text()}")
        yield Far(kept_world, server, made)


def trial(far: Far, job: Job, hurt: Callable[[], Ended], mend: Callable[[], None]) -> None:
    """One cell: hurt, look, mend, the same again, look."""
    world = far.world
    unhurt(world, job)
    far.ready(job)

    def mended() -> Ended:
        ended = hurt()
        mend()
        far.settle()
        return ended

    wrong, told = fail(world, job, mended, lambda: far.run(job))
    far.near()
    rest(world, wrong, told)


def carried(far: Far, job: Job) -> int:
    """How many bytes go through the line when nothing fails."""
    key = (far.world.base, job.name)
    if key not in _bytes:
        far.ready(job)
        far.line.mend()
        ended = far.run(job)
        assert ended.code == 0, ended.text
        _bytes[key] = far.line.carried
    return _bytes[key]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    soak = metafunc.config.getoption("--soak")
    if "job" in metafunc.fixturenames:
        # A server that lets nobody in is met alike by whatever is sent: the dearest job waits.
        whole = soak or "part" in metafunc.fixturenames
        jobs = [job for job in _TALKING if whole or not job.needs_gate]
        jobs = [job for job in jobs if soak or not job.talks_as]
        jobs = jobs if whole else jobs[::2]
        metafunc.parametrize("job", jobs, ids=[job.name for job in jobs])
    if "part" in metafunc.fixturenames:
        metafunc.parametrize("part", range(_POINTS) if soak else (_POINTS // 2,)[:_FEW])


def test_the_line_breaks(
    far: Far, job: Job, part: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("fault", json.dumps([job.name, "связь оборвана"]))
    whole = carried(far, job)

    def hurt() -> Ended:
        far.line.mend(int(whole * (part + 0.5) / _POINTS))
        return far.run(job)

    trial(far, job, hurt, far.line.mend)


def test_the_server_knows_the_key_no_more(
    far: Far, job: Job, record_property: Callable[[str, object], None]
) -> None:
    record_property("fault", json.dumps([job.name, "ключ отозван"]))
    authorized = far.server.folder / "authorized"
    keys = authorized.read_bytes()

    def hurt() -> Ended:
        far.line.mend()
        authorized.write_bytes(b"")
        try:
            return far.run(job)
        finally:
            authorized.write_bytes(keys)

    trial(far, job, hurt, far.line.mend)


def test_another_server_answers(
    far: Far, job: Job, record_property: Callable[[str, object], None]
) -> None:
    record_property("fault", json.dumps([job.name, "чужой ключ сервера"]))
    known = far.server.folder / "known"
    kept = shutil.copy(known, known.with_name("kept"))

    def hurt() -> Ended:
        far.line.mend()
        known.write_text(f"hub {(far.server.folder / 'login.pub').read_text()}")
        try:
            return far.run(job)
        finally:
            shutil.copy(kept, known)

    trial(far, job, hurt, far.line.mend)
