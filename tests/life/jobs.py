"""Commands as a person gives them, each with the stages it may be found at.

Invariants: what a command comes to is computed before it runs, from what must be true alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.faults.hurt_school import is_after, main_of
from tests.life.facts import Facts, git, path_of
from tests.life.model import Stage, merged, next_document, next_number
from tests.life.world import HUB, Desk, World
from tests.support.clones import HEAD
from tests.support.issuing import STUDY

DRAFT, AWAY = 0, 4
PERIOD = "2026-2"


@dataclass(slots=True)
class Job:
    """`stages`: from nothing done to all done, asked once more when it has run; `code`: how it ends
    when nothing is in its way. `conflicts` and another's unsent saves (`foreign`) must stop it,
    edits `in_the_way` may. `waits`: what it puts off, `given`: the document it gives."""

    name: str
    words: list[str | Path]
    stages: Callable[[], list[Stage]]
    code: int = 0
    conflicts: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    in_the_way: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    given: str = ""
    talks: bool = False
    least: int | None = None
    """The first of several stages that are all the end; None: only the last is."""
    settles: bool = True
    """Whether it takes back what a killed one had begun."""

    def is_done(self, reached: int) -> bool:
        return reached >= (len(self.stages()) - 1 if self.least is None else self.least)

    @property
    def must_stop(self) -> bool:
        return bool(self.conflicts or self.foreign)


def save(world: World, desk: Desk) -> Job:
    copy = desk.copy
    stages = [Stage("ничего", copy.saved, world.hub), Stage("сохранено", copy.lies, world.hub)]
    return Job("save", ["save", "--as", desk.staff], lambda: stages)


def undo(world: World, desk: Desk) -> Job | None:
    """Only of what was saved last and of which all is known."""
    copy = desk.copy
    if copy.undoable is None or copy.undoable[0] != desk.head or copy.halves or copy.edits:
        return None
    stages = [
        Stage("ничего", copy.saved, world.hub), Stage("отменено", copy.undoable[1], world.hub)
    ]  # fmt: skip
    return Job("undo", ["undo", "--yes", "--as", desk.staff], lambda: stages)


def seal(world: World, desk: Desk) -> Job:
    stages = [Stage("ничего", desk.copy.saved, world.hub)]
    return Job("seal", ["period", "seal", "2026", "--as", HEAD], lambda: stages)


def backup(world: World, desk: Desk, medium: Path) -> Job:
    """What its journal tells is the digest of a description that lies on the medium."""
    before, hub = desk.copy.saved, world.hub

    def stages() -> list[Stage]:
        found = [hashlib.sha256(f.read_bytes()).hexdigest() for f in medium.glob("*/manifest.txt")]
        new = [f"copy {digest}" for digest in found if f"copy {digest}" not in before]
        kept = [Stage(key, {**before, key: "2026"}, hub) for key in new]
        return [Stage("ничего", before, hub), *kept]

    words: list[str | Path] = [
        "backup", "--to", medium, "--medium", medium.name, "--kind", "внешний диск",
        "--place", "сейф", "--year", "2026", "--as", HEAD,
    ]  # fmt: skip
    return Job("backup", words, stages, least=1)


def push(world: World, desk: Desk) -> Job:
    """Forward or not at all."""
    saved = desk.copy.saved
    stages = [Stage("ничего", saved, world.hub)]
    code = 3 if _is_second_ahead(world, desk) else AWAY
    if not world.is_hub_away:
        forward = is_after(desk.root, desk.head, world.hub_head)
        stages += [Stage("отправлено", saved, saved)] if forward else []
        code = (AWAY if world.is_usb_away else 0) if forward else 3
    return Job("push", ["mirror", "push"], lambda: stages, code, talks=True, settles=False)


def _is_second_ahead(world: World, desk: Desk) -> bool:
    """Whether the second mirror has what this copy does not know the primary to have."""
    second = main_of(world.second)
    known = git(desk.root, "for-each-ref", "--format=%(objectname)", f"refs/remotes/{HUB}/main")
    confirmed = known.decode().strip()
    if not second or not confirmed:
        return False
    return not is_after(desk.root, confirmed, second)


def sync(world: World, desk: Desk) -> Job:
    """All that waits for a number gets it in the end, students first."""
    job = _exchange(world, desk, "sync", ["sync", *desk.signers])
    if world.is_hub_away:
        job.code = AWAY
        return job
    job.code = AWAY if world.is_usb_away else 0
    stages = job.stages()
    for surname in desk.copy.waits if not job.must_stop and not job.code else ():
        last = stages[-1]
        key, value = (
            (
                f"student {surname}",
                next_number(last.hub, datetime.now().astimezone().year, "student"),
            )
            if surname
            else _document(desk, last.hub)
        )
        job.given = job.given if surname else key
        if surname or key not in last.hub:
            stages += _reserved(last, key, value)
    job.stages = lambda: stages
    return job


def new(world: World, desk: Desk, surname: str) -> Job:
    """A personal file, whose number the primary gives."""
    words: list[str | Path] = [
        "new", "student", "--name.surname", surname, "--name.given", "Яна", "--sex", "женский",
        "--birth_date", "2012-05-05", "--as", desk.staff,
    ]  # fmt: skip
    job = _exchange(world, desk, "new", words)
    if world.is_hub_away:
        job.waits = [surname]
    elif not job.must_stop:
        stages = job.stages()
        number = next_number(stages[-1].hub, datetime.now().astimezone().year, "student")
        stages += _reserved(stages[-1], f"student {surname}", number)
        job.stages = lambda: stages
    return job


def issue(world: World, desk: Desk) -> Job:
    """A transcript, whose number the primary gives; asked again after a cut, it is the same one."""
    words: list[str | Path] = ["issue", "transcript", STUDY, "--date", "2026-11-20", "--as", HEAD]
    job = _exchange(world, desk, "issue", words)
    if world.is_hub_away:
        job.waits = [""]
    elif not job.must_stop:
        stages = job.stages()
        key, value = _document(desk, stages[-1].hub)
        if key not in stages[-1].hub:
            stages += _reserved(stages[-1], key, value)
        job.given = key
        job.stages = lambda: stages
    return job


def remade(world: World, desk: Desk, job: Job) -> Job | None:
    """The same command as it would go from here on."""
    if job.name == "new":
        return new(world, desk, str(job.words[3]))
    makers = {"sync": sync, "push": push, "issue": issue}
    return makers[job.name](world, desk) if job.name in makers else None


def _document(desk: Desk, hub: Facts) -> tuple[str, str]:
    begun = desk.copy.begun
    return (begun, hub[begun]) if begun in hub else next_document(hub)


def _exchange(world: World, desk: Desk, name: str, words: list[str | Path]) -> Job:
    """What the primary has taken in, and one's own sent."""
    saved, hub = desk.copy.saved, world.hub
    stages = [Stage("ничего", saved, hub)]
    job = Job(name, words, lambda: stages, talks=True, settles=not world.is_hub_away)
    if world.is_hub_away:
        return job
    base, authors = world.apart(desk)
    named = {str(word) for at, word in enumerate(words) if words[at - 1] == "--as"}
    job.foreign = sorted(authors - named)
    both, job.conflicts = merged(base, saved, hub)
    came = {path_of(k, hub.get(k) or base[k]) for k in hub.keys() | base.keys()
            if hub.get(k) != base.get(k)}  # fmt: skip
    job.in_the_way = sorted(desk.copy.edited & came)
    if not job.must_stop:
        stages += [Stage("получено", both, hub), Stage("отправлено", both, both)]
    return job


def _reserved(last: Stage, key: str, value: str) -> list[Stage]:
    """The primary has it before the copy shows it."""
    with_it = {**last.hub, key: value}
    return [
        Stage(f"{key} занят", last.saved, with_it), Stage(f"{key} есть", with_it, with_it)
    ]  # fmt: skip
