"""Lives a list of steps in a world, looks at everything now and then, and ends with all equal."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from tests.faults.hurt_school import main_of, unsound
from tests.life import hurting, trouble, work, writing
from tests.life.facts import git
from tests.life.life import Broken, Life, Step
from tests.life.world import Desk, World

_EVERY = 40
"""After so many steps all stores are verified and read whole."""

Doing = Callable[[Life, Desk, random.Random], str]

KINDS: dict[str, tuple[int, Doing]] = {
    "save": (20, writing.save),
    "edit": (6, writing.only_edit),
    "sync": (15, work.exchange),
    "push": (6, work.push),
    "new": (4, work.new),
    "issue": (2, work.issue),
    "order": (2, writing.order),
    "both": (3, writing.both),
    "undo": (4, work.undo),
    "seal": (2, work.seal),
    "close": (1, work.close),
    "status": (3, work.status),
    "tidy": (4, work.tidy),
    "backup": (2, trouble.backup),
    "medium": (2, trouble.medium),
    "away": (4, trouble.away),
    "blank": (1, trouble.blank),
    "clock": (2, trouble.clock),
    "flip": (3, trouble.flip),
    "anew": (2, trouble.anew),
    "fault": (30, hurting.fault),
}
WEIGHTS = {kind: weight for kind, (weight, _) in KINDS.items()}


def live(world: World, steps: Sequence[Step], say: Callable[[str], None] = lambda _: None) -> Life:
    """Raises Broken with the step, and the steps before it."""
    life = Life(world)
    for number, step in enumerate(steps, 1):
        begun = time.monotonic()
        desk = world.desks[step.desk]
        try:
            said = KINDS[step.kind][1](life, desk, random.Random(step.number))
            _pass(life, desk)
            if number % _EVERY == 0:
                look_whole(life)
        except Exception as error:
            lived = " ".join(map(str, steps[:number]))
            last = "\n".join(life.told[-12:])
            raise Broken(f"{last}\n{number} {step}: {error}\n\nпрожито: {lived}") from error
        life.say(f"{number} {step} {said}")
        say(f"{number} {step} {said} ({time.monotonic() - begun:.1f} с)")
    try:
        finish(life)
    except Exception as error:
        lived = " ".join(map(str, steps))
        raise Broken(
            "\n".join([*life.told[-12:], f"конец: {error}\n\nпрожито: {lived}"])
        ) from error
    return life


def _pass(life: Life, desk: Desk) -> None:
    """Time goes on: mirrors come back, clocks are set right."""
    for store in [*life.away]:
        life.away[store] -= 1
        if life.away[store] <= 0:
            trouble.back(life, store)
    if desk.clock:
        desk.left -= 1
        desk.clock = desk.clock if desk.left > 0 else 0


def look_whole(life: Life) -> None:
    """Every store is read to its last byte by git, and verified by papka."""
    world = life.world
    stores = {each.name: each for each in (world.primary, world.second) if main_of(each)}
    stores |= {desk.name: desk.root for desk in world.desks.values()}
    for name, store in stores.items():
        reason = unsound(store)
        life.hold([f"{name}: {reason}"] * bool(reason))
        desk = world.desks.get(name, world.desks["one"])
        ran = world.run(desk, ["verify", store, *([] if name in world.desks else ["--no-memory"])])
        life.hold([f"verify {name}: код {ran.code}"] * (ran.code != 0), ran)
    for desk in world.desks.values():
        life.watch(desk)
    if not world.is_hub_away:
        assert life.primary() == world.hub


def finish(life: Life) -> None:
    """Everything comes back, both exchange: everything is everywhere."""
    world = life.world
    for store in [*life.away]:
        trouble.back(life, store)
    desks = [*world.desks.values()]
    for desk in desks:
        desk.clock = 0
    for desk in [*desks, *desks]:
        if desk.copy.edits:
            writing.keep(life, desk)
        work.exchange(life, desk, random.Random(0))
    heads = {desk.head for desk in desks} | {main_of(world.primary), main_of(world.second)}
    life.hold([f"в конце не равны: {heads}"] * (len(heads) > 1))
    for desk in desks:
        life.hold([f"{desk.name}: ждут номера {desk.copy.waits}"] * bool(desk.copy.waits))
        ran = world.run(desk, ["mirror", "status"])
        life.hold([f"status: код {ran.code}"] * (ran.code != 0), ran)
        ran = world.run(desk, ["check"])
        life.hold([f"check: код {ran.code}"] * (ran.code != 0), ran)
    look_whole(life)


def told(life: Life) -> str:
    """Steps by kind, how many and what came of them; faults by command."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in life.told:
        kind = line.split()[1].partition(".")[0]
        counts[kind][" ".join(line.split()[2:])] += 1
    lines = ["| шаг | раз |", "|---|---:|"]
    lines += [f"| {kind} | {sum(counts[kind].values())} |" for kind in KINDS if counts[kind]]
    lost = "; ".join(f"{what}: {count}" for what, count in life.lost.items() if count)
    commits = git(life.world.primary, "rev-list", "--count", "main").decode().strip()
    held = f"Сохранений в конце: {commits}; фактов: {len(life.world.hub)}; {lost}."
    return "\n".join([*lines, "", hurting.faults_told(life), "", held])
