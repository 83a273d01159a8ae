"""Two hundred archives of fifty students: one damaged, one away, one worker killed in the middle.

    python -m tests.bench.fleet [ARCHIVES]

Every other verdict arrives and the three are told by name; beside it what one archive costs when it
is asked alone, so that the ratio says what the fleet itself adds.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from papka.copies.fleet_list import FleetMember, FleetOutcome, FleetTask
from papka.copies.fleet_running import processes, run_fleet
from papka.copies.fleet_work import carry_out
from papka.desk.demo_archive import demo
from tests.support.histories import flip
from tests.support.school import NOW

_STUDENTS = 50
_MARK = "PAPKA_BENCH_KILLED"


def carry_out_or_end(task: FleetTask) -> FleetOutcome:
    """As always, but the first process that takes the tenth archive is killed in it."""
    mark = Path(os.environ[_MARK])
    if task.number == 10 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return carry_out(task)


def main(archives: int) -> int:
    with tempfile.TemporaryDirectory(prefix="papka-bench-") as name:
        place = Path(name)
        os.environ[_MARK] = str(place / "killed")
        for _ in demo(place / "demo", students=_STUDENTS, now=NOW):
            pass
        store = place / "demo" / "server.git"
        members = []
        for number in range(archives):
            own = place / f"{number:03}.git"
            if number != 20:
                shutil.copytree(store, own, copy_function=os.link)
            members.append(FleetMember(f"Школа {number}", str(own)))
        broken = next((place / "030.git").glob("objects/pack/*.pack"), None)
        broken = broken or min((place / "030.git").glob("objects/??/*"))
        data = broken.read_bytes()
        broken.unlink()
        broken.write_bytes(data)
        flip(broken)
        tasks = [FleetTask(number, member, "check", NOW) for number, member in enumerate(members)]
        alone = time.monotonic()
        assert carry_out(tasks[0]).code == 0
        alone = time.monotonic() - alone
        began = time.monotonic()
        done = {each.number: each for each in run_fleet(tasks, processes(2), carry_out_or_end)}
        took = time.monotonic() - began
    named = sorted(each.title for each in done.values() if each.code)
    wrong = len(done) != archives or named != ["Школа 20", "Школа 30"]
    print(f"архивов {archives} по {_STUDENTS} дел: {took:.1f} с, вердиктов {len(done)}")
    print(f"с замечанием или недоступны: {', '.join(named)}; оборван один обработчик")
    print(f"один архив сам по себе: {alone:.2f} с; на архив в сети {took / archives:.2f} с")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
