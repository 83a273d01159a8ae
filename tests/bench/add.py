"""`papka add … result --save`: one entry checked, signed and committed in an archive of any size.

`python tests/bench/add.py ARCHIVE [STUDENT]`: a copy of an archive that may be written to, with
signing set up. Without arguments one of about 100,000 files is made in a temporary folder, which
takes minutes.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from papka.core.places import student_folder
from papka.desk.demo_archive import demo
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots, worktree
from tests.support.measure import PROJECT, papka

STUDENTS, ROUNDS, LIMIT = 10_000, 9, 0.6


def main() -> int:
    if len(sys.argv) > 1:
        return measured(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "2026-0002")
    with tempfile.TemporaryDirectory() as place:
        root = _made(Path(place))
        return measured(root, "2026-0002")


def measured(root: Path, student: str) -> int:
    """Wall time of whole processes, each making one commit; prints one table."""
    folder = student_folder(student)
    path = f"{folder}/enrolments.yaml"
    enrolment = read((root / path).read_bytes(), path).value["enrolments"][0]["id"]
    command = papka(
        "add", student, "result", "--enrolment", enrolment, "--kind", "личностный",
        "--origin", "текущий контроль", "--text", "Выступала без подсказки.",
        "--date", "2026-09-15", "--period", "2026-2", "--save",
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    walls: list[float] = []
    used: list[float] = []
    for _ in range(ROUNDS):
        before = commit_snapshots.head(root)
        start, cpu = time.perf_counter(), os.times()
        subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - start)
        now = os.times()
        used.append(now.children_user + now.children_system - cpu[2] - cpu[3])
        if commit_snapshots.head(root) == before:
            raise SystemExit("nothing was saved")
    files = len(worktree.WorktreeSnapshot(root).paths())
    middle = statistics.median(walls)
    verdict = "reached" if middle <= LIMIT else "MISSED"
    print(f"add result --save, {files} files ({os.cpu_count()} cores, median of {ROUNDS})")
    print(f"  {middle:.3f} s wall   {min(walls):.3f}-{max(walls):.3f}   goal ≤ {LIMIT}: {verdict}")
    print(f"  {statistics.median(used):.3f} s CPU with git's processes")
    return 0 if middle <= LIMIT else 1


def _made(place: Path) -> Path:
    """The demo's archive with so many students that it has the files wanted."""
    for _ in demo(place / "demo", students=STUDENTS, now=datetime.now().astimezone()):
        pass
    return place / "demo" / "archive"


if __name__ == "__main__":
    sys.exit(main())
