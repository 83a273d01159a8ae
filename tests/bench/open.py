"""`papka open`: processor time from the command to the first page, of each page, and memory.

`python tests/bench/open.py [ARCHIVE|STUDENTS]`: an archive that is there, or one with so many
students, 3,000 if nothing is said, made in a temporary folder, which takes minutes. Every page is
asked for through its real socket, by the links that the pages themselves hold.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from papka.core.places import STUDENTS
from papka.desk.demo_archive import demo
from papka.repository.files import names_in
from tests.support.measure import PROJECT, papka

MANY, ROUNDS = 3_000, 5
GOALS = {
    "command to first page": 1.0,
    "/people/found": 0.05,
    "/people/": 0.15,
    "/enter/marks": 0.2,
}
"""Seconds at 3,000 students; at 30,000 twice as much is allowed."""
MEMORY = 300 << 20


def main() -> int:
    given = sys.argv[1] if len(sys.argv) > 1 else str(MANY)
    if not given.isdecimal():
        return measured(Path(given))
    with tempfile.TemporaryDirectory() as place:
        for _ in demo(Path(place) / "demo", students=int(given), now=datetime.now().astimezone()):
            pass
        return measured(Path(place) / "demo" / "archive")


def measured(root: Path) -> int:
    """Open the archive and walk; print one table; return 1 when a goal was missed."""
    years = names_in(root, STUDENTS)
    students = [name for year in years for name in names_in(root, f"{STUDENTS}/{year}")]
    factor = 1 if len(students) <= MANY * 2 else 2
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    missed = 0
    begun = time.perf_counter()
    with subprocess.Popen(
        papka("open", "--no-browser"), cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        try:
            address = running.stdout.readline().split()[-1]
            _, _, where, secret, _ = address.split("/")
            server = http.client.HTTPConnection(where, timeout=300)
            ask(server, f"/{secret}/", whole=False)
            first, spent = time.perf_counter() - begun, processor(running.pid)
            print(f"papka open, {len(students)} students ({os.cpu_count()} cores)")
            missed += told("command to first page", [spent], factor)
            print(f"           of them by the clock: {first:.3f}")
            some = students[len(students) // 2]
            for path in (
                "/", "/people", f"/people/found?q={quote('ром')}", "/people?debts=1",
                f"/people?without={quote('согласие')}", f"/people/{some}",
                f"/people/{some}?day=2026-03-01", f"/people/{some}/history", "/groups",
                "/programs", "/orders", "/books", "/periods", "/summary", "/print", "/safety",
                first_grid(server, secret),
            ):  # fmt: skip
                rounds = []
                for _ in range(ROUNDS):
                    before = processor(running.pid)
                    if ask(server, f"/{secret}{path}"):
                        rounds.append(processor(running.pid) - before)
                missed += told(path, rounds, factor)
            used = resident(running.pid)
            verdict = "reached" if used <= MEMORY else "MISSED"
            print(f"  memory {used >> 20} MB, goal ≤ {MEMORY >> 20}: {verdict}")
            missed += used > MEMORY
        finally:
            running.send_signal(signal.SIGINT)
    return 1 if missed else 0


def ask(server: http.client.HTTPConnection, path: str, *, whole: bool = True) -> bool:
    """Whether there is such a page; `whole`: when what it waits for is worked out too."""
    while True:
        server.request("GET", path)
        answer = server.getresponse()
        page = answer.read()
        if answer.status in (302, 303):
            path = answer.headers["Location"]
        elif b"<progress" not in page or not whole:
            return answer.status == 200


def first_grid(server: http.client.HTTPConnection, secret: str) -> str:
    """The grid of marks that the page of entering leads to first."""
    server.request("GET", f"/{secret}/enter/")
    found = re.search(rb'href="/[^/"]+(/enter/marks/[^"]+)"', server.getresponse().read())
    return found[1].decode().replace("&amp;", "&") if found else "/enter/"


def processor(process: int) -> float:
    """Seconds of processor time that the process and those it started have used."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def told(name: str, seconds: list[float], factor: int) -> bool:
    """Print one row; return whether its goal was missed."""
    if not seconds:
        return False
    middle = statistics.median(seconds)
    goal = next((GOALS[each] for each in GOALS if name.startswith(each)), None)
    words = "" if goal is None else f"   goal ≤ {goal * factor}"
    is_missed = goal is not None and middle > goal * factor
    shown = re.sub(r"\?.*", "?…", name)
    print(f"  {middle:7.3f} s  {shown:28} {min(seconds):.3f}-{max(seconds):.3f}{words}", end="")
    print(": MISSED" if is_missed else "")
    return is_missed


def resident(process: int) -> int:
    """The most memory the process ever had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) << 10


if __name__ == "__main__":
    sys.exit(main())
