"""What a secretary waits for beside the least that git itself needs, in one archive.

`python tests/bench/daily.py [ARCHIVE [STUDENT]]`: a copy of an archive that may be written to, with
signing set up and mirrors in folders; without one a trial of 1,000 students is built. CPU seconds
of whole processes, taken in turns, medians; the ratio is to `git status -uall`, of a save to
`git add` and a signed `git commit`.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from papka.core.places import student_folder
from papka.records.strict_yaml import read
from papka.repository import worktree
from tests.support.measure import Spent, in_turns, spend, spend_in, spend_on

ROUNDS, _STUDENTS, _SHOWN = 5, 1_000, "2026-0002"
WALK, COMMIT = "git status -uall", "git add + commit -S"
_GIT = ("git", "-c", "core.hooksPath=/dev/null")


def main() -> int:
    if len(sys.argv) > 1:
        measured(Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else _SHOWN)
        return 0
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CACHE_HOME"] = name
        spend("demo", f"{name}/demo", "--students", str(_STUDENTS), is_quiet=True)
        measured(Path(name) / "demo" / "archive", _SHOWN)
    return 0


class Desk:
    """An archive that a person works in, and what the jobs cost there."""

    def __init__(self, root: Path, student: str) -> None:
        self._root = root
        self._student = student
        folder = root / student_folder(student)
        self._card = folder / "student.yaml"
        said = read((folder / "enrolments.yaml").read_bytes(), "").value
        self._enrolment = said["enrolments"][0]["id"]
        self._surname = read(self._card.read_bytes(), "").value["name"]["surname"]
        self._edits = 0
        self.jobs: dict[str, tuple[str, Callable[[], Spent]]] = {
            WALK: (WALK, lambda: spend_on(["git", "status", "-uall", "--short"], root)),
            COMMIT: (COMMIT, self._save_by_git),
            "status": (WALK, lambda: self.run("status", "--fail-on", "fatal")),
            "check, nothing changed": (WALK, lambda: self.run("check")),
            "check --since HEAD~1": (WALK, lambda: self.run("check", "--since", "HEAD~1")),
            "check --since HEAD~1 --rev HEAD": (
                WALK, lambda: self.run("check", "--since", "HEAD~1", "--rev", "HEAD"),
            ),
            "show": (WALK, lambda: self.run("show", student)),
            "find": (WALK, lambda: self.run("find", self._surname)),
            "save of one edit": (COMMIT, self._save),
            "add result --save": (COMMIT, self._add),
            "sync, nothing new": (WALK, self._sync),
        }  # fmt: skip

    def run(self, *words: str) -> Spent:
        return spend_in(self._root, *words)

    def _edit(self) -> None:
        self._edits += 1
        lines = [line for line in self._card.read_text().splitlines() if "# правка" not in line]
        self._card.write_text("\n".join([*lines, f"# правка {self._edits}", ""]))

    def _save(self) -> Spent:
        self._edit()
        return self.run("save")

    def _save_by_git(self) -> Spent:
        """Commit as a person with git alone would, and take it back unmeasured."""
        self._edit()
        added = spend_on([*_GIT, "add", "-A"], self._root)
        used = added.then(spend_on([*_GIT, "commit", "-q", "-S", "-m", "x"], self._root))
        spend_on([*_GIT, "reset", "-q", "--hard", "HEAD~1"], self._root)
        return used

    def _add(self) -> Spent:
        return self.run(
            "add", self._student, "result", "--enrolment", self._enrolment,
            "--kind", "личностный", "--origin", "текущий контроль", "--text", "Выступала сама.",
            "--date", "2026-09-15", "--period", "2026-2", "--save",
        )  # fmt: skip

    def _sync(self) -> Spent:
        self.run("sync")
        return self.run("sync")


def measured(root: Path, student: str) -> None:
    """Take all jobs in turns, and print one table."""
    jobs = Desk(root, student).jobs
    taken = in_turns({name: job for name, (_, job) in jobs.items()}, ROUNDS)
    found = {name: [used.seconds for used in each] for name, each in taken.items()}
    middle = {name: statistics.median(each) for name, each in found.items()}
    print(f"{len(worktree.WorktreeSnapshot(root).paths())} files, median of {ROUNDS}")
    for name, each in found.items():
        peer, spread = jobs[name][0], f"{min(each):.2f}-{max(each):.2f}"
        ratio = middle[name] / middle[peer]
        print(f"  {name:<32} {middle[name]:6.2f} s CPU  {spread:<12} {ratio:6.2f} × {peer}")


if __name__ == "__main__":
    sys.exit(main())
