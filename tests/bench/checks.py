"""All rules about records: CPU for 1,000 files, and how it grows from one to ten times the school.

The sample school is multiplied to 1,000 and to 10,000 students and laid out on disk; one process
each lists, reads, judges by the schemas and runs every rule. The goal is absolute (seconds of CPU
for 1,000 files, whatever their kind), so it means something only on a quiet machine; the growth is
a ratio taken side by side.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from papka.core.installation import ShippedSnapshot
from papka.desk.demo_archive import multiplied, sample
from papka.repository.worktree import lay_out
from tests.support.measure import cpu, papka

SMALL, LARGE = 1_000, 10_000
ROUNDS = 3
LIMIT, GROWTH = 0.15, 1.1


def main() -> int:
    schemas = ShippedSnapshot("schema")
    shared = dict(schemas.read_many(schemas.paths()))
    school = sample()
    with tempfile.TemporaryDirectory() as place:
        folders: dict[int, tuple[Path, int]] = {}
        for students in (SMALL, LARGE):
            records = multiplied(school, students)
            folders[students] = Path(place) / str(students), len(records)
            lay_out(folders[students][0], {**records, **shared}.items())
        figures: dict[int, list[float]] = {SMALL: [], LARGE: []}
        for _ in range(ROUNDS):
            for students, (folder, files) in folders.items():
                figures[students].append(cpu(papka("check"), cwd=folder) / files * 1000)
    print(f"papka check, all rules, CPU seconds for 1,000 files (median of {ROUNDS})")
    for students, values in figures.items():
        middle = statistics.median(values)
        spread = f"{min(values):.3f}-{max(values):.3f}"
        print(f"  {students:>6} students, {folders[students][1]:>6} files  {middle:.3f}   {spread}")
    large = statistics.median(figures[LARGE])
    growth = large / statistics.median(figures[SMALL])
    for name, value, limit in (("per 1,000", large, LIMIT), ("growth for a file", growth, GROWTH)):
        verdict = "reached" if value <= limit else "MISSED"
        print(f"  {name:<18} {value:.3f}   goal ≤ {limit}: {verdict}", flush=True)
    return 0 if large <= LIMIT and growth <= GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
