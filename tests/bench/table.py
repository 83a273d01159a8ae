"""The table of what people wait for, at each size beside its peer, written into a page of docs.

`python -m tests.bench.table [STUDENTS…]`: 3,000 by default; with several sizes, how each job grows.
The rows stand between two marks of docs/performance.md, which the table before is replaced by.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.bench.backup import Media
from tests.bench.daily import COMMIT, ROUNDS, WALK, Desk
from tests.support.measure import PROJECT, Spent, in_turns, spend, spend_in, spend_on

STUDENTS, PRINTED = 3_000, 1_000
PAGE = PROJECT / "docs" / "performance.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
_SHOWN = "2026-0002"
_FSCK, _CLONE, _DEAR = "git fsck --full --strict", "git clone --bare + fsck", 3
"""Rounds of what takes long."""
_WHOLE, _AGAIN = "verify --no-memory, packed store", "verify again"
_FIRST, _NEXT = "backup, the first", "backup, the next"
_PRINT = "print card --all, unchanged"


class Goal(NamedTuple):
    """So many seconds by the clock: a multiple of what the peer takes, and some more."""

    peer: str = ""
    times: float = 0
    more: float = 0

    def seconds(self, peer: float) -> float:
        return self.times * peer + self.more

    def __str__(self) -> str:
        parts = [f"{self.times:g} × {self.peer}"] if self.peer else []
        return "≤ " + " + ".join([*parts, *([f"{self.more:g} s"] if self.more else [])])


_DAILY = Goal(WALK, 1.5, 0.3)
GOALS = {
    "status": _DAILY,
    "check, nothing changed": _DAILY,
    "check --since HEAD~1": _DAILY,
    "check --since HEAD~1 --rev HEAD": Goal(more=0.4),
    "save of one edit": Goal(WALK, 1.5, 0.5),
    "add result --save": Goal(more=0.6),
    "show": Goal(more=0.35),
    "find": Goal(more=0.8),
    "sync, nothing new": Goal(more=0.4),
    _WHOLE: Goal(_FSCK, 1.5),
    _AGAIN: Goal(_FSCK, 1.5),
    _FIRST: Goal(_CLONE, 6),
    _NEXT: Goal(_CLONE, 2),
}
"""Job -> what it may take."""
_PEERS = (WALK, COMMIT, _FSCK, _CLONE)


def main(sizes: Sequence[int]) -> int:
    taken = {}
    for students in sizes:
        with tempfile.TemporaryDirectory() as name:
            taken[students] = measure_size(Path(name), students)
    count = min(PRINTED, *sizes)
    with tempfile.TemporaryDirectory() as name:
        printed = measure_print(Path(name), count)
    text = compose(taken) + _print_row(count, printed)
    print(text)
    write(PAGE, text)
    return int(bool(list_missed(taken)))


def measure_size(place: Path, students: int) -> dict[str, Spent]:
    """Build an archive of so many students, and return the medians of all jobs there."""
    root = _build(place, students)
    subprocess.run(["git", "repack", "-adq"], cwd=root, check=True)
    desk = Desk(root, _SHOWN)
    for words in (("status", "--fail-on", "fatal"), ("check",), ("find", "а"), ("verify",)):
        desk.run(*words)  # what is remembered from now on is no part of the jobs
    fsck = ["git", "fsck", "--full", "--strict", "--no-dangling"]
    found = _medians(
        {
            _FSCK: lambda: spend_on(fsck, root),
            _WHOLE: lambda: desk.run("verify", "--no-memory"),
            _AGAIN: lambda: desk.run("verify"),
        },
        _DEAR,
    )
    found |= _medians({name: job for name, (_, job) in desk.jobs.items()}, ROUNDS)
    media = Media(root, place)
    media.again()
    found |= _medians({_CLONE: media.clone, _FIRST: media.first}, _DEAR)
    media.again()
    return found | _medians({_NEXT: media.again}, _DEAR)


def measure_print(place: Path, students: int) -> Spent:
    """Print a card of everybody twice; return what the second time took."""
    root = _build(place, students)
    words = ("print", "card", "--all", "--out", str(place / "out"))
    spend_in(root, *words)
    return _medians({_PRINT: lambda: spend_in(root, *words)}, _DEAR)[_PRINT]


def _build(place: Path, students: int) -> Path:
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        os.environ[variable] = str(place / "state")
    spend("demo", str(place / "demo"), "--students", str(students), is_quiet=True)
    return place / "demo" / "archive"


def _medians(jobs: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, Spent]:
    found = {}
    for name, each in in_turns(jobs, rounds).items():
        found[name] = Spent(*map(statistics.median, zip(*each, strict=True)))
        used = found[name]
        print(f"  {name:<34} {used.wall:7.2f} s wall {used.seconds:7.2f} s CPU", flush=True)
    return found


def list_missed(taken: Mapping[int, Mapping[str, Spent]]) -> list[tuple[int, str]]:
    """Return each size and job that took longer than its goal, by the clock."""
    return [
        (students, job)
        for students, found in taken.items()
        for job, goal in GOALS.items()
        if found[job].wall > _allowed(found, goal)
    ]


def _allowed(found: Mapping[str, Spent], goal: Goal) -> float:
    return goal.seconds(found[goal.peer].wall if goal.peer else 0)


def compose(taken: Mapping[int, Mapping[str, Spent]]) -> str:
    """Compose the table in Markdown, with the versions it holds for."""
    sizes = list(taken)
    heads = [f"{students:,} students: by the clock (CPU), memory | allowed" for students in sizes]
    rounds = f"medians of {ROUNDS}, of {_DEAR} from `verify` on"
    lines = [
        f"{_versions()}; {rounds}; goals are of time by the clock, exponents of processor time.",
        "",
        f"| job | {' | '.join(heads)} | exponent | goal |",
        f"|---|{'---|---|' * len(sizes)}---|---|",
    ]
    missed = list_missed(taken)
    for job in (*GOALS, *_PEERS):
        cells = [job if job in GOALS else f"peer: {job}"]
        for students, found in taken.items():
            used, goal = found[job], GOALS.get(job)
            cells.append(f"{used.wall:.2f} s ({used.seconds:.2f}), {used.memory:.2f} GB")
            said = ", **not reached**" if (students, job) in missed else ""
            cells.append(f"{_allowed(found, goal):.2f} s{said}" if goal else "–")
        cells += [_exponent(taken, job), str(GOALS.get(job, "–"))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _exponent(taken: Mapping[int, Mapping[str, Spent]], job: str) -> str:
    """Return by which power of the count of students a job grows, the first size to the last."""
    few, many = min(taken), max(taken)
    if few == many:
        return "–"
    ratio = taken[many][job].seconds / taken[few][job].seconds
    return f"{math.log(ratio) / math.log(many / few):.2f}"


def _print_row(count: int, used: Spent) -> str:
    return (
        f"\n`{_PRINT}`, {count:,} students: {used.wall:.2f} s ({used.seconds:.2f} of processor"
        f" time), {count / used.wall:.0f} a second, start included; goal ≥ 1,000.\n"
    )


def _versions() -> str:
    saved = subprocess.run(
        ["git", "log", "-1", "--format=%h of %cs"], cwd=PROJECT, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True)
    return (
        f"papka {saved.stdout.strip()}, Python {platform.python_version()}, "
        f"{git.stdout.strip().replace(' version', '')}, {os.cpu_count()} cores, "
        f"{datetime.now().astimezone():%Y-%m-%d}"
    )


def write(page: Path, text: str) -> None:
    """Put the table between the two marks of a page, in the place of the one before."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page}: the marks of the table are missing: {BEGIN}{END}")
    page.write_text(f"{before}{BEGIN}{text}{END}{after}", "utf-8")


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    sys.exit(main(sorted(map(int, sys.argv[1:])) or [STUDENTS]))
