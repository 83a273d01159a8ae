"""A real sshd on this computer, with keys and a known host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.repository.runner import SshAccess

_CONFIG = """
# the usual ones take as long to agree as all that git then does
KexAlgorithms curve25519-sha256
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AcceptEnv GIT_PROTOCOL
"""
_OWN_HOME = "SetEnv HOME={folder}\n"
"""Who runs the tests has a home whose files of the shell would run at each connection."""


@dataclass(frozen=True, slots=True)
class Server:
    """`user`: who is logged in as; empty for whoever runs the tests."""

    port: int
    folder: Path
    user: str = ""

    def url(self, store: Path) -> str:
        import pwd  # posix alone has it

        # by the system's word, not by $USER, which may be of whoever called su
        user = self.user or pwd.getpwuid(os.geteuid()).pw_name
        return f"ssh://{user}@127.0.0.1:{self.port}{store}"

    def access(self, key: str = "login", known: str = "known") -> SshAccess:
        """With one of the keys and one of the lists of known hosts that lie in `folder`."""
        return SshAccess(
            command=f"ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes "
            f"-o IdentityAgent=none -i {self.folder / key} "
            f"-o UserKnownHostsFile={self.folder / known} "
            f"-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes"
        )


@contextmanager
def running(folder: Path, user: str = "", options: str = "") -> Iterator[Server]:
    """The server answers when the block begins and is gone when it ends.

    `user`: whom the key `login` lets in; `options`: how its line of authorized_keys begins.
    """
    folder.mkdir()
    for name in ("host", "login", "stranger"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    line = f"{options} {(folder / 'login.pub').read_text()}".lstrip()
    (folder / "authorized").write_text(line)
    port = free_port()
    config = _CONFIG if user else _CONFIG + _OWN_HOME
    (folder / "config").write_text(config.format(port=port, folder=folder))
    (folder / "known").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    (folder / "changed").write_text(f"[127.0.0.1]:{port} {(folder / 'stranger.pub').read_text()}")
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "apt-get install openssh-server"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd separates its privileges
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        _wait(port, process)
        yield Server(port, folder, user)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(2000):
        assert process.poll() is None, "sshd has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("sshd does not answer")
