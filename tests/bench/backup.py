"""A backup to a medium, the first and the next, beside a bare clone that really copies and fsck.

python tests/bench/backup.py [STUDENTS]
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from papka.desk.demo_archive import demo
from tests.support.measure import Side, Spent, cpu, side_by_side, spend

LIMIT, AGAIN_LIMIT = 6.0, 2.0
_ROUNDS = 3
_GIT = ["git", "-c", "safe.directory=*"]


def main(students: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["XDG_STATE_HOME"] = str(place / "state")  # this computer's own memory stays out
        for _ in demo(place / "demo", students=students, now=datetime.now().astimezone()):
            pass
        return measured(place / "demo" / "archive", place)


def measured(root: Path, place: Path) -> int:
    """Prints one table for the first copy and one for the next; 1 when a goal is missed."""
    memory: list[float] = []

    def backed_up(medium: Path, *, forget: bool) -> float:
        if forget:
            shutil.rmtree(medium, ignore_errors=True)
            shutil.rmtree(place / "state" / "papka", ignore_errors=True)
            medium.mkdir()
        number = f"Н-{len(memory) + 10}" if forget else "Н-1"
        words = ("--medium", number, "--kind", "диск", "--drop-older")
        spent: Spent = spend("-C", str(root), "backup", "--to", str(medium), *words, is_quiet=True)
        memory.append(spent.memory)
        return spent.seconds

    def cloned() -> float:
        copy = place / "copy.git"
        shutil.rmtree(copy, ignore_errors=True)
        clone = [*_GIT, "clone", "-q", "--bare", f"file://{root}", str(copy)]
        check = [*_GIT, "fsck", "--full", "--strict", "--no-dangling"]
        return cpu(clone, cwd=place) + cpu(check, cwd=copy)

    kept = place / "kept"
    kept.mkdir()
    backed_up(kept, forget=False)
    peer = Side("git clone --bare + fsck", cloned)
    missed = side_by_side(
        "backup, the first of this computer",
        Side("papka backup", lambda: backed_up(place / "new", forget=True)),
        peer, rounds=_ROUNDS, limit=LIMIT,
    )  # fmt: skip
    backed_up(kept, forget=False)  # the last round forgot what was judged
    missed |= side_by_side(
        "backup, the next one on the same medium",
        Side("papka backup", lambda: backed_up(kept, forget=False)),
        peer, rounds=_ROUNDS, limit=AGAIN_LIMIT,
    )  # fmt: skip
    print(f"  memory of papka backup {max(memory):.2f} GB")
    return missed


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    sys.exit(main(*map(int, sys.argv[1:2] or ["10000"])))
