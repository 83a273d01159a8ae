"""`papka --help` beside the barest click program: start-up is what is felt every time."""

from __future__ import annotations

import sys

from tests.support.measure import Side, cpu, library, papka, side_by_side

BARE = """
import click
@click.group()
def bare(): "A program."
for name in "abcdefgh":
    bare.command(name)(lambda: None)
bare()
"""


def main() -> int:
    return side_by_side(
        "papka --help",
        Side("papka", lambda: cpu(papka("--help"))),
        Side(f"bare {library('click')}", lambda: cpu([sys.executable, "-c", BARE, "--help"])),
        rounds=21,
        limit=2,
    )


if __name__ == "__main__":
    sys.exit(main())
