"""A real git http-backend behind a real web server, with TLS and passwords, as docs/server.md says.

The page's own commands make the certificates and its own configuration is what runs: only places,
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

from tests.support.archives import PROJECT
from tests.support.hosting import Hub

PAGE = (PROJECT / "docs" / "server.md").read_text(encoding="utf-8")
NAME, PASSWORD = "s003", "Тайна-7"
_HOST, _ETC, _SRV = "archive.school.example", "/etc/papka", "/srv/papka"


def block(kind: str, word: str) -> str:
    """The one block of the page that holds a word."""
    pattern = rf"^```{kind}\n(.*?)^```$"
    found: list[str] = re.findall(pattern, PAGE, re.MULTILINE | re.DOTALL)
    (only,) = [text for text in found if word in text]
    return only


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
    group = hub.user or str(os.getgid())
    _certificates(folder, group)
    ours = {
        "server.port = 443": f'server.port = {port}\nserver.bind = "127.0.0.1"',
        _ETC: str(folder),
        _SRV: str(hub.home),
    }
    theirs = ('server.username = "git"\n', 'server.groupname = "git"\n')
    # without a user of git's own it stays who started it; it refuses to become root by name
    ours |= {line: line.replace("git", hub.user) if hub.user else "" for line in theirs}
    (folder / "lighttpd.conf").write_text(_put(block("lighttpd", "server.modules"), ours))
    program = shutil.which("lighttpd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "apt-get install lighttpd lighttpd-mod-openssl"
    with (folder / "log").open("wb") as log:
        command = [program, "-D", "-f", str(folder / "lighttpd.conf")]
        process = subprocess.Popen(command, stderr=log, stdout=log)
    try:
        _wait(port, process, folder / "log")
        yield Web(port, folder)
    finally:
        process.terminate()
        process.wait()


def _certificates(folder: Path, group: str) -> None:
    """The page's commands, one after another in one shell."""
    ours = {
        "mkdir -p": "test -d",
        _ETC: str(folder),
        _HOST: "localhost",
        "openssl passwd -6": f"openssl passwd -6 {PASSWORD}",
        "chgrp git": f"chgrp {group}",
    }
    script = _put(block("sh", "openssl req"), ours)
    subprocess.run(["sh", "-eu", "-c", script], check=True, capture_output=True)


def _put(text: str, ours: Mapping[str, str]) -> str:
    for theirs, own in ours.items():
        assert theirs in text, f"docs/server.md: no {theirs!r}"
        text = text.replace(theirs, own)
    return text


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(2000):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the web server does not answer")
