"""Faults put into commands: one command, one fault, at one of its acts.

Absent on purpose: two processes at one moment, which no number brings back; one is stopped in the
middle instead.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from dataclasses import replace

from tests.faults.injection import Fault
from tests.faults.power import DISKS, cut
from tests.life import jobs, trouble, work, writing
from tests.life.jobs import Job
from tests.life.life import Life
from tests.life.model import Stage, surname
from tests.life.world import Desk

_FAULTS = {
    "kill −9": 30, "ENOSPC": 12, "EIO": 12, "ENOSPC навсегда": 8, "EIO навсегда": 8,
    "питание": 12, "зеркало вынуто": 8, "другой вмешался": 10,
}  # fmt: skip
_COMMANDS = {"save": 4, "sync": 6, "push": 3, "new": 4, "issue": 2, "undo": 1, "backup": 2}
_HOW = {
    "kill −9": "kill", "питание": "kill", "зеркало вынуто": "gone", "другой вмешался": "pause",
    "ENOSPC": f"once {errno.ENOSPC}", "ENOSPC навсегда": f"always {errno.ENOSPC}",
    "EIO": f"once {errno.EIO}", "EIO навсегда": f"always {errno.EIO}",
}  # fmt: skip
_ACTS = 90


def fault(life: Life, desk: Desk, chance: random.Random) -> str:
    """One command with one fault; then, more often than not, the same command again."""
    kind = chance.choices(list(_FAULTS), list(_FAULTS.values()))[0]
    name = chance.choices(list(_COMMANDS), list(_COMMANDS.values()))[0]
    job, again = _begun(life, desk, name, chance)
    is_gone = kind == "зеркало вынуто" and life.world.is_hub_away
    if job is None or job.must_stop or (is_gone and job.talks):
        name = "save"  # there is always something to write
        job, again = _begun(life, desk, name, chance)
        assert job is not None
    at = 1 + int(chance.random() * 1.1 * life.counts.get(name, _ACTS))
    if kind == "другой вмешался":
        reached, done = _between(life, desk, job, at)
    else:
        reached, done = _hurt(life, desk, job, kind, at, chance)
    told = "сделано" if done else "ничего" if not reached else "часть"
    life.faults[name, kind, told] += 1
    if chance.random() < 0.6:
        again()
        told += ", повторено"
    return f"{kind} в {name}@{at}: {told}"


def _begun(
    life: Life, desk: Desk, name: str, chance: random.Random
) -> tuple[Job | None, Callable[[], object]]:
    """The command, and what a person does after it was cut off."""
    world = life.world
    if name == "save":
        writing.edit(life, desk, chance)
        return jobs.save(world, desk), lambda: writing.keep(life, desk)
    if name == "new":
        who = surname(int(life.word()[1:]))
        return jobs.new(world, desk, who), lambda: _once(life, desk, who, chance)
    if name == "issue":
        return jobs.issue(world, desk), lambda: work.issue(life, desk, chance)
    if name == "backup" and world.is_hub_away:
        return None, lambda: None
    if name == "backup":
        work.exchange(life, desk, chance)
        medium = trouble.a_medium(world, chance)
        return jobs.backup(world, desk, medium), lambda: trouble.copied(life, desk, medium, chance)
    if name == "undo":
        undone = desk.copy.undoable
        can = undone and undone[1].keys() == desk.copy.saved.keys()
        return jobs.undo(world, desk) if can else None, lambda: None
    if name == "push":
        return jobs.push(world, desk), lambda: work.push(life, desk, chance)
    return jobs.sync(world, desk), lambda: work.exchange(life, desk, chance)


def _once(life: Life, desk: Desk, who: str, chance: random.Random) -> None:
    """A personal file is not made before one has looked whether it is there."""
    if f"student {who}" not in life.world.hub and who not in desk.copy.waits:
        work.settled(life, desk, lambda: jobs.new(life.world, desk, who), chance)


def _hurt(  # noqa: PLR0913 - whose command, what of it, and which fault where
    life: Life, desk: Desk, job: Job, kind: str, at: int, chance: random.Random
) -> tuple[int, bool]:
    world = life.world
    disk = world.primary if kind == "зеркало вынуто" else None
    injector = world.process(desk)
    ran = injector.run([*job.words, "-C", desk.root], Fault(_HOW[kind], at, disk, desk.clock))
    gone = world.primary.with_name(world.primary.name + ".gone")
    if gone.exists():
        gone.rename(world.primary)
    if kind == "питание":
        cut(ran.acts, injector.graves, chance.choice(DISKS))
    if ran.count < at and not kind.endswith("навсегда"):
        life.counts[job.name] = ran.count
    reached = life.found(desk, job, ran, is_told=kind != "питание" or ran.code == 0)
    return reached, job.is_done(reached)


def _between(life: Life, desk: Desk, job: Job, at: int) -> tuple[int, bool]:
    """Stopped in the middle while the other exchanges; then it goes on."""
    world, other = life.world, life.other(desk)
    injector = world.process(desk)
    started = injector.start([*job.words, "-C", desk.root], Fault("pause", at, None, desk.clock))
    first, stages = job.stages, job.stages
    if started.wait_for_pause():
        life.look(desk, first())
        meanwhile = jobs.sync(world, other)
        ran = world.run(other, meanwhile.words)
        life.found(other, meanwhile, ran)
        started.go_on()
        again = jobs.remade(world, desk, job)
        hub = world.hub

        def stages() -> list[Stage]:
            """As it would have gone on, or as it would begin now."""
            before = [Stage(each.name, each.saved, hub) for each in first()]
            return before + (again.stages() if again else [])

    ended = started.end()
    job = replace(job, stages=stages)
    reached = life.found(desk, job, ended)
    return reached, job.is_done(reached)


def faults_told(life: Life) -> str:
    """The table of faults: by command and fault how often, and how far it came."""
    rows = sorted({fault for _, fault, _ in life.faults})
    names = [name for name in _COMMANDS if any(each[0] == name for each in life.faults)]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for row in rows:
        cells = []
        for name in names:
            found = [life.faults[name, row, told] for told in ("ничего", "часть", "сделано")]
            cells.append("/".join(map(str, found)) if any(found) else "—")
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
