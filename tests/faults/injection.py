"""Runs a program with one fault put into what it and its children do to files.

Invariants: the program is a real process in a group of its own; the fault is one of `shim.c`, whose
words are told nowhere else. Absent on purpose: any knowledge of papka.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.support.processes import ForkServer, Running

_SOURCE = Path(__file__).with_name("shim.c")
_GIT = shutil.which("git") or "git"
_TOOLS = Path(__file__).parents[2].resolve() / "tools"
_WRAPPER = '#!/bin/sh\n{exports}\nexec {git} "$@"\n'


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the act `at` (from 1; 0: nothing): see shim.c. `clock`: seconds ahead;
    `where`: only acts on paths that contain it count."""

    how: str = ""
    at: int = 0
    disk: Path | None = None
    clock: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a file or a name, as it was told after it was done. `turn`: the `at` that
    a fault there has; `size`: before it; `victim`: the inode of the file that lost its name."""

    turn: int
    word: str
    inode: int
    size: int
    victim: int
    path: str
    other: str


class Program(str):
    """A program of Python as the first word, in place of a command of papka."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended; `acts` are all done below the watched folder, by all processes."""

    code: int
    text: str
    acts: tuple[Act, ...]
    count: int


@dataclass(slots=True)
class Injector:
    """Starts programs below which `world` is watched; `room` is where it keeps its own things."""

    world: Path
    room: Path
    variables: Mapping[str, str]
    shim: Path = field(init=False)

    def __post_init__(self) -> None:
        self.room.mkdir(parents=True, exist_ok=True)
        self.shim = compiled(self.room)

    @property
    def graves(self) -> Path:
        return self.room / "graves"

    def run(
        self, words: Sequence[str | Path], fault: Fault = Fault(), *, seconds: float = 120
    ) -> Ended:
        """papka with these words, or a Program with the words after it, to its end."""
        started = self.start(words, fault)
        return started.end(seconds)

    def start(
        self, words: Sequence[str | Path], fault: Fault = Fault(), name: str = "a"
    ) -> Started:
        """`name` tells apart what runs at the same time."""
        room = self.room / name
        shutil.rmtree(room, ignore_errors=True)
        shutil.rmtree(self.graves, ignore_errors=True)
        (room / "bin").mkdir(parents=True)
        self.graves.mkdir()
        faults = {
            "LD_PRELOAD": str(self.shim),
            "FAULT_WORLD": str(self.world),
            "FAULT_COUNT": str(room / "count"),
            "FAULT_LOG": str(room / "log"),
            "FAULT_GRAVES": str(self.graves),
            "FAULT_AT": str(fault.at),
            "FAULT_HOW": fault.how,
            "FAULT_DISK": str(fault.disk or ""),
            "FAULT_CLOCK": str(fault.clock),
            **({"FAULT_WHERE": fault.where} if fault.where else {}),
        }
        # papka builds the environment of git from nothing, so the fault waits at git's door.
        wrapper = room / "bin" / "git"
        exports = "\n".join(f"export {name}='{value}'" for name, value in faults.items())
        wrapper.write_text(_WRAPPER.format(exports=exports, git=_GIT))
        wrapper.chmod(0o755)
        path = f"{room / 'bin'}:{os.environ['PATH']}"
        environment = {
            "PATH": path, "PYTHONPATH": str(_TOOLS), "LC_ALL": "C.UTF-8", **self.variables, **faults
        }  # fmt: skip
        source = words[0] if isinstance(words[0], Program) else ""
        asked = words[1:] if source else words
        process = _server(self.shim).start(asked, environment, source=str(source))
        return Started(process, room)


@dataclass(slots=True)
class Started:
    """A program under way."""

    process: Running
    room: Path

    def is_stopped(self) -> bool:
        """Whether its fault, a pause, has come."""
        status = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return status[0] in "tT"

    def wait_for_pause(self, seconds: float = 600) -> bool:
        """False when it ended before."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            if self.is_stopped():
                return True
            time.sleep(0.01)
        return False

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def end(self, seconds: float = 600) -> Ended:
        try:
            out, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            out, _ = self.process.communicate()
            raise AssertionError(f"it hangs: {out}") from None
        finally:
            _bury(self.process.pid)
        log, count = self.room / "log", self.room / "count"
        lines = log.read_text("utf-8", "surrogateescape").splitlines() if log.exists() else []
        assert self.process.returncode is not None
        return Ended(
            self.process.returncode,
            out,
            tuple(_act(line) for line in lines),
            count.stat().st_size if count.exists() else 0,
        )


@cache
def _server(shim: Path) -> ForkServer:
    """Watches nothing itself: what the shim shall do is among the variables of each command."""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_TOOLS), "LC_ALL": "C.UTF-8"}
    return ForkServer({**variables, "LD_PRELOAD": str(shim)})


def compiled(folder: Path) -> Path:
    """The shim as a library, by whichever compiler is here."""
    made = folder / "shim.so"
    if not made.exists():
        compiler = next((c for c in ("tcc", "gcc", "cc") if shutil.which(c)), None)
        assert compiler is not None, "apt-get install tcc"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", made, _SOURCE, "-ldl"], check=True)
    return made


def _act(line: str) -> Act:
    turn, word, inode, size, victim, path, other = line.split("\t")
    return Act(int(turn), word, int(inode), int(size), int(victim), path, other)


def _bury(group: int) -> None:
    """Whatever is left of a killed group has to be gone before its files are looked at."""
    for _ in range(500):
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.01)
