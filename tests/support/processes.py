"""papka as a process of its own, forked from one that has loaded papka: starting costs little.

A forked process is as much a process as a started one: own memory, own locks, killed alone. What is
there only when Python starts (settings of the interpreter, the script of the command) is tried by
`script` and by the tests of a fresh clone.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.archives import PROJECT

if sys.platform == "linux":
    _context = multiprocessing.get_context("forkserver")
    _context.set_forkserver_preload(["papka.cli.save", "papka.cli.sync", "papka.cli.issue"])
else:
    _context = multiprocessing.get_context("spawn")


class Running:
    """A command at work: as much of `subprocess.Popen` as tests ask of it."""

    def __init__(self, words: Sequence[str]) -> None:
        handle, name = tempfile.mkstemp()
        os.close(handle)
        self._said = Path(name)
        self._process = _context.Process(target=_run, args=(words, _environment(), name))
        self._process.start()

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """All it printed, when it has ended."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, "it has not ended"
        said = self._said.read_text("utf-8")
        self._said.unlink()
        return said, None

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode


def process(*arguments: str | Path) -> Running:
    """papka as a process of its own."""
    return Running([str(argument) for argument in arguments])


def _run(words: Sequence[str], environment: Mapping[str, str], said: str) -> None:
    from papka.cli.main import main

    os.environ.clear()
    os.environ.update(environment)
    out = os.open(said, os.O_WRONLY | os.O_APPEND)
    os.dup2(out, sys.stdout.fileno())
    os.dup2(out, sys.stderr.fileno())
    main(list(words))


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
