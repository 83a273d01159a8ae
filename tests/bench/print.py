"""Personal files on paper: one, many, and many that have not changed, beside WeasyPrint's own
command on the same pages.

`python tests/bench/print.py [STUDENTS]`: 1,000 by default. The peer starts anew for every file, as
a script around it would; a few files are enough to know what one costs it. The goal for many
is told for files of three pages, and files have as many as they have: both sides are brought to
three, the peer by what it takes to start and what a page more costs it, ours by its cost of a page.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pypdf

from papka.desk.demo_archive import demo
from tests.support.measure import cpu, library, papka

STUDENTS, SAMPLED, ROUNDS, PAGES = 1_000, 5, 5, 3
FORM, ONE = "personal-file", "2025-0001"
ONE_LIMIT, MANY_LIMIT = 1.2 / 1.15, 0.26 / 1.15
"""Shares of what the peer costs: the goals in seconds, over its 1.15 s on the machine they name."""
UNCHANGED_GOAL = 1_000
"""Files a second."""


def main() -> int:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for _ in demo(folder / "demo", students=students, now=datetime.now().astimezone()):
            pass
        return measured(folder / "demo" / "archive", folder)


def measured(root: Path, folder: Path) -> int:
    """Prints one table; 1 when a goal is missed."""
    cpu(papka("print", FORM, "--all", "--html", "--out", str(folder / "html")), cwd=root)
    html = sorted((folder / "html").iterdir())
    every = papka("print", FORM, "--all", "--out", str(folder / "out"))
    clock = time.perf_counter()
    many = cpu(every, cwd=root) / len(html)
    wall = (time.perf_counter() - clock) / len(html)
    unchanged = min(_timed(every, root) for _ in range(ROUNDS))
    empty = folder / "empty.html"
    empty.write_text("<p>", "utf-8")
    alone = papka("print", FORM, ONE, "--no-cache")
    start = statistics.median(_peer(empty, folder) for _ in range(ROUNDS))
    one = statistics.median(cpu(alone, cwd=root) for _ in range(ROUNDS))
    sample = html[:: max(1, len(html) // SAMPLED)]
    theirs = statistics.mean(_peer(page, folder) for page in sample)
    sheets = statistics.mean(_pages(folder, page) for page in sample)
    mean = statistics.mean(_pages(folder, page) for page in html)
    page = many / mean
    peer = start + PAGES * (theirs - start) / sheets
    theirs_one = statistics.median(
        _peer(folder / "html" / f"{FORM}-{ONE}.html", folder) for _ in range(ROUNDS)
    )
    print(f"print {len(html)} personal files of {mean:.1f} pages ({_machine()})")
    print(
        f"  one of {_pages(folder, folder / f'{FORM}-{ONE}'):2} pages {one:7.3f} s CPU   ", end=""
    )
    print(f"peer {theirs_one:.3f}")
    print(f"  many, each      {many:7.3f} s CPU   of {PAGES} pages {PAGES * page:.3f}   ", end="")
    print(f"wall {wall:.3f} s")
    print(f"  peer, each      {theirs:7.3f} s CPU   of {PAGES} pages {peer:.3f}   ", end="")
    print(f"start {start:.3f} s")
    print(f"  unchanged       {len(html) / unchanged:7.0f} a second, start included")
    met = (
        _verdict("one", one / theirs_one, ONE_LIMIT),
        _verdict("many", PAGES * page / peer, MANY_LIMIT),
        _verdict("unchanged", UNCHANGED_GOAL * unchanged / len(html), 1.0),
    )
    return 0 if all(met) else 1


def _pages(folder: Path, page: Path) -> int:
    """Of all volumes printed for this file."""
    found = sorted((folder / "out").glob(f"{page.stem}*.pdf"))
    return sum(len(pypdf.PdfReader(path).pages) for path in found)


def _peer(page: Path, folder: Path) -> float:
    program = str(Path(sys.executable).parent / "weasyprint")
    words = [program, "-q", "--pdf-variant", "pdf/a-3a", str(page), str(folder / "peer.pdf")]
    return cpu(words, cwd=folder)


def _timed(words: list[str], root: Path) -> float:
    start = time.perf_counter()
    cpu(words, cwd=root)
    return time.perf_counter() - start


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {library('weasyprint')}, "
        f"median of {ROUNDS}"
    )


def _verdict(what: str, ratio: float, limit: float) -> bool:
    print(f"  {what:<12} ratio {ratio:.3f}   goal ≤ {limit:.3f}: ", end="")
    print("reached" if ratio <= limit else "MISSED", flush=True)
    return ratio <= limit


if __name__ == "__main__":
    sys.exit(main())
