"""Ours beside a peer: CPU of whole processes, turn by turn, medians and their ratio.

Invariant: a figure alone means nothing on a shared machine; only both, taken in one run, do.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]


class Side(NamedTuple):
    """One of the two: its name with version, and what to measure (seconds of CPU)."""

    name: str
    measured: Callable[[], float]


def papka(*words: str) -> list[str]:
    """The command line that starts papka of this checkout."""
    start = "import sys; from papka.cli.main import main; sys.exit(main())"
    return [sys.executable, "-c", start, *words]


class Spent(NamedTuple):
    """Seconds of processor time, the highest memory in gigabytes, and seconds by the clock."""

    seconds: float
    memory: float
    wall: float

    def then(self, other: Spent) -> Spent:
        """Return what one process after another took."""
        highest = max(self.memory, other.memory)
        return Spent(self.seconds + other.seconds, highest, self.wall + other.wall)


def cpu(words: Sequence[str], *, cwd: Path = PROJECT, expect: int = 0) -> float:
    """User and system seconds of a process with its children; another exit code is an error."""
    return _run(words, subprocess.DEVNULL, cwd, expect).seconds


def spend(*words: str, is_quiet: bool = False) -> Spent:
    """Run one process of papka and those it starts; another exit code than 0 is an error."""
    return _run(papka(*words), subprocess.DEVNULL if is_quiet else None)


def spend_in(folder: Path, *words: str) -> Spent:
    """Run one process of papka in a folder, its words unseen."""
    return spend_on(papka(*words), folder)


def spend_on(words: Sequence[str], folder: Path) -> Spent:
    """Run one process of any program in a folder, its words unseen."""
    return _run(words, subprocess.DEVNULL, folder)


_WATCH = """
import os, sys, time
told, start = int(sys.argv[1]), time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
wall, code = time.perf_counter() - start, os.waitstatus_to_exitcode(status)
said = code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2, wall
os.write(told, " ".join(map(str, said)).encode())
"""
"""Starts the process that is measured: the memory of whoever starts it is counted as its own."""


def _run(words: Sequence[str], out: int | None, cwd: Path | None = None, expect: int = 0) -> Spent:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    read, told = os.pipe()
    watcher = [sys.executable, "-I", "-S", "-c", _WATCH, str(told), *words]
    with os.fdopen(read, "rb") as answer:
        try:
            subprocess.run(
                watcher, cwd=cwd, env=environment, stdout=out, pass_fds=[told], check=True
            )
        finally:
            os.close(told)
        code, *used = answer.read().split()
    if int(code) != expect:
        raise SystemExit(f"{' '.join(words)[:200]}: exit {int(code)}, expected {expect}")
    return Spent(*map(float, used))


def in_turns(jobs: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, list[Spent]]:
    """Do all jobs one after another, and again; return what each took in each round."""
    found: dict[str, list[Spent]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            found[name].append(job())
    return found


def side_by_side(what: str, ours: Side, peer: Side, *, rounds: int, limit: float | None) -> int:
    """Measures alternately, prints one table, and returns 1 when the ratio is above the limit.

    Without a limit the ratio is only told.
    """
    figures: dict[str, list[float]] = {ours.name: [], peer.name: []}
    for _ in range(rounds):
        for side in (ours, peer):
            figures[side.name].append(side.measured())
    middle = {name: statistics.median(values) for name, values in figures.items()}
    ratio = middle[ours.name] / middle[peer.name]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{what} ({machine}, median of {rounds})")
    for name, values in figures.items():
        print(f"  {name:<34} {middle[name]:9.3f} s CPU   {min(values):.3f}-{max(values):.3f}")
    is_missed = limit is not None and ratio > limit
    goal = "" if limit is None else f"goal ≤ {limit}: {'MISSED' if is_missed else 'reached'}"
    print(f"  {'ratio':<34} {ratio:9.3f}         {goal}", flush=True)
    return int(is_missed)


def library(name: str) -> str:
    """`name version` of a library in this venv."""
    return f"{name} {version(name)}"
