"""papka as a process of its own, forked from one that has loaded papka: starting costs little.

A forked process is as much a process as a started one: own memory, own locks, own group, killed
alone. What is there only when Python starts (settings of the interpreter, what lies where it looks
for libraries, the script of the command) is tried by pages at a terminal, on the auditor's disk, by
the tests of a fresh clone and of what is planted beside.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.support.archives import PROJECT

_COMMANDS = ("save", "sync", "issue", "take", "restore", "backup", "status", "show", "period")
_LOADED = (*(f"papka.cli.{name}" for name in _COMMANDS), "papka.paper.pdf")
"""What most commands import at last."""
_SERVER = """
import contextlib, fcntl, gc, importlib, json, os, select, socket, sys, termios

for name in sys.argv[2:]:
    importlib.import_module(name)
from papka.cli.main import main

gc.freeze()
listening = socket.socket(fileno=int(sys.argv[1]))
listening.listen(64)
while True:
    if sys.stdin in select.select([listening, sys.stdin], [], [])[0]:
        sys.exit()
    answer, _ = listening.accept()
    text, given, _, _ = socket.recv_fds(answer, 1 << 16, 3)
    while more := answer.recv(1 << 16):
        text += more
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    if os.fork() == 0:
        break
    answer.close()
    for each in given:
        os.close(each)
