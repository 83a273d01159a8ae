"""`papka give results`: every result of an archive of so many students as a table.

`python tests/bench/give.py [STUDENTS]` (3,000): the archive of `take.py`, its export taken, then
CSV and XLSX are given, each by a process of its own. Prints processor time and the highest memory;
the goal is a workbook of 170,000 rows (30,000 students) in half a gigabyte.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench import take
from tests.support.measure import spend
from tests.support.school import TEACHER

MEMORY = 0.5


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else take.STUDENTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        root = take.made(folder, count).root
        export = take.written(folder, count)
        given = ("--period", "2026-2", "--platform", "kurs", "--as", TEACHER, "-C", str(root))
        spend("take", str(export), *given, is_quiet=True)
        used = [measured(folder, root, form) for form in ("csv", "xlsx")]
    return 0 if max(used) <= MEMORY else 1


def measured(folder: Path, root: Path, form: str) -> float:
    """One process; return its highest memory in gigabytes."""
    used = spend("give", "results", "--format", form, "--out", str(folder), "-C", str(root))
    print(f"{form}: {used.seconds:.1f} s CPU, {used.memory:.2f} GB   goal ≤ {MEMORY}")
    return used.memory


if __name__ == "__main__":
    sys.exit(main())
