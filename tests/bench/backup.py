"""A backup to a medium, the first and the next, beside a bare clone that really copies and fsck.

python tests/bench/backup.py [STUDENTS]
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from papka.desk.demo_archive import demo
from tests.support.measure import Side, Spent, side_by_side, spend_in, spend_on

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


class Media:
    """Copies of an archive on media, and the peer's; they are made in the folder `place`.

    What this computer remembers of the archive lies there too, in `state`.
    """

    def __init__(self, root: Path, place: Path) -> None:
        self._root = root
        self._place = place
        self._kept = place / "kept"
        self._kept.mkdir()
        self._made = 9

    def first(self) -> Spent:
        """Make a copy on an empty medium, with nothing remembered."""
        medium = self._place / "new"
        shutil.rmtree(medium, ignore_errors=True)
        shutil.rmtree(self._place / "state" / "papka", ignore_errors=True)
        medium.mkdir()
        self._made += 1
        return self._back_up(medium, f"Н-{self._made}")

    def again(self) -> Spent:
        """Make a copy on the medium that is always the same."""
        return self._back_up(self._kept, "Н-1")

    def _back_up(self, medium: Path, number: str) -> Spent:
        words = ("--medium", number, "--kind", "диск", "--drop-older")
        return spend_in(self._root, "backup", "--to", str(medium), *words)

    def clone(self) -> Spent:
        """Copy with git alone, and check the copy."""
        copy = self._place / "copy.git"
        shutil.rmtree(copy, ignore_errors=True)
        clone = [*_GIT, "clone", "-q", "--bare", f"file://{self._root}", str(copy)]
        check = [*_GIT, "fsck", "--full", "--strict", "--no-dangling"]
        return spend_on(clone, self._place).then(spend_on(check, copy))


def measured(root: Path, place: Path) -> int:
    """Prints one table for the first copy and one for the next; 1 when a goal is missed."""
    media = Media(root, place)
    memory: list[float] = []

    def backed_up(job: Callable[[], Spent]) -> float:
        spent = job()
        memory.append(spent.memory)
        return spent.seconds

    media.again()
    peer = Side("git clone --bare + fsck", lambda: media.clone().seconds)
    missed = side_by_side(
        "backup, the first of this computer",
        Side("papka backup", lambda: backed_up(media.first)),
        peer, rounds=_ROUNDS, limit=LIMIT,
    )  # fmt: skip
    media.again()  # the last round forgot what was judged
    missed |= side_by_side(
        "backup, the next one on the same medium",
        Side("papka backup", lambda: backed_up(media.again)),
        peer, rounds=_ROUNDS, limit=AGAIN_LIMIT,
    )  # fmt: skip
    print(f"  memory of papka backup {max(memory):.2f} GB")
    return missed


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    sys.exit(main(*map(int, sys.argv[1:2] or ["10000"])))
