"""A mirror behind a real sshd on this computer, with keys and a known host."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from papka.gates.git.repository import SAFE_STORE, init, write_settings
from papka.gates.git.runner import SshAccess
from papka.tasks.mirror import add, push, status
from tests.support.histories import RECORD, School, git

_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


@dataclass
class Server:
    port: int
    folder: Path

    def url(self, store: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{store}"

    def access(self, key: str = "login", known: str = "known") -> SshAccess:
        words = (
            f"ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none "
            f"-i {self.folder / key} -o UserKnownHostsFile={self.folder / known} "
            f"-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes"
        )
        return SshAccess(command=words)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "sshd has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("sshd does not answer")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "sshd"
    folder.mkdir()
    for name in ("host", "login", "stranger"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    shutil.copy(folder / "login.pub", folder / "authorized")
    port = _free_port()
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
    host = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host}")
    (folder / "nobody").touch()
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "apt-get install openssh-server"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd separates its privileges
    command = [program, "-D", "-e", "-f", str(folder / "config")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    _wait(port, process)
    yield Server(port, folder)
    process.terminate()
    process.wait()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    init(tmp_path / "hub.git", bare=True)
    write_settings(tmp_path / "hub.git", SAFE_STORE)
    return tmp_path / "hub.git"


def test_push_over_ssh(school: School, server: Server, store: Path) -> None:
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    access = server.access()
    assert status(school.root, access=access)[0].state == "empty"
    assert push(school.root, access=access).is_good
    school.save({RECORD: b"x: 1\n"}, late=70)
    assert status(school.root, access=access)[0].state == "behind"
    assert push(school.root, access=access).is_good
    assert git(store, "rev-parse", "main").strip() == school.head
    assert status(school.root, access=access)[0].state == "equal"


@pytest.mark.parametrize(
    ("key", "known", "words"),
    [("stranger", "known", "не принял ключ"), ("login", "nobody", "ключ сервера неизвестен")],
)
def test_server_that_does_not_let_in(  # noqa: PLR0913 - three fixtures and a case
    key: str, known: str, words: str, school: School, server: Server, store: Path
) -> None:
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    done = push(school.root, access=server.access(key, known))
    assert done.is_unreachable
    assert words in done.outcomes[0].reason
    assert words in status(school.root, access=server.access(key, known))[0].reason


def test_check_of_the_server_speaks_to_the_reader(
    school: School, server: Server, store: Path
) -> None:
    """A server's own hook is run, unlike that of a folder, and its words reach the sender."""
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    hook = store / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'запись не подписана' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    outcome = push(school.root, access=server.access()).outcomes[0]
    assert outcome.sent == "refused"
    assert "запись не подписана" in outcome.reason
    assert "hook" not in outcome.reason


def test_server_that_is_off(school: School, store: Path, tmp_path: Path) -> None:
    off = Server(_free_port(), tmp_path)
    add(school.root, "hub", off.url(store), "Россия", allowed=["Россия"])
    done = push(school.root, access=off.access())
    assert done.is_unreachable
    assert "не отвечает" in done.outcomes[0].reason
