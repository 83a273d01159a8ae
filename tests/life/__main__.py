"""A life by hand: `python -m tests.life --seed 7 --steps 1000`, or the steps of one as words.

`--shrink` leaves out, as long as the same sentence comes of it, all that it does not need: first
the many steps before, then one after another.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.life.life import Broken, Step, drawn
from tests.life.living import WEIGHTS, live, told
from tests.life.world import build
from tests.support.school import Archive
from tests.support.school import build as build_school


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.life", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("words", nargs="*", help="save.one.17 sync.two.4 …")
    given = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(("GIT_", "SSH_", "XDG_"))]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="papka-life-"))
    os.environ |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
    }
    words = [word for part in given.words for word in part.split()]
    steps = [Step.read(word) for word in words] or drawn(given.seed, given.steps, WEIGHTS)
    school = build_school(folder / "school")
    wrong = _lived(folder, school, steps, _say)
    if wrong and given.shrink:
        _shrunk(steps, lambda left: _same(wrong, _lived(folder, school, left, lambda _: None)))
    return 1 if wrong else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a person waits for it


def _lived(folder: Path, school: Archive, steps: Sequence[Step], say: Callable[[str], None]) -> str:
    """Lives the steps in a new world; what did not hold."""
    shutil.rmtree(folder / "life", ignore_errors=True)
    (folder / "life").mkdir()
    try:
        life = live(build(folder / "life", school), steps, say)
    except Broken as broken:
        say(f"{broken}\nмир: {folder}")
        return str(broken.__cause__)
    say(told(life))
    return ""


def _same(one: str, other: str) -> bool:
    """Whether it is the same sentence, numbers and ids left out."""
    first, second = (re.sub(r"[0-9a-f]{7,}|т?\d+", "…", text[:160]) for text in (one, other))
    return first == second


def _shrunk(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool]) -> None:
    """Tells each shorter life as it is found."""
    left, piece = list(steps), max(1, len(steps) // 2)
    while piece:
        at = 0
        while at < len(left):
            fewer = left[:at] + left[at + piece :]
            if fewer and fails(fewer):
                left = fewer
                _say(f"{len(left)}: {' '.join(map(str, left))}")
            else:
                at += piece
        piece //= 2


sys.exit(main())
