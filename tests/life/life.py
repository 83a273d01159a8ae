"""One long life: steps one after another, what must hold after each, and what is told of it.

Invariants: a step is a word, a desk and a number that all its chances come from, so a life can be
lived again, whole or in part; the first thing that does not hold ends it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.hurt_school import is_after, main_of
from tests.faults.injection import Ended
from tests.life.facts import Facts
from tests.life.jobs import AWAY, Job
from tests.life.model import Stage, numbers_given_twice
from tests.life.world import Desk, World

_TOLD = frozenset({0, 3, 4})
"""Done, cannot be done, a mirror is not there: never findings, never our bug."""


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    desk: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind}.{self.desk}.{self.number}"

    @staticmethod
    def read(word: str) -> Step:
        kind, desk, number = word.split(".")
        return Step(kind, desk, int(number))


def drawn(seed: int, count: int, weights: dict[str, int]) -> list[Step]:
    """A life's steps; a longer one begins as a shorter one of the same seed."""
    chance = random.Random(seed)
    kinds, shares = list(weights), list(weights.values())
    return [
        Step(
            chance.choices(kinds, shares)[0], chance.choice(("one", "two")), chance.randrange(9999)
        )
        for _ in range(count)
    ]


class Broken(AssertionError):
    """Something did not hold."""


