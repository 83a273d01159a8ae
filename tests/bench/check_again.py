"""`papka check` of a folder that was checked before, beside `git status -uall` of the same folder.

Both must look at every file; the goal is one and a half times git's work and 0.3 s for a start.
Three rows: nothing changed, one card edited since, and for the memory all read anew.
`python -m tests.bench.check_again [STUDENTS]`
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from papka.core.installation import ShippedSnapshot
from papka.desk.demo_archive import multiplied, sample
from papka.repository.worktree import lay_out
from tests.support.measure import Side, cpu, papka, side_by_side, spend_in

STUDENTS = 10_000
_STATUS = ["git", "status", "--untracked-files=all", "--porcelain"]


def make(root: Path, students: int) -> str:
    """Lay out a school with one save; return the path of a card."""
    records = multiplied(sample(), students)
    lay_out(root, records.items())
    schemas = ShippedSnapshot("schema")
    lay_out(root, schemas.read_many(schemas.paths()))
    who = ("-c", "user.name=bench", "-c", "user.email=bench@bench.invalid")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "x"),
                  ("repack", "-adq")):  # fmt: skip
        subprocess.run(["git", *who, *words], cwd=root, check=True)
    return max(path for path in records if path.endswith("/student.yaml"))


def main() -> int:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    with tempfile.TemporaryDirectory() as place:
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = f"{place}/{name}"
        root = Path(place) / "school"
        root.mkdir()
        card = root / make(root, students)
        cpu(papka("check"), cwd=root)
        edits = count()

        def edited() -> float:
            card.write_bytes(card.read_bytes() + f"# {next(edits)}\n".encode())
            return cpu(papka("check"), cwd=root)

        goal = Side("1.5 × git status -uall + 0.3 s", lambda: 1.5 * cpu(_STATUS, cwd=root) + 0.3)
        said = f"check again, {students} students"
        again = Side("papka check", lambda: cpu(papka("check"), cwd=root))
        missed = side_by_side(f"{said}, nothing changed", again, goal, rounds=5, limit=1.0)
        missed |= side_by_side(
            f"{said}, a card edited each time", Side("papka check", edited), goal,
            rounds=5, limit=1.0,
        )  # fmt: skip
        for words in ((), ("--no-cache",)):
            spent = spend_in(root, "check", *words)
            print(f"check {' '.join(words):<12} {spent.seconds:6.2f} s CPU {spent.memory:6.3f} GB")
        return missed


if __name__ == "__main__":
    sys.exit(main())