listening.close()
child = os.fork()
if child:
    for each in (*given, 0):
        os.close(each)
    status = os.waitpid(child, 0)[1]
    with contextlib.suppress(BrokenPipeError):
        answer.send(b"%d\\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)
os.setsid()
answer.send(b"%d\\n" % os.getpid())
answer.close()
asked = json.loads(text.decode("utf-8", "surrogateescape"))
os.chdir(asked["folder"])
os.umask(asked["mask"])
os.environ.clear()
os.environ.update(asked["variables"])
for number, each in enumerate(given):
    os.dup2(each, number)
    os.close(each)
if os.isatty(0):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
way = {"encoding": sys.stdin.encoding, "errors": sys.stdin.errors, "closefd": False}
sys.stdin = open(0, **way)
sys.stdout = open(1, "w", buffering=1 if os.isatty(1) else -1, **way)
sys.stderr = open(2, "w", buffering=1, **{**way, "errors": "backslashreplace"})
sys.argv = ["papka", *asked["words"]]
if asked["source"]:
    sys.argv[0] = "-c"
    exec(compile(asked["source"], "<string>", "exec"), {"__name__": "__main__"})
else:
    main()
"""
_LAUNCHER = """
import _socket, posix, sys

def text(word):
    word = word.decode("utf-8", "surrogateescape") if isinstance(word, bytes) else word
    return '"%s"' % "".join("\\\\u%04x" % ord(c) if c in '"\\\\' or c < " " else c for c in word)

place, *words = sys.argv[1:]
mask = posix.umask(0)
variables = ",".join("%s:%s" % (text(name), text(posix.environ[name])) for name in posix.environ)
asked = '{"source":"","words":[%s],"folder":%s,"mask":%d,"variables":{%s}}' % (
    ",".join(map(text, words)), text(posix.getcwd()), mask, variables
)
answers = _socket.socket(_socket.AF_UNIX)
answers.connect(place)
files = b"".join(each.to_bytes(4, sys.byteorder) for each in (0, 1, 2))
answers.sendmsg([b" "], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
answers.sendall(asked.encode("utf-8", "surrogateescape"))
answers.shutdown(_socket.SHUT_WR)
said = b""
while more := answers.recv(64):
    said += more
code = int(said.split()[1])
if code < 0:
    posix.kill(posix.getpid(), -code)
posix._exit(code)
"""
"""Imports next to nothing, so as to start in a few milliseconds."""


def _has_news(file: int, seconds: float | None) -> bool:
    """Waits until there is something to read; of any number a file may have, unlike select."""
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    return bool(waiting.poll(None if seconds is None else seconds * 1000))


class Running:
    """A command at work: as much of `subprocess.Popen` as tests ask of it.

    `returncode`: None until its end was seen; minus the signal that killed it. `out`: where what
    it prints is read, if here.
    """

    def __init__(self, answers: socket.socket, out: int = -1) -> None:
        self.returncode: int | None = None
        self._answers = answers
        self._out = out
        weakref.finalize(self, answers.close)
        self.pid = int(self._answer())

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None and _has_news(self._answers.fileno(), 0):
            self.returncode = int(self._answer())
            self._answers.close()
        return self.returncode

    def wait(self) -> int:
        """The exit code, when it has ended."""
        while self.poll() is None:
            _has_news(self._answers.fileno(), None)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """All that it and what it started printed, when they have ended. Raises TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        said = b""
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not _has_news(self._out, left):
                raise subprocess.TimeoutExpired("papka", timeout or 0, said)
            more = os.read(self._out, 1 << 16)
            if not more:
                break
            said += more
        os.close(self._out)
        self.wait()
        return said.decode("utf-8", "replace"), None

    def read_until(self, word: str) -> str:
        """What it prints, as far as this word and whatever comes with it; all if it ends before."""
        said = b""
        while word.encode() not in said and (more := os.read(self._out, 1 << 16)):
            said += more
        return said.decode("utf-8", "replace")

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
        self.folder = Path(tempfile.mkdtemp(prefix="papka-fork-"))
        self._place = self.folder / "asked"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self._place))
            listening.listen(64)
            words = [sys.executable, "-c", _SERVER, str(listening.fileno()), *_LOADED]
            self._process = subprocess.Popen(
                words, env=dict(variables), pass_fds=[listening.fileno()], stdin=subprocess.PIPE
            )
        atexit.register(self._end)

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self.folder)

    def start(
        self, words: Sequence[str | Path], variables: Mapping[str, str], *, source: str = ""
    ) -> Running:
        """papka with these words and with these variables alone; or a program of Python."""
        reading, out = os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            files = (nothing.fileno(), out, out)
            answers = self.ask(words, variables, files, source=source)
        os.close(out)
        return Running(answers, reading)

    def ask(
        self,
        words: Sequence[str | Path],
        variables: Mapping[str, str],
        files: Sequence[int],
        *,
        folder: Path | None = None,
        source: str = "",
    ) -> socket.socket:
        """Starts it with these three files; the answers are lines: its number, its exit code."""
        mask = os.umask(0)
        os.umask(mask)
        asked = {
            "source": source, "words": [str(word) for word in words], "mask": mask,
            "folder": str(folder or Path.cwd()), "variables": dict(variables),
        }  # fmt: skip
        answers = socket.socket(socket.AF_UNIX)
        answers.connect(str(self._place))
        socket.send_fds(answers, [b" "], files)
        answers.sendall(json.dumps(asked).encode())
        answers.shutdown(socket.SHUT_WR)
        return answers

    @property
    def program(self) -> Path:
        """A program `papka`, forked with the folder, the variables and the files it is run with."""
        program = self.folder / "bin" / "papka"
        if not program.exists():
            program.parent.mkdir()
            words = (sys.executable, "-ISc", _LAUNCHER, str(self._place))
            places = f"PYTHONPATH={shlex.quote(str(PROJECT / 'tools'))}"
            program.write_text(f'#!/bin/sh\n{places} exec {shlex.join(words)} "$@"\n')
            program.chmod(0o755)
        return program


@cache
def loaded() -> ForkServer:
    """The one of these tests."""
    return ForkServer(_environment())


def process(*arguments: str | Path, home: Path | None = None) -> Running:
    """papka as a process of its own; `home`: whose, when not that of the test."""
    own = {"HOME": str(home)} if home is not None else {}
    return loaded().start(arguments, _environment() | own)


def script(source: str, *arguments: str | Path) -> Running:
    """A program of Python that knows papka and nothing of this machine."""
    return loaded().start(arguments, _environment(), source=source)


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT / "tools"),
        "HOME": os.environ["HOME"],
        "LC_ALL": "C.UTF-8",
    }