@dataclass(slots=True)
class Life:
    """`words`: how many facts were made, each with a number of its own; `told`: what was done,
    a line a step; `faults`: by command and fault, how far it came."""

    world: World
    facts: int = 0
    told: list[str] = field(default_factory=list)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    """How many acts each command was last seen to do."""
    lost: Counter[str] = field(default_factory=Counter)
    """What was lost with a computer, and what had to be saved again after healing."""
    away: dict[Path, int] = field(default_factory=dict)
    """Mirrors that are not there, and for how many steps yet."""
    copies: dict[Path, Facts] = field(default_factory=dict)
    """What each copy on a medium must hold."""

    def word(self) -> str:
        """One nobody wrote before."""
        self.facts += 1
        return f"т{self.facts}"

    def other(self, desk: Desk) -> Desk:
        return next(each for each in self.world.desks.values() if each is not desk)

    def say(self, text: str) -> None:
        self.told.append(text)

    def hold(self, wrong: Sequence[str], ran: Ended | None = None) -> None:
        """Ends the life when something is wrong."""
        if wrong:
            said = f"\nкод {ran.code}: {ran.text[-1500:]}" if ran else ""
            raise Broken("\n".join(wrong[:12]) + said)

    def run(self, desk: Desk, job: Job) -> Ended:
        """A command with nothing in its way but what the job says: done to the end, or stopped."""
        ran = self.world.run(desk, job.words)
        if ran.code == AWAY and job.waits == [""]:
            # One that was cut may have its number already: only the primary knows.
            job.code, job.waits = AWAY, []
        stopped = ran.code != job.code
        if stopped and not (job.must_stop or job.in_the_way):
            raise Broken(f"{job.name}: код {ran.code}, а не {job.code}: {ran.text[-1500:]}")
        if job.must_stop and not stopped:
            raise Broken(f"{job.name}: не остановлено: {job.conflicts + job.foreign}\n{ran.text}")
        reached = self.look(desk, job.stages(), ran)
        if not stopped:
            if not job.is_done(reached):
                name = job.stages()[reached].name
                raise Broken(f"{job.name}: сказано, что сделано, а стоит «{name}»: {ran.text}")
            self._end(desk, job, ran)
        if "Traceback" in ran.text:
            raise Broken(ran.text)
        return ran

    def found(self, desk: Desk, job: Job, ran: Ended, *, is_told: bool = True) -> int:
        """Whatever a hurt command did is a stage, and it told the truth."""
        if ran.code >= 0 and is_told:
            wrong = [f"код {ran.code}"] if ran.code not in _TOLD | {job.code} else []
            self.hold(wrong + ["след программы"] * ("Traceback" in ran.text), ran)
        stages, had = job.stages(), self.world.hub
        desk.copy.halves.append(stages[-1].saved)
        reached = self.look(desk, stages, ran)
        is_last = job.is_done(reached)
        waits = "отложен" in ran.text
        if ran.code == 0 and is_told and not is_last and not waits and not job.waits:
            raise Broken(f"{job.name}: код 0, а стоит «{stages[reached].name}»: {ran.text}")
        if waits and ran.code == 0:
            self._put_off(desk, job, ran)
        if ran.code == 0 and is_last and is_told and job.given:
            desk.copy.begun = ""
            desk.copy.waits = [each for each in desk.copy.waits if each]
        elif job.given in self.world.hub and job.given not in had:
            desk.copy.begun = job.given
        return reached

    def look(self, desk: Desk, stages: Sequence[Stage], ran: Ended | None = None) -> int:
        """At which stage the copy is; it, and the primary, must be at one."""
        world, copy = self.world, desk.copy
        saved = world.reader.saved(desk.root, desk.head)
        places = [n for n, stage in enumerate(stages) if not copy.unlike(stage.saved, saved)]
        if not places:
            nearest = min((copy.unlike(stage.saved, saved) for stage in stages), key=len)
            self.hold([f"{desk.name}: записано не то", *nearest], ran)
        copy.stand(saved)
        self.watch(desk, ran)
        if not world.is_hub_away:
            hub = self.primary(ran)
            there = [n for n, stage in enumerate(stages) if hub == stage.hub]
            if not there:
                odd = {k for s in stages for k in s.hub.keys() | hub.keys()
                       if s.hub.get(k) != hub.get(k)}  # fmt: skip
                self.hold([f"на основном не то: {sorted(odd)[:6]}"], ran)
            world.hub = hub
            copy.waits = [each for each in copy.waits if f"student {each}" not in hub]
            return min(places[-1], there[-1]) if len(stages) > 1 else 0
        return places[-1]

    def primary(self, ran: Ended | None = None) -> dict[str, str]:
        """What the primary has; its main only ever moves forward, and the second is not before."""
        world = self.world
        head = main_of(world.primary)
        if head is None or not is_after(world.primary, head, world.hub_head):
            raise Broken(f"основное ушло с {world.hub_head} на {head}")
        world.hub_head = head
        if not world.is_usb_away:
            second = main_of(world.second)
            if second is not None and not is_after(world.primary, head, second):
                raise Broken(f"на втором зеркале {second}, чего нет на основном")
        hub = world.reader.saved(world.primary, head)
        self.hold([*numbers_given_twice(hub)], ran)
        return hub

    def watch(self, desk: Desk, ran: Ended | None = None) -> None:
        """No edit is lost: all that a person sees lies in the folder."""
        lying = self.world.reader.lying(desk.root)
        wrong = desk.copy.unlike(desk.copy.lies, lying)
        self.hold([f"{desk.name}: в папке не то"] * bool(wrong) + wrong, ran)
        self.hold([*numbers_given_twice(desk.copy.saved)], ran)

    def _end(self, desk: Desk, job: Job, ran: Ended) -> None:
        """A command that came to its end leaves nothing behind."""
        copy = desk.copy
        if job.settles:
            copy.halves.clear()
            self.watch(desk, ran)
        if job.waits:
            self._put_off(desk, job, ran)
        if (job.name == "sync" and not job.code) or (job.name == "issue" and job.given):
            copy.begun = "" if "" in copy.waits or job.name == "issue" else copy.begun
            copy.waits = [each for each in copy.waits if each and job.name == "issue"]
        self.hold(locks(self.world, desk, sent=job.talks and not self.world.is_hub_away), ran)

    def _put_off(self, desk: Desk, job: Job, ran: Ended) -> None:
        self.hold([f"не отложено: {ran.text}"] * ("отложен" not in ran.text), ran)
        wanted = job.waits or ["" if job.name == "issue" else str(job.words[3])]
        desk.copy.waits += [each for each in wanted if each not in desk.copy.waits]


def locks(world: World, desk: Desk, *, sent: bool) -> list[str]:
    """Locks that nobody holds any more."""
    stores = [desk.root / ".git", *([world.primary] if sent else [])]
    return [
        f"остался замок {path.relative_to(world.root)}"
        for store in stores
        for path in store.rglob("*.lock")
    ]
