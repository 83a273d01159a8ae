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
from collections.abc import Callable, Sequence
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
    """Seconds of processor time, and the highest memory in gigabytes."""

    seconds: float
    memory: float


def cpu(words: Sequence[str], *, cwd: Path = PROJECT, expect: int = 0) -> float:
    """User and system seconds of a process with its children; another exit code is an error."""
    return _run(words, subprocess.DEVNULL, cwd, expect).seconds


def spend(*words: str, is_quiet: bool = False) -> Spent:
    """Run one process of papka and those it starts; another exit code than 0 is an error."""
    return _run(papka(*words), subprocess.DEVNULL if is_quiet else None)


def spend_in(folder: Path, *words: str) -> Spent:
    """Run one process of papka in a folder, its words unseen."""
    return _run(papka(*words), subprocess.DEVNULL, folder)


def _run(words: Sequence[str], out: int | None, cwd: Path | None = None, expect: int = 0) -> Spent:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    child = subprocess.Popen(words, cwd=cwd, env=environment, stdout=out)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != expect:
        raise SystemExit(f"{' '.join(words)[:200]}: exit {child.returncode}, expected {expect}")
    return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2)


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
