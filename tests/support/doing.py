"""Work on archives of a fleet that ends its process, for tests of what then becomes of the rest.

A module of its own: worker processes import it by name.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

from papka.copies.fleet_list import FleetOutcome, FleetTask
from papka.copies.fleet_work import carry_out, own_name


def end_first_time(task: FleetTask) -> FleetOutcome:
    """End the process in «Роковой» always (its address is a folder that is told what it held on
    the disk), in «Споткнулась» once (likewise, that it was met), and be away in «Мигает» once."""
    place = Path(task.member.mirror)
    if task.member.title == "Роковой":
        (place / "held").write_text(tempfile.mkdtemp(), encoding="utf-8")
        while not (place.parent / "1/met").exists():  # that one stumbles beside others, not alone
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    if task.member.title in ("Споткнулась", "Мигает") and not (place / "met").exists():
        (place / "met").touch()
        if task.member.title == "Споткнулась":
            os.kill(os.getpid(), signal.SIGKILL)
        return FleetOutcome(task.number, task.member.title, 4, trouble="нет связи", by=own_name())
    return FleetOutcome(task.number, task.member.title, 0, by=own_name())


def hold_until_left(task: FleetTask) -> FleetOutcome:
    """Hold a folder on the disk in «Долгая», whose address is told which and by whom; be done with
    any other when it does."""
    place = Path(task.member.mirror)
    begun = place.parent / "begun"
    if task.member.title == "Долгая":
        with tempfile.TemporaryDirectory() as held:
            begun.with_suffix(".new").write_text(f"{os.getpid()} {held}", encoding="utf-8")
            begun.with_suffix(".new").replace(begun)
            time.sleep(30)
        (place / "whole").touch()
    while not begun.exists():
        time.sleep(0.02)
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


def own_process(task: FleetTask) -> FleetOutcome:
    """Do nothing, and say where."""
    return FleetOutcome(task.number, task.member.title, 0, by=own_name())
