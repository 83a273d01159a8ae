"""Steps of exchange and of acts, and how people settle what stops them.

Each step is told as a word or two; what it draws, it draws from its own chance.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from papka.desk.study_period import period_states
from tests.faults.hurt_school import is_after, main_of
from tests.faults.injection import Ended
from tests.life import jobs
from tests.life.facts import git
from tests.life.jobs import PERIOD, Job
from tests.life.life import Broken, Life
from tests.life.model import Stage, surname
from tests.life.world import Desk
from tests.life.writing import keep, write_value
from tests.support.clones import HEAD

_TRIES = 6


def exchange(life: Life, desk: Desk, chance: random.Random) -> str:
    return settled(life, desk, lambda: jobs.sync(life.world, desk), chance)


def settled(life: Life, desk: Desk, make: Callable[[], Job], chance: random.Random) -> str:
    """A command that talks with the primary, and what a person does until it is done."""
    told: list[str] = []
    for _ in range(_TRIES):
        job = make()
        ran = life.run(desk, job)
        if ran.code == job.code:
            _everywhere(life, desk, job)
            return " ".join([*told, "отложено" if job.waits else ""]).strip()
        if job.name == "sync":
            told.append(_settle(life, desk, job, ran, chance))
        else:  # it says to exchange first, and the exchange says what stops it
            told.append(exchange(life, desk, chance))
    raise Broken(f"{desk.name}: так и не обменялись: {told}: {ran.text}")


def _everywhere(life: Life, desk: Desk, job: Job) -> None:
    """What was told to be sent is where it was sent to."""
    world = life.world
    if not world.is_hub_away and job.name in ("sync", "push") and not job.code:
        heads = {desk.head, world.hub_head, main_of(world.second)}
        life.hold([f"{job.name}: зеркала не равны: {heads}"] * (len(heads) > 1))


def _settle(life: Life, desk: Desk, job: Job, ran: Ended, chance: random.Random) -> str:
    """What stopped it, settled as the command told a person to."""
    copy, hub = desk.copy, life.world.hub
    if copy.edits and not job.must_stop:
        keep(life, desk)
        return "сначала сохранил"
    if copy.edits:
        keep(life, desk)
    mine = {}
    for key in job.conflicts:
        value = hub.get(key, "")
        life.hold([f"не названо значение с зеркала: {value}"] * (value not in ran.text), ran)
        mine[key] = copy.lies[key]
        write_value(desk, key, value)
    if not job.conflicts:
        return "ждёт чужая подпись"
    keep(life, desk)
    if chance.random() < 0.5:
        exchange(life, desk, chance)
        for key, value in mine.items():
            write_value(desk, key, value)
        keep(life, desk)
        return "спор: внёс своё снова"
    return "спор: оставил чужое"


def push(life: Life, desk: Desk, _: random.Random) -> str:
    job = jobs.push(life.world, desk)
    life.run(desk, job)
    _everywhere(life, desk, job)
    return {0: "", 3: "отказано", 4: "недоступно"}[job.code]


def new(life: Life, desk: Desk, chance: random.Random) -> str:
    name = surname(int(life.word()[1:]))
    return settled(life, desk, lambda: jobs.new(life.world, desk, name), chance)


def issue(life: Life, desk: Desk, chance: random.Random) -> str:
    return settled(life, desk, lambda: jobs.issue(life.world, desk), chance)


def undo(life: Life, desk: Desk, _: random.Random) -> str:
    job = jobs.undo(life.world, desk)
    if job is None:
        return "нечего"
    before, head = dict(desk.copy.saved), desk.head
    ran = life.world.run(desk, job.words)
    is_only_values = job.stages()[1].saved.keys() == before.keys()
    if ran.code == 1 and "Отменить нельзя" in ran.text and not is_only_values:
        life.look(desk, job.stages()[:1], ran)
        return "нельзя"
    life.hold([f"undo: код {ran.code}"] * (ran.code != 0), ran)
    life.look(desk, job.stages()[1:], ran)
    # A reversing save can be undone in turn; a save that went out of history leaves nothing to.
    is_reversed = desk.head != head and is_after(desk.root, desk.head, head)
    desk.copy.undoable = (desk.head, before) if is_reversed else None
    return ""


def seal(life: Life, desk: Desk, _: random.Random) -> str:
    if git(desk.root, "log", "-1", "--format=%s").decode().startswith("Пломба"):
        return "уже стоит"
    life.run(desk, jobs.seal(life.world, desk))
    return ""


def close(life: Life, desk: Desk, _: random.Random) -> str:
    """Once in a life; later it is told to be closed."""
    state = period_states(desk.root, PERIOD)[0]
    names = [*(lack.name for lack in state.lacks), *state.untaken, *state.unmatched]
    accepted = [part for name in names for part in ("--accept", f"{name}=решение 3 от 20.11")]
    words: list[str | Path] = ["period", "close", PERIOD, "--yes", *accepted, "--as", HEAD]
    copy, hub = desk.copy, life.world.hub
    after = {**copy.saved, f"approval {PERIOD}": "1"}
    stages = [Stage("ничего", copy.saved, hub), Stage("закрыт", after, hub)]
    was = f"approval {PERIOD}" in copy.saved
    life.run(desk, Job("close", words, lambda: stages[1:]))
    return "уже закрыт" if was else ""


def status(life: Life, desk: Desk, _: random.Random) -> str:
    """Each mirror stands as it does."""
    world = life.world
    ran = world.run(desk, ["mirror", "status"])
    told = []
    for name, store in (("primary", world.primary), ("usb", world.second)):
        found = re.search(rf"^{name} \(.*\): (.+)$", ran.text, re.MULTILINE)
        life.hold([f"status: нет {name}"] * (found is None), ran)
        assert found is not None
        wanted = _standing(desk, store)
        told.append(wanted)
        life.hold([f"status: {name} {found[1]}, а не {wanted}"] * (found[1] != wanted), ran)
    return " ".join(told)


def _standing(desk: Desk, store: Path) -> str:
    if not store.is_dir():
        return "недоступно"
    theirs, ours = main_of(store), desk.head
    if theirs is None:
        return "пусто"
    if theirs == ours:
        return "равно архиву"
    if is_after(desk.root, ours, theirs):
        return "отстаёт"
    return "ушло вперёд" if is_after(store, theirs, ours) else "разошлось"


def tidy(life: Life, desk: Desk, chance: random.Random) -> str:
    """Somebody's git tidies up a store."""
    stores = [desk.root, life.world.primary, life.world.second]
    store = chance.choice([each for each in stores if each.is_dir()])
    words = chance.choice((("gc", "-q"), ("repack", "-adq"), ("prune", "--expire=now"),
                           ("gc", "-q", "--prune=now"), ("pack-refs", "--all")))  # fmt: skip
    if [*(store if store.suffix else store / ".git").rglob("*.lock")]:
        return f"{store.name}: замок прерванной команды"  # git asks a person to look first
    git(store, *words)
    return f"{words[0]} {store.name}"
