"""What every cell does: the job unhurt once, then hurt, looked at, tried again, looked at again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from tests.faults.hurt_school import World, main_of, paths_at
from tests.faults.injection import Act, Ended
from tests.faults.invariants import Done, after_fault, after_retry, at_rest, is_told_done, look
from tests.faults.job_table import Job, ready, send

_counted: dict[tuple[Path, str], tuple[Done, tuple[Act, ...]]] = {}


def unhurt(world: World, job: Job) -> tuple[Done, tuple[Act, ...]]:
    """What the job comes to and does when nothing fails; run once."""
    known = _counted.get((world.base, job.name))
    if known is None:
        ready(world, job)
        before = look(world)
        ended = world.injector.run(job.words(world))
        assert ended.code == 0, ended.text
        head = main_of(world.archive.root)
        assert head is not None
        done = Done(frozenset(paths_at(world.archive.root, head)))
        wrong = [*after_retry(world, job, before, done, ended)]
        assert not wrong, wrong
        known = _counted[world.base, job.name] = (done, ended.acts)
    return known


def fail(
    world: World,
    job: Job,
    hurt: Callable[[], Ended | None],
    again: Callable[[], Ended],
    *,
    known: Collection[str] = (),
) -> tuple[list[str], str]:
    """What did not hold in one cell, and what the hurt command said.

    `hurt` gives None when nobody was left to be told; `known`: what verify may find meanwhile.
    """
    before = look(world)
    done, _ = _counted[world.base, job.name]
    ended = hurt()
    wrong = [*after_fault(world, job, before, ended, job.meanwhile.union(known))]
    retried = again()
    settled = ended is not None and is_told_done(ended)
    wrong += after_retry(world, job, before, done, retried, known, settled=settled)
    return wrong, "" if ended is None else f"{ended.code}: {ended.text[-600:]}"


def rest(world: World, wrong: list[str], told: str) -> None:
    """The next exchange brings everything everywhere; asserts that all held."""
    if not wrong:
        send(world)
        wrong += at_rest(world)
    assert not wrong, "\n".join([*wrong, told])
