"""Work on archives of a fleet that ends its process, for tests of what then becomes of the rest.

A module of its own: worker processes import it by name.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from papka.copies.fleet_list import FleetOutcome, FleetTask
from papka.copies.fleet_work import carry_out, own_name


def end_beside(task: FleetTask) -> FleetOutcome:
    """End the process in «Роковой», always, once «Рядом» is in hand; be away in «Мигает» once.

    The address is a folder in which «Рядом» and «Мигает» note that they were begun.
    """
    met = Path(task.member.mirror) / "met"
    if task.member.title == "Роковой":
        until = time.monotonic() + 60
        while not (met.parents[1] / "1" / "met").exists() and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    if not met.exists():
        met.touch()
        if task.member.title == "Рядом":
            time.sleep(120)  # taken along by the pool that breaks
        return FleetOutcome(task.number, task.member.title, 4, trouble="нет связи", by=own_name())
    return FleetOutcome(task.number, task.member.title, 0, by=own_name())


def carry_out_slowly(task: FleetTask) -> FleetOutcome:
    """Really do it; tell by a file that «Долгая» is in hand, and give time to be ended there."""
    if task.member.title == "Долгая":
        begun = Path(task.member.authority)
        if not begun.exists():
            begun.write_text(str(os.getpid()), encoding="ascii")
            time.sleep(60)
        task = FleetTask(
            task.number, type(task.member)("Долгая", task.member.mirror), task.job, task.now
        )
    return carry_out(task)
