"""papka as a process of its own, forked from one that has loaded papka: starting costs little.

A forked process is as much a process as a started one: own memory, own locks, own group, killed
alone. What is there only when Python starts (settings of the interpreter, the script of the
command) is tried by `script`, at a terminal (`terminal.py`) and by the tests of a fresh clone.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.support.archives import PROJECT

_LOADED = ("papka.cli.save", "papka.cli.sync", "papka.cli.issue", "papka.paper.pdf")
"""What most commands import at last."""
_SERVER = """
import contextlib, gc, importlib, json, os, socket, sys

for name in sys.argv[2:]:
    importlib.import_module(name)
from papka.cli.main import main

gc.freeze()
asked = socket.socket(fileno=int(sys.argv[1]))
while True:
    text, given = b"", []
    while not text.endswith(b"\\n"):
        more, fds, _, _ = socket.recv_fds(asked, 1 << 16, 2)
        text, given = text + more, given + fds
        if not more:
            sys.exit()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    answer, out = given
    if os.fork() == 0:
        break
    os.close(answer)
    os.close(out)
asked.close()
child = os.fork()
if child:
    os.close(out)
    status = os.waitpid(child, 0)[1]
    os.write(answer, b"%d\\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)
os.setsid()
os.write(answer, b"%d\\n" % os.getpid())
os.close(answer)
words, variables = json.loads(text)
os.environ.clear()
os.environ.update(variables)
os.dup2(out, 1)
os.dup2(out, 2)
os.close(out)
sys.stdout = open(1, "w", closefd=False)
sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)
sys.argv = ["papka", *words]
main()
"""


class Running:
    """A command at work: as much of `subprocess.Popen` as tests ask of it.

    `returncode`: None until its end was seen; minus the signal that killed it.
    """

    def __init__(self, server: ForkServer, asked: str) -> None:
        self.returncode: int | None = None
        self._answers, answer = socket.socketpair()
        self._out, out = os.pipe()
        server.ask(asked, answer.fileno(), out)
        answer.close()
        os.close(out)
        self.pid = int(self._answer())

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
            self.returncode = int(self._answer())
            self._answers.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """All that it and what it started printed, when they have ended. Raises TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        said = b""
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._out], [], [], left)[0]:
                raise subprocess.TimeoutExpired("papka", timeout or 0, said)
            more = os.read(self._out, 1 << 16)
            if not more:
                break
            said += more
        os.close(self._out)
        while self.poll() is None:
            time.sleep(0.001)
        return said.decode("utf-8", "replace"), None

    def _answer(self) -> bytes:
        text = b""
        while not text.endswith(b"\n"):
            more = self._answers.recv(1)
            assert more, "the process from which papka is forked has ended"
            text += more
        return text


class ForkServer:
    """A process that has loaded papka, with these variables; it ends with the one that made it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._asking, asked = socket.socketpair()
        words = [sys.executable, "-c", _SERVER, str(asked.fileno()), *_LOADED]
        self._process = subprocess.Popen(
            words, env=dict(variables), pass_fds=[asked.fileno()], stdin=subprocess.DEVNULL
        )
        asked.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self._asking.close()
        self._process.wait()

    def start(self, words: Sequence[str | Path], variables: Mapping[str, str]) -> Running:
        """papka with these words and with these variables alone."""
        return Running(self, json.dumps([[str(word) for word in words], variables]))

    def ask(self, words: str, *fds: int) -> None:
        socket.send_fds(self._asking, [f"{words}\n".encode()], fds)


@cache
def _server() -> ForkServer:
    return ForkServer(_environment())


def process(*arguments: str | Path) -> Running:
    """papka as a process of its own."""
    return _server().start(arguments, _environment())


def script(source: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A program of Python that knows papka and nothing of this machine."""
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)],
        env=_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT / "tools"),
        "HOME": os.environ["HOME"],
        "LC_ALL": "C.UTF-8",
    }
