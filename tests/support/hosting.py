"""A server as docs/server.md sets one up: a user of git's own, its sshd, stores made by papka.

Run as root there is a real user whose shell is git-shell; anybody else gets in by a forced command,
as themselves, which restricts them alike.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.cli.mirror import FORCED
from tests.support.archives import PROJECT
from tests.support.sshd import Server, running


@dataclass(frozen=True, slots=True)
class Hub:
    """`user`: who owns the stores, empty for whoever runs the tests; `home`: that user's folder;
    `python`: what papka is installed for there."""

    server: Server
    home: Path
    user: str
    python: str

    def papka(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """papka as the administrator runs it on the server: `sudo -u git papka …`."""
        return _papka(self.user, self.home, self.python, *map(str, arguments))

    def host(self, name: str, *words: str) -> Path:
        """A store made ready."""
        place = self.home / name
        done = self.papka("mirror", "host", place, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return place

    def copied(self, template: Path, name: str) -> Path:
        """A store as it was, for a test that attacks it."""
        place = self.home / name
        subprocess.run(["cp", "-a", str(template), str(place)], check=True)
        return place


@contextmanager
def hub() -> Iterator[Hub]:
    """The server answers when the block begins; nothing of it is left when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="papka-server-"))
    folder.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    try:
        with _git_user(home) as (user, python):
            options = "restrict" if user else FORCED
            with running(folder / "sshd", user, options) as server:
                yield Hub(server, home, user, python)
    finally:
        shutil.rmtree(folder)


def state(store: Path) -> dict[str, str]:
    """Every file and folder below a store; digests of what the files hold."""
    return {
        path.relative_to(store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else ""
        for path in sorted(store.rglob("*"))
    }


@contextmanager
def _git_user(home: Path) -> Iterator[tuple[str, str]]:
    """A user for whom only git-shell is there, and an interpreter that user can run papka with.

    The name is empty where no user can be made, or none can reach this project.
    """
    if os.geteuid() != 0:
        yield "", sys.executable
        return
    name, shell = f"papka-git-{os.getpid()}", shutil.which("git-shell")
    assert shell is not None, "apt-get install git"
    # -p '*': no password fits, and yet sshd does not call the user locked
    made = ["useradd", "-M", "-d", str(home), "-s", shell, "-p", "*", name]
    for _ in range(50):  # another worker may hold /etc/passwd just now
        done = subprocess.run(made, capture_output=True, check=False)
        if done.returncode == 0:
            break
        time.sleep(0.2)
    done.check_returncode()
    try:
        python = _installed(home.with_name("papka"), name)
        if python:
            shutil.chown(home, name, name)
        yield (name, python) if python else ("", sys.executable)
    finally:
        subprocess.run(["userdel", "-f", name], capture_output=True, check=True)


def _installed(folder: Path, user: str) -> str:
    """papka where everybody reaches it, as an administrator installs it; empty when that fails."""
    paths = f"{PROJECT / 'tools'}\n{sysconfig.get_path('purelib')}\n"
    for base in (sys.executable, "/usr/bin/python3"):
        command = [base, "-m", "venv", "--without-pip", "--clear", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            continue
        (libraries,) = folder.glob("lib/python3*/site-packages")
        (libraries / "papka.pth").write_text(paths)
        python = str(folder / "bin" / "python")
        if _papka(user, folder, python, "explain", "SIG_BAD").returncode == 0:
            return python
    return ""


def _papka(user: str, home: Path, python: str, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(
            [python, "-I", "-m", "papka", *words],
            cwd="/", env=variables, capture_output=True, text=True, check=False,
            user=user or None, group=user or None, extra_groups=[] if user else None,
        )  # fmt: skip
    except PermissionError as error:
        return subprocess.CompletedProcess(words, 126, "", str(error))
