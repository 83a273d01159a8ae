"""Copies of an archive of 100,000 files: a push to two mirrors, and a drill of restoring from one.

A push is asked beside plain pushes of the same commit, the job alone (start and imports taken off,
as a plain push has none), with two mirrors and with four. A drill is asked beside a bare clone that
really copies, and fsck of it, start included.

python tests/bench/copies.py [FILES]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from papka.repository import handle
from papka.repository.git_values import MAIN
from tests.bench.verify import build
from tests.support.measure import Side, cpu, side_by_side

PUSH_LIMIT, DRILL_LIMIT = 1.1, 1.2
_COMMITS = 40
_GIT = ["git", "-c", "safe.directory=*"]
_PUSH = """
import os, resource, sys
from pathlib import Path
import filelock, papka.repository.gitpython  # imports are taken off
from papka.copies import mirrors
root = Path(sys.argv[1])
def used():
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)
before = used()
assert mirrors.push(root).is_good
print(used() - before)
"""
_DRILL = """
import sys, time
from datetime import datetime, timezone
from pathlib import Path
from papka.copies.drill import drill
from papka.repository.handle import list_remotes
from papka.copies.restoring import find_sources
root = Path(sys.argv[1])
sources = find_sources(["m0"], list_remotes(root), root)
now = datetime.now(timezone.utc)
(done,) = drill(root, sources, now=now, clock=time.monotonic)
sys.exit(not done.is_good or done.behind)
"""


class _Case:
    """An archive, mirrors of its last commit but some, and a ladder of commits to push."""

    def __init__(self, place: Path, files: int, mirrors: int) -> None:
        self.root = place / "archive"
        build(self.root, _COMMITS, files)
        self.line = _out(self.root, "rev-list", "--reverse", MAIN).split()
        self.mirrors = [place / f"mirror{at}.git" for at in range(mirrors)]
        self.plain = [place / f"plain{at}.git" for at in range(mirrors)]
        for each in (*self.mirrors, *self.plain):
            handle.init(each, bare=True)
            _run(self.root, "push", "-q", str(each), f"{self.line[0]}:{MAIN}")
            handle.write_settings(each, handle.SAFE_STORE)
        for at, each in enumerate(self.mirrors):
            remote = handle.Remote(f"m{at}", str(each), "RU", primary=at == 0)
            handle.add_remote(self.root, remote)

    def steps(self) -> Iterator[str]:
        """The archive's main moves up by one commit each time."""
        for commit in self.line[1:]:
            _run(self.root, "update-ref", MAIN, commit)
            yield commit


def _out(folder: Path, *words: str) -> str:
    return subprocess.run(
        [*_GIT, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def _run(folder: Path, *words: str) -> None:
    _out(folder, *words)


def _plain_pushes(case: _Case, commit: str) -> float:
    return sum(
        cpu(
            [*_GIT, "-c", "core.fsync=all", "push", "-q", str(each), f"{commit}:{MAIN}"],
            cwd=case.root,
        )
        for each in case.plain
    )


def _job(case: _Case) -> float:
    ran = subprocess.run(
        [sys.executable, "-c", _PUSH, str(case.root)], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": "tools"},
    )  # fmt: skip
    return float(ran.stdout)


def push_beside_two_pushes(place: Path, files: int, mirrors: int) -> int:
    case = _Case(place, files, mirrors)
    steps = case.steps()
    commit = next(steps)

    def theirs() -> float:
        nonlocal commit
        spent = _plain_pushes(case, commit)
        commit = next(steps)
        return spent

    return side_by_side(
        f"push one change of {files} files to {mirrors} mirrors, read back",
        Side("papka mirror push, the job", lambda: _job(case)),
        Side(f"{mirrors} plain pushes", theirs),
        rounds=9,
        limit=PUSH_LIMIT,
    )


def drill_beside_clone(place: Path, files: int) -> int:
    root, mirror = place / "archive", place / "mirror.git"
    build(root, 2, files)
    shutil.copytree(root, mirror)
    handle.add_remote(root, handle.Remote("m0", str(mirror), "RU", primary=True))

    def theirs() -> float:
        copy = place / "copy.git"
        shutil.rmtree(copy, ignore_errors=True)
        clone = [*_GIT, "clone", "-q", "--bare", f"file://{mirror}", str(copy)]
        check = [*_GIT, "fsck", "--full", "--strict", "--no-dangling"]
        return cpu(clone, cwd=place) + cpu(check, cwd=copy)

    return side_by_side(
        f"drill: {files} files restored from a mirror, verified, compared; start included",
        Side("papka restore --drill", lambda: cpu([sys.executable, "-c", _DRILL, str(root)])),
        Side("git clone --bare + fsck", theirs),
        rounds=3,
        limit=DRILL_LIMIT,
    )


def main(files: int) -> int:
    jobs: tuple[Callable[[Path], int], ...] = (
        lambda place: drill_beside_clone(place, files),
        lambda place: push_beside_two_pushes(place, files, 2),
        lambda place: push_beside_two_pushes(place, files, 4),
    )
    missed = 0
    for job in jobs:
        with tempfile.TemporaryDirectory() as name:
            missed |= job(Path(name) / "case")
    return missed


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    sys.exit(main(*map(int, sys.argv[1:2] or ["100000"])))
