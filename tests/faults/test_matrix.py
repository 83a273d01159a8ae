"""Every job with every fault at many of its acts: nothing saved is lost, and trying again helps.

`pytest tests/faults --soak` runs the whole matrix and prints its table; without it, a sample.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.cells import Cell, cells, sample
from tests.faults.hurt_school import World
from tests.faults.injection import Ended, Fault
from tests.faults.job_table import Job, ready
from tests.faults.power import cut
from tests.faults.trials import fail, rest, unhurt


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cell" in metafunc.fixturenames:
        found = cells() if metafunc.config.getoption("--soak") else sample()
        metafunc.parametrize("cell", found, ids=[cell.name for cell in found])


def test_nothing_is_lost_and_trying_again_helps(
    cell: Cell, kept_world: World, record_property: Callable[[str, object], None]
) -> None:
    record_property("fault", json.dumps([cell.job.name, cell.kind.row]))
    world, job = kept_world, cell.job
    acts = unhurt(world, job)[1]
    at = cell.at(acts, str(world.root / "tmp"))
    ready(world, job)
    wrong, told = fail(
        world, job, lambda: _hurt(world, cell, at), lambda: world.injector.run(job.words(world))
    )
    act = next((act for act in acts if act.turn == at), acts[-1])
    where = act.other or act.path  # a sync of everything is done nowhere
    place = f"{act.word} {Path(where).relative_to(world.root) if where else ''}"
    rest(world, wrong, f"act {at} ({place})\n{told}")


def _hurt(world: World, cell: Cell, at: int) -> Ended | None:
    """The job with its fault; None when nobody was left to be told."""
    job, kind = cell.job, cell.kind
    disks = {
        "hub": world.primary.parent,
        "usb": world.second.parent,
        "archive": world.archive.root,
        "medium": world.medium,
    }
    disk = disks.get(kind.name.removeprefix("unplugged-"))
    fault = Fault(kind.how, at, disk)
    if kind.how == "pause":
        return _two(world, job, fault)
    ended = world.injector.run(job.words(world), fault)
    if disk is not None:
        gone = disk.with_name(disk.name + ".gone")
        if gone.exists():
            assert not disk.exists()
            gone.rename(disk)
    if kind.disk is not None:
        cut(ended.acts, world.injector.graves, kind.disk)
        return ended if ended.code == 0 else None
    return ended


def _two(world: World, job: Job, fault: Fault) -> Ended:
    """One is stopped in the middle, the other does the same meanwhile, then the first goes on."""
    words = job.words(world)
    first = world.injector.start(words, fault)
    second: Ended | None = None
    if first.wait_for_pause():
        second = world.injector.start(words, Fault(), "b").end()
        first.go_on()
    ended = first.end()
    both = [ended] if second is None else [ended, second]
    bug = [each for each in both if each.code not in (0, 3, 4)]
    return min(bug or both, key=lambda each: each.code)
