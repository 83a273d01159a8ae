"""`papka show` in the sample school beside the barest program for it: a start is felt each time.

In so small an archive nothing costs but starting: what is imported, git asked for the folder's
state, one personal file read. The peer reads the same YAML, asks git once, and prints.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from papka.core.places import student_folder
from tests.support.measure import Side, cpu, library, papka, side_by_side, spend

SHOWN, SECONDS, ROUNDS = "2025-0001", 0.35, 11
BARE = """
import pathlib, subprocess, sys, click, yaml
@click.group()
def bare(): "A program."
@bare.command()
@click.argument("folder")
def show(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        click.echo(yaml.load(path.read_bytes(), yaml.CSafeLoader))
    subprocess.run(["git", "status", "-uall", "--short"], check=True)
bare()
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CACHE_HOME"] = name
        spend("demo", f"{name}/demo", is_quiet=True)
        root = Path(name) / "demo" / "archive"
        bare = [sys.executable, "-c", BARE, "show", student_folder(SHOWN)]
        ours = Side("papka", lambda: cpu(papka("show", SHOWN), cwd=root))
        peer = Side(f"bare {library('click')}", lambda: cpu(bare, cwd=root))
        what = "papka show, the sample school"
        side_by_side(what, ours, peer, rounds=ROUNDS, limit=None)
        goal = Side(f"{SECONDS} s", lambda: SECONDS)
        return side_by_side(what, ours, goal, rounds=ROUNDS, limit=1)


if __name__ == "__main__":
    sys.exit(main())
