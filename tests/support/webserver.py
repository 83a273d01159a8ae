"""A real git http-backend behind a real web server, with TLS and passwords, as docs/server.md says.

The plan's own commands make the certificates and its own configuration is what runs: only places,
names and the port are the test's.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.copies.server import LISTS, make_plan, plan_files
from papka.repository.git_values import Installed
from tests.support.hosting import Hub

NAME, PASSWORD = "s003", "Тайна-7"
_STORE, _LISTS, _LOG = "/srv/papka-archive", f"{LISTS}/archive", "/var/log/papka-archive"
PAPKA = Installed("/opt/papka/.venv/bin/python", "/opt/papka/tools/papka")
PLAN = plan_files(make_plan(Path(_STORE, "archive.git"), "localhost", 443, (), PAPKA))


@dataclass(frozen=True, slots=True)
class Web:
    """`folder`: certificates and the people who may come in."""

    port: int
    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def url(self, store: Path | str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}/papka/{Path(store).name}"

    def netrc(self, password: str = PASSWORD, host: str = "localhost") -> None:
        """What the person writes in their home folder."""
        file = Path(os.environ["HOME"]) / ".netrc"
        # in quotes, or new curl (8.14) takes a Cyrillic letter for the end of the word
        line = f'machine {host} login {NAME} password "{password}"\n'
        file.write_text(line, encoding="utf-8")
        file.chmod(0o600)


@contextmanager
def serving(hub: Hub) -> Iterator[Web]:
    """The stores of a hub by https; the server answers when the block begins."""
    folder = hub.home.with_name("web")
    folder.mkdir(mode=0o711)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    _certificates(folder)
    (folder / "web").mkdir()
    for name in ("logs", "uploads"):
        (folder / name).mkdir()
        shutil.chown(folder / name, hub.user or os.getuid())
    people = folder / "people"
    secret = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True)
    people.write_bytes(f"{NAME}:".encode() + secret.stdout)
    shutil.chown(people, group=hub.user or os.getgid())
    people.chmod(0o640)
    ours = {
        "server.port = 443": f'server.port = {port}\nserver.bind = "127.0.0.1"',
        "/archive\\.git/": "/[^/]+\\.git/",
        f"{LISTS}/tls": str(folder),
        _LISTS: str(folder),
        _LOG: str(folder / "logs"),
        "/run": str(folder),
        _STORE: str(hub.home),
    }
    theirs = ('server.username = "papka-archive"\n', 'server.groupname = "papka-archive"\n')
    # without a user of git's own it stays who started it; it refuses to become root by name
    ours |= {line: line.replace("papka-archive", hub.user) if hub.user else "" for line in theirs}
    (folder / "lighttpd.conf").write_text(_put(PLAN["lighttpd.conf"], ours))
    program = shutil.which("lighttpd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "apt-get install lighttpd lighttpd-mod-openssl"
    with (folder / "said").open("wb") as log:
        command = [program, "-D", "-f", str(folder / "lighttpd.conf")]
        # the folder for temporary files of who runs the tests may be closed to the server's user
        environment = {**os.environ, "TMPDIR": str(folder / "uploads")}
        process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
    try:
        _wait(port, process, folder / "said")
        yield Web(port, folder)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)  # a process of the tests may come back to them, and serve anew


def _certificates(folder: Path) -> None:
    """The plan's commands, one after another in one shell."""
    made = re.search(rf"(?ms)^ +cd {LISTS}/tls$(.*?)^    \)$", PLAN["install-web.sh"])
    assert made is not None
    subprocess.run(["sh", "-eu", "-c", made[1]], cwd=folder, check=True, capture_output=True)


def _put(text: str, ours: Mapping[str, str]) -> str:
    """In one pass: a folder of the test may have in its path what stands for another one."""
    for theirs in ours:
        assert theirs in text, f"the plan: no {theirs!r}"
    return re.sub("|".join(map(re.escape, ours)), lambda met: ours[met[0]], text)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(2000):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the web server does not answer")
