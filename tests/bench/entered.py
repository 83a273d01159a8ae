"""How many files of papka one command enters: whoever wants to follow it must open that many.

`python tests/bench/entered.py [COMMAND…]`: imported, and of these how many had a function of
theirs run; with COMMAND the files themselves, in the order in which the command reached them. Each
does its usual work in a small archive of a school; a process that it forks (layout) counts too.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from papka.core.places import student_folder
from tests.support.measure import PROJECT
from tests.support.school import TEACHER, Archive, build
from tests.support.taking import EMIL, PERIOD, aglaya, gradebook, with_class

TOOLS = PROJECT / "tools"
GOALS = {"check": 40, "print": 50, "save": 60, "verify": 60, "take": 80}
"""Command -> how many files it may import."""
_TRACED = """
import os, sys
package, told = sys.argv.pop(1) + os.sep, open(sys.argv.pop(1), "ab", buffering=0)
seen = set()
def entered(frame, event, _):
    code = frame.f_code
    if event != "call" or code in seen:
        return
    seen.add(code)
    if code.co_filename.startswith(package) and not code.co_filename.endswith("__init__.py"):
        # class bodies and comprehensions run with their module; only a function is called
        called = code.co_flags & 1 and code.co_name not in ("<listcomp>", "<setcomp>", "<dictcomp>")
        word = "imported" if code.co_name == "<module>" else "ran" if called else ""
        if word:
            told.write(f"{word} {code.co_filename[len(package):]}\\n".encode())
sys.setprofile(entered)
from papka.cli.main import main
main()
"""


class Entered(NamedTuple):
    """Files of papka below its package in the order in which one command met them.

    `ran` are those of which a function ran after it was imported; each is in `imported` too.
    """

    imported: tuple[str, ...]
    ran: tuple[str, ...]


def entered(words: Sequence[str], archive: Archive) -> Entered:
    """Run one command in a process of its own and return what it entered; it must succeed."""
    with tempfile.TemporaryDirectory() as place:
        told = Path(place, "told")
        told.touch()
        state = {"PYTHONPATH": str(TOOLS), "XDG_STATE_HOME": place, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", _TRACED, str(TOOLS / "papka"), str(told), *words],
            cwd=archive.root, env={**os.environ, **state},
            capture_output=True, check=False, text=True, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == 0, f"papka {' '.join(words)}: {done.stdout}{done.stderr}"
        lines = [line.split(" ", 1) for line in told.read_text("utf-8").splitlines()]
    met = {word: dict.fromkeys(path for kind, path in lines if kind == word) for word, _ in lines}
    return Entered(tuple(met["imported"]), tuple(met["ran"]))


def usual(
    archive: Archive, commands: Sequence[str] = tuple(GOALS)
) -> Iterator[tuple[str, Entered]]:
    """Each command and what it entered, doing its usual work in the archive (see `school`)."""
    for command in commands:
        words = [command]
        if command == "print":
            words += ["personal-file", EMIL]
        if command == "save":
            archive.edit(f"{student_folder(EMIL)}/student.yaml", "emil@", "tychinkin@")
            words += ["--as", TEACHER]
        if command == "take":
            export = archive.root.parent / "grades.csv"
            export.write_bytes(gradebook(aglaya()))
            words += [str(export), "--period", PERIOD, "--platform", "kurs", "--as", TEACHER]
        yield command, entered(words, archive)


def main() -> int:
    asked = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        found = dict(usual(with_class(build(Path(place))), asked or tuple(GOALS)))
    for command, files in found.items():
        if asked:
            print("\n".join(f"{'ran' if f in files.ran else '   '} {f}" for f in files.imported))
        count = len(files.imported)
        verdict = "reached" if count <= GOALS[command] else "MISSED"
        print(f"{command:<8} {count:>3} files imported, {len(files.ran):>3} ran   ", end="")
        print(f"goal ≤ {GOALS[command]}: {verdict}")
    return int(any(len(files.imported) > GOALS[command] for command, files in found.items()))


if __name__ == "__main__":
    sys.exit(main())
